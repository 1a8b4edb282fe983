"""The input for amounts of money."""

from decimal import Decimal

import pytest

from core.forms import AmountInput


@pytest.mark.parametrize(
    ("currency", "step", "kept", "shown"),
    [
        ("EUR", "0.01", Decimal("8.900"), "8.90"),
        ("EUR", "0.01", "8.9", "8.90"),
        ("EUR", "0.01", Decimal("1E+2"), "100.00"),
        ("JPY", "1", Decimal("890.000"), "890"),
        ("KWD", "0.001", Decimal("8.900"), "8.900"),
        ("EUR", "0.01", "8.905", "8.905"),
        ("EUR", "0.01", "eight", "eight"),
        ("EUR", "0.01", "NaN", "NaN"),
        ("EUR", "0.01", "9" * 40, "9" * 40),
        ("EUR", "0.01", "", None),
        ("EUR", "0.01", None, None),
    ],
)
def test_it_has_the_decimals_of_its_currency(currency, step, kept, shown):
    field = AmountInput(currency=currency)

    assert field.attrs["step"] == step
    assert field.format_value(kept) == shown


def test_without_another_it_is_the_currency_of_the_shop(settings):
    settings.SHOP_CURRENCY = "JPY"

    assert AmountInput().attrs["step"] == "1"
