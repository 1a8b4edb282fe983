"""The conditions of the order list, which its export takes as well."""

from __future__ import annotations

import django_filters
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet

from commerce.addresses import country_choices
from commerce.models import Order, Status
from commerce.querysets import OrderQuerySet


class OrderFilters(WagtailFilterSet):
    stage = django_filters.ChoiceFilter(
        label=_("View"),
        choices=[("to-pack", _("To pack")), ("stuck", _("Needs a decision"))],
        method="in_stage",
    )
    status = django_filters.MultipleChoiceFilter(label=_("Status"), choices=Status.choices)
    country = django_filters.MultipleChoiceFilter(label=_("Country"), choices=country_choices)
    placed_at = django_filters.DateFromToRangeFilter(label=_("Placed"), widget=DateRangePickerWidget)
    goods = django_filters.CharFilter(label=_("Product or SKU"), method="with_goods", max_length=100)
    coupon_code = django_filters.CharFilter(label=_("Coupon"), lookup_expr="iexact", max_length=30)

    class Meta:
        model = Order
        fields: list[str] = []

    def in_stage(self, orders: OrderQuerySet, name: str, value: str) -> OrderQuerySet:
        return orders.to_pack() if value == "to-pack" else orders.stuck()

    def with_goods(self, orders: OrderQuerySet, name: str, value: str) -> OrderQuerySet:
        return orders.with_goods(value)
