"""Guards taken out of the running shop, so that a race shows what each of them prevents.

The processes under test load this as a Django app; RACES_WITHOUT names the guards. The shop knows nothing of it. Each
replacement is what a shop without this guard would do: read, decide, then write.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

from django.apps import AppConfig


@dataclass(frozen=True)
class Guard:
    """`says`: what is gone, for the table. `sql`: constraints dropped in the race's own database."""

    says: str
    remove: Callable[[], None]
    sql: tuple[str, ...] = ()


class Unguarded(AppConfig):
    name = "tests.races"

    def ready(self) -> None:
        for guard in os.environ["RACES_WITHOUT"].split():
            GUARDS[guard].remove()


def read_then_hold() -> None:
    """Stock is looked at first and added to after."""
    from django.db.models import F

    from catalog import stock
    from catalog.models import Stock, StockMove

    def hold(lines: Iterable[stock.Line], reference: str) -> None:
        wanted = stock._summed(lines)
        rows = Stock.objects.in_bulk([pk for pk, _units in wanted])
        if short := [pk for pk, units in wanted if rows[pk].available < units]:
            raise stock.OutOfStock(short)
        for pk, units in wanted:
            Stock.objects.filter(pk=pk).update(reserved=F("reserved") + units)
        kind = StockMove.Kind.HOLD
        StockMove.objects.bulk_create(
            StockMove(stock_id=pk, kind=kind, reserved_change=units, reference=reference) for pk, units in wanted
        )

    stock.hold = hold


def unsorted_lines() -> None:
    """Stock rows are locked in the order in which each shopper filled the cart."""
    from catalog import stock

    stock._summed = lambda lines: list(dict(lines).items())


def shared_session() -> None:
    """Django's own way: a session is read at the start of a request and written back at its end."""
    from core.sessions import SessionStore

    def alone(_session: SessionStore) -> AbstractContextManager[None]:
        return nullcontext()

    SessionStore.alone = alone


def unlocked_coupon() -> None:
    """Uses are counted without waiting for those who are counting, too."""
    from commerce import coupons

    coupons.locked = coupons.find


def unlocked_refunds() -> None:
    """What is left of a payment is read without the order's lock."""
    from commerce import refunds
    from commerce.models import Order

    refunds.locked = lambda pk: Order.objects.get(pk=pk)


def local_clock() -> None:
    """A hold ends when our clock says so, whatever the payment page is doing."""
    from django.db import transaction

    from catalog import stock
    from commerce import coupons, orders, sweeper
    from commerce.models import Order

    def give_up(order: Order, ending: orders.Ending = orders.NOT_PAID) -> Order:
        with transaction.atomic():
            order = orders.locked(order.pk)
            if orders.move(order, ending.status, ending.why):
                stock.release(order.reference)
                coupons.release(order)
        return order

    sweeper.give_up = give_up


def unlocked_orders() -> None:
    """An order's state is read, then written, whatever it has become meanwhile."""
    from commerce import orders
    from commerce.models import TRANSITIONS, Order, OrderEvent

    def move(order: Order, to: str, why: str = "", *, actor: Any = None, paid_at: Any = None) -> bool:
        if to not in TRANSITIONS[order.status]:
            return False
        order.status, before, order.paid_at = to, order.status, paid_at or order.paid_at
        order.save(update_fields=["status", "paid_at"])
        OrderEvent.objects.create(order=order, from_status=before, to_status=to, note=why, actor=actor)
        return True

    orders.locked = lambda pk: Order.objects.get(pk=pk)
    orders.move = move


def unlocked_outbox() -> None:
    """The oldest row that is due is sent, whoever else is sending it."""
    from django.utils import timezone

    from core import outbox
    from core.models import Outbox

    def next_due() -> Outbox | None:
        due = Outbox.objects.filter(sent_at=None, next_try_at__lte=timezone.now())
        return due.order_by("next_try_at", "pk").first()

    outbox.next_due = next_due


GUARDS = {
    "conditional-update": Guard(
        "stock read, then written; no CHECK",
        read_then_hold,
        ("ALTER TABLE catalog_stock DROP CONSTRAINT stock_never_oversold",),
    ),
    "lock-order": Guard("lines locked in cart order", unsorted_lines),
    "one-form-one-order": Guard(
        "no session lock, form id not unique",
        shared_session,
        ("ALTER TABLE commerce_order DROP CONSTRAINT commerce_order_cart_attempt_key",),
    ),
    "session-lock": Guard("no session lock", shared_session),
    "coupon-lock": Guard("coupon row not locked", unlocked_coupon),
    "refund-lock": Guard("order row not locked", unlocked_refunds),
    "closed-first": Guard("hold ended by our own clock", local_clock),
    "outbox-lock": Guard("outbox row not locked", unlocked_outbox),
    "order-lock": Guard("order state read, then written", unlocked_orders),
}
