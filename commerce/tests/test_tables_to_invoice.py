"""Every row of the tables in docs/pricing.md as an order: what is ordered, charged by the gateway and invoiced is the
same to the smallest unit. That the amounts are right: test_pricing_tables.py."""

from decimal import Decimal

import pytest

from catalog.tests.factories import make_variant
from commerce.delivery import create_starting_rates
from commerce.documents.content import read_parts
from commerce.documents.issue import invoice_for
from commerce.models import DeliveryRate, Order, Status
from commerce.orders import fulfil, payment_page
from commerce.payments.stripe import to_units
from commerce.refusals import TooFine
from commerce.tests import tables
from commerce.tests.factories import make_coupon, make_delivery, make_order


def order_of(row, currency, things, method):
    """The order of a row's cart with its coupon, one variant for each line."""
    create_starting_rates()
    variants = [make_variant(price=str(thing.price), weight_grams=thing.grams) for thing in things]
    given, code = tables.coupon_in(row["coupon"]), ""
    if given:
        chosen = {} if given.position is None else {"scope": "chosen", "products": [variants[given.position].product]}
        value = None if given.value is None else str(given.value)
        code = make_coupon("TABLE", given.gives, value, minimum=given.minimum, **chosen).code
    units = {variant.pk: thing.quantity for variant, thing in zip(variants, things, strict=True)}
    return make_order(units, method=method, coupon=code)


def paid(order, gateway):
    """The order paid at the gateway, and what the gateway has charged: units of its own counting, 0 without a page."""
    if not order.total:
        return order, 0
    payment_page(order)
    session_id = order.attempts.get().session_id
    gateway.pay(session_id)
    return fulfil(session_id), gateway.api("GET", f"checkout/sessions/{session_id}")["amount_total"]


def check(order, gateway, total):
    """Order, charge and invoice say this total, and the invoice's parts add up to it."""
    order, charged = paid(order, gateway)
    assert order.status == Status.PAID
    assert order.total == total
    assert charged == to_units(order.grand_total)
    stated = invoice_for(order).content
    assert Decimal(stated["total"]) == total
    lines = sum(Decimal(line["gross"]) for line in stated["lines"])
    assert lines == Decimal(stated["goods"]) == order.goods_total
    assert lines + Decimal(stated["delivery"]["gross"]) + Decimal(stated["discount"]) == total
    parts = read_parts(stated)
    assert sum(part.gross.amount for part in parts) == total
    assert sum(part.tax.amount for part in parts) == Decimal(stated["tax"]) == order.tax_total
    assert Decimal(stated["net"]) + Decimal(stated["tax"]) == total
    return stated


@pytest.mark.parametrize("row", tables.rows("Coupons"), ids=lambda row: f"{row['cart']}, {row['coupon']}")
def test_coupons(shop, gateway, settings, row):
    settings.SHOP_CURRENCY, things = tables.cart_in(row["cart"])
    method = make_delivery(str(tables.first(row["delivery"])))
    if settings.SHOP_CURRENCY == "KWD":  # Stripe charges it in steps of 0.010
        with pytest.raises(TooFine):
            order_of(row, settings.SHOP_CURRENCY, things, method)
        assert not Order.objects.exists()
        return

    stated = check(order_of(row, settings.SHOP_CURRENCY, things, method), gateway, tables.first(row["total"]))

    assert Decimal(stated["tax"]) == tables.last(row["tax at 19 %"])
    assert Decimal(stated["discount"]) == -tables.first(row["discount, by line"])


@pytest.mark.parametrize(
    "row",
    [row for row in tables.rows("Delivery") if row["total"] != "not offered"],
    ids=lambda row: f"{row['cart']}, {row['coupon']}",
)
def test_delivery(shop, gateway, row):
    method = make_delivery("4.90", most_grams=31_500, free_from=60)
    method.rates = [DeliveryRate(over_grams=over, price=price) for over, price in ((2000, "6.90"), (5000, "9.90"))]
    method.save()
    currency, things = tables.cart_in(row["cart"])

    stated = check(order_of(row, currency, things, method), gateway, tables.first(row["total"]))

    assert Decimal(stated["delivery"]["gross"]) == tables.first(row["delivery"])
