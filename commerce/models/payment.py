"""Payment pages asked for, and what the payment provider told us."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from commerce.models.order import Order
from core.money import Money


class PaymentAttempt(models.Model):
    """One payment page asked for. `request` is kept whole, so that a replay after a crash is the same request."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="attempts")
    number = models.PositiveSmallIntegerField(_("Number"), default=1)
    provider = models.CharField(_("Payment provider"), max_length=20, default="stripe", db_default="stripe")
    request = models.JSONField(_("Request"))
    session_id = models.CharField(_("Session"), max_length=255, unique=True, null=True, blank=True)
    url = models.TextField(_("Payment page"), blank=True)
    expires_at = models.DateTimeField(_("Open until"))
    checked_at = models.DateTimeField(_("Last asked"), null=True, blank=True)
    closed_at = models.DateTimeField(_("Closed"), null=True, blank=True, help_text=_("Nobody can pay here any more."))
    error = models.TextField(_("Error"), blank=True)
    payment_id = models.CharField(
        _("Payment at the provider"), max_length=255, blank=True, default="", db_default="", db_index=True
    )
    paid_amount = models.DecimalField(_("Paid"), max_digits=12, decimal_places=3, null=True, blank=True)
    paid_currency = models.CharField(_("Paid in"), max_length=3, blank=True, default="", db_default="")

    class Meta:
        verbose_name = _("payment attempt")
        verbose_name_plural = _("payment attempts")
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["order", "number"], name="payment_attempt_number")]
        indexes = [models.Index(fields=["checked_at"], condition=models.Q(closed_at=None), name="payment_attempt_open")]

    def __str__(self) -> str:
        return self.key

    @property
    def key(self) -> str:
        """The idempotency key: the same for every replay of this attempt."""
        return f"cs:{self.order.uuid}:{self.number}"

    @property
    def paid(self) -> Money | None:
        """What arrived; None: nothing, or not asked since that is stored."""
        return None if self.paid_amount is None else Money(self.paid_amount, self.paid_currency)


class WebhookEvent(models.Model):
    """An event the payment provider told us about, once. `error` says why it could not be used yet."""

    id = models.CharField(primary_key=True, max_length=255)
    type = models.CharField(_("Type"), max_length=100)
    created = models.DateTimeField(_("Created"))
    received_at = models.DateTimeField(_("Received"), auto_now_add=True)
    payload = models.JSONField(_("Payload"))
    processed_at = models.DateTimeField(_("Processed"), null=True, blank=True)
    error = models.TextField(_("Error"), blank=True)

    class Meta:
        verbose_name = _("webhook event")
        verbose_name_plural = _("webhook events")
        ordering = ["-received_at"]
        indexes = [
            models.Index(fields=["received_at"], condition=models.Q(processed_at=None), name="webhook_event_waiting")
        ]
        permissions = [("replay_webhookevent", _("Can act on a webhook event again"))]

    def __str__(self) -> str:
        return f"{self.type} {self.id}"
