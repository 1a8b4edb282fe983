"""Parcels that left the house. Written only by commerce/shipping.py, never edited."""

from __future__ import annotations

from django.core.validators import URLValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from commerce.models.order import Order, OrderLine


class Shipment(models.Model):
    """One parcel of an order, with all or some of its units. `number` counts the parcels of the order from 1."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="shipments")
    number = models.PositiveSmallIntegerField(_("Number"))
    carrier = models.CharField(_("Carrier"), max_length=60, blank=True)
    tracking_code = models.CharField(_("Tracking number"), max_length=100, blank=True)
    tracking_url = models.URLField(
        _("Tracking link"), max_length=500, blank=True, validators=[URLValidator(schemes=["http", "https"])]
    )
    rest_follows = models.BooleanField(default=False, help_text=_("When it left, something of the order stayed here."))
    actor = models.ForeignKey(
        "auth.User", verbose_name=_("By"), null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    shipped_at = models.DateTimeField(_("Shipped"), auto_now_add=True)

    class Meta:
        verbose_name = _("shipment")
        verbose_name_plural = _("shipments")
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["order", "number"], name="shipment_number")]

    def __str__(self) -> str:
        return f"{self.order_id}/{self.number}"


class ShipmentLine(models.Model):
    """Units of one order line in a parcel."""

    shipment = models.ForeignKey(Shipment, on_delete=models.CASCADE, related_name="lines")
    line = models.ForeignKey(OrderLine, on_delete=models.CASCADE, related_name="shipments")
    quantity = models.PositiveIntegerField(_("Quantity"))

    class Meta:
        verbose_name = _("shipped line")
        verbose_name_plural = _("shipped lines")
        ordering = ["line_id"]
        constraints = [
            models.UniqueConstraint(fields=["shipment", "line"], name="shipment_line_once"),
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="shipment_line_units"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.line.description}"
