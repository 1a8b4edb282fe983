"""The audit is quiet about a shop that is in order, and names each kind of disorder."""

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from catalog.models import Stock, StockMove
from commerce import orders
from commerce.audit import audit
from commerce.models import (
    Coupon,
    CouponUse,
    DocumentCounter,
    Order,
    OrderEvent,
    Refund,
    Shipment,
    ShipmentLine,
    Status,
    Transfer,
)
from commerce.payments import TRANSFER
from commerce.tests.factories import make_coupon, make_order
from core.models import Outbox

pytestmark = pytest.mark.django_db


def broken_rules():
    return {row["rule"] for row in audit()["violations"]}


def test_it_works():
    make_coupon(max_uses=5)
    pending, expired = make_order(coupon="TEA10"), make_order(coupon="TEA10")
    expired.attempts.update(closed_at=timezone.now())
    orders.end(expired, orders.NOT_PAID)

    out = StringIO()
    call_command("audit", "--json", stdout=out)

    found = json.loads(out.getvalue())
    assert found["violations"] == []
    assert found["orders"] == {"pending": 1, "expired": 1}
    stock = {row["sku"]: row for row in found["stock"]}
    assert stock[pending.lines.get().sku]["reserved"] == 1
    assert stock[expired.lines.get().sku]["reserved"] == 0
    assert found["coupons"] == [{"code": "TEA10", "taken": 1, "released": 1, "max_uses": 5}]


def test_a_violation_is_an_error():
    make_order()
    Stock.objects.update(on_hand=99)

    out = StringIO()
    with pytest.raises(SystemExit) as end:
        call_command("audit", stdout=out)

    assert end.value.code == 1
    assert "VIOLATION ledger-explains-stock" in out.getvalue()


def lose_the_hold(order):
    StockMove.objects.filter(reference=order.reference).delete()
    Stock.objects.update(reserved=0)


def pay_without_an_invoice(order):
    orders.pay(order)
    assert broken_rules() == set()  # the worker is about to write it
    Outbox.objects.filter(kind="invoice").delete()


def refund_too_much(order):
    payment = order.attempts.get()
    order.attempts.update(paid_amount="1.00", paid_currency="EUR")
    Refund.objects.create(order=order, payment=payment, amount="1.01", currency="EUR")


def count_a_receipt_twice(order):
    transfer = Transfer.objects.create(
        id="bt_1", request={}, amount=5, currency="EUR", received=10, due_at=timezone.now()
    )
    transfer.receipts.create(amount=5, order_was=order.status)
    order.attempts.update(provider=TRANSFER, session_id="bt_1", paid_amount=10, paid_currency="EUR")


def send_too_much(order):
    parcel = Shipment.objects.create(order=order, number=1)
    ShipmentLine.objects.create(shipment=parcel, line=order.lines.get(), quantity=9)


@pytest.mark.parametrize(
    ("harm", "rule"),
    [
        (lose_the_hold, "units-match-the-state"),
        (lambda order: Order.objects.update(status=Status.EXPIRED), "units-match-the-state"),
        (lambda order: Order.objects.update(status=Status.PAID), "units-match-the-state"),
        (lambda order: Order.objects.update(status=Status.PAID), "paid-orders-know-when"),
        (lambda order: order.lines.update(quantity=2, line_total=2 * order.lines.get().unit_price), "lines-add-up"),
        (lambda order: OrderEvent.objects.all().delete(), "last-event-tells-the-state"),
        (lambda order: pay_without_an_invoice(order), "sales-have-an-invoice"),
        (lambda order: DocumentCounter.objects.create(kind="invoice", year=2026, last=1), "documents-have-no-gaps"),
        (lambda order: refund_too_much(order), "refunds-stay-below-payments"),
        (lambda order: CouponUse.objects.all().delete(), "coupons-are-counted"),
        (lambda order: CouponUse.objects.update(released_at=timezone.now()), "coupons-are-counted"),
        (lambda order: Coupon.objects.update(max_uses=0), "coupons-are-counted"),
        (count_a_receipt_twice, "receipts-are-counted"),
        (lambda order: order.attempts.update(provider=TRANSFER, paid_amount=1), "receipts-are-counted"),
        (send_too_much, "no-more-sent-than-bought"),
    ],
)
def test_each_rule_can_be_broken(harm, rule):
    make_coupon()
    order = make_order(coupon="TEA10")
    assert broken_rules() == set()

    harm(order)

    assert rule in broken_rules()


def test_the_backlog_of_the_outbox():
    before = audit()["outbox"]
    Outbox.objects.create(kind="x", key="x", error="no answer")

    assert audit()["outbox"]["waiting"] == before["waiting"] + 1
    assert audit()["outbox"]["failing"] == before["failing"] + 1


def test_the_number_of_queries_does_not_grow(django_assert_num_queries):
    for _number in range(3):
        make_order()

    with django_assert_num_queries(18):
        audit()
