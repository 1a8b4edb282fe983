"""Money that goes back, and payments the buyer's bank asks back. Written only by commerce/refunds.py."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from commerce.models.order import Order, OrderLine
from commerce.models.payment import PaymentAttempt
from core.money import Money


class Refund(models.Model):
    """One amount given back on one payment. `request` is kept whole, so that a replay is the same request.

    A refund made in the payment provider's own pages has no request and nobody of ours behind it.
    """

    class State(models.TextChoices):
        """How far it has come. Only ever moves to a later one: RANK."""

        REQUESTED = "requested", _("Asked for")  # the provider has not answered yet
        PENDING = "pending", _("On its way")
        SUCCEEDED = "succeeded", _("Refunded")
        FAILED = "failed", _("Failed")  # also after it had succeeded: the buyer's bank sent the money back

    class Reason(models.TextChoices):
        REQUESTED_BY_CUSTOMER = "requested_by_customer", _("The customer asked for it")
        FAULTY = "faulty", _("Goods were faulty, wrong or lost")
        SOLD_OUT = "sold_out", _("Sold out")
        DUPLICATE = "duplicate", _("Paid twice")
        FRAUDULENT = "fraudulent", _("Fraud")
        OTHER = "other", _("Another reason")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="refunds")
    payment = models.ForeignKey(PaymentAttempt, on_delete=models.CASCADE, related_name="refunds")
    provider_id = models.CharField(_("Refund at the provider"), max_length=255, unique=True, null=True, blank=True)
    amount = models.DecimalField(_("Amount"), max_digits=12, decimal_places=3, help_text=_("Gross."))
    currency = models.CharField(_("Currency"), max_length=3)
    delivery = models.BooleanField(_("Delivery price included"), default=False)
    reason = models.CharField(_("Reason"), max_length=30, choices=Reason, default=Reason.OTHER)
    comment = models.CharField(_("Comment"), max_length=500, blank=True)
    state = models.CharField(_("State"), max_length=10, choices=State, default=State.REQUESTED)
    error = models.TextField(_("Error"), blank=True)
    request = models.JSONField(_("Request"), default=dict, blank=True)
    actor = models.ForeignKey(
        "auth.User", verbose_name=_("By"), null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    requested_at = models.DateTimeField(_("Asked for at"), auto_now_add=True, db_default=Now())
    checked_at = models.DateTimeField(_("Last asked"), null=True, blank=True)
    settled_at = models.DateTimeField(_("Settled"), null=True, blank=True, help_text=_("Succeeded or failed."))

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        ordering = ["requested_at", "pk"]
        constraints = [models.CheckConstraint(condition=models.Q(amount__gt=0), name="refund_amount")]
        indexes = [
            models.Index(
                fields=["checked_at"], condition=models.Q(state__in=["requested", "pending"]), name="refund_unsettled"
            )
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def key(self) -> str:
        """The idempotency key: the same for every replay."""
        return f"re:{self.uuid}"

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)

    @property
    def made_elsewhere(self) -> bool:
        """Made in the provider's own pages, not here."""
        return not self.request


RANK = {state: rank for rank, state in enumerate(Refund.State.values)}


class RefundLine(models.Model):
    """Units of one order line that were given back. `restock`: how many of them go back on the shelf.

    `sent`: how many of them had left the house; the others will not be sent any more.
    """

    refund = models.ForeignKey(Refund, on_delete=models.CASCADE, related_name="lines")
    line = models.ForeignKey(OrderLine, on_delete=models.CASCADE, related_name="refunds")
    quantity = models.PositiveIntegerField(_("Quantity"))
    restock = models.PositiveIntegerField(_("Back into stock"), default=0)
    sent = models.PositiveIntegerField(_("Had been sent"), default=0, db_default=0)
    restocked_at = models.DateTimeField(_("Put back at"), null=True, blank=True)

    class Meta:
        verbose_name = _("refunded line")
        verbose_name_plural = _("refunded lines")
        ordering = ["line_id"]
        constraints = [
            models.UniqueConstraint(fields=["refund", "line"], name="refund_line_once"),
            models.CheckConstraint(
                condition=models.Q(quantity__gt=0, restock__lte=models.F("quantity")), name="refund_line_units"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.line.description}"


class DisputeQuerySet(models.QuerySet["Dispute"]):
    def open(self) -> DisputeQuerySet:
        """Those that somebody must look after."""
        return self.filter(closed_at=None)


class Dispute(models.Model):
    """A payment the buyer's bank asks back. Nothing follows by itself: a person answers at the provider."""

    CLOSED = ("won", "lost", "warning_closed", "prevented")
    NAMES = {
        "warning_needs_response": _("Inquiry, needs an answer"),
        "warning_under_review": _("Inquiry, under review"),
        "warning_closed": _("Inquiry closed"),
        "needs_response": _("Needs an answer"),
        "under_review": _("Under review"),
        "won": _("Won"),
        "lost": _("Lost"),
        "prevented": _("Prevented"),
    }

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="disputes")
    provider_id = models.CharField(_("Dispute at the provider"), max_length=255, unique=True)
    amount = models.DecimalField(_("Amount"), max_digits=12, decimal_places=3)
    currency = models.CharField(_("Currency"), max_length=3)
    reason = models.CharField(_("Reason"), max_length=100, blank=True)
    status = models.CharField(_("Status"), max_length=50, help_text=_("In the provider's own word."))
    answer_by = models.DateTimeField(_("Answer by"), null=True, blank=True)
    opened_at = models.DateTimeField(_("Opened"))
    closed_at = models.DateTimeField(_("Closed"), null=True, blank=True)

    objects = DisputeQuerySet.as_manager()

    class Meta:
        verbose_name = _("dispute")
        verbose_name_plural = _("disputes")
        ordering = ["opened_at", "pk"]
        indexes = [models.Index(fields=["opened_at"], condition=models.Q(closed_at=None), name="dispute_open")]

    def __str__(self) -> str:
        return self.provider_id

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)

    @property
    def status_name(self) -> str:
        return str(self.NAMES.get(self.status, self.status))

    def closed_by(self, now: datetime) -> datetime | None:
        """When it was closed: at the latest now, when its status says so."""
        return (self.closed_at or now) if self.status in self.CLOSED else None
