"""The catalogue in the Wagtail admin: products, categories, options and stock in one menu."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import CharField, Exists, OuterRef, Prefetch, QuerySet
from django.db.models.functions import Cast
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.ui.tables import BooleanColumn, Column, LiveStatusTagColumn, UpdatedAtColumn
from wagtail.models import Revision, WorkflowState
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views import snippets
from wagtail.snippets.views.chooser import SnippetChooserViewSet

from catalog.bulk_actions import ACTIONS
from catalog.chooser import Chooser, ChooseResultsView, ChooseView
from catalog.copying import copy_of
from catalog.exchange import menu as exchange
from catalog.models import Attribute, Category, Option, Product, ProductType, StockMove
from catalog.panels import ATTRIBUTE_EDITOR, CATEGORY_EDITOR, OPTION_EDITOR, PRODUCT_EDITOR, PRODUCT_TYPE_EDITOR
from catalog.product_list import (
    CategoryFilters,
    ProductFilters,
    containing,
    languages,
    price_range,
    stock_words,
    thumbnail,
    with_rows,
)
from catalog.publishing import PublishCheckMixin, published_or_refused, refusal
from catalog.stock_admin import StockViewSet


def listed(model: type[Product] | type[Category], *prefetched: str) -> QuerySet:
    """With all that a row of a list or chooser shows, its status included, in a constant number of queries."""
    scheduled = Revision.objects.filter(
        base_content_type=ContentType.objects.get_for_model(model),
        object_id=Cast(OuterRef("pk"), CharField()),
        approved_go_live_at__isnull=False,
    )
    states = Prefetch("workflow_states", WorkflowState.objects.active(), to_attr="_current_workflow_states")
    return model.objects.annotate(_approved_schedule=Exists(scheduled)).prefetch_related(
        "translations", *prefetched, states
    )


class IndexView(snippets.IndexView):
    def _get_title_column(self, field_name: str, *args: Any, **kwargs: Any) -> Column:
        """Named in the reader's language, not in the one of whoever saved the last revision."""
        return super()._get_title_column(field_name, *args, **{**kwargs, "accessor": str})

    def search_queryset(self, queryset: QuerySet) -> QuerySet:
        """By any part of a name in any language, of a SKU or GTIN; Wagtail's index knows whole words only."""
        return containing(queryset, self.search_query) if self.search_query else queryset


class ProductIndexView(IndexView):
    @cached_property
    def columns(self) -> list[Any]:
        checkbox, *rest = super().columns
        return [checkbox, Column("picture", label="", accessor=thumbnail), *rest]

    @cached_property
    def header_more_buttons(self) -> list[Any]:
        return [*super().header_more_buttons, *exchange.export_button(self.request)]


class CreateView(PublishCheckMixin, snippets.CreateView):
    pass


class EditView(PublishCheckMixin, snippets.EditView):
    def workflow_action_action(self) -> HttpResponse | None:
        if self.workflow_action != "approve":
            return super().workflow_action_action()
        return refusal(self.request, self.object) or published_or_refused(
            self.request, self.object, super().workflow_action_action
        )


class CopyView(PublishCheckMixin, snippets.CopyView):
    def get_initial_form_instance(self) -> Product | Category:
        return copy_of(self.get_object())


class WorkflowActionView(snippets.WorkflowActionView):
    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.action_name != "approve":
            return super().post(request, *args, **kwargs)
        draft = self.object.get_latest_revision_as_object()  # what approval publishes
        approve = partial(super().post, request, *args, **kwargs)
        refused = refusal(request, draft)
        return refused if refused else published_or_refused(request, draft, approve)


class TranslatedChooserViewSet(SnippetChooserViewSet):
    choose_view_class = ChooseView
    choose_results_view_class = ChooseResultsView
    base_widget_class = Chooser

    def get_object_list(self) -> QuerySet:
        return with_rows(listed(self.model)) if self.model is Product else listed(self.model)


