from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.pricing import Coupon, Gives, Line, Unmet, contained_tax, explain, price_cart, split, unmet
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


def coupon(gives, value="0", **fields):
    return Coupon(Gives(gives), Decimal(value), **fields)


def cart(*units, currency="EUR", rate="19"):
    """Lines of variants 1, 2, 3…, each one unit unless given as (unit price, quantity)."""
    pairs = [unit if isinstance(unit, tuple) else (unit, 1) for unit in units]
    return [
        Line(number, Money(Decimal(unit), currency), quantity, Decimal(rate))
        for number, (unit, quantity) in enumerate(pairs, start=1)
    ]


def amounts(*values):
    return [Decimal(value) for value in values]


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (coupon("percent", "10"), None),
        (coupon("percent", "10", variants=frozenset([9])), Unmet.GOODS),
        (coupon("free_delivery", variants=frozenset([9])), Unmet.GOODS),
        (coupon("amount", "5", minimum=euro("20.80")), None),
        (coupon("amount", "5", minimum=euro("20.81")), Unmet.MINIMUM),
        (coupon("amount", "5", minimum=euro("11.90"), variants=frozenset([1])), None),
        (coupon("amount", "5", minimum=euro("11.90"), variants=frozenset([2])), Unmet.MINIMUM),
    ],
)
def test_why_a_coupon_takes_nothing_off(given, why):
    lines = cart("11.90", "8.90")

    assert unmet(given, lines) == why
    assert bool(price_cart(lines, "EUR", euro("4.90"), given).discount) is (why is None)


def test_a_minimum_in_another_currency_is_no_minimum():
    with pytest.raises(ValueError, match="cannot combine"):
        price_cart(cart("8.90"), "EUR", None, coupon("amount", "5", minimum=Money(Decimal(1), "USD")))


CURRENCIES = {"JPY": 0, "EUR": 2, "KWD": 3}
units = st.integers(0, 9_999_999)


@st.composite
def priced(draw):
    """(lines, currency, delivery, coupon or None), in currencies of 0, 2 and 3 decimals."""
    currency = draw(st.sampled_from(list(CURRENCIES)))

    def money(smallest_units):
        return Money.from_minor_units(smallest_units, currency)

    rates = st.sampled_from(amounts(*RATES))
    lines = [
        Line(number, money(draw(units)), draw(st.integers(1, 99)), draw(rates))
        for number in range(draw(st.integers(1, 12)))
    ]
    value = draw(st.decimals(0, 100, places=2) | st.decimals(0, 99999, places=3))
    gives = draw(st.sampled_from(Gives))
    given_coupon = Coupon(
        gives,
        min(value, Decimal(100)) if gives is Gives.PERCENT else value,
        draw(st.none() | units.map(money)),
        draw(st.none() | st.frozensets(st.integers(0, 14))),
    )
    return lines, currency, money(draw(units)), draw(st.sampled_from([None, given_coupon]))


def plus(moneys, currency):
    return sum(moneys, Money(Decimal(0), currency))


@given(priced())
def test_parts_add_up_for_any_cart(case):
    lines, currency, delivery, given_coupon = case
    totals = price_cart(lines, currency, delivery, given_coupon)

    assert totals.goods == plus((entry.total for entry in totals.lines), currency)
    assert totals.total == totals.goods + totals.delivery - totals.discount
    assert totals.discount == plus((entry.discount for entry in totals.lines), currency) + totals.delivery_discount
    assert totals.tax == plus((tax for _rate, tax in totals.taxes), currency)
    for entry in totals.lines:
        assert 0 <= entry.discount.amount <= entry.total.amount
        assert 0 <= entry.tax.amount <= entry.paid.amount
    assert 0 <= totals.delivery_discount.amount <= totals.delivery.amount
    assert 0 <= totals.tax.amount <= totals.total.amount
    assert totals.total.minor_units() >= 0  # no fraction of the smallest unit


@given(priced())
def test_every_cent_is_explained(case):
    totals = price_cart(*case)
    steps = list(explain(totals))

    assert plus((step.amount for step in steps if not step.is_tax), case[1]) == totals.total
    assert plus((step.amount for step in steps if step.is_tax), case[1]) == totals.tax


@given(st.sampled_from(list(CURRENCIES)), units, st.lists(units, min_size=1, max_size=20))
def test_a_split_is_exact_and_fair(currency, amount, weights):
    wanted = Money.from_minor_units(amount, currency)
    shares = split(wanted, [Money.from_minor_units(weight, currency) for weight in weights])

    whole = sum(weights)
    assert sum(share.minor_units() for share in shares) == (amount if whole else 0)
    for share, weight in zip(shares, weights, strict=True):
        assert whole == 0 or amount * weight // whole <= share.minor_units() <= amount * weight // whole + 1
        assert amount > whole or share.minor_units() <= weight


@given(priced())
def test_a_coupon_never_costs_anything(case):
    lines, currency, delivery, given_coupon = case
    without = price_cart(lines, currency, delivery)

    assert price_cart(lines, currency, delivery, given_coupon).total <= without.total
