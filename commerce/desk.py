"""What staff do with an order: notes, cancelling, sending a mail again. States change in orders.py alone.

Every form of the order screen carries `seen`, the screen's version; who acts on an outdated screen is told, and
nothing happens.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from commerce import orders
from commerce.models import Order, OrderEvent, Status


class Outdated(Exception):
    """Somebody or something changed the order after the screen was opened. Nothing was done."""


class NotPossible(Exception):
    """The order cannot go this way from where it is (now). Nothing was done."""


@dataclass(frozen=True)
class Move:
    """One thing that can be done with an order now. `key`: the address's last word; `consequence`: one sentence."""

    key: str
    label: str | Promise
    consequence: str | Promise
    serious: bool = False


CANCEL = Move(
    "cancel",
    _("Cancel the order"),
    _("The payment page is closed, what is held goes back on the shelf, and the buyer cannot pay any more."),
    serious=True,
)

MOVES: dict[str, tuple[Move, ...]] = {
    Status.PENDING: (CANCEL,),
}


def moves(order: Order) -> tuple[Move, ...]:
    """The legal next steps of the order, the most likely one first."""
    return MOVES.get(order.status, ())


def move_named(order: Order, key: str) -> Move:
    """Raises NotPossible unless the order can go this way now."""
    for move in moves(order):
        if move.key == key:
            return move
    raise NotPossible


def version(order: Order) -> int:
    """The number of the newest event: every change of an order, and every note, writes one."""
    newest = OrderEvent.objects.filter(order=order).order_by("-pk").values_list("pk", flat=True).first()
    return newest or 0


def check_seen(order: Order, seen: int) -> None:
    """Raises Outdated when the order has changed since."""
    if version(order) != seen:
        raise Outdated


def add_note(order: Order, text: str, actor: User) -> None:
    with transaction.atomic():
        orders.note(orders.locked(order.pk), text, actor)


def cancel(order: Order, actor: User, seen: int) -> None:
    """Ends an unpaid order: first its payment pages, then its hold.

    Raises Outdated, NotPossible (also when the buyer was faster and paid), Unreachable (the hold stays).
    """
    order.refresh_from_db()
    check_seen(order, seen)
    move_named(order, CANCEL.key)
    ended = orders.give_up(order, orders.Ending(Status.CANCELLED, "cancelled by the shop", actor))
    if ended.status != Status.CANCELLED:
        raise NotPossible
