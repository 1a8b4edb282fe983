"""The calendar: everything that happens by the clock, on its day, for who may edit it."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from blog.sending import cancel, plan
from blog.tests.factories import make_issue
from catalog.models import Product
from catalog.tests.factories import make_product
from commerce.tests.factories import make_coupon
from editorial import calendar
from editorial.calendar import Kind
from editorial.months import month_sheet

pytestmark = pytest.mark.django_db
BERLIN = ZoneInfo("Europe/Berlin")
ALL = ["en", "de", "ar"]


@pytest.fixture
def mona(person):
    return person("mona", "Moderators")


def in_days(number):
    return timezone.now() + timedelta(days=number)


def test_it_works(mona, signed_in):
    new = make_product("New", languages=ALL, live=False)
    new.go_live_at = in_days(1)
    new.save_revision().publish()
    old = make_product("Old", languages=ALL)
    Product.objects.filter(pk=old.pk).update(expire_at=in_days(2))
    sale = {"sale_price": "5.00", "sale_from": in_days(3), "sale_until": in_days(4)}
    make_product("Cheap", languages=ALL, variants=[{"sku": "C-1", **sale}, {"sku": "C-2", **sale}])

    found = calendar.events(mona, timezone.now(), in_days(10))

    assert [(event.kind, event.name, event.detail) for event in found] == [
        (Kind.GO_LIVE, "New", ""),
        (Kind.EXPIRE, "Old", ""),
        (Kind.SALE_START, "Cheap", "C-1, C-2"),
        (Kind.SALE_END, "Cheap", "C-1, C-2"),
    ]
    html = signed_in(mona).get(f"/admin/desk/calendar/?month={in_days(1):%Y-%m}").content.decode()
    assert "New" in html
    assert "Europe/Berlin" in html


def test_windows_of_live_coupons(mona):
    make_coupon("TEA10", starts_at=in_days(1), ends_at=in_days(3))
    make_coupon("DRAFT", starts_at=in_days(1), live=False)

    found = calendar.events(mona, timezone.now(), in_days(10))

    assert [(event.kind, event.name) for event in found] == [
        (Kind.COUPON_START, "TEA10"),
        (Kind.COUPON_END, "TEA10"),
    ]
    assert "/coupon/edit/" in found[0].url


def test_who_may_not_edit_sees_nothing(person, signed_in):
    make_product("Cheap", variants=[{"sale_price": "5.00", "sale_until": in_days(4)}])
    max_ = person("max", "Shop managers")

    assert calendar.events(max_, timezone.now(), in_days(10)) == []
    assert signed_in(max_).get("/admin/desk/calendar/").status_code == 200


@pytest.mark.parametrize("month", ["2026-13", "nonsense", "0001-01", "9999-12", ""])
def test_a_strange_month_is_this_month(mona, signed_in, month):
    response = signed_in(mona).get("/admin/desk/calendar/", {"month": month})

    assert response.status_code == 200


def test_an_event_stands_on_its_day_in_the_shops_time_zone():
    late = datetime(2026, 11, 30, 23, 30, tzinfo=ZoneInfo("UTC"))

    sheet = month_sheet(2026, 12, 0, [late], lambda when: when.astimezone(BERLIN).date())

    assert [day.date.isoformat() for week in sheet for day in week if day.items] == ["2026-12-01"]


def test_a_date_in_the_past_and_an_expiry_before_the_start_are_refused(mona, signed_in):
    from catalog.tests.admin_forms import open_edit

    tea = make_product("Sencha", languages=ALL)
    for fields in ({"go_live_at": in_days(2), "expire_at": in_days(1)}, {"expire_at": in_days(-1)}):
        form = open_edit(signed_in(mona), tea)
        form.fields |= {name: timezone.localtime(when).strftime("%Y-%m-%d %H:%M") for name, when in fields.items()}
        assert form.post("publish").status_code == 200
    assert not Product.objects.get(pk=tea.pk).scheduled_revision


def test_a_planned_newsletter_stands_on_its_day(mona):
    issue = make_issue()
    make_issue("de", like=issue)
    plan(issue.translation_key, issue.subject, in_days(2), mona)

    (event,) = calendar.events(mona, timezone.now(), in_days(10))

    assert (event.kind, event.name) == (Kind.SEND, issue.title)
    assert set(event.detail.split(", ")) == {"EN", "DE"}
    cancel(issue.translation_key)
    assert calendar.events(mona, timezone.now(), in_days(10)) == []
