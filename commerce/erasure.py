"""Orders without their buyer: what remains is what was sold, for how much, and to which country.

Invoices and credit notes are not touched: they are kept as the law asks, and PostgreSQL refuses to change them. Nothing
of an order that is open may be erased: see people.py for who asks, retention.py for what happens by itself.
"""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import F, Q, QuerySet
from django.db.models.functions import JSONObject
from django.utils import timezone

from commerce.models import CouponUse, Order, OrderEvent, PaymentAttempt, Refund, Shipment, Status, WebhookEvent
from commerce.payments import STRIPE
from core.models import Outbox

# Columns of an order that tell who the buyer is, and what stands there afterwards.
PERSONAL = {
    "email": "",
    "name": "",
    "phone": "",
    "company": "",
    "vat_id": "",
    "address": {},
    "note": "",
    "wants_newsletter": False,
}
OPEN = (Status.PENDING, Status.AWAITING_FUNDS, Status.NEEDS_ATTENTION, Status.PAID_UNFULFILLABLE)


def anonymise(pks: Collection[int]) -> None:
    """Takes the buyer out of these orders and out of everything beside them. Within a transaction."""
    orders = Order.objects.filter(pk__in=pks)
    blank_messages(orders)
    orders.update(**PERSONAL, erased_at=timezone.now())
    # Of a request to Stripe its deadline is still asked for; the rest named the buyer. Transfers name the shop only.
    deadline = JSONObject(expires_at=F("request__expires_at"))
    attempts = PaymentAttempt.objects.filter(order__in=pks)
    attempts.filter(provider=STRIPE).update(request=deadline, url="", error="")
    Refund.objects.filter(order__in=pks).update(comment="")
    Shipment.objects.filter(order__in=pks).update(tracking_code="", tracking_url="")
    OrderEvent.objects.filter(order__in=pks, actor__isnull=False).update(note="", code="", facts={})
    Outbox.objects.filter(payload__order__in=list(pks)).update(error="")
    CouponUse.objects.filter(order__in=pks, released_at__isnull=False).update(customer="")


def messages_about(orders: QuerySet[Order]) -> QuerySet[WebhookEvent]:
    """The payment provider's messages that speak of these orders, by their name or by that of a payment."""
    references = [str(uuid) for uuid in orders.values_list("uuid", flat=True)]
    payments = list(
        PaymentAttempt.objects.filter(order__in=orders).exclude(payment_id="").values_list("payment_id", flat=True)
    )
    named = Q(payload__data__object__client_reference_id__in=references)
    named |= Q(payload__data__object__metadata__order__in=references)
    return WebhookEvent.objects.filter(
        named | Q(payload__data__object__payment_intent__in=payments) | Q(payload__data__object__id__in=payments)
    )


def blank_messages(orders: QuerySet[Order]) -> None:
    """That they came stays; what they said was about the buyer."""
    messages_about(orders).update(payload={})
