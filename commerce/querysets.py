"""Which orders the desk asks for, in its own words."""

from __future__ import annotations

from typing import Self

from django.apps import apps
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce


def _units(model: str, units: Sum, **conditions: object) -> Coalesce:
    """The units of the outer order line in the rows of a model that points to it."""
    rows = apps.get_model("commerce", model).objects.filter(line=OuterRef("pk"), **conditions)
    return Coalesce(Subquery(rows.order_by().values("line").annotate(n=units).values("n")), Value(0))


class OrderQuerySet(models.QuerySet):
    def to_pack(self) -> Self:
        """Paid, and some units are neither sent nor refunded before they were: `shipping.remaining` in one query."""
        unsent_back = Sum(F("quantity") - F("sent"))
        refunded = _units("RefundLine", unsent_back, refund__state__in=["requested", "pending", "succeeded"])
        lines = apps.get_model("commerce", "OrderLine").objects.filter(order=OuterRef("pk"))
        unsent = lines.annotate(gone=_units("ShipmentLine", Sum("quantity")) + refunded).filter(quantity__gt=F("gone"))
        return self.filter(Exists(unsent), status__in=["paid", "part_refunded"])

    def stuck(self) -> Self:
        """A person must decide how they go on."""
        return self.filter(status__in=["needs_attention", "paid_unfulfillable"])

    def found_by(self, words: str) -> Self:
        """By part of the number, the e-mail address, the name or the company."""
        found = Q(number__icontains=words) | Q(email__icontains=words)
        return self.filter(found | Q(name__icontains=words) | Q(company__icontains=words))

    def with_goods(self, words: str) -> Self:
        """By part of a bought line's SKU or of its name as it was sold."""
        lines = apps.get_model("commerce", "OrderLine").objects.filter(order=OuterRef("pk"))
        return self.filter(Exists(lines.filter(Q(sku__icontains=words) | Q(name__icontains=words))))
