"""The stock list of the admin: units on hand, held and available, adjusted with a reason. Never part of the product."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.contrib.auth.decorators import permission_required
from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet

from catalog import count_admin, stock
from catalog.cards import LOW_STOCK
from catalog.models import Stock
from core.localized import listed

SHOWN_MOVES = 50


class AuthenticatedRequest(HttpRequest):
    """What a view gets behind a permission check."""

    user: User


class AdjustForm(forms.Form):
    """Either a difference or a count, and why."""

    change = forms.IntegerField(
        label=_("Change by"),
        required=False,
        min_value=-stock.MOST_ON_HAND,
        max_value=stock.MOST_ON_HAND,
        help_text=_("For example 12 for a delivery, -1 for a broken piece."),
    )
    count = forms.IntegerField(
        label=_("Or set to a count"),
        required=False,
        min_value=0,
        max_value=stock.MOST_ON_HAND,
        help_text=_("What you counted on the shelf."),
    )
    reason = forms.CharField(label=_("Reason"), max_length=200)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not self.errors and (data.get("change") is None) == (data.get("count") is None):
            raise forms.ValidationError(_("Fill in either the change or the count."))
        return data


class LowForm(forms.ModelForm):
    """From how many units on a variant counts as low."""

    class Meta:
        model = Stock
        fields = ["low_at"]

    low_at = forms.IntegerField(
        label=_("Low from"),
        required=False,
        min_value=0,
        max_value=stock.MOST_ON_HAND,
        help_text=_("So many available units or fewer count as low. Empty: as usual in the shop."),
    )


class StockFilters(WagtailFilterSet):
    state = django_filters.ChoiceFilter(
        label=_("Availability"),
        choices=[("sold-out", _("Sold out")), ("low", _("Low")), ("held", _("Held for orders"))],
        method="in_state",
    )
    active = django_filters.BooleanFilter(field_name="variant__active", label=_("Active variants"))

    class Meta:
        model = Stock
        fields: list[str] = []

    def in_state(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        conditions = {
            "sold-out": Q(on_hand=F("reserved")),
            "held": Q(reserved__gt=0),
        }
        if value == "low":
            return stock.low(rows, LOW_STOCK).filter(on_hand__gt=F("reserved"))
        return rows.filter(conditions[value])


class StockIndexView(generic.IndexView):
    def get_base_queryset(self) -> QuerySet:
        return (
            Stock.objects.select_related(
                "variant__product", "variant__option_1", "variant__option_2", "variant__option_3"
            )
            .prefetch_related("variant__product__translations")
            .annotate(available_units=F("on_hand") - F("reserved"))
        )

    @cached_property
    def header_more_buttons(self) -> list[Any]:
        return [*super().header_more_buttons, *count_admin.buttons(self.request)]

    def search_queryset(self, queryset: QuerySet) -> QuerySet:
        """By SKU, GTIN or product name; a plain condition, because a name in three languages would give three rows."""
        words = self.search_query
        if not words:
            return queryset
        named = Stock.objects.filter(variant__product__translations__name__icontains=words).values("pk")
        codes = Q(variant__sku__icontains=words) | Q(variant__gtin__contains=words)
        return queryset.filter(codes | Q(pk__in=named))


def options(row: Stock) -> str:
    return listed(value.label for value in row.variant.option_values)


def low_line(row: Stock) -> int:
    return LOW_STOCK if row.low_at is None else row.low_at


class StockViewSet(ModelViewSet):
    """List and adjust; rows come and go with their variants, so there is nothing to add or delete."""

    model = Stock
    name = "stock"
    icon = "clipboard-list"
    menu_label = _("Stock")
    add_to_reference_index = False
    copy_view_enabled = False
    index_view_class = StockIndexView
    filterset_class = StockFilters
    list_per_page = 50
    form_fields = ["on_hand"]
    search_fields = ["variant__sku"]
    ordering = ["variant__product", "variant__sort_order"]
    list_display = [
        TitleColumn(
            "sku",
            label=_("SKU"),
            accessor="variant.sku",
            sort_key="variant__sku",
            get_url=lambda row: reverse("stock:adjust", args=[row.pk]),
        ),
        Column("product", label=_("Product"), accessor="variant.product"),
        Column("options", label=_("Options"), accessor=options),
        Column("on_hand", label=_("On hand"), sort_key="on_hand"),
        Column("reserved", label=_("Held"), sort_key="reserved"),
        Column("available", label=_("Available"), sort_key="available_units"),
        Column("low_at", label=_("Low from"), accessor=low_line, sort_key="low_at"),
    ]

    def get_index_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_index_view_kwargs(add_url_name=None, edit_url_name=None, delete_url_name=None, **kwargs)

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            path("", self.index_view, name="index"),
            path("results/", self.index_results_view, name="index_results"),
            path("<int:pk>/", adjust, name="adjust"),
            path("<int:pk>/low/", low_from, name="low"),
            *count_admin.urlpatterns,
        ]


@permission_required("catalog.change_stock", raise_exception=True)
def adjust(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """One variant's stock: what there is, the form that changes it, and the ledger."""
    row = get_object_or_404(Stock.objects.select_related("variant__product"), pk=pk)
    form = AdjustForm(request.POST or None)
    if form.is_valid():
        try:
            stock.adjust(row.variant, **form.cleaned_data, actor=request.user)
        except stock.BelowHeld as error:
            message = gettext("%(held)d units are held for open orders: at least as many must stay on hand.")
            form.add_error(None, message % {"held": error.held} if error.held else gettext("There are not so many."))
        except stock.TooMany:
            form.add_error(None, gettext("At most %(most)d units can be on hand.") % {"most": stock.MOST_ON_HAND})
        else:
            messages.success(request, gettext("Stock of %(sku)s changed.") % {"sku": row.variant.sku})
            return redirect("stock:adjust", pk)
    return show(request, row, form, LowForm(instance=row))


@permission_required("catalog.change_stock", raise_exception=True)
@require_POST
def low_from(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Keeps from how many units on the variant is among those that run out; no unit moves."""
    row = get_object_or_404(Stock.objects.select_related("variant__product"), pk=pk)
    form = LowForm(request.POST, instance=row)
    if not form.is_valid():
        row.refresh_from_db()
        return show(request, row, AdjustForm(), form)
    Stock.objects.filter(pk=pk).update(low_at=form.cleaned_data["low_at"])
    messages.success(request, gettext("The threshold of %(sku)s is saved.") % {"sku": row.variant.sku})
    return redirect("stock:adjust", pk)


def show(request: AuthenticatedRequest, row: Stock, form: AdjustForm, low: LowForm) -> HttpResponse:
    pages = Paginator(row.moves.select_related("actor"), SHOWN_MOVES)
    context = {
        "row": row,
        "form": form,
        "low": low,
        "moves": pages.get_page(request.GET.get("p")),
        "header_title": gettext("Stock of %(sku)s") % {"sku": row.variant.sku},
        "header_icon": "clipboard-list",
        "breadcrumbs_items": [
            {"url": reverse("wagtailadmin_home"), "label": gettext("Home")},
            {"url": reverse("stock:index"), "label": gettext("Stock")},
            {"url": "", "label": row.variant.sku},
        ],
    }
    return render(request, "catalog/admin/stock.html", context)
