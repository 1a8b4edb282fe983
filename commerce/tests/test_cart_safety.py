"""The lines of the security checklist that cart and checkout must hold, each test named after its line."""

import json

import pytest
from django.contrib.auth.models import User
from django.test import Client

from catalog.models import Variant
from catalog.tests.admin_forms import open_form
from catalog.tests.factories import make_variant
from commerce.models import Order
from commerce.tests.factories import checkout_form, make_coupon, stock_of
from commerce.tests.visits import CHECKOUT, browser, put, said, send

CART, ADD, UPDATE, RESTORE = "/en/cart/", "/en/cart/add/", "/en/cart/update/", "/en/cart/restore/"
COUPON = "/en/cart/coupon/"
PASSWORD = "leaf-and-kiln"


# S8: guessing


def test_s8_the_eleventh_guess_of_a_code_within_a_minute_has_to_wait(visitor):
    make_coupon("TEA10")
    put(visitor, make_variant())
    answers = [visitor.post(COUPON, {"code": f"GUESS{number}"}).status_code for number in range(10)]
    assert answers == [200] * 10

    page = visitor.post(COUPON, {"code": "TEA10"})  # the right one, too

    assert page.status_code == 429
    assert page.context["coupon_form"].errors["code"] == [
        "That was often in a short time. Please try again in a minute."
    ]
    assert visitor.get(CART).context["cart"].coupon is None


def test_s8_the_sixth_checkout_within_a_minute_has_to_wait(visitor, parcel, gateway):
    put(visitor, make_variant(price="8.90", stock=99))
    codes = [send(visitor, checkout_form(visitor, parcel, "13.80")).status_code for _number in range(6)]

    assert codes == [303] * 5 + [429]


# S12: sessions and sign-in. Only staff have accounts; a shopper's cart belongs to the browser.


@pytest.fixture
def staff(db):
    return User.objects.create_superuser("mina", "mina@example.org", PASSWORD)


def sign_in(visitor, name="mina", password=PASSWORD):
    return visitor.post("/admin/login/", {"username": name, "password": password, "next": "/admin/"})


def key_of(visitor):
    return visitor.cookies["session"].value


def test_s12_signing_in_changes_the_key_and_keeps_the_cart(visitor, staff):
    variant = make_variant()
    put(visitor, variant, 2)
    before = key_of(visitor)

    assert sign_in(visitor).status_code == 302

    assert key_of(visitor) != before
    assert visitor.session["cart"] == {str(variant.pk): 2}
    thief = browser()
    thief.cookies["session"] = before
    assert thief.get(CART).context["cart"].is_empty
    assert thief.get("/admin/").status_code == 302


def test_s12_the_key_changes_with_the_password_and_other_windows_are_signed_out(visitor, staff):
    sign_in(visitor)
    other = browser()
    sign_in(other)
    before = key_of(visitor)

    form = open_form(visitor, "/admin/account/")
    new = "kiln-and-leaf-2"
    answers = {
        "name_email-first_name": "Mina",
        "name_email-last_name": "Berg",
        "password-old_password": PASSWORD,
        "password-new_password1": new,
        "password-new_password2": new,
    }
    visitor.post(form.url, {**form.fields, **answers})

    staff.refresh_from_db()
    assert staff.check_password(new)
    assert key_of(visitor) != before
    assert visitor.get("/admin/").status_code == 200
    assert other.get("/admin/").status_code == 302


def test_s12_signing_out_is_a_post_and_leaves_nothing_for_the_next_person(visitor, staff, parcel):
    put(visitor, make_variant())
    sign_in(visitor)
    visitor.post(CHECKOUT, {"to_cart": "1", "name": "Mina Berg"})

    assert visitor.get("/admin/logout/").status_code == 405
    assert visitor.get("/admin/").status_code == 200

    visitor.post("/admin/logout/")
    assert visitor.get("/admin/").status_code == 302
    assert visitor.get(CART).context["cart"].is_empty
    put(visitor, make_variant())
    assert visitor.get(CHECKOUT).context["form"]["name"].value() is None


