from decimal import Decimal
from random import Random

import pytest

from commerce.pricing import Line, contained_tax, price_cart
from core.money import Money

RATES = ["0", "5.5", "7", "19"]


def euro(amount):
    return Money(Decimal(amount), "EUR")


def line(unit, quantity=1, rate="19"):
    return Line(1, euro(unit), quantity, Decimal(rate))


def test_it_works():
    totals = price_cart([line("11.90", 2), line("8.90", 1, "7")], "EUR", euro("4.90"))

    assert totals.goods == euro("32.70")
    assert totals.delivery == euro("4.90")
    assert totals.total == euro("37.60")
    assert totals.taxes == ((Decimal("19"), euro("4.58")), (Decimal("7"), euro("0.58")))
    assert totals.tax == euro("5.16")


@pytest.mark.parametrize(
    ("gross", "rate", "tax"),
    [
        ("11.90", "19", "1.90"),
        ("0.01", "19", "0.00"),
        ("0.03", "20", "0.01"),  # 0.005: half up
        ("100.00", "0", "0.00"),
        ("9.99", "5.5", "0.52"),
    ],
)
def test_contained_tax_rounds_half_up(gross, rate, tax):
    assert contained_tax(euro(gross), Decimal(rate)) == euro(tax)


def test_tax_is_rounded_per_line_not_on_the_sum():
    totals = price_cart([line("0.03", 1, "20"), line("0.03", 1, "20")], "EUR")

    assert totals.tax == euro("0.02")  # 0.06 at once would contain 0.01


def test_delivery_carries_the_highest_rate_of_the_goods():
    totals = price_cart([line("8.90", 1, "7")], "EUR", euro("4.90"))

    assert totals.delivery_rate == 7
    assert totals.delivery_tax == euro("0.32")


def test_an_untaxed_cart_shows_no_tax_line():
    totals = price_cart([line("8.90", 1, "0")], "EUR", euro("4.90"))

    assert totals.taxes == ()
    assert totals.tax == euro("0")


def test_an_empty_cart_costs_nothing():
    totals = price_cart([], "EUR")

    assert str(totals.total.amount) == "0.00"


def test_a_currency_without_decimals_has_none():
    totals = price_cart([Line(1, Money(Decimal("1234"), "JPY"), 3, Decimal("10"))], "JPY")

    assert str(totals.total.amount) == "3702"
    assert str(totals.tax.amount) == "337"


@pytest.mark.parametrize("quantity", [0, -1])
def test_a_line_needs_units(quantity):
    with pytest.raises(ValueError, match="at least one"):
        price_cart([line("1.00", quantity)], "EUR")


def test_two_currencies_do_not_add_up():
    with pytest.raises(ValueError, match="cannot combine"):
        price_cart([line("1.00")], "EUR", Money(Decimal(1), "USD"))


def test_parts_add_up_for_any_cart():
    random = Random(20)
    for _cart in range(500):
        lines = [
            line(
                Decimal(random.randrange(1, 99999)) / 100,
                random.randrange(1, 99),
                random.choice(["0", "5.5", "7", "19"]),
            )
            for _line in range(random.randrange(1, 20))
        ]
        totals = price_cart(lines, "EUR", euro(random.choice(["0", "3.95"])))

        assert totals.total == totals.goods + totals.delivery
        assert totals.goods == sum((entry.total for entry in totals.lines), euro(0))
        assert totals.tax == sum((amount for _rate, amount in totals.taxes), euro(0))
        assert euro(0) <= totals.tax <= totals.total