class EditorialViewSet(snippets.SnippetViewSet):
    """What products and categories have in common."""

    index_view_class = IndexView
    add_view_class = CreateView
    edit_view_class = EditView
    copy_view_class = CopyView
    workflow_action_view_class = WorkflowActionView
    chooser_viewset_class = TranslatedChooserViewSet
    list_per_page = 50
    prefetched: Sequence[str] = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return listed(self.model, *self.prefetched)


class ProductViewSet(EditorialViewSet):
    model = Product
    icon = "tag"
    menu_label = _("Products")
    index_view_class = ProductIndexView
    edit_handler = PRODUCT_EDITOR
    filterset_class = ProductFilters
    prefetched = ("category__translations",)
    list_display = [
        "__str__",
        Column("category", label=_("Category"), accessor="category"),
        Column("languages", label=_("Languages"), accessor=languages),
        Column("price", label=_("Price"), accessor=price_range),
        Column("stock", label=_("Stock"), accessor=stock_words),
        BooleanColumn("featured", label=_("Featured"), sort_key="featured"),
        UpdatedAtColumn(),
        LiveStatusTagColumn(),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return with_rows(super().get_queryset(request))


class CategoryViewSet(EditorialViewSet):
    model = Category
    icon = "folder-open-inverse"
    menu_label = _("Categories")
    edit_handler = CATEGORY_EDITOR
    filterset_class = CategoryFilters
    prefetched = ("parent__translations",)
    list_display = [
        "__str__",
        Column("parent", label=_("Parent"), accessor="parent"),
        Column("languages", label=_("Languages"), accessor=languages),
        "position",
        UpdatedAtColumn(),
        LiveStatusTagColumn(),
    ]


class OptionViewSet(snippets.SnippetViewSet):
    model = Option
    icon = "list-ul"
    menu_label = _("Options")
    edit_handler = OPTION_EDITOR
    copy_view_enabled = False
    list_display = ["__str__", "key", Column("values", label=_("Values"), accessor="value_list")]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return Option.objects.prefetch_related("values")


class AttributeViewSet(snippets.SnippetViewSet):
    model = Attribute
    icon = "list-ul"
    menu_label = _("Attributes")
    edit_handler = ATTRIBUTE_EDITOR
    copy_view_enabled = False
    list_display = ["__str__", "key", "get_kind_display", "unit", BooleanColumn("facet", label=_("Filter"))]


class ProductTypeViewSet(snippets.SnippetViewSet):
    model = ProductType
    icon = "form"
    menu_label = _("Product types")
    edit_handler = PRODUCT_TYPE_EDITOR
    copy_view_enabled = False
    list_display = ["__str__", "key"]


class CatalogueGroup(snippets.SnippetViewSetGroup):
    items = (ProductViewSet, CategoryViewSet, OptionViewSet, ProductTypeViewSet, AttributeViewSet, StockViewSet)
    menu_label = _("Catalogue")
    menu_icon = "tag"
    menu_name = "catalogue"
    menu_order = 150
    submenu_hook = "register_catalogue_menu_item"  # what is above the catalogue joins it by this

    def get_submenu_items(self) -> list[Any]:
        items = super().get_submenu_items()
        return [*items, *exchange.items(len(items) + 2)]


register_snippet(CatalogueGroup)
hooks.register("register_admin_urls", exchange.admin_urls)

for action in ACTIONS:
    hooks.register("register_bulk_action", action)


@hooks.register("before_delete_snippet")
def keep_what_was_in_stock(request: HttpRequest, instances: Sequence[Any]) -> HttpResponse | None:
    """A product with a stock ledger is unpublished, not deleted: orders and counts must stay readable."""
    products = [instance.pk for instance in instances if isinstance(instance, Product)]
    kept = Product.objects.filter(pk__in=products, variants__stock__in=StockMove.objects.values("stock")).distinct()
    if request.method != "POST" or not kept:
        return None
    message = gettext("%(names)s cannot be deleted, because its stock has a history. Unpublish it instead.")
    messages.error(request, message % {"names": ", ".join(str(product) for product in kept)})
    return redirect(ProductViewSet().get_url_name("list"))