def test_s12_somebody_else_who_signs_in_does_not_get_the_cart(visitor, staff):
    User.objects.create_superuser("eve", "eve@example.org", PASSWORD)
    sign_in(visitor)
    put(visitor, make_variant())

    visitor.post("/admin/login/", {"username": "eve", "password": PASSWORD})
    if visitor.session.get("_auth_user_id") == str(staff.pk):  # Wagtail asks to sign out first
        visitor.post("/admin/logout/")
        sign_in(visitor, "eve")

    assert visitor.get(CART).context["cart"].is_empty


@pytest.mark.parametrize("made_up", ["x", "0" * 32, "'; --", "a" * 5000])
def test_s12_a_made_up_key_is_nobodys_cart_and_is_never_taken_over(db, made_up):
    put(browser(), make_variant())
    stranger = browser()
    stranger.cookies["session"] = made_up

    put(stranger, make_variant())

    assert key_of(stranger) != made_up
    assert stranger.get(CART).context["cart"].count == 1


# S13: what counts is never read from the request

LIES = {
    "price": "1",
    "total": "0",
    "is_paid": "1",
    "user": "1",
    "discount": "99",
    "currency": "JPY",
    "coupon_code": "FREE",
    "delivery_gross": "0",
    "status": "paid",
    "vat_rate": "0",
    "wants_newsletter": "1",
}


def test_s13_extra_fields_are_ignored_from_cart_to_order(visitor, parcel, gateway):
    variant = make_variant(price="8.90", stock=9)
    visitor.post(ADD, {"variant": variant.pk, "quantity": 2, **LIES})
    visitor.post(UPDATE, {"variant": variant.pk, "quantity": 0, **LIES})
    visitor.post(RESTORE, {"variant": variant.pk, "quantity": "9", "units": "9", **LIES})
    assert visitor.session["cart"] == {str(variant.pk): 2}

    send(visitor, {**checkout_form(visitor, parcel, "22.70"), **LIES})

    order = Order.objects.get()
    assert (str(order.grand_total), order.status, order.coupon_code) == ("€22.70", "pending", "")
    assert (order.discount, order.wants_newsletter) == (0, False)


# S14: quantities


@pytest.mark.parametrize("quantity", ["１２", "١٢", "12.0", "12 ", " 12"])
def test_s14_digits_of_every_script_count(visitor, quantity):
    variant = make_variant(stock=99)

    visitor.post(ADD, {"variant": variant.pk, "quantity": quantity})

    assert visitor.session["cart"] == {str(variant.pk): 12}


@pytest.mark.parametrize("address", [ADD, UPDATE])
@pytest.mark.parametrize(
    "quantity", ["-1", "-0.5", "1000000000", "1.5", "1e3", "0x1", "inf", "NaN", "null", "[1]", "True", "1,5", "½", "二"]
)
def test_s14_what_is_no_quantity_changes_nothing(visitor, address, quantity):
    variant = make_variant(stock=99)
    put(visitor, variant, 3)

    page = visitor.post(address, {"variant": variant.pk, "quantity": quantity}, follow=True)

    assert said(page)[-1].startswith("Please choose a quantity from")
    assert visitor.session["cart"] == {str(variant.pk): 3}


def test_s14_of_several_quantities_one_counts(visitor):
    variant = make_variant(stock=99)

    visitor.post(ADD, {"variant": variant.pk, "quantity": ["50", "60"]})

    assert visitor.session["cart"] == {str(variant.pk): 60}


def test_s14_many_small_steps_do_not_get_over_the_most(visitor, no_double_clicks):
    variant = make_variant(stock=500)
    for _step in range(3):
        put(visitor, variant, 40)

    assert visitor.session["cart"] == {str(variant.pk): 99}


# S15: NUL and half a character

BROKEN = [b"%00", b"a%00b", b"%ED%A0%80", b"%ff%fe", b"%F0%9F", b"\xed\xa0\x80"]
FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize("broken", BROKEN)
@pytest.mark.parametrize(
    ("address", "name"),
    [(ADD, "variant"), (UPDATE, "quantity"), (RESTORE, "variant"), (COUPON, "code")],
)
def test_s15_broken_text_in_the_cart_is_an_answer_not_a_crash(visitor, address, name, broken):
    put(visitor, make_variant())

    answer = visitor.post(address, name.encode() + b"=" + broken, content_type=FORM, follow=True)

    assert answer.status_code in (200, 400)
    assert visitor.get(CART).context["cart"].count == 1


