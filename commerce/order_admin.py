"""Orders, delivery methods and tax rates in the admin. Orders are read only: orders.py alone changes them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Count, Sum
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import ObjectList
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.viewsets.base import ViewSetGroup
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.permission_policies import ModelPermissionPolicy

from commerce import order_export, order_moves, order_problems, order_screen, refund_screen, transfer_screen
from commerce.addresses import country_choices
from commerce.difference_admin import DifferenceViewSet
from commerce.documents import views as document_views
from commerce.documents.admin import DocumentViewSet
from commerce.export_files import EXPORT
from commerce.models import DeliveryMethod, Order, TaxRate
from commerce.order_filters import OrderFilters
from commerce.querysets import OrderQuerySet
from commerce.webhook_admin import WebhookEventViewSet
from core.money import Money


class ReadOnlyPolicy(ModelPermissionPolicy):
    """Whoever may view may view; nobody may add, change or delete by a form."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        return action == "view" and super().user_has_permission(user, action)

    def user_has_any_permission(self, user: Any, actions: list[str]) -> bool:
        return any(self.user_has_permission(user, action) for action in actions)


class OrderIndexView(generic.IndexView):
    def search_queryset(self, queryset: OrderQuerySet) -> OrderQuerySet:
        return queryset.found_by(self.search_query) if self.search_query else queryset

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        chosen = self.object_list
        sums = chosen.order_by().values("currency").annotate(number=Count("pk"), total=Sum("total"))
        return {
            **super().get_context_data(**kwargs),
            "sums": [(row["number"], Money(row["total"], row["currency"])) for row in sums],
            "query": self.request.GET.urlencode(),
            "stage": self.request.GET.get("stage", ""),
            "may_export": self.request.user.has_perm(EXPORT),
        }


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
    index_template_name = "commerce/admin/orders.html"
    index_results_template_name = "commerce/admin/orders_results.html"
    filterset_class = OrderFilters
    list_per_page = 50
    form_fields = ["status"]
    search_fields = ["number", "name", "email"]
    ordering = ["-placed_at"]
    list_display = [
        TitleColumn("number", label=_("Number"), sort_key="number", get_url=screen_url),
        DateColumn("placed_at", label=_("Placed"), sort_key="placed_at", classname="order-wide"),
        Column("name", label=_("Name"), sort_key="name"),
        Column("country", label=_("Country"), accessor="country_name", sort_key="country", classname="order-wide"),
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
        own = (order_screen, order_moves, order_problems, order_export, refund_screen, transfer_screen)
        return [
            *index,
            *(pattern for module in own for pattern in module.urlpatterns),
            *document_views.order_urlpatterns,
        ]


def zone(method: DeliveryMethod) -> str:
    """The countries a method reaches: methods of one name are told apart by them."""
    return ", ".join(sorted(method.countries)) or gettext("all")


class DeliveryMethodForm(WagtailAdminModelForm):
    countries = forms.MultipleChoiceField(
        label=_("Countries"),
        choices=country_choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: every country the shop serves."),
    )

    def clean(self) -> dict[str, Any]:
        """Prices that no parcel could have are an error: of what is heavier than the method carries."""
        data = super().clean() or self.cleaned_data
        rows = self.formsets["rates"]
        most = data.get("most_grams")
        for row in rows.forms if most is not None and rows.is_valid() else ():
            over = row.cleaned_data.get("over_grams")
            if over is not None and over >= most and row not in rows.deleted_forms:
                row.add_error("over_grams", _("This is not carried: look at the heaviest weight above."))
                self.add_error("most_grams", _("There is a price for heavier parcels below."))
        return data


class DeliveryMethodViewSet(ModelViewSet):
    model = DeliveryMethod
    edit_handler = ObjectList(DeliveryMethod.panels, base_form_class=DeliveryMethodForm)
    name = "delivery-methods"
    icon = "mail"
    menu_label = _("Delivery methods")
    add_to_reference_index = False
    copy_view_enabled = False
    list_display = [
        "__str__",
        Column("zone", label=_("Countries"), accessor=zone),
        "price",
        "free_from",
        "min_days",
        "max_days",
        "active",
    ]


class TaxRateViewSet(ModelViewSet):
    model = TaxRate
    name = "tax-rates"
    icon = "list-ol"
    menu_label = _("Tax rates")
    add_to_reference_index = False
    copy_view_enabled = False
    list_display = ["country", "tax_class", "rate", "valid_from"]
    list_filter = ["country", "tax_class"]


SUBMENU = "register_sales_menu_item"  # overview and coupons come by it


class SalesGroup(ViewSetGroup):
    """One entry of the menu for what shop managers do."""

    menu_label = _("Sales")
    menu_icon = "clipboard-list"
    menu_name = "sales"
    menu_order = 151
    submenu_hook = SUBMENU
    items = (
        OrderViewSet(),
        DocumentViewSet(),
        DeliveryMethodViewSet(),
        TaxRateViewSet(),
        WebhookEventViewSet(),
        DifferenceViewSet(),
    )
