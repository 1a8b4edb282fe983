"""The sales overview: what is counted on which day, who may see it, and how it is drawn."""

import csv
import doctest
import io
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.utils import timezone
from wagtail.users.models import UserProfile

from catalog.tests.factories import make_product, make_variant
from commerce import cart as carts
from commerce import orders, visits
from commerce.models import DailyCount, Order, Refund
from commerce.overview import chart, views
from commerce.overview.figures import figures
from commerce.overview.period import Period, PeriodForm, natural_step, today
from commerce.tests.factories import BUYER, make_coupon, make_order, make_session

PAGE = "/admin/sales/"
MAY = Period(date(2026, 5, 1), date(2026, 5, 31))


@pytest.fixture
def clerk(db):
    user = User.objects.create_user("clerk", password="secret")
    user.groups.add(Group.objects.get(name="Shop managers"))
    return user


@pytest.fixture
def manager(client, clerk):
    client.force_login(clerk)
    return client


def paid(moment=None, units=None, **wish):
    order = make_order(units, **wish)
    orders.pay(order)
    if moment:
        Order.objects.filter(pk=order.pk).update(placed_at=moment, paid_at=moment)
    return order


def refund(order, amount, moment):
    payment = order.attempts.first() or order.attempts.create(request={}, expires_at=moment)
    return Refund.objects.create(
        order=order, payment=payment, amount=Decimal(amount), currency="EUR", state="succeeded", settled_at=moment
    )


def at(*moment):
    return datetime(*moment, tzinfo=UTC)


def test_it_works(manager):
    paid()

    page = manager.get(PAGE)

    assert page.context["figures"].now.orders == 1
    html = page.content.decode()
    assert "€13.80" in html
    assert '<svg class="sales-chart"' in html and '<title id="revenue-title">' in html


def test_an_order_counts_on_the_day_it_was_paid_by_the_clock_of_the_shop(db):
    paid(at(2026, 5, 3, 22, 30))  # half past midnight in Berlin
    steps = {step.start: step for step in figures(MAY).steps}

    assert steps[date(2026, 5, 4)].orders == 1
    assert steps[date(2026, 5, 3)].orders == 0
    assert len(steps) == 31


def test_refunds_are_taken_off_on_their_own_day(db):
    order = paid(at(2026, 5, 3, 12))
    refund(order, "3.80", at(2026, 5, 20, 12))
    failed = refund(order, "1.00", at(2026, 5, 20, 12))
    Refund.objects.filter(pk=failed.pk).update(state="failed")
    found = figures(MAY)
    steps = {step.start: step for step in found.steps}

    assert str(found.now.revenue) == "€10.00"
    assert steps[date(2026, 5, 3)].revenue == Decimal("13.80")
    assert steps[date(2026, 5, 20)].revenue == Decimal("-3.80")


def test_the_period_before_has_as_many_days(db):
    paid(at(2026, 4, 30, 12))
    paid(at(2026, 3, 30, 12))  # 31 days before May are all of April and the last day of March
    found = figures(MAY)

    assert MAY.before.first == date(2026, 3, 31)
    assert (found.now.orders, found.before.orders) == (0, 1)
    assert [step.start for step in found.steps if step.earlier] == [date(2026, 5, 31)]


def test_unpaid_orders_are_no_revenue_but_part_of_the_funnel(db):
    make_order()
    paid()
    DailyCount.objects.create(day=today(), kind=visits.CART, number=8)
    found = figures(Period(today(), today()))

    assert found.now.orders == 1
    assert vars(found.funnel) == {"carts": 8, "placed": 2, "paid": 1}


def test_sellers_coupons_countries_and_languages(db):
    tea, cup = make_product("Tea", variants=[{"sku": "TEA-1", "price": "10"}]), make_product("Cup")
    make_coupon("TEA10")
    paid(units={tea.variants.get().pk: 3}, coupon="TEA10", language="de")
    paid(units={cup.variants.get().pk: 1}, buyer=type(BUYER)(**{**vars(BUYER), "country": "AT"}))
    found = figures(Period(today(), today()))

    assert [(row.name, row.number, str(row.amount)) for row in found.sellers][0] == ("Tea", 3, "€27.00")
    assert [(row.name, row.number, str(row.off)) for row in found.coupons] == [("TEA10", 1, "€3.00")]
    assert {(row.name, row.number) for row in found.countries} == {("Germany", 1), ("Austria", 1)}
    assert {(row.name, row.number) for row in found.languages} == {("German", 1), ("English", 1)}


def twice_paid(moment):
    order = paid(moment)
    values = {"request": {}, "expires_at": moment, "paid_amount": order.total, "paid_currency": "EUR"}
    order.attempts.update(paid_amount=order.total, paid_currency="EUR")
    order.attempts.create(number=2, payment_id="pi_2", **values)
    return order


