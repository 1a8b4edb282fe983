"""Delivery by weight and sum, in all currencies, as properties."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.pricing import Coupon, Gives, Line, Why, explain, price_cart
from commerce.tariff import Band, Tariff, missing, quote
from core.money import Money

CURRENCIES = ["JPY", "EUR", "KWD"]
grams, units = st.integers(0, 60_000), st.integers(0, 9_999_999)


def euro(amount):
    return Money(Decimal(amount), "EUR")


@st.composite
def tariffs(draw, currency=None):
    currency = currency or draw(st.sampled_from(CURRENCIES))
    money = units.map(lambda number: Money.from_minor_units(number, currency))
    starts = draw(st.sets(st.integers(1, 50_000), max_size=6))
    bands = [Band(over, draw(money)) for over in draw(st.permutations(sorted({0, *starts})))]
    return Tariff(tuple(bands), draw(st.none() | grams), draw(st.none() | money)), currency


@given(tariffs(), grams, units)
def test_every_weight_that_is_carried_has_one_price(case, weight, paid):
    tariff, currency = case
    goods = Money.from_minor_units(paid, currency)
    if not tariff.carries(weight):
        with pytest.raises(ValueError, match="not carried"):
            quote(tariff, weight, goods)
        return

    found = quote(tariff, weight, goods)

    fitting = [
        band
        for band in tariff.bands
        if (weight > band.over or not band.over) and not any(band.over < other.over < weight for other in tariff.bands)
    ]
    assert [found.listed] == [band.price for band in fitting]
    assert found.over < weight or weight == found.over == 0
    assert found.up_to is None or weight <= found.up_to
    assert found.price in (found.listed, found.listed * 0)
    assert found.is_free is (tariff.free_from is not None and goods.amount >= tariff.free_from.amount)


@given(tariffs(), grams, units, units)
def test_more_goods_of_the_same_weight_never_make_delivery_dearer(case, weight, one, other):
    tariff, currency = case
    less, more = (Money.from_minor_units(number, currency) for number in sorted((one, other)))
    if tariff.carries(weight):
        assert quote(tariff, weight, more).price <= quote(tariff, weight, less).price


@given(tariffs(), units)
def test_what_is_missing_makes_it_free_and_one_unit_less_does_not(case, paid):
    tariff, currency = case
    goods = Money.from_minor_units(paid, currency)
    more = missing(tariff, goods)
    free_of_weight = Tariff(tariff.bands, None, tariff.free_from)
    if more is None:
        assert tariff.free_from is None or quote(free_of_weight, 0, goods).is_free
        return

    assert more.minor_units() > 0
    assert quote(free_of_weight, 0, goods + more).is_free
    assert not quote(free_of_weight, 0, goods + more - Money.from_minor_units(1, currency)).is_free


@st.composite
def carts(draw):
    tariff, currency = draw(tariffs())
    money = units.map(lambda number: Money.from_minor_units(number, currency))
    lines = [
        Line(number, draw(money), draw(st.integers(1, 9)), draw(st.sampled_from([Decimal(0), Decimal(19)])), weight)
        for number, weight in enumerate(draw(st.lists(st.integers(0, 2000), min_size=1, max_size=5)))
    ]
    gives = draw(st.sampled_from(Gives))
    coupon = Coupon(gives, draw(st.decimals(0, 100, places=2)))
    return lines, currency, Tariff(tariff.bands, None, tariff.free_from), draw(st.sampled_from([None, coupon]))


@given(carts())
def test_every_cent_of_delivery_is_explained(case):
    lines, currency, tariff, coupon = case
    totals = price_cart(*case)
    steps = list(explain(totals))

    assert sum(step.amount.amount for step in steps if not step.is_tax) == totals.total.amount
    assert sum(step.amount.amount for step in steps if step.is_tax) == totals.tax.amount
    assert totals.total == totals.goods + totals.delivery - totals.discount
    assert 0 <= totals.delivery_paid.amount <= totals.quote.listed.amount
    assert totals.quote.grams == sum(line.grams * line.quantity for line in lines)
    assert totals.goods_paid == price_cart(lines, currency, None, coupon).total
    free = [step for step in steps if step.why is Why.DELIVERY_FREE]
    assert bool(free) is (totals.quote.is_free and bool(totals.quote.listed))


def test_no_weight_is_less_than_none():
    with pytest.raises(ValueError, match="not carried"):
        quote(Tariff((Band(0, euro(5)),)), -1, euro(1))


def test_free_from_in_another_currency_is_an_error():
    with pytest.raises(ValueError, match="cannot combine"):
        quote(Tariff((Band(0, euro(5)),), free_from=Money(Decimal(1), "USD")), 1, euro(1))
