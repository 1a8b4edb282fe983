"""What must happen although nobody asks: lost payments found, holds of unpaid orders ended, refunds asked for again.

Runs every minute. Safe to run twice at once. Stops asking a provider that does not answer; what was asked last comes
first next time.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from typing import TypeVar

from django.db.models import F, Max, Q, QuerySet
from django.utils import timezone

from commerce.models import Order, PaymentAttempt, Refund, Status
from commerce.orders import fulfil, give_up, page_of, refuse, start, too_late
from commerce.payments.base import Refused, Unreachable
from commerce.refunds import give_back, send_again

log = logging.getLogger(__name__)

BUSY = timedelta(seconds=20)  # an attempt younger than this may still be in its buyer's request
STUCK = timedelta(hours=2)
DELAYED_EVERY = timedelta(hours=1)
PER_RUN = 200
SECONDS = 45
SECONDS_FOR_REFUNDS = 15

Row = TypeVar("Row", Order, Refund)


def sweep() -> int:
    """Brings open orders to where their payment pages are, and refunds to an end. Returns how many were looked at."""
    start = time.monotonic()
    refunds = work_through(open_refunds(), look_after_refund, start + SECONDS_FOR_REFUNDS)
    owed = work_through(owed_orders(), give_back, start + SECONDS_FOR_REFUNDS)
    return refunds + owed + work_through(unsettled(), look_after, start + SECONDS)


def work_through(rows: Iterable[Row], look: Callable[[Row], object], deadline: float) -> int:
    """Looks after each until the provider does not answer or time is up. Returns how many were looked at."""
    done = 0
    for row in rows:
        if time.monotonic() > deadline:
            break
        try:
            look(row)
        except Unreachable as error:
            log.warning("the payment provider does not answer, holds are kept: %s", error)
            break
        except Exception:  # one bad row must not keep the others waiting
            log.exception("%s %s could not be swept", type(row).__name__, row)
        done += 1
    return done


def open_refunds() -> Iterator[Refund]:
    """Refunds without an answer after their first request, and those on their way once an hour."""
    now = timezone.now()
    unanswered = Q(state=Refund.State.REQUESTED, requested_at__lt=now - BUSY)
    on_its_way = Q(state=Refund.State.PENDING) & (Q(checked_at=None) | Q(checked_at__lt=now - DELAYED_EVERY))
    refunds = Refund.objects.select_related("order", "payment").filter(unanswered | on_its_way)
    for refund in refunds.order_by(F("checked_at").asc(nulls_first=True), "pk")[:PER_RUN]:
        Refund.objects.filter(pk=refund.pk).update(checked_at=now)
        yield refund


def look_after_refund(refund: Refund) -> None:
    """One refund. Raises Unreachable."""
    if refund.requested_at < timezone.now() - STUCK and refund.state == Refund.State.REQUESTED:
        log.error("refund %s of order %s has had no answer for too long", refund.key, refund.order.number)
    send_again(refund)


def owed_orders() -> QuerySet[Order]:
    """Paid, but sold out: their buyers get the money back without asking."""
    return Order.objects.filter(status=Status.PAID_UNFULFILLABLE, refunds=None).order_by("pk")[:PER_RUN]


def unsettled() -> Iterator[Order]:
    """Orders that wait for money, those not looked at for longest first; each is marked as looked at."""
    for order in waiting_orders()[:PER_RUN]:
        order.attempts.update(checked_at=timezone.now())
        yield order


def waiting_orders() -> QuerySet[Order]:
    """Pending orders after their buyer's first request, and delayed payments once an hour."""
    now = timezone.now()
    unpaid = Q(status=Status.PENDING, placed_at__lt=now - BUSY)
    delayed = Q(status=Status.AWAITING_FUNDS) & (Q(asked=None) | Q(asked__lt=now - DELAYED_EVERY))
    orders = Order.objects.annotate(asked=Max("attempts__checked_at")).filter(unpaid | delayed)
    return orders.order_by(F("asked").asc(nulls_first=True), "pk")


def look_after(order: Order) -> None:
    """One order. Raises Unreachable."""
    now = timezone.now()
    if order.status == Status.PENDING and order.expires_at <= now:
        if order.expires_at < now - STUCK:
            log.error("order %s holds stock for %s too long", order.number, now - order.expires_at)
        give_up(order)
        return
    for attempt in PaymentAttempt.objects.filter(order=order, closed_at=None).select_related("order"):
        if attempt.session_id:
            fulfil(attempt.session_id)
            continue
        is_late = too_late(attempt)
        try:
            page_of(attempt, start(attempt))
        except Refused:
            if not is_late:
                refuse(order)
                return
            log.warning("order %s has no payment page; its buyer may ask for one until %s", order, order.expires_at)
