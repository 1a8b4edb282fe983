"""Orders in currencies without, with two and with three decimals, charged and refunded over HTTP."""

from decimal import Decimal
from uuid import uuid4

import pytest

from catalog.tests.factories import make_variant
from commerce import orders, refunds
from commerce.models import Status
from commerce.payments.stripe import from_units, to_units
from commerce.refusals import TooFine
from commerce.tests.factories import make_delivery, make_order
from core.money import Money


@pytest.mark.parametrize(
    ("amount", "currency", "units"),
    [
        ("12.34", "EUR", 1234),
        ("1234", "JPY", 1234),
        ("1234", "ISK", 123400),
        ("5000", "UGX", 500000),
        ("1.230", "KWD", 1230),
    ],
)
def test_units_are_counted_as_stripe_counts_them(amount, currency, units):
    money = Money(Decimal(amount), currency)

    assert to_units(money) == units
    assert from_units(units, currency.lower()) == money


@pytest.mark.parametrize(
    ("currency", "price", "delivery"), [("JPY", "1980", "500"), ("ISK", "1490", "900"), ("KWD", "3.330", "1.250")]
)
def test_an_order_is_paid_and_refunded_to_the_unit(db, gateway, settings, currency, price, delivery):
    settings.SHOP_CURRENCY = currency
    order = make_order({make_variant(price=price).pk: 2}, method=make_delivery(delivery))
    total = 2 * Decimal(price) + Decimal(delivery)
    assert order.grand_total == Money(total, currency)

    orders.payment_page(order)
    session_id = order.attempts.get().session_id
    gateway.pay(session_id)

    assert orders.fulfil(session_id).status == Status.PAID
    assert gateway.api("GET", f"checkout/sessions/{session_id}")["amount_total"] == to_units(order.grand_total)
    payment = order.attempts.get()
    assert payment.paid == order.grand_total
    refund = refunds.send(refunds.ask(order, refunds.Wish(uuid4(), payment, Money(Decimal(delivery), currency))))
    assert (refund.state, refunds.left_of(payment)) == ("succeeded", Money(2 * Decimal(price), currency))


@pytest.mark.parametrize(("price", "delivery"), [("3.335", "1.250"), ("3.330", "1.255")])
def test_what_the_provider_cannot_express_is_said_before_anything_is_written(db, settings, price, delivery):
    settings.SHOP_CURRENCY = "KWD"

    with pytest.raises(TooFine):
        make_order({make_variant(price=price).pk: 1}, method=make_delivery(delivery))
