"""Mails about what staff do with an order: a parcel left, an order was cancelled. In the order's language."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from commerce import shipping
from commerce.models import Order, Shipment, Status
from core import outbox
from core.mail import Letter, post, write
from core.models import Outbox


@outbox.handles("order_shipped")
def send_shipped(row: Outbox) -> None:
    """Once per parcel. Raises what the mail server's client raises."""
    shipment = Shipment.objects.select_related("order").get(pk=row.payload["shipment"])
    post(row, shipment.order.email, shipped_letter(shipment.order, shipping.contents_of(shipment)))


@outbox.handles("order_cancelled")
def send_cancelled(row: Outbox) -> None:
    """Once per order. Raises what the mail server's client raises."""
    order = Order.objects.get(pk=row.payload["order"])
    post(row, order.email, cancelled_letter(order))


def shipped_letter(order: Order, contents: shipping.Contents) -> Letter:
    """The mail about a parcel: what is in it, how to follow it, and whether more will come."""
    with translation.override(order.language):
        subject = _("A parcel of your order %(number)s is on its way") % {"number": order.number}
        return letter(order, "order_shipped", subject, parcel=contents.parcel, lines=contents.lines, rest=contents.rest)


def cancelled_letter(order: Order) -> Letter:
    """The mail about an order that is not carried out. It claims nothing about money that was never charged."""
    with translation.override(order.language):
        subject = _("Your order %(number)s is cancelled") % {"number": order.number}
        return letter(order, "order_cancelled", subject, was_paid=money_came(order))


def money_came(order: Order) -> bool:
    """Something was charged at some time, be it the right amount or not."""
    charged = (Status.AWAITING_FUNDS, Status.PAID, Status.NEEDS_ATTENTION, Status.PAID_UNFULFILLABLE)
    return order.events.filter(to_status__in=charged).exists()


def letter(order: Order, template: str, subject: str, **more: Any) -> Letter:
    """In the active language."""
    url = settings.BASE_URL + order.get_absolute_url()
    return write(subject, template, {"order": order, "order_url": url, **more})
