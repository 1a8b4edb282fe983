"""Choosing a product or a category in the admin: by part of a name, SKU or GTIN, products shown with what they are."""

from __future__ import annotations

from typing import Any

from django.db.models import Model, QuerySet
from django.utils.functional import lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.choosers import BaseFilterForm, SearchFilterMixin
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic.chooser import ChooseResultsViewMixin, ChooseViewMixin, CreationFormMixin
from wagtail.snippets.views.chooser import BaseSnippetChooseView
from wagtail.snippets.widgets import AdminSnippetChooser

from catalog.models import Product
from catalog.product_list import containing, price_range, stock_words, thumbnail


class NamesForm(SearchFilterMixin, BaseFilterForm):
    """Wagtail's index would find whole words only."""

    def filter(self, objects: QuerySet) -> QuerySet:
        self.search_query = self.cleaned_data.get("q")
        self.is_searching = bool(self.search_query)
        return containing(objects, self.search_query) if self.search_query else objects


class BaseView(BaseSnippetChooseView):
    filter_form_class = NamesForm

    @property
    def columns(self) -> list[Any]:
        columns = super().columns
        if self.model is not Product:
            return columns
        title, *rest = columns
        return [
            Column("picture", label="", accessor=thumbnail, width="72px"),
            title,
            Column("price", label=_("Price"), accessor=price_range),
            Column("stock", label=_("Stock"), accessor=stock_words),
            *rest,
        ]


class ChooseView(ChooseViewMixin, CreationFormMixin, BaseView):
    pass


class ChooseResultsView(ChooseResultsViewMixin, CreationFormMixin, BaseView):
    pass


class Chooser(AdminSnippetChooser):
    """Its buttons speak the reader's language: Wagtail's speak that of whoever opened the form first."""

    def __init__(self, model: type[Model] | None = None, **kwargs: Any) -> None:
        super().__init__(model, **kwargs)
        self.choose_one_text = naming("Choose %(object)s", self.model)
        self.choose_another_text = naming("Choose another %(object)s", self.model)
        self.link_to_chosen_text = naming("Edit this %(object)s", self.model)


def naming(words: str, model: type[Model]) -> Any:
    """Words of Wagtail with the name of a model in them, translated when they are shown."""
    return lazy(lambda: gettext(words) % {"object": model._meta.verbose_name}, str)()
