"""Every row of the tables in docs/pricing.md, computed."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from commerce.delivery import tax_rates
from commerce.models import TaxRate
from commerce.pricing import Coupon, Gives, Line, contained_tax, explain, price_cart, weight
from commerce.tariff import Band, Tariff
from commerce.tests import tables
from core.money import Money


def euro(amount):
    return Money(Decimal(amount), "EUR")


PARCEL = Tariff(
    (Band(0, euro("4.90")), Band(2000, euro("6.90")), Band(5000, euro("9.90"))), most=31_500, free_from=euro(60)
)


def lines_of(things, currency="EUR"):
    return [
        Line(number, Money(thing.price, currency), thing.quantity, Decimal(19), thing.grams)
        for number, thing in enumerate(things)
    ]


def coupon_of(given, currency="EUR"):
    if given is None:
        return None
    minimum = None if given.minimum is None else Money(given.minimum, currency)
    variants = None if given.position is None else frozenset([given.position])
    return Coupon(Gives(given.gives), given.value or Decimal(0), minimum, variants)


def test_no_table_lost_its_rows():
    assert [len(tables.rows(name)) for name in ("Coupons", "Delivery", "Tax rates and days")] == [9, 14, 7]


@pytest.mark.parametrize("row", tables.rows("Coupons"), ids=lambda row: f"{row['cart']}, {row['coupon']}")
def test_coupons(row):
    currency, things = tables.cart_in(row["cart"])
    coupon = coupon_of(tables.coupon_in(row["coupon"]), currency)

    totals = price_cart(lines_of(things, currency), currency, Money(tables.first(row["delivery"]), currency), coupon)

    assert totals.goods.amount == tables.first(row["goods"])
    assert totals.discount.amount == tables.first(row["discount, by line"])
    if "=" in row["discount, by line"]:
        assert [entry.discount.amount for entry in totals.lines] == tables.parts(row["discount, by line"])
    assert (totals.delivery_discount == totals.discount) is (
        "of delivery" in row["discount, by line"] or not totals.discount
    )
    assert totals.total.amount == tables.first(row["total"])
    assert totals.tax.amount == tables.last(row["tax at 19 %"])
    if " + " in row["tax at 19 %"]:
        taxes = [entry.tax.amount for entry in totals.lines if entry.paid] + [totals.delivery_tax.amount]
        written = tables.parts(row["tax at 19 %"])
        assert taxes[: len(written)] == written or [Decimal(0), *taxes] == written


@pytest.mark.parametrize("row", tables.rows("Delivery"), ids=lambda row: f"{row['cart']}, {row['coupon']}")
def test_delivery(row):
    _currency, things = tables.cart_in(row["cart"])
    lines, coupon = lines_of(things), coupon_of(tables.coupon_in(row["coupon"]))
    assert weight(lines) == tables.first(row["weight"])
    assert price_cart(lines, "EUR", None, coupon).goods_paid.amount == tables.first(row["goods paid"])
    if row["total"] == "not offered":
        assert row["delivery"] == "not carried"
        assert not PARCEL.carries(weight(lines))
        with pytest.raises(ValueError, match="not carried"):
            price_cart(lines, "EUR", PARCEL, coupon)
        return

    totals = price_cart(lines, "EUR", PARCEL, coupon)

    assert totals.delivery.amount == tables.first(row["delivery"])
    assert totals.delivery_discount == (totals.delivery if " - " in row["delivery"] else euro(0))
    assert totals.total.amount == tables.first(row["total"])
    assert sum(step.amount.amount for step in explain(totals) if not step.is_tax) == totals.total.amount


@pytest.mark.parametrize("row", tables.rows("Tax rates and days"), ids=lambda row: " ".join(row.values()))
def test_the_rate_of_the_day(db, monkeypatch, settings, row):
    for rate, begins in ((19, date(2000, 1, 1)), (16, date(2027, 7, 1)), (19, date(2028, 1, 1))):
        TaxRate.objects.create(country="DE", tax_class="standard", rate=rate, valid_from=begins)
    zone = UTC if row["by the clock of"] == "UTC" else ZoneInfo(settings.TIME_ZONE)
    moment = datetime.fromisoformat(row["ordered at"]).replace(tzinfo=zone)
    monkeypatch.setattr(timezone, "now", lambda: moment)

    rate = tax_rates("DE")["standard"]
    with timezone.override("Asia/Tokyo"):  # where it is tomorrow already: the reader's zone is none of the shop's
        assert tax_rates("DE")["standard"] == rate

    assert rate == tables.first(row["rate"])
    assert contained_tax(euro("11.90"), rate).amount == tables.first(row["tax in 11.90"])
