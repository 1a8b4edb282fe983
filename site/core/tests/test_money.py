from decimal import Decimal

import pytest
from django.utils.translation import override

from core.money import Money


def test_it_works():
    assert Money(Decimal("8.90"), "EUR") + Money(Decimal("1.10"), "EUR") == Money(Decimal("10.00"), "EUR")


@pytest.mark.parametrize(
    ("amount", "currency", "units"),
    [("8.90", "EUR", 890), ("1200", "JPY", 1200), ("1.234", "KWD", 1234), ("0.01", "USD", 1)],
)
def test_minor_units_follow_the_currency(amount, currency, units):
    money = Money(Decimal(amount), currency)

    assert money.minor_units() == units
    assert Money.from_minor_units(units, currency.lower()) == money


def test_a_fraction_of_a_cent_is_refused():
    with pytest.raises(ValueError, match="fraction"):
        Money(Decimal("8.905"), "EUR").minor_units()


def test_rounding_is_half_up():
    assert Money(Decimal("2.345"), "EUR").rounded().amount == Decimal("2.35")
    assert Money(Decimal("2.5"), "JPY").rounded().amount == Decimal("3")


def test_currencies_do_not_mix():
    with pytest.raises(ValueError, match="cannot combine"):
        Money(Decimal(1), "EUR") + Money(Decimal(1), "USD")


def test_shown_in_the_locale_of_the_shopper():
    with override("de"):
        assert str(Money(Decimal("1234.5"), "EUR")) == "1.234,50\xa0€"
