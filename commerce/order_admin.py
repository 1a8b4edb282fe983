"""Orders, delivery methods and tax rates in the admin. Orders are read only: orders.py alone changes them."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import ObjectList
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.viewsets.base import ViewSetGroup
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.permission_policies import ModelPermissionPolicy

from commerce.addresses import country_choices
from commerce.models import DeliveryMethod, Order, Status, TaxRate
from core.money import Money


class ReadOnlyPolicy(ModelPermissionPolicy):
    """Whoever may view may view; nobody may add, change or delete by a form."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        return action == "view" and super().user_has_permission(user, action)

    def user_has_any_permission(self, user: Any, actions: list[str]) -> bool:
        return any(self.user_has_permission(user, action) for action in actions)


class OrderFilters(WagtailFilterSet):
    status = django_filters.MultipleChoiceFilter(label=_("Status"), choices=Status.choices)
    placed_at = django_filters.DateFromToRangeFilter(label=_("Placed"), widget=DateRangePickerWidget)

    class Meta:
        model = Order
        fields: list[str] = []


class OrderIndexView(generic.IndexView):
    def search_queryset(self, queryset: QuerySet) -> QuerySet:
        """By number, name or e-mail."""
        words = self.search_query
        if not words:
            return queryset
        found = Q(number__icontains=words) | Q(name__icontains=words) | Q(email__icontains=words)
        return queryset.filter(found)


class OrderInspectView(generic.InspectView):
    page_title = _("Order")
    template_name = "commerce/admin/order_inspect.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        order = self.object
        return {
            **super().get_context_data(**kwargs),
            "order": order,
            "lines": order.lines.all(),
            "totals": order.totals,
            "events": order.events.select_related("actor"),
            "attempts": order.attempts.all(),
        }


def total(order: Order) -> Money:
    return order.grand_total


def inspect_url(order: Order) -> str:
    return reverse("orders:inspect", args=[order.pk])


class OrderViewSet(ModelViewSet):
    """The list and one order's page."""

    model = Order
    name = "orders"
    icon = "form"
    menu_label = _("Orders")
    add_to_reference_index = False
    copy_view_enabled = False
    inspect_view_enabled = True
    index_view_class = OrderIndexView
    inspect_view_class = OrderInspectView
    inspect_view_fields = ["number"]
    filterset_class = OrderFilters
    list_per_page = 50
    form_fields = ["status"]
    search_fields = ["number", "name", "email"]
    ordering = ["-placed_at"]
    list_display = [
        TitleColumn("number", label=_("Number"), sort_key="number", get_url=inspect_url),
        DateColumn("placed_at", label=_("Placed"), sort_key="placed_at"),
        Column("name", label=_("Name"), sort_key="name"),
        Column("country", label=_("Country"), accessor="country_name", sort_key="country"),
        Column("total", label=_("Total"), accessor=total, sort_key="total"),
        Column("status", label=_("Status"), accessor="get_status_display", sort_key="status"),
    ]


class DeliveryMethodForm(WagtailAdminModelForm):
    countries = forms.MultipleChoiceField(
        label=_("Countries"),
        choices=country_choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: every country the shop serves."),
    )


class DeliveryMethodViewSet(ModelViewSet):
    model = DeliveryMethod
    edit_handler = ObjectList(DeliveryMethod.panels, base_form_class=DeliveryMethodForm)
    name = "delivery-methods"
    icon = "mail"
    menu_label = _("Delivery methods")
    add_to_reference_index = False
    copy_view_enabled = False
    list_display = ["__str__", "price", "min_days", "max_days", "active"]


class TaxRateViewSet(ModelViewSet):
    model = TaxRate
    name = "tax-rates"
    icon = "list-ol"
    menu_label = _("Tax rates")
    add_to_reference_index = False
    copy_view_enabled = False
    list_display = ["country", "tax_class", "rate"]
    list_filter = ["country", "tax_class"]


class SalesGroup(ViewSetGroup):
    """One entry of the menu for what shop managers do."""

    menu_label = _("Sales")
    menu_icon = "pick"
    menu_order = 210
    items = (OrderViewSet(), DeliveryMethodViewSet(), TaxRateViewSet())
