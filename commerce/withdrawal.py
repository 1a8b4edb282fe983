"""The buyer cancels an order: until it is paid at once, and until the first parcel leaves by getting the money back."""

from __future__ import annotations

from uuid import uuid4

from django.db import transaction

from commerce import notes, orders, refunds, transfers
from commerce.models import Order, Refund, Status


class TooLate(Exception):
    """The order can no longer be cancelled by its buyer; it stands as it was."""


def possible(order: Order) -> bool:
    """Unpaid; or paid once, with nothing sent, and no refund ever asked for: one that failed is for staff to mend."""
    if unpaid(order):
        return True
    if order.status != Status.PAID or order.shipments.exists():
        return False
    return not order.refunds.exists() and len(refunds.payments(order)) == 1


def unpaid(order: Order) -> bool:
    """Nobody has paid, and no money is on its way that only the buyer's bank knows of."""
    return order.status == Status.PENDING or transfers.due_of(order) is not None


def withdraw(order: Order) -> None:
    """Cancels an unpaid order, or asks for the refund of a paid one, whose units go back on the shelf with it.

    Raises TooLate, also when the provider refuses the refund; Unreachable when an unpaid order's payment page cannot
    be closed now.
    """
    if unpaid(order):
        ending = orders.Ending(Status.CANCELLED, notes.of("cancelled_by_buyer"), mail="order_cancelled")
        if orders.give_up(order, ending).status != Status.CANCELLED:
            raise TooLate
        return
    if refunds.send(_ask_everything(order)).state == Refund.State.FAILED:
        raise TooLate


def _ask_everything(order: Order) -> Refund:
    """Under the order's lock: a parcel that is packed at this moment either keeps its units or is refused."""
    with transaction.atomic():
        order = orders.locked(order.pk)
        if unpaid(order) or not possible(order):
            raise TooLate
        (payment,) = refunds.payments(order)
        units = refunds.units_left(order)
        wish = refunds.Wish(
            uuid=uuid4(),
            payment=payment,
            amount=refunds.left_of(payment),
            units=units,
            restock=frozenset(units),
            delivery=True,
            reason=Refund.Reason.REQUESTED_BY_CUSTOMER,
            comment="cancelled by the buyer",
        )
        return refunds.ask(order, wish)