@pytest.mark.parametrize("broken", BROKEN)
def test_s15_broken_text_in_every_field_of_the_checkout_is_an_answer_not_a_crash(visitor, parcel, gateway, broken):
    put(visitor, make_variant(price="8.90"))
    names = [*checkout_form(visitor, parcel, "13.80"), "company", "vat_id", "note", "phone", "payment", "shown_parts"]

    for more in (b"", b"&update=1", b"&to_cart=1"):
        body = b"&".join(name.encode() + b"=" + broken for name in names) + more
        answer = visitor.post(CHECKOUT, body, content_type=FORM)
        assert answer.status_code in (200, 303, 400)
    assert visitor.get(CHECKOUT).status_code == 200
    assert not Order.objects.exists()


def test_s15_json_is_not_a_form(visitor):
    variant = make_variant()

    answer = visitor.post(ADD, json.dumps({"variant": variant.pk}), content_type="application/json")

    assert answer.status_code == 303
    assert "session" not in visitor.cookies or "cart" not in visitor.session


# S25: a line break is no second header


@pytest.mark.parametrize("field", ["email", "name", "company", "vat_id", "line1", "line2", "city", "region", "phone"])
@pytest.mark.parametrize("ending", ["\r\nBcc: eve@example.org", "\nBcc: eve@example.org", "\u2028Bcc: eve@example.org"])
def test_s25_a_line_break_is_refused_at_its_field(visitor, parcel, gateway, field, ending):
    put(visitor, make_variant(price="8.90"))
    there = {"country": "IT", "postcode": "00184"}  # where an address has every field, also a region

    page = send(visitor, checkout_form(visitor, parcel, "13.80", **there, **{field: f"mina@example.org{ending}"}))

    assert page.status_code == 200
    assert list(page.context["form"].errors) == [field]
    assert not Order.objects.exists()


# S28: reading changes nothing that counts


def test_s28_forms_of_the_cart_want_a_token_or_an_origin(db):
    strict = Client(enforce_csrf_checks=True)
    variant = make_variant()

    for address in (ADD, UPDATE, RESTORE, COUPON, CHECKOUT):
        answer = strict.post(address, {"variant": variant.pk, "quantity": 1, "code": "X"})
        assert answer.status_code == 403, address
        answer = strict.post(address, {"variant": variant.pk}, headers={"Sec-Fetch-Site": "cross-site"})
        assert answer.status_code == 403, address
    assert "session" not in strict.cookies


def test_s28_looking_at_the_checkout_holds_nothing(visitor, parcel):
    variant = make_variant(stock=5)
    put(visitor, variant, 5)
    visitor.get(CHECKOUT)
    visitor.post(CHECKOUT, {"update": "1", "country": "DE"})

    assert stock_of(variant) == (5, 0)
    assert Variant.objects.get().price == variant.price


# S36: hoarding


def test_s36_a_session_has_one_open_hold_however_often_it_orders(visitor, parcel, gateway):
    variant = make_variant(price="8.90", stock=9)
    put(visitor, variant, 2)
    for _number in range(4):
        send(visitor, checkout_form(visitor, parcel, "22.70"))

    assert stock_of(variant) == (9, 2)
    assert Order.objects.filter(status="pending").count() == 1


def test_s36_one_network_holds_no_more_than_its_share_with_any_number_of_sessions(db, parcel, gateway, settings):
    settings.RATE_LIMITS = {"checkout-units-ip": (200, 1860)}
    variant = make_variant(price="1", stock=900)
    codes = []
    for _session in range(4):
        visitor = browser(REMOTE_ADDR="198.51.100.7")
        put(visitor, variant, 99)
        codes.append(send(visitor, checkout_form(visitor, parcel, "103.90")).status_code)

    assert codes == [303, 303, 200, 200]
    assert stock_of(variant) == (900, 198)
