"""Coupons in the admin: an editor writes, a moderator publishes, and nobody else changes one."""

from decimal import Decimal

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from catalog.tests.admin_forms import open_add, open_edit
from catalog.tests.factories import make_category, make_product
from commerce import orders
from commerce.models import Coupon, CouponUse, Scope
from commerce.tests.factories import make_coupon, make_order

pytestmark = pytest.mark.django_db


def signed_in(group):
    user = User.objects.create_user(f"person {group}", "person@example.com", "secret-for-tests")
    user.groups.add(Group.objects.get(name=group))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def editor():
    return signed_in("Editors")


@pytest.fixture
def moderator():
    return signed_in("Moderators")


def url(name, *args):
    return reverse(Coupon.snippet_viewset.get_url_name(name), args=args)


def written(client, **fields):
    """The answer to a filled-in new coupon."""
    form = open_add(client, Coupon)
    form.fields.update({"code": "tea10", "gives": "percent", "value": "10", **fields})
    return form.post()


def test_it_works(editor, moderator):
    assert written(editor, max_uses="5").status_code == 302
    draft = Coupon.objects.get()
    assert (draft.code, draft.live, draft.max_uses) == ("TEA10", False, 5)

    form = open_edit(editor, draft)
    assert form.post("submit").status_code == 302
    state = Coupon.objects.get().current_workflow_task_state
    moderator.post(url("workflow_action", draft.pk, "approve", state.pk), {"comment": ""})

    assert Coupon.objects.get().live


def test_an_editor_cannot_publish(editor):
    coupon = make_coupon("TEA10")
    form = open_edit(editor, coupon)
    form.fields["value"] = "90"

    form.post("publish")

    assert Coupon.objects.get().value == 10


@pytest.mark.parametrize("group", ["Shop managers", "Translators"])
def test_nobody_else_writes_one(group):
    client, coupon = signed_in(group), make_coupon("TEA10")

    for address in (url("add"), url("edit", coupon.pk), url("delete", coupon.pk)):
        client.post(address, {"code": "FREE", "gives": "percent", "value": "99", "action-publish": "1"})

    assert list(Coupon.objects.values_list("code", "value", "live")) == [("TEA10", Decimal(10), True)]


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"code": "Tea20"}, "There is a coupon with this code already"),
        ({"code": ""}, "This field is required."),
        ({"code": "10 %"}, "Please use letters from A to Z"),
        ({"code": "ΤΕΑ"}, "Please use letters from A to Z"),
        ({"value": ""}, "Please say how much; more than nothing."),
        ({"value": "101"}, "At most 100 %."),
        ({"value": "-5", "gives": "amount"}, "Please say how much; more than nothing."),
        ({"scope": "chosen"}, "Please choose at least one product, category or tag."),
        ({"starts_at": "2026-12-24 00:00", "ends_at": "2026-12-01 00:00"}, "This must be later than the beginning."),
        ({"max_uses": "0"}, "greater than or equal to 1"),
    ],
)
def test_a_clear_error_and_nothing_lost(editor, fields, text):
    make_coupon("TEA20")

    page = written(editor, note="For the fair", **fields)

    html = page.content.decode()
    assert text in html and "For the fair" in html
    assert Coupon.objects.count() == 1


def test_what_it_is_for_is_chosen(moderator):
    tea = make_category("Tea")
    cup, _bowl = make_product("Cup", tags=["gift"]), make_product("Bowl")
    form = open_add(moderator, Coupon)
    form.fields |= {"code": "GIFT", "gives": "percent", "value": "10", "scope": "chosen", "categories": [str(tea.pk)]}
    form.fields |= {"products-TOTAL_FORMS": "1", "products-0-product": str(cup.pk), "products-0-id": ""}

    form.post("publish")

    coupon = Coupon.objects.get()
    assert (coupon.scope, list(coupon.categories.all())) == (Scope.CHOSEN, [tea])
    assert [row.product for row in coupon.products.all()] == [cup]


def test_the_code_is_fixed_once_it_was_public(moderator):
    coupon = make_coupon("TEA10")
    form = open_edit(moderator, coupon)
    form.fields["code"] = "OTHER"
    form.fields["value"] = "20"

    form.post("publish")

    assert Coupon.objects.values_list("code", "value").get() == ("TEA10", 20)


def test_a_typed_code_can_be_put_right_before(editor):
    written(editor, code="TYPO")
    form = open_edit(editor, Coupon.objects.get())
    form.fields["code"] = "tea10"

    form.post()

    assert Coupon.objects.get().code == "TEA10"
    assert open_edit(editor, Coupon.objects.get()).fields["code"] == "TEA10"
    assert "There is a coupon with this code already" in written(editor, code="TEA10").content.decode()
    assert written(editor, code="TYPO").status_code == 302


def test_live_numbers_of_use(editor):
    coupon = make_coupon("TEA10", max_uses=10)
    orders.pay(make_order(coupon="TEA10"))
    make_order(coupon="TEA10")

    listed = editor.get(url("list")).content.decode()
    edited = editor.get(url("edit", coupon.pk)).content.decode()

    assert "1 of 10, 1 held" in listed
    for text in ("Used by 1 paid order ", "1 waiting for payment", "8 left", "€0.89 taken off so far"):
        assert text in edited


def test_the_list_takes_a_constant_number_of_queries(editor):
    make_coupon("ONE", max_uses=10).save_revision()
    editor.get(url("list"))
    with CaptureQueriesContext(connection) as few:
        editor.get(url("list"))
    for number in range(8):
        make_coupon(f"MORE{number}", "amount", "5", starts_at=timezone.now()).save_revision()
        make_order(coupon=f"MORE{number}")

    with CaptureQueriesContext(connection) as many:
        editor.get(url("list"))

    assert len(few) == len(many)


def test_a_used_coupon_is_not_deleted(moderator):
    coupon = make_coupon("TEA10")
    make_order(coupon="TEA10")

    page = moderator.post(url("delete", coupon.pk), follow=True)

    assert "cannot be deleted, because orders have used it" in page.content.decode()
    assert CouponUse.objects.count() == 1


def test_an_unused_one_is(moderator):
    coupon = make_coupon("TEA10")

    moderator.post(url("delete", coupon.pk))

    assert not Coupon.objects.exists()
