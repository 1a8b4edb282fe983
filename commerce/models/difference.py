"""Where the payment provider's books and ours disagree. Written by commerce/comparison.py; closed by staff or by it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from commerce.models.order import Order, Status
from commerce.models.refund import Refund
from core.money import Money

# What a side says besides an amount: states of orders and refunds, and two words more.
WORDS: dict[str, Any] = {
    **dict(Status.choices),
    **dict(Refund.State.choices),
    "paid": _("Paid"),
    "nothing": _("Nothing known"),
    "open": _("Not paid"),
}


class Difference(models.Model):
    """One thing that is not the same on both sides, once however often it is found. `about`: its id at the provider.

    `there`, `here`: {"amount": "23.40", "currency": "EUR", "state": …}, as far as that side knows anything.
    """

    class Kind(models.TextChoices):
        PAID_THERE = "paid_there", _("Paid there, not here")
        UNKNOWN_PAYMENT = "unknown_payment", _("A payment of an order that is not here")
        AMOUNT = "amount", _("The amounts differ")
        PAID_HERE = "paid_here", _("Paid here, not there")
        REFUND_THERE = "refund_there", _("A refund there, not here")
        REFUND_DIFFERS = "refund_differs", _("A refund differs")
        REFUND_HERE = "refund_here", _("A refund here, not there")

    kind = models.CharField(_("Difference"), max_length=20, choices=Kind)
    provider = models.CharField(_("Payment provider"), max_length=20)
    about = models.CharField(_("At the provider"), max_length=255)
    order = models.ForeignKey(
        Order, verbose_name=_("Order"), null=True, on_delete=models.SET_NULL, related_name="differences"
    )
    there = models.JSONField(default=dict)
    here = models.JSONField(default=dict)
    happened_at = models.DateTimeField(_("Happened"))
    found_at = models.DateTimeField(_("Found"), auto_now_add=True)
    settled_at = models.DateTimeField(_("Settled"), null=True, blank=True)
    settled_by = models.ForeignKey(
        "auth.User", verbose_name=_("By"), null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    note = models.CharField(_("How it was settled"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("payment difference")
        verbose_name_plural = _("payment differences")
        ordering = ["-found_at", "-pk"]
        default_permissions = ("view",)
        permissions = [("settle_difference", _("Can settle a payment difference"))]
        constraints = [models.UniqueConstraint(fields=["provider", "kind", "about"], name="difference_once")]
        indexes = [models.Index(fields=["found_at"], condition=models.Q(settled_at=None), name="difference_open")]

    def __str__(self) -> str:
        return f"{self.kind} {self.about}"

    @property
    def there_text(self) -> str:
        return side(self.there)

    @property
    def here_text(self) -> str:
        return side(self.here)


def side(said: dict[str, str]) -> str:
    """What one side says, in the reader's language."""
    state = said.get("state", "nothing")
    words = [str(WORDS.get(state, state))]
    if "amount" in said:
        words.insert(0, str(Money(Decimal(said["amount"]), said["currency"])))
    return " · ".join(words)
