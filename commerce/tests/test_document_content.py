"""The arithmetic of invoices and credit notes: the parts are the whole, to the smallest unit, in every currency."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from commerce.documents.content import CreditLine, DoesNotAddUp, TaxPart, parts_of, sums_content, take_back
from commerce.pricing import Coupon, Gives, Line, price_cart
from core.money import Money

CURRENCIES = {"JPY": 0, "EUR": 2, "KWD": 3}
RATES = [Decimal(rate) for rate in ("0", "5.5", "7", "19")]


def money(text, currency="EUR"):
    return Money(Decimal(text), currency)


@st.composite
def carts(draw):
    currency = draw(st.sampled_from(list(CURRENCIES)))
    amounts = st.integers(0, 500_000).map(lambda units: Money.from_minor_units(units, currency))
    lines = draw(st.lists(st.tuples(amounts, st.integers(1, 40), st.sampled_from(RATES)), min_size=1, max_size=8))
    coupons = st.builds(Coupon, st.sampled_from(Gives), st.integers(0, 100).map(Decimal))
    return price_cart(
        [Line(number, unit, quantity, rate) for number, (unit, quantity, rate) in enumerate(lines)],
        currency,
        draw(amounts),
        draw(st.none() | coupons),
    )


@given(carts())
def test_an_invoice_states_exactly_what_the_order_costs(totals):
    currency = totals.total.currency
    said = sums_content(parts_of(totals), currency)

    assert money(said["total"], currency).minor_units() == totals.total.minor_units()
    assert money(said["tax"], currency) == totals.tax
    assert sum(Decimal(row["gross"]) for row in said["taxes"]) == totals.total.amount
    assert sum(Decimal(row["tax"]) for row in said["taxes"]) == totals.tax.amount
    for row in said["taxes"]:
        assert Decimal(row["net"]) + Decimal(row["tax"]) == Decimal(row["gross"])
        assert len(row["gross"].partition(".")[2]) == CURRENCIES[currency]
    stated = {Decimal(row["rate"]): Decimal(row["tax"]) for row in said["taxes"] if Decimal(row["tax"])}
    assert stated == {rate: tax.amount for rate, tax in totals.taxes if tax}


def cart(*lines, coupon=None, delivery="4.90", currency="EUR"):
    """(unit, quantity) at 19 %."""
    lines = [Line(n, money(unit, currency), quantity, Decimal(19)) for n, (unit, quantity) in enumerate(lines)]
    return price_cart(lines, currency, money(delivery, currency), coupon)


def percent(value, **more):
    return Coupon(Gives.PERCENT, Decimal(value), **more)


def off(value):
    return Coupon(Gives.AMOUNT, Decimal(value))


# The worked table of docs/pricing.md.
TABLE = [
    (cart(("11.90", 2), ("8.90", 1), coupon=percent(10)), "34.33", "5.48"),
    (cart(*[("3.33", 1)] * 3, coupon=off("1.00")), "13.89", "2.22"),
    (cart(("11.90", 1), ("8.90", 1), coupon=percent(50, variants=frozenset({1}))), "21.25", "3.39"),
    (cart(("8.90", 1), coupon=off("20.00")), "4.90", "0.78"),
    (cart(("8.90", 1), coupon=Coupon(Gives.FREE_DELIVERY)), "8.90", "1.42"),
    (cart(("8.90", 1), coupon=percent(10, minimum=money("20.00"))), "13.80", "2.20"),
    (cart(("8.90", 1), coupon=percent(100), delivery="0"), "0.00", "0.00"),
    (cart(*[("333", 1)] * 3, coupon=percent(10), delivery="0", currency="JPY"), "899", "144"),
    (cart(*[("3.333", 1)] * 3, coupon=off("1.000"), delivery="0", currency="KWD"), "8.999", "1.437"),
]


@pytest.mark.parametrize(("totals", "total", "tax"), TABLE)
def test_the_worked_table(totals, total, tax):
    said = sums_content(parts_of(totals), totals.total.currency)

    assert (said["total"], said["tax"]) == (total, tax)


def test_what_does_not_add_up_is_not_stated():
    totals = cart(("8.90", 1))

    with pytest.raises(DoesNotAddUp, match="the total"):
        parts_of(replace(totals, total=money("13.81")))
    with pytest.raises(DoesNotAddUp, match="the tax contained"):
        parts_of(replace(totals, tax=money("2.21")))


@given(carts(), st.data())
def test_an_invoice_taken_back_in_steps_leaves_nothing(totals, data):
    assume(totals.total.minor_units() > 0)
    invoice = left = parts_of(totals)
    currency, taken = totals.total.currency, []
    while rest := sum(part.gross.minor_units() for part in left):
        step = data.draw(st.integers(1, rest)) if len(taken) < 4 else rest
        credit = take_back(Money.from_minor_units(step, currency), [], left)
        assert sum(part.gross.minor_units() for part in credit) == step
        assert all(part.tax <= part.gross and part.tax.amount >= 0 for part in credit)
        by_rate = {part.rate: part for part in credit}
        left = [
            TaxPart(part.rate, part.gross - by_rate[part.rate].gross, part.tax - by_rate[part.rate].tax)
            if part.rate in by_rate
            else part
            for part in left
        ]
        assert all(part.gross.amount >= 0 and part.tax.amount >= 0 for part in left)
        taken.extend(credit)

    nothing = Money(Decimal(0), currency)
    for part in invoice:
        mine = [credit for credit in taken if credit.rate == part.rate]
        assert sum((credit.gross for credit in mine), nothing) == part.gross
        if part.gross:
            assert sum((credit.tax for credit in mine), nothing) == part.tax


LEFT = [
    TaxPart(Decimal(19), money("53.40"), money("8.52")),
    TaxPart(Decimal(7), money("35.70"), money("2.34")),
]


def test_named_lines_come_first_and_the_rest_is_spread():
    credit = take_back(money("20.00"), [CreditLine("Sencha", money("11.90"), Decimal(7), 1)], LEFT)

    assert credit == [
        TaxPart(Decimal(19), money("5.60"), money("0.89")),
        TaxPart(Decimal(7), money("14.40"), money("0.94")),
    ]


@pytest.mark.parametrize(
    ("amount", "lines", "why"),
    [
        ("89.11", [], "more would be given back"),
        ("40.00", [CreditLine("Sencha", money("35.71"), Decimal(7))], "more would be given back"),
        ("5.00", [CreditLine("Sencha", money("11.90"), Decimal(7))], "more than the amount"),
        ("5.00", [CreditLine("Book", money("5.00"), Decimal(5))], "nothing was sold at 5 % tax"),
    ],
)
def test_no_more_is_taken_back_than_was_charged(amount, lines, why):
    with pytest.raises(ValueError, match=why):
        take_back(money(amount), lines, LEFT)
