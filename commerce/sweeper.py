"""What must happen although nobody asks: lost payments found, holds of unpaid orders ended. Runs every minute.

Safe to run twice at once. Stops asking a provider that does not answer; what was asked last comes first next time.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from datetime import timedelta

from django.db.models import F, Max, Q, QuerySet
from django.utils import timezone

from commerce.models import Order, PaymentAttempt, Status
from commerce.orders import fulfil, give_up, refuse, start, too_late
from commerce.payments.base import Refused, Unreachable

log = logging.getLogger(__name__)

BUSY = timedelta(seconds=20)  # an attempt younger than this may still be in its buyer's request
STUCK = timedelta(hours=2)
DELAYED_EVERY = timedelta(hours=1)
PER_RUN = 200
SECONDS = 45


def sweep() -> int:
    """Brings open orders to where their payment pages are. Returns how many orders were looked at."""
    done = 0
    deadline = time.monotonic() + SECONDS
    for order in unsettled():
        if time.monotonic() > deadline:
            break
        try:
            look_after(order)
        except Unreachable as error:
            log.warning("the payment provider does not answer, holds are kept: %s", error)
            break
        except Exception:  # one bad order must not keep the others waiting
            log.exception("order %s could not be swept", order.number)
        done += 1
    return done


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
            start(attempt)
        except Refused:
            if not is_late:
                refuse(order)
                return
            log.warning("order %s has no payment page; its buyer may ask for one until %s", order, order.expires_at)
