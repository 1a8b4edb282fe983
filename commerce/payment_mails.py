"""Mails about orders that wait for their money, or waited in vain: in the order's language, sent through the outbox."""

from __future__ import annotations

from django.utils import translation
from django.utils.translation import gettext as _

from commerce.desk_mails import letter
from commerce.models import Order, Status
from commerce.transfers import due_of
from core import outbox
from core.mail import Letter, post
from core.models import Outbox


@outbox.handles("order_received")
def send_received(row: Outbox) -> None:
    """Once per order whose money comes later. Nothing, when it has come or ended meanwhile: another mail says so.

    Raises what the mail server's client raises.
    """
    order = Order.objects.prefetch_related("lines").get(pk=row.payload["order"])
    if order.status == Status.AWAITING_FUNDS:
        post(row, order.email, received_letter(order))


@outbox.handles("payment_failed")
def send_failed(row: Outbox) -> None:
    """Once per order whose money did not come. Raises what the mail server's client raises."""
    order = Order.objects.prefetch_related("lines").get(pk=row.payload["order"])
    if order.status in (Status.CANCELLED, Status.EXPIRED):  # money that came after all has a mail of its own
        post(row, order.email, failed_letter(order))


def received_letter(order: Order) -> Letter:
    """Thanks for an order that leaves when its money has come; how to transfer it, if that is still to be done."""
    with translation.override(order.language):
        subject = _("We have received your order %(number)s") % {"number": order.number}
        return letter(order, "order_received", subject, **shown(order), due=due_of(order))


def failed_letter(order: Order) -> Letter:
    """The payment did not come; the order can be placed again from its page."""
    with translation.override(order.language):
        subject = _("The payment for your order %(number)s did not arrive") % {"number": order.number}
        return letter(order, "payment_failed", subject, **shown(order))


def shown(order: Order) -> dict[str, object]:
    return {"lines": order.lines.all(), "totals": order.totals}
