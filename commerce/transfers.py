"""Bank transfers between buyer, staff and order: what is to be transferred, what came, what was sent back by hand.

The book itself: payments/transfer.py. Whoever writes into it holds the order's row: a receipt is written once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from commerce import orders, refunds
from commerce.models import Order, PaymentAttempt, Refund, Status
from commerce.payments import TRANSFER, book
from commerce.payments.transfer import Account, account_of
from core.money import Money


class NotNow(Exception):
    """The order, or the refund, is not where this can be written down. Nothing was."""


@dataclass(frozen=True)
class Due:
    """What a buyer is asked to transfer. `purpose`: what the shop looks for in its statements; `amount`: gross."""

    account: Account
    amount: Money
    purpose: str
    until: datetime


def due_of(order: Order) -> Due | None:
    """None: nothing is to be transferred for this order (any more)."""
    attempt = attempt_of(order) if order.status in (Status.PENDING, Status.AWAITING_FUNDS) else None
    if attempt is None or attempt.closed_at is not None:
        return None
    return Due(account_of(attempt.request), order.grand_total, order.number, order.expires_at)


def attempt_of(order: Order) -> PaymentAttempt | None:
    """The transfer the order waits for, or waited for; None for an order that is paid in another way."""
    return order.attempts.filter(provider=TRANSFER).exclude(session_id=None).order_by("-number").first()


def receivable(order: Order) -> bool:
    """Money for this order may come in by transfer: in time, too late, or the rest of it."""
    may_come = (Status.AWAITING_FUNDS, Status.EXPIRED, Status.CANCELLED, Status.NEEDS_ATTENTION)
    return order.status in may_come and attempt_of(order) is not None


def receive(order: Order, amount: Money, actor: User) -> Order:
    """Writes down that so much came, and lets the order follow: paid, when it is all of it, else for a person to look
    at. Inside a transaction that holds the order's row.

    Raises NotNow.
    """
    attempt = attempt_of(order)
    if attempt is None or not receivable(order):
        raise NotNow
    session = book().receive(attempt.session_id or "", amount)
    orders.note(order, f"bank transfer of {amount.plain()} received", actor)
    return orders.apply(attempt, session)


def waiting(order: Order) -> list[Refund]:
    """Refunds of this order that somebody has to transfer by hand."""
    by_hand = order.refunds.filter(payment__provider=TRANSFER, state=Refund.State.PENDING)
    return list(by_hand.select_related("payment"))


def sent_back(order_id: int, refund_id: int, actor: User) -> Refund:
    """Somebody has transferred a refund. Raises NotNow."""
    return _settle(order_id, refund_id, actor, "")


def came_back(order_id: int, refund_id: int, why: str, actor: User) -> Refund:
    """A refund cannot be transferred, or the bank returned it; `why` is told to staff only. Raises NotNow."""
    return _settle(order_id, refund_id, actor, why)


def _settle(order_id: int, refund_id: int, actor: User, why: str) -> Refund:
    with transaction.atomic():
        order = orders.locked(order_id)
        refund = next((refund for refund in waiting(order) if refund.pk == refund_id), None)
        if refund is None or not refund.provider_id:
            raise NotNow
        done = book().came_back(refund.provider_id, why) if why else book().sent_back(refund.provider_id)
        if not done:
            raise NotNow
        verb = "could not be transferred" if why else "was transferred"
        orders.note(order, f"refund of {refund.money.plain()} {verb}", actor)
        refunds.sync(refund.payment)
    return Refund.objects.select_related("order").get(pk=refund_id)
