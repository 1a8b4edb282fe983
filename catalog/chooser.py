"""Choosing a product or a category in the admin: found by part of a name or SKU, products shown with what they are."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.choosers import BaseFilterForm, SearchFilterMixin
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic.chooser import ChooseResultsViewMixin, ChooseViewMixin, CreationFormMixin
from wagtail.snippets.views.chooser import BaseSnippetChooseView

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