def test_money_that_came_twice_is_no_revenue_and_its_return_no_loss(db):
    order = twice_paid(at(2026, 5, 4))
    refund(order, "10.00", at(2026, 5, 5))
    refund(order, "5.80", at(2026, 5, 6))  # the rest of the second payment, and two euros of the first

    found = figures(MAY)

    assert (found.now.taken.amount, found.now.refunded.amount) == (Decimal("13.80"), Decimal("2.00"))
    by_day = {step.start.day: step.refunded for step in found.steps if step.refunded}
    assert by_day == {6: Decimal("2.00")}


def test_money_of_an_order_that_was_never_sold_is_no_loss(db):
    order = make_order()
    order.attempts.update(paid_amount="5.00", paid_currency="EUR")
    orders.move(order, "needs_attention")
    refund(order, "5.00", at(2026, 5, 5))

    assert figures(MAY).now.refunded.amount == 0


def test_constant_queries(manager, django_assert_num_queries):
    manager.get(PAGE)
    for _number in range(3):
        paid(units={make_product(variants=[{}]).variants.get().pk: 1})

    with django_assert_num_queries(20):
        manager.get(PAGE, {"period": "365"})


def test_only_those_who_may(client, clerk):
    assert client.get(PAGE).status_code == 302
    editor = User.objects.create_user("editor", password="secret")
    editor.groups.add(Group.objects.get(name="Editors"))
    client.force_login(editor)

    for address in (PAGE, f"{PAGE}data.csv"):
        assert client.get(address).headers["Location"] == "/admin/"  # with Wagtail's words that it is not allowed
    assert "Sales overview" not in client.get("/admin/").content.decode()
    editor.user_permissions.add(Permission.objects.get(codename="view_sales"))
    assert client.get(PAGE).status_code == 200


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"period": "own"}, "Please choose a first day."),
        ({"period": "own", "first": "2026-05-02", "last": "2026-05-01"}, "must not lie before"),
        ({"period": "own", "first": "2001-01-01", "last": "2026-05-01"}, "at most three years"),
        ({"period": "own", "first": "9999-12-31"}, "must not lie before"),
        ({"period": "own", "first": "soon"}, "valid date"),
        ({"period": "-1"}, "Select a valid choice"),
    ],
)
def test_a_period_that_is_none_is_told_and_the_last_30_days_are_shown(manager, asked, error):
    page = manager.get(PAGE, asked)

    assert error in page.content.decode()
    assert page.context["figures"].period.days == 30


def test_own_days(manager):
    page = manager.get(PAGE, {"period": "own", "first": "2026-01-15", "last": "2026-03-10", "step": "month"})

    steps = [step.start for step in page.context["figures"].steps]
    assert steps == [date(2026, 1, 15), date(2026, 2, 1), date(2026, 3, 1)]
    assert Period(date(2026, 5, 1), date(2026, 5, 10), "week").buckets == [
        date(2026, 5, 1), date(2026, 5, 4)
    ]  # fmt: skip


def test_the_file_says_the_same_in_every_language(manager, clerk):
    UserProfile.objects.create(user=clerk, preferred_language="de")
    paid(units={make_product("=1+1", variants=[{"sku": "X-1"}]).variants.get().pk: 1})

    answer = manager.get(f"{PAGE}data.csv", {"period": "7"})

    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    day = next(row for row in rows if row["table"] == "day" and row["orders"] == "1")
    assert (day["key"], day["revenue"], day["currency"]) == (today().isoformat(), "13.80", "EUR")
    assert next(row for row in rows if row["table"] == "product")["name"] == "'=1+1 de"


def test_arabic_reads_from_the_right(manager, clerk):
    paid()
    left = manager.get(PAGE).context["revenue"]
    UserProfile.objects.create(user=clerk, preferred_language="ar")
    right = manager.get(PAGE).context["revenue"]

    assert left.bars[0].x < left.bars[-1].x
    assert right.bars[0].x > right.bars[-1].x


def test_a_plot_with_more_going_back_than_coming_in():
    drawn = chart.columns([10.0, -5.0], [], ["a", "b"], ["a", "b"])

    assert drawn.bars[0].y + drawn.bars[0].height == pytest.approx(drawn.baseline)
    assert drawn.bars[1].y == drawn.baseline
    assert all(0 <= bar.y <= chart.HEIGHT and bar.height >= 0 for bar in drawn.bars)


def test_examples():
    for module in (chart, views):
        assert doctest.testmod(module).failed == 0
    assert [natural_step(days) for days in (7, 30, 90, 365)] == ["day", "day", "week", "month"]
    assert PeriodForm({}).chosen() == Period(today() - timedelta(days=29), today(), "day")


def test_a_cart_is_counted_when_it_begins(db, django_capture_on_commit_callbacks):
    first, second = make_variant(), make_variant()
    session = make_session({})
    session.create()
    with django_capture_on_commit_callbacks(execute=True):
        for variant in (first, first, second):
            carts.add(session, variant.pk, 1)

    assert visits.counted(visits.CART, today(), today()) == 1
    with django_capture_on_commit_callbacks(execute=True):
        visits.count(visits.CART)
    assert visits.counted(visits.CART, today(), today() + timedelta(days=1)) == 2
    assert visits.first_day() == timezone.localdate(timezone=timezone.get_default_timezone())
