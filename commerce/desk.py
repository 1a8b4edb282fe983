"""What staff do with an order: notes, cancelling, sending a mail again. States change in orders.py alone.

Every form of the order screen carries `seen`, the screen's version; who acts on an outdated screen is told, and
nothing happens.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from catalog import stock
from commerce import coupons, notes, orders, refunds, shipping, transfers
from commerce.mails import NAMES
from commerce.models import Order, OrderEvent, Shipment, Status
from core import outbox
from core.models import Outbox
from core.money import Money


class Outdated(Exception):
    """Somebody or something changed the order after the screen was opened. Nothing was done."""


class NotPossible(Exception):
    """The order cannot go this way from where it is (now). Nothing was done."""


@dataclass(frozen=True)
class Move:
    """One thing that can be done with an order now. `key`: the address's last word; `consequence`: one sentence.

    `permission`: who may.
    """

    key: str
    label: str | Promise
    consequence: str | Promise
    serious: bool = False
    permission: str = "commerce.handle_order"


SHIP = Move(
    "ship",
    _("Send a parcel"),
    _("The buyer gets a mail about this parcel; with the last unit the order counts as shipped."),
)
CANCEL = Move(
    "cancel",
    _("Cancel the order"),
    _("The payment page is closed, what is held goes back on the shelf, and the buyer, who gets a mail, cannot pay."),
    serious=True,
)
ACCEPT = Move(
    "accept",
    _("Accept the payment"),
    _("The order counts as paid, its units are sold, and the buyer gets the confirmation. Look at the payment first."),
)
DISMISS = Move(
    "cancel",
    _("Cancel the order"),
    _("What is held goes back on the shelf, and the buyer gets a mail. Money that has come is not sent back by this."),
    serious=True,
)
TAKE_AGAIN = Move(
    "accept",
    _("Take the stock again"),
    _("If the units are there again, they are sold to this order, and the buyer gets the confirmation."),
)

RECEIVE = Move(
    "receive",
    _("Record a bank transfer"),
    _(
        "When the whole amount has come, the order counts as paid. A quarter of an hour later the invoice is issued "
        "and the buyer gets the confirmation; until then the receipt can be taken back."
    ),
    permission="commerce.receive_transfer",
)

MOVES: dict[str, tuple[Move, ...]] = {
    Status.PENDING: (CANCEL,),
    Status.PAID: (SHIP,),
    Status.PART_REFUNDED: (SHIP,),
    Status.NEEDS_ATTENTION: (ACCEPT, DISMISS),
    Status.PAID_UNFULFILLABLE: (TAKE_AGAIN,),
}

# What to do with an order that is stuck, for the person who looks at it.
ADVICE: dict[str, Promise] = {
    Status.NEEDS_ATTENTION: _(
        "A payment does not fit this order; the last note in the timeline says how. Compare it with the payment at the "
        "provider: accept it if it is good, else give the money back and cancel the order."
    ),
    Status.PAID_UNFULFILLABLE: _(
        "The buyer paid after the units had gone to somebody else. Take the stock again if there is new stock, else "
        "give the money back and write to the buyer."
    ),
}


def moves(order: Order) -> tuple[Move, ...]:
    """The legal next steps of the order, the most likely one first."""
    legal = MOVES.get(order.status, ())
    if SHIP in legal and not shipping.remaining(order):
        legal = tuple(move for move in legal if move is not SHIP)
    if order.status in ADVICE and order.refunds.filter(state__in=refunds.UNANSWERED).exists():
        legal = tuple(move for move in legal if move.key != ACCEPT.key)  # goods must not leave for money that goes back
    if transfers.receivable(order):
        legal = (RECEIVE, *legal)
    if order.status == Status.AWAITING_FUNDS and transfers.due_of(order):
        legal = (*legal, CANCEL)
    return legal


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
    ended = orders.give_up(
        order, orders.Ending(Status.CANCELLED, notes.of("cancelled_by_shop"), actor, mail="order_cancelled")
    )
    if ended.status != Status.CANCELLED:
        raise NotPossible


def accept(order_id: int, actor: User, seen: int) -> None:
    """Takes a doubtful payment as good, or stock again for one that came too late.

    Raises Outdated, NotPossible, stock.OutOfStock; then nothing was written.
    """
    with transaction.atomic():
        order = orders.locked(order_id)
        check_seen(order, seen)
        move_named(order, ACCEPT.key)
        if not stock.held(order.reference):
            take_coupon_again(order)
            stock.hold([(line.variant_id, line.quantity) for line in order.lines.all()], order.reference)
        if not orders.pay(order, notes.of("accepted"), actor):
            raise NotPossible


def receive(order_id: int, amount: Money, actor: User, seen: int) -> Order:
    """Money came by bank transfer. Returns the order as it is then: paid, or waiting for somebody to look at it.

    Raises Outdated, NotPossible; then nothing was written.
    """
    with transaction.atomic():
        order = orders.locked(order_id)
        check_seen(order, seen)
        move_named(order, RECEIVE.key)
        return transfers.receive(order, amount, actor)


def take_back(order_id: int, receipt_id: int, actor: User, seen: int) -> Order:
    """A receipt was a mistake. Returns the order as it is then.

    Raises Outdated, NotPossible, transfers.Final; then nothing was written.
    """
    with transaction.atomic():
        order = orders.locked(order_id)
        check_seen(order, seen)
        try:
            return transfers.take_back(order, receipt_id, actor)
        except transfers.NotNow as error:
            raise NotPossible from error


def take_coupon_again(order: Order) -> None:
    try:
        coupons.take_again(order)
    except coupons.Refused as reason:
        raise NotPossible from reason


def ship(order_id: int, parcel: shipping.Parcel, actor: User, seen: int) -> Shipment:
    """A parcel leaves. Raises Outdated, NotPossible, shipping.TooMany, shipping.Empty; then nothing was written."""
    with transaction.atomic():
        order = orders.locked(order_id)
        check_seen(order, seen)
        move_named(order, SHIP.key)
        shipment = shipping.send(order, parcel, actor)
    outbox.hurry(f"invoice:{order.uuid}")  # its payment cannot be taken back any more, so that nothing waits for that
    return shipment


def send_again(order_id: int, mail_id: int, actor: User, seen: int) -> None:
    """Puts a mail into the outbox once more; one that has not left yet is only tried now.

    Raises Outdated; Outbox.DoesNotExist unless it is a mail about this order.
    """
    with transaction.atomic():
        order = orders.locked(order_id)
        check_seen(order, seen)
        mail = Outbox.objects.select_for_update().get(pk=mail_id, payload__order=order.pk, kind__in=NAMES)
        if mail.sent_at is None:
            Outbox.objects.filter(pk=mail.pk).update(next_try_at=timezone.now())
            transaction.on_commit(outbox.nudge)
        else:
            copies = Outbox.objects.filter(payload__order=order.pk, kind=mail.kind).count()
            outbox.put(mail.kind, f"{mail.kind}:{order.uuid}:copy:{copies}", mail.payload)
        orders.note(order, notes.of("mail_again", kind=mail.kind), actor)
