"""Bank transfers between buyer, staff and order: what is to be transferred, what came, what was sent back by hand.

The book itself: payments/transfer.py. Whoever writes into it holds the order's row: a receipt is written once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from catalog import stock
from commerce import notes, orders, refunds
from commerce.models import Order, PaymentAttempt, Receipt, Refund, Status
from commerce.payments import TRANSFER, book
from commerce.payments.base import Refused
from commerce.payments.transfer import Account, account_of
from core import outbox
from core.models import Outbox
from core.money import Money

AT_LEAST = timedelta(days=3)  # a buyer whose money was thought to have come must not lose the order at once


class NotNow(Exception):
    """The order, or the refund, is not where this can be written down. Nothing was."""


class Final(Exception):
    """A receipt has had consequences that cannot be undone; the text says what to do instead. Nothing was written."""


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
    session = book().receive(attempt.session_id or "", amount, order.status, actor)
    orders.note(order, notes.of("received", amount=amount), actor)
    return orders.apply(attempt, session)


def receipts(order: Order) -> list[Receipt]:
    """All that was written down for this order, also what was taken back; oldest first."""
    attempt = attempt_of(order)
    if attempt is None:
        return []
    return list(Receipt.objects.filter(transfer=attempt.session_id).select_related("transfer", "actor"))


def newest(order: Order) -> Receipt | None:
    """The receipt that may be taken back: each is taken back before those it came after."""
    standing = [receipt for receipt in receipts(order) if receipt.taken_back_at is None]
    return standing[-1] if standing else None


def finality(order: Order) -> str:
    """Why a receipt of this order cannot be taken back, and what to do instead; "" when it can."""
    if order.shipments.exists():
        return gettext(
            "A parcel has left for this order. Leave the receipt as it is, ask the buyer for the money, and write a "
            "note here when it has come."
        )
    if order.refunds.exclude(state=Refund.State.FAILED).exists():
        return gettext(
            "Money of this order is being given back, or was. Look at its refunds first: one that nobody has "
            "transferred yet can be marked as not transferred; then the receipt can be taken back."
        )
    if (invoice := order.documents.order_by("pk").first()) is not None:
        text = gettext(
            "The invoice %(number)s is issued and is never deleted. Refund the order in full and say that it is "
            "transferred, without transferring anything: then a credit note takes the invoice back. The buyer gets "
            "mails about both, so write to them before, and ask them to order again."
        )
        return text % {"number": invoice.number}
    if Outbox.objects.filter(key=f"order_confirmation:{order.uuid}").exclude(sent_at=None).exists():
        return gettext(
            "The buyer has the confirmation already. Have the invoice made, and then do what this page says about it."
        )
    return ""


def take_back(order: Order, receipt_id: int, actor: User) -> Order:
    """A receipt was a mistake: the order stands where it stood before it. Inside a transaction that holds its row.

    Raises NotNow (it is not the newest, or was taken back already), Final.
    """
    attempt, receipt = attempt_of(order), newest(order)
    if attempt is None or receipt is None or receipt.pk != receipt_id:
        raise NotNow
    if text := finality(order):
        raise Final(text)
    to = before(order, receipt)
    until = max(order.expires_at, timezone.now() + AT_LEAST)
    try:
        session = book().take_back(receipt.transfer_id, receipt.pk, until if to == Status.AWAITING_FUNDS else None)
        attempt.order = order
        orders.note(order, notes.of("receipt_wrong", amount=receipt.money), actor)
        orders.take_back(attempt, session, to, until, actor)
        if to == Status.AWAITING_FUNDS:  # its mail was left out if it was due after the receipt
            outbox.again(f"order_received:{order.uuid}", receipt.recorded_at)
    except Refused as refusal:
        raise NotNow from refusal
    except orders.TooLate as error:
        raise Final(gettext("The invoice is being written at this moment. Please look again in a minute.")) from error
    return Order.objects.get(pk=order.pk)


def before(order: Order, receipt: Receipt) -> Status:
    """Where an order stands without its newest receipt. What somebody ended since then stays ended, and so does what
    holds nothing any more: its units were given free with a refund that the bank returned.
    """
    if order.status in (Status.EXPIRED, Status.CANCELLED):
        return Status(order.status)
    was = Status(receipt.order_was)
    kept = stock.held(order.reference) or stock.sold(order.reference)
    return was if kept or was != Status.AWAITING_FUNDS else Status.CANCELLED


def by_hand(order: Order) -> list[Refund]:
    """Refunds of this order that somebody has to transfer, or has transferred: the bank may still return them."""
    states = (Refund.State.PENDING, Refund.State.SUCCEEDED)
    found = order.refunds.filter(payment__provider=TRANSFER, state__in=states).exclude(provider_id=None)
    return list(found.select_related("payment"))


def sent_back(order_id: int, refund_id: int, actor: User) -> Refund:
    """Somebody has transferred a refund. Raises NotNow."""
    return _settle(order_id, refund_id, actor)


def came_back(order_id: int, refund_id: int, why: str, actor: User, *, was_sent: bool = False) -> Refund:
    """A refund cannot be transferred or, when it `was_sent`, the bank returned it. `why`, which may be empty, is told
    to staff only. Raises NotNow, also when somebody else has transferred it meanwhile.
    """
    return _settle(order_id, refund_id, actor, why, was_sent=was_sent)


def _settle(order_id: int, refund_id: int, actor: User, why: str | None = None, *, was_sent: bool = False) -> Refund:
    was = Refund.State.SUCCEEDED if was_sent else Refund.State.PENDING
    with transaction.atomic():
        order = orders.locked(order_id)
        refund = next((refund for refund in by_hand(order) if refund.pk == refund_id), None)
        if refund is None or not refund.provider_id or refund.state != was:
            raise NotNow
        known = refund.provider_id
        done = book().sent_back(known) if why is None else book().came_back(known, why)
        if not done:
            raise NotNow
        code = "sent_back" if why is None else "bank_returned" if was_sent else "not_sent_back"
        orders.note(order, notes.of(code, amount=refund.money), actor)
        refunds.sync(refund.payment)
    return Refund.objects.select_related("order").get(pk=refund_id)
