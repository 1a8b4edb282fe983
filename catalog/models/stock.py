"""Units of variants and their ledger. Written only by catalog/stock.py."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.models.variant import Variant


class Stock(models.Model):
    """Units of one variant. Outside every revision; written only by stock.py. Available = on_hand - reserved."""

    variant = models.OneToOneField(Variant, on_delete=models.CASCADE, primary_key=True, related_name="stock")
    on_hand = models.PositiveIntegerField(_("On hand"), default=0)
    reserved = models.PositiveIntegerField(_("Held"), default=0)
    low_at = models.PositiveIntegerField(
        _("Low from"),
        null=True,
        blank=True,
        help_text=_("So many available units or fewer count as low. Empty: as usual in the shop."),
    )

    class Meta:
        verbose_name = _("stock level")
        verbose_name_plural = _("stock levels")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(reserved__gte=0, reserved__lte=models.F("on_hand")), name="stock_never_oversold"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.variant.sku}: {self.available}"

    @property
    def available(self) -> int:
        return self.on_hand - self.reserved


class StockMove(models.Model):
    """The ledger: every change of a stock row, by whom and why. Never edited; keeps its variant from deletion."""

    class Kind(models.TextChoices):
        HOLD = "hold", _("Held for an order")
        RELEASE = "release", _("Hold released")
        SALE = "sale", _("Sold")
        ADJUST = "adjust", _("Adjusted")
        RESTOCK = "restock", _("Restocked")
        UNSOLD = "unsold", _("Sale taken back")

    stock = models.ForeignKey(Stock, on_delete=models.PROTECT, related_name="moves")
    kind = models.CharField(_("Kind"), max_length=10, choices=Kind)
    on_hand_change = models.IntegerField(_("On hand"), default=0)
    reserved_change = models.IntegerField(_("Held"), default=0)
    reason = models.CharField(_("Reason"), max_length=200, blank=True)
    reference = models.CharField(_("Reference"), max_length=64, blank=True, db_index=True)
    actor = models.ForeignKey(
        "auth.User", verbose_name=_("By"), null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(_("When"), auto_now_add=True)

    class Meta:
        verbose_name = _("stock move")
        verbose_name_plural = _("stock moves")
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.stock_id} {self.kind} {self.on_hand_change:+d}/{self.reserved_change:+d}"
