"""Money by bank transfer, as staff read it in the bank's statements. Written only by commerce/payments/transfer.py.

The bank tells the shop nothing by itself: these rows are what a payment service would know. Amounts are gross, in
major units of the transfer's currency.
"""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core.money import Money


class Transfer(models.Model):
    """A transfer the shop waits for. `request` is kept whole: it names the account the buyer was told."""

    id = models.CharField(max_length=60, primary_key=True)
    key = models.CharField(max_length=120, unique=True)
    request = models.JSONField(_("Request"))
    amount = models.DecimalField(_("Amount"), max_digits=12, decimal_places=3)
    currency = models.CharField(_("Currency"), max_length=3)
    received = models.DecimalField(_("Received"), max_digits=12, decimal_places=3, null=True, blank=True)
    due_at = models.DateTimeField(_("Due"))
    closed_at = models.DateTimeField(_("Closed"), null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True, db_default=Now())

    class Meta:
        verbose_name = _("bank transfer")
        verbose_name_plural = _("bank transfers")
        permissions = [("receive_transfer", _("Can record that the money of a bank transfer has come"))]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(received=None) | models.Q(received__gt=0), name="transfer_received"
            )
        ]

    def __str__(self) -> str:
        return self.id


class Receipt(models.Model):
    """Money that came for a transfer, as somebody read it. `order_was`: where the order stood before.

    `taken_back_at`: it had not come, or not for this order. The row stays.
    """

    transfer = models.ForeignKey(Transfer, on_delete=models.PROTECT, related_name="receipts")
    amount = models.DecimalField(_("Amount"), max_digits=12, decimal_places=3)
    order_was = models.CharField(max_length=20)
    actor = models.ForeignKey(
        "auth.User", verbose_name=_("By"), null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    recorded_at = models.DateTimeField(_("Recorded"), auto_now_add=True, db_default=Now())
    taken_back_at = models.DateTimeField(_("Taken back"), null=True, blank=True)

    class Meta:
        verbose_name = _("receipt of a bank transfer")
        verbose_name_plural = _("receipts of bank transfers")
        ordering = ["pk"]
        default_permissions = ()
        constraints = [models.CheckConstraint(condition=models.Q(amount__gt=0), name="transfer_receipt_amount")]

    def __str__(self) -> str:
        return f"{self.transfer_id}: {self.amount}"

    @property
    def money(self) -> Money:
        return Money(self.amount, self.transfer.currency)


class TransferBack(models.Model):
    """Money that a person shall transfer back. `made_at`: they say that they did; `error`: why it did not arrive."""

    id = models.CharField(max_length=60, primary_key=True)
    key = models.CharField(max_length=120, unique=True)
    transfer = models.ForeignKey(Transfer, on_delete=models.PROTECT, related_name="backs")
    request = models.JSONField(_("Request"))
    amount = models.DecimalField(_("Amount"), max_digits=12, decimal_places=3)
    asked_at = models.DateTimeField(auto_now_add=True, db_default=Now())
    made_at = models.DateTimeField(_("Transferred"), null=True, blank=True)
    failed_at = models.DateTimeField(_("Failed"), null=True, blank=True)
    error = models.CharField(_("Error"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("transfer back")
        verbose_name_plural = _("transfers back")
        ordering = ["asked_at", "pk"]
        constraints = [models.CheckConstraint(condition=models.Q(amount__gt=0), name="transfer_back_amount")]

    def __str__(self) -> str:
        return self.id
