"""What commerce keeps of a person: orders with everything about them. Invoices stay when the rest is erased."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.forms.models import model_to_dict
from django.utils.translation import gettext as _

from commerce.erasure import OPEN, anonymise, messages_about
from commerce.models import Dispute, Order, Refund, Status
from commerce.querysets import OrderQuerySet
from commerce.refunds import UNANSWERED, left_of, payments
from commerce.transfers import receipts
from core.models import Outbox
from core.people import Part, StillOpen, Told, register


def orders_of(email: str) -> OrderQuerySet:
    return Order.objects.filter(email__iexact=email)


def tell(email: str) -> Told:
    parts = ("lines", "events", "attempts", "refunds", "shipments", "documents", "disputes")
    orders = orders_of(email).select_related("coupon_use__coupon").prefetch_related(*parts)
    return {"orders": [told(order) for order in orders]}


def told(order: Order) -> Told:
    """One order with all that belongs to it, in plain values."""
    use = getattr(order, "coupon_use", None)
    mails = Outbox.objects.filter(payload__order=order.pk).order_by("created_at")
    return {
        **facts(order, "delivery_method"),
        "number": order.number,
        "lines": [facts(line, "order", "variant") for line in order.lines.all()],
        "history": [
            {"at": event.created_at, "from": event.from_status, "to": event.to_status, "note": event.note}
            for event in order.events.all()
        ],
        "payments": [facts(attempt, "order") for attempt in order.attempts.all()],
        "receipts": [
            {**facts(row, "actor", "transfer", "order_was"), "recorded_at": row.recorded_at} for row in receipts(order)
        ],
        "payment_messages": list(messages_about(Order.objects.filter(pk=order.pk)).values("id", "type", "payload")),
        "refunds": [facts(refund, "order", "payment", "actor") for refund in order.refunds.all()],
        "parcels": [
            {**facts(parcel, "order", "actor"), "shipped_at": parcel.shipped_at} for parcel in order.shipments.all()
        ],
        "disputes": [facts(dispute, "order") for dispute in order.disputes.all()],
        "documents": [
            {"number": paper.number, "issued_on": paper.issued_on, "content": paper.content}
            for paper in order.documents.all()
        ],
        "coupon": {"code": use.coupon.code, "taken_at": use.taken_at, "released_at": use.released_at} if use else None,
        "mails": [{"kind": row.kind, "created_at": row.created_at, "sent_at": row.sent_at} for row in mails],
    }


def facts(row: Any, *but: str) -> Told:
    """The row's own columns."""
    return model_to_dict(row, exclude=("id", *but))


def objections(email: str) -> list[str]:
    """An order is open while money, goods or a paper of it are on their way."""
    orders = orders_of(email)
    found = []
    kept = (order for order in orders.filter(status=Status.CANCELLED) if any(map(left_of, payments(order))))
    for order in (*orders.filter(status__in=OPEN), *kept):
        words = {"number": order.number, "status": order.get_status_display()}
        found.append(_("Order %(number)s is not finished: %(status)s.") % words)
    for order in orders.to_pack():
        found.append(_("Order %(number)s is still to be sent.") % {"number": order.number})
    for refund in Refund.objects.filter(order__in=orders, state__in=UNANSWERED).select_related("order"):
        found.append(_("A refund of order %(number)s is on its way.") % {"number": refund.order.number})
    for dispute in Dispute.objects.open().filter(order__in=orders).select_related("order"):
        found.append(_("The payment of order %(number)s is disputed.") % {"number": dispute.order.number})
    for order in orders.filter(pk__in=waiting_papers(orders)):
        found.append(_("A mail or an invoice of order %(number)s has still to leave.") % {"number": order.number})
    return found


def waiting_papers(orders: QuerySet[Order]) -> list[int]:
    pks = list(orders.values_list("pk", flat=True))
    waiting = Outbox.objects.filter(sent_at=None, payload__order__in=pks)
    return [payload["order"] for payload in waiting.values_list("payload", flat=True)]


def erase(email: str) -> dict[str, int]:
    """Orders stay without their buyer: books need their amounts. Raises StillOpen."""
    pks = list(orders_of(email).select_for_update().values_list("pk", flat=True))
    if reasons := objections(email):  # asked again: now nothing can happen to them meanwhile
        raise StillOpen(reasons)
    anonymise(pks)
    return {"orders": len(pks)}


register(Part(tell, erase, objections))
