"""The credit note of a refund: how much of the invoice it takes back, and for what."""

from __future__ import annotations

from decimal import Decimal

from django.db.models import Sum
from django.utils import translation

from commerce import refunds
from commerce.documents import issue
from commerce.documents.content import CreditLine
from commerce.models import Document, Order, Refund, RefundLine
from core import outbox
from core.models import Outbox
from core.money import Money

State = Refund.State


@outbox.handles("credit_note", outbox.NONE)
def write_credit_note(row: Outbox) -> None:
    """Numbers and freezes the credit note of a refund that succeeded."""
    credit_note_of(Refund.objects.select_related("order").get(pk=row.payload["refund"]))


def credit_note_of(refund: Refund) -> Document | None:
    """None when the refund takes nothing back of an invoice: the order never was a sale, or was paid twice."""
    order = refund.order
    amount = min(refund.amount, uncredited(order))
    if amount <= 0:
        return None
    whole = Money(amount, refund.currency)
    with translation.override(order.language):
        reason = "" if refund.reason == Refund.Reason.OTHER else refund.get_reason_display()
        return issue.credit_note_for(order, str(refund.uuid), whole, lines_of(refund, whole), reason)


def uncredited(order: Order) -> Decimal:
    """By how much the invoice, after its credit notes, exceeds the money that was kept. Gross.

    Money that came twice and went back once leaves the invoice as it is, whichever of the two payments was refunded.
    """
    paid = sum((payment.paid.amount for payment in refunds.payments(order) if payment.paid), Decimal(0))
    back = order.refunds.filter(state=State.SUCCEEDED).aggregate(Sum("amount"))["amount__sum"] or Decimal(0)
    credited = order.documents.exclude(corrects=None).aggregate(Sum("total"))["total__sum"] or Decimal(0)
    return (order.total - credited) - (paid - back)


def lines_of(refund: Refund, amount: Money) -> list[CreditLine]:
    """What the refund is for, as far as it is known; nothing when that is worth more than what was given back."""
    order = refund.order
    lines = [
        CreditLine(entry.line.description, refunds.worth(entry.line, left_before(entry), entry.quantity), rate, units)
        for entry in refund.lines.select_related("line__order")
        for rate, units in [(entry.line.tax_rate, entry.quantity)]
    ]
    if refund.delivery:
        totals = order.totals
        lines.append(CreditLine(order.delivery_name, totals.delivery - totals.delivery_discount, totals.delivery_rate))
    lines = [line for line in lines if line.gross]
    return lines if sum(line.gross.amount for line in lines) <= amount.amount else []


def left_before(entry: RefundLine) -> int:
    """The units of the line that no earlier refund had given back."""
    earlier = RefundLine.objects.filter(line=entry.line, refund__lt=entry.refund_id)
    gone = earlier.exclude(refund__state=State.FAILED).aggregate(Sum("quantity"))["quantity__sum"] or 0
    return entry.line.quantity - gone
