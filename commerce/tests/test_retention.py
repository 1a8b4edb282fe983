"""Orders lose their buyer when their time is over; invoices, and orders that are not done, never do."""

from datetime import timedelta

import pytest
from django.utils import timezone

from commerce import orders
from commerce.documents import issue
from commerce.erasure import PERSONAL
from commerce.models import Order, PaymentAttempt, Status, WebhookEvent
from commerce.tests.factories import make_order
from core import retention

pytestmark = pytest.mark.django_db

# Columns of an order that do not tell who the buyer is. A new column belongs here, or into erasure.PERSONAL.
IMPERSONAL = {
    "id", "uuid", "token", "number", "cart_attempt", "status", "language", "country", "currency", "goods_total",
    "delivery_method", "delivery_name", "delivery_gross", "delivery_tax_rate", "delivery_tax", "coupon_code",
    "delivery_basis",
    "discount", "delivery_discount", "min_days", "max_days", "tax_total", "total", "placed_at", "expires_at", "paid_at",
    "erased_at",
}  # fmt: skip


def expired(days):
    order = make_order()
    order.attempts.update(closed_at=timezone.now())
    orders.end(order, orders.NOT_PAID)
    return aged(order, days)


def aged(order, days):
    Order.objects.filter(pk=order.pk).update(placed_at=timezone.now() - timedelta(days=days))
    order.refresh_from_db()
    return order


def test_it_works():
    old, young = expired(31), expired(29)
    WebhookEvent.objects.create(
        pk="evt_1",
        type="checkout.session.expired",
        created=timezone.now(),
        payload={"data": {"object": {"client_reference_id": old.reference, "customer_email": old.email}}},
    )

    assert retention.forget()["unpaid-orders"] == 1

    old.refresh_from_db()
    young.refresh_from_db()
    assert {name: getattr(old, name) for name in PERSONAL} == PERSONAL
    assert old.erased_at is not None
    assert (young.email, young.erased_at) == ("mina@example.org", None)
    assert list(old.attempts.get().request) == ["expires_at"]
    assert WebhookEvent.objects.get().payload == {}
    assert old.total == young.total
    assert retention.forget()["unpaid-orders"] == 0


def test_every_column_of_an_order_is_personal_or_not():
    assert {field.name for field in Order._meta.concrete_fields} == IMPERSONAL | set(PERSONAL)


@pytest.mark.parametrize("status", [Status.PENDING, Status.AWAITING_FUNDS, Status.NEEDS_ATTENTION, Status.PAID])
def test_what_is_not_over_is_kept(status):
    order = aged(make_order(), 4000)
    Order.objects.update(status=status)

    done = retention.forget()

    assert done["unpaid-orders"] == 0
    order.refresh_from_db()
    assert (order.erased_at is None) is (status != Status.PAID)


def test_an_ended_order_that_was_paid_is_kept_as_long_as_the_others():
    order = expired(31)
    PaymentAttempt.objects.update(paid_amount=order.total, paid_currency="EUR")

    assert retention.forget()["unpaid-orders"] == 0

    aged(order, 3651)
    assert retention.forget()["finished-orders"] == 1


def test_an_invoice_outlives_its_order_s_buyer(shop):
    order = make_order()
    orders.pay(order)
    invoice = issue.invoice_for(order)
    aged(order, 3651)

    retention.forget()

    order.refresh_from_db()
    invoice.refresh_from_db()
    assert order.email == ""
    assert invoice.content["buyer"]["email"] == "mina@example.org"
    assert "Mina Berg" in invoice.content["buyer"]["address"]


def test_old_payment_messages_are_forgotten():
    for number, days in enumerate((91, 1)):
        event = WebhookEvent.objects.create(pk=f"evt_{number}", type="x", created=timezone.now(), payload={})
        WebhookEvent.objects.filter(pk=event.pk).update(received_at=timezone.now() - timedelta(days=days))

    assert retention.forget()["payment-messages"] == 1
    assert WebhookEvent.objects.get().pk == "evt_1"
