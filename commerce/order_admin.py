"""Orders, delivery methods and tax rates in the admin. Orders are read only: orders.py alone changes them."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import ObjectList
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.viewsets.base import ViewSetGroup
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.permission_policies import ModelPermissionPolicy

from commerce import order_moves, order_screen, refund_screen
from commerce.addresses import country_choices
from commerce.documents import views as document_views
from commerce.documents.admin import DocumentViewSet
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


def total(order: Order) -> Money:
    return order.grand_total


def screen_url(order: Order) -> str:
    return reverse("orders:order", args=[order.pk])


class OrderViewSet(ModelViewSet):
    """The list; one order's screen is order_screen.py."""

    model = Order
    name = "orders"
    icon = "form"
    menu_label = _("Orders")
    add_to_reference_index = False
    copy_view_enabled = False
    index_view_class = OrderIndexView
    filterset_class = OrderFilters
    list_per_page = 50
    form_fields = ["status"]
    search_fields = ["number", "name", "email"]
    ordering = ["-placed_at"]
    list_display = [
        TitleColumn("number", label=_("Number"), sort_key="number", get_url=screen_url),
        DateColumn("placed_at", label=_("Placed"), sort_key="placed_at"),
        Column("name", label=_("Name"), sort_key="name"),
        Column("country", label=_("Country"), accessor="country_name", sort_key="country"),
        Column("total", label=_("Total"), accessor=total, sort_key="total"),
        Column("status", label=_("Status"), accessor="get_status_display", sort_key="status"),
    ]

    def get_index_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_index_view_kwargs(add_url_name=None, edit_url_name=None, delete_url_name=None, **kwargs)

    def get_urlpatterns(self) -> list[URLPattern]:
        index = [
            path("", self.index_view, name="index"),
            path("results/", self.index_results_view, name="index_results"),
        ]
        mine = order_screen.urlpatterns + order_moves.urlpatterns + refund_screen.urlpatterns
        return index + mine + document_views.order_urlpatterns


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
    items = (OrderViewSet(), DocumentViewSet(), DeliveryMethodViewSet(), TaxRateViewSet())
