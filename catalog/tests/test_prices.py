from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from catalog.models import Variant
from catalog.prices import variant_price

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def on_sale(**window):
    return Variant(sku="X", price=Decimal("10.00"), sale_price=Decimal("8.00"), **window)


def test_it_works():
    price = variant_price(Variant(sku="X", price=Decimal("8.9")), NOON)

    assert str(price.now.amount) == "8.90"
    assert not price.on_sale


@pytest.mark.parametrize(
    ("window", "amount"),
    [
        ({}, "8.00"),
        ({"sale_from": NOON}, "8.00"),
        ({"sale_from": NOON + HOUR}, "10.00"),
        ({"sale_until": NOON}, "10.00"),
        ({"sale_until": NOON + HOUR}, "8.00"),
        ({"sale_from": NOON - 2 * HOUR, "sale_until": NOON - HOUR}, "10.00"),
    ],
)
def test_the_sale_price_counts_from_its_start_until_before_its_end(window, amount):
    price = variant_price(on_sale(**window), NOON)

    assert str(price.now.amount) == amount
    assert price.on_sale == (amount == "8.00")


def test_a_sale_price_above_the_price_is_no_sale():
    variant = Variant(sku="X", price=Decimal("8.00"), sale_price=Decimal("9.00"))

    assert str(variant_price(variant, NOON).now.amount) == "8.00"
