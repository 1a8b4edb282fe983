"""Coupons from the cart to the order: what they are for, why they are refused, and that an order keeps what it gave."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from catalog.models import Product
from catalog.tests.factories import make_category, make_product, make_variant
from commerce import cart as carts
from commerce import coupons, orders
from commerce.audit import audit
from commerce.models import Coupon, CouponUse, Order, Scope, Status
from commerce.refunds import worth
from commerce.refusals import CouponGone
from commerce.tests.factories import (
    BUYER,
    checkout_form,
    make_coupon,
    make_delivery,
    make_order,
    make_session,
    stock_of,
)
from commerce.tests.visits import put, said, send
from core import outbox
from core.sessions import SessionStore

pytestmark = pytest.mark.django_db
COUPON = "/en/cart/coupon/"


def enter(visitor, code, **more):
    return visitor.post(COUPON, {"code": code}, follow=True, **more)


def days(number):
    return timezone.now() + timedelta(days=number)


def refusal(page):
    """What stands at the field, or below the coupon's code."""
    errors = page.context["coupon_form"].errors.get("code", [])
    coupon = page.context["cart"].coupon
    return " ".join(errors) or (coupon.problem if coupon else "")


def test_it_works(visitor):
    put(visitor, make_variant(price="11.90"), 2)
    make_coupon("TEA10")

    page = enter(visitor, " tea10 ")

    assert page.redirect_chain == [("/en/cart/", 303)]
    assert said(page)[-1] == "The coupon TEA10 is in your cart."
    totals = page.context["cart"].totals
    assert (str(totals.goods), str(totals.taken_off), str(totals.total)) == ("€23.80", "-€2.38", "€21.42")
    html = page.content.decode()
    assert "TEA10" in html and "-€2.38" in html and "€21.42" in html


def test_it_is_taken_out_again(visitor):
    put(visitor, make_variant())
    make_coupon("TEA10")
    enter(visitor, "TEA10")

    page = visitor.post(COUPON, {"remove": "1"}, follow=True)

    assert page.context["cart"].coupon is None
    assert "coupon" not in visitor.session


def test_one_at_a_time(visitor):
    put(visitor, make_variant(price="10.00"))
    make_coupon("TEN")
    make_coupon("TWENTY", value="20")
    enter(visitor, "TEN")

    page = enter(visitor, "TWENTY")

    assert str(page.context["cart"].totals.discount) == "€2.00"


REASONS = [
    ({"live": False}, "We do not know this code. Please check how it is written."),
    ({"live": False, "expired": True}, "This coupon has expired."),
    ({"ends_at": days(-1)}, "This coupon has expired."),
    ({"starts_at": days(2)}, "This coupon can be used from"),
    ({"minimum": Decimal("20")}, "This coupon asks for goods of at least €20.00."),
    ({"scope": Scope.CHOSEN}, "This coupon is not for the goods in your cart."),
]


@pytest.mark.parametrize(("fields", "text"), REASONS)
def test_the_reason_is_told(visitor, fields, text):
    put(visitor, make_variant())
    make_coupon("TEA10", **fields)

    page = enter(visitor, "TEA10")

    assert text in refusal(page)
    assert text in page.content.decode()
    assert not page.context["cart"].totals.discount


@pytest.mark.parametrize("code", ["NOTHING", "x" * 60, "'; --", "٣", "Ｔｅａ", "\x00", "", " ", "x" * 10_000, "%00"])
def test_an_unknown_code_is_kept_in_the_field(visitor, code):
    put(visitor, make_variant())

    page = enter(visitor, code)

    assert page.status_code == 200
    assert refusal(page)
    assert "coupon" not in visitor.session


def test_a_full_width_code_is_the_same_code(visitor):
    put(visitor, make_variant())
    make_coupon("TEA10")

    assert enter(visitor, "ｔｅａ１０").context["cart"].coupon.applied


def test_used_up(visitor):
    make_coupon("TEA10", max_uses=1)
    make_order(coupon="TEA10")
    put(visitor, make_variant())

    assert refusal(enter(visitor, "TEA10")) == "This coupon has been used up."


def test_guessing_is_limited(visitor):
    make_coupon("TEA10")
    put(visitor, make_variant())
    for number in range(10):
        assert visitor.post(COUPON, {"code": f"GUESS{number}"}).status_code == 200

    late = visitor.post(COUPON, {"code": "TEA10"})

    assert late.status_code == 429
    assert "try again in a minute" in late.content.decode()
    assert visitor.get("/en/cart/").context["cart"].coupon is None


def test_asking_changes_nothing_and_begins_no_session(visitor):
    make_coupon("TEA10")

    assert visitor.get(COUPON, {"code": "TEA10"}).status_code == 405
    assert "session" not in visitor.post(COUPON, {"code": "UNKNOWN"}).cookies


def test_a_coupon_that_ends_meanwhile_says_so_in_the_cart(visitor):
    put(visitor, make_variant())
    coupon = make_coupon("TEA10")
    enter(visitor, "TEA10")
    Coupon.objects.update(ends_at=days(-1))

    assert refusal(visitor.get("/en/cart/")) == "This coupon has expired."
    Coupon.objects.filter(pk=coupon.pk).delete()
    assert "We do not know this code." in refusal(visitor.get("/en/cart/"))


def test_goods_put_in_later_meet_the_minimum(visitor, no_double_clicks):
    variant = make_variant(price="8.90")
    put(visitor, variant)
    make_coupon("TEA10", minimum=Decimal("15"))
    assert "at least €15.00" in refusal(enter(visitor, "TEA10"))

    put(visitor, variant)

    assert str(visitor.get("/en/cart/").context["cart"].totals.discount) == "€1.78"


@pytest.fixture
def shelf(db):
    """tea > green: sencha; ceramics: cup, tagged gift; nowhere: book."""
    tea = make_category("Tea")
    green = make_category("Green", parent=tea)
    ceramics = make_category("Ceramics")
    return {
        "tea": tea,
        "green": green,
        "ceramics": ceramics,
        "sencha": make_product("Sencha", category=green),
        "cup": make_product("Cup", category=ceramics, tags=["gift"]),
        "book": make_product("Book"),
    }


@pytest.mark.parametrize(
    ("scope", "covered"),
    [
        ({"products": ["cup"]}, {"cup"}),
        ({"categories": ["tea"]}, {"sencha"}),
        ({"categories": ["ceramics"]}, {"cup"}),
        ({"tags": ["gift"]}, {"cup"}),
        ({"products": ["book"], "categories": ["green"], "tags": ["gift"]}, {"book", "sencha", "cup"}),
        ({}, set()),
    ],
)
def test_what_it_is_for(shelf, scope, covered, django_assert_max_num_queries):
    fields = {name: [shelf.get(key, key) for key in keys] for name, keys in scope.items()}
    make_coupon("SOME", scope=Scope.CHOSEN, **fields)
    goods = {shelf[name].variants.get().pk: name for name in ("sencha", "cup", "book")}
    session = make_session(dict.fromkeys(goods, 1), "SOME")

    with django_assert_max_num_queries(12):
        totals = carts.load(session).totals

    assert {goods[entry.line.variant_id] for entry in totals.lines if entry.discount} == covered


def test_a_deleted_category_does_not_open_the_coupon_to_everything(shelf):
    make_coupon("SOME", scope=Scope.CHOSEN, categories=[shelf["green"]])
    shelf["green"].delete()

    cart = carts.load(make_session({shelf["book"].variants.get().pk: 1}, "SOME"))

    assert not cart.totals.discount


# Orders


def test_an_order_freezes_what_the_coupon_gave(mailoutbox):
    tea, cup = make_product(variants=[{"price": "11.90"}, {"price": "8.90"}]).variants.order_by("pk")
    coupon = make_coupon("TEA10")
    order = make_order({tea.pk: 2, cup.pk: 1}, coupon="TEA10")

    Coupon.objects.filter(pk=coupon.pk).update(value=99, live=False)
    order.refresh_from_db()

    assert (order.coupon_code, order.goods_total, order.discount) == ("TEA10", Decimal("32.70"), Decimal("3.27"))
    assert order.total == Decimal("34.33")
    assert [line.discount for line in order.lines.all()] == [Decimal("2.38"), Decimal("0.89")]
    assert order.totals.total == order.totals.goods + order.totals.delivery - order.totals.discount
    assert order.totals.tax.amount == order.tax_total
    assert str(order.totals.taken_off) == "-€3.27"


def test_free_delivery_is_taken_off_delivery():
    make_coupon("FREE", "free_delivery", None)

    order = make_order({make_variant(price="8.90").pk: 1}, coupon="FREE")

    assert (order.delivery_gross, order.delivery_discount, order.discount) == (Decimal("4.90"),) * 3
    assert (order.total, order.delivery_tax) == (Decimal("8.90"), 0)


def test_one_use_per_order_and_none_without():
    make_coupon("TEA10")
    make_order(coupon="TEA10")
    make_order()

    assert CouponUse.objects.count() == 1


def test_a_coupon_that_does_not_fit_is_not_used():
    make_coupon("TEA10", minimum=Decimal("100"))

    order = make_order(coupon="TEA10")

    assert (order.coupon_code, order.discount) == ("", 0)
    assert not CouponUse.objects.exists()


@pytest.mark.parametrize("email", ["mina@example.org", "MINA@Example.org"])
def test_once_per_customer(email):
    make_coupon("TEA10", max_uses_each=1)
    make_order(coupon="TEA10")
    buyer = type(BUYER)(**{**vars(BUYER), "email": email})

    with pytest.raises(CouponGone, match="already used"):
        make_order(coupon="TEA10", buyer=buyer)

    other = type(BUYER)(**{**vars(BUYER), "email": "other@example.org"})
    assert make_order(coupon="TEA10", buyer=other).coupon_code == "TEA10"
    assert Order.objects.count() == CouponUse.objects.count() == 2


def test_no_address_stands_in_a_use():
    make_coupon("TEA10")
    make_order(coupon="TEA10")

    assert "mina" not in CouponUse.objects.get().customer


def test_a_refused_coupon_leaves_cart_and_typed_data(visitor, parcel):
    make_coupon("TEA10", max_uses_each=1)
    make_order(coupon="TEA10")
    variant = make_variant(price="10.00")
    put(visitor, variant)
    enter(visitor, "TEA10")

    page = send(visitor, checkout_form(visitor, parcel, "13.90", name="Mina the Second"))

    assert page.status_code == 200
    (text,) = said(page)
    assert "already used the coupon" in text and "nothing was charged" in text
    html = page.content.decode()
    assert "Mina the Second" in html and "€14.90" in html
    assert visitor.session["cart"] == {str(variant.pk): 1}
    assert "coupon" not in visitor.session
    assert Order.objects.count() == 1


def test_the_use_is_free_again_when_the_order_ends_and_only_once():
    make_coupon("TEA10", max_uses=1)
    order = make_order(coupon="TEA10")
    order.attempts.update(closed_at=timezone.now())

    orders.end(order, orders.NOT_PAID)
    released = CouponUse.objects.get().released_at
    orders.end(order, orders.Ending(Status.CANCELLED, "again"))
    coupons.release(order)

    assert released and CouponUse.objects.get().released_at == released
    assert make_order(coupon="TEA10").coupon_code == "TEA10"


def test_a_use_by_an_ended_order_is_found_by_the_audit():
    make_coupon("TEA10", max_uses=1)
    order = make_order(coupon="TEA10")
    assert audit()["violations"] == []

    Order.objects.update(status=Status.EXPIRED)
    assert "coupons-are-counted" in {row["rule"] for row in audit()["violations"] if row["about"] == order.number}
    CouponUse.objects.all().delete()
    assert "coupons-are-counted" in {row["rule"] for row in audit()["violations"]}


def test_a_coupon_above_its_limit_is_found_by_the_audit():
    make_coupon("TEA10")
    for _order in range(2):
        make_order(coupon="TEA10")

    Coupon.objects.update(max_uses=1)

    assert [(row["rule"], row["about"]) for row in audit()["violations"]] == [("coupons-are-counted", "TEA10")]


def test_units_given_back_are_worth_what_was_paid_for_them():
    make_coupon("TEN", "amount", "1")
    order = make_order({make_variant(price="3.33").pk: 3}, coupon="TEN")
    line = order.lines.get()

    assert [str(worth(line, left, 1)) for left in (3, 2, 1)] == ["€3.00", "€2.99", "€3.00"]


def ended_order(**coupon):
    make_coupon("TEA10", **coupon)
    variant = make_variant(stock=5)
    order = make_order({variant.pk: 1}, coupon="TEA10")
    order.attempts.update(closed_at=timezone.now())
    orders.end(order, orders.NOT_PAID)
    return order, variant


def test_paid_after_all_takes_the_coupon_again():
    order, variant = ended_order(max_uses=1)

    orders.pay_late(order)

    assert order.status == Status.PAID
    assert CouponUse.objects.get().released_at is None
    assert stock_of(variant) == (4, 0)


def test_paid_after_all_but_the_coupon_is_used_up():
    order, variant = ended_order(max_uses=1)
    make_order(coupon="TEA10")

    orders.pay_late(order)

    assert order.status == Status.PAID_UNFULFILLABLE
    assert CouponUse.objects.filter(released_at=None).count() == 1
    assert stock_of(variant) == (5, 0)


def test_its_own_waiting_order_does_not_use_it_up(visitor, parcel, gateway):
    make_coupon("TEA10", max_uses=1, max_uses_each=1)
    put(visitor, make_variant(price="10.00"))
    enter(visitor, "TEA10")
    send(visitor, checkout_form(visitor, parcel, "13.90"))

    assert visitor.get("/en/cart/").context["cart"].coupon.applied
    again = send(visitor, checkout_form(visitor, parcel, "13.90"))

    assert again.status_code == 303
    assert sorted(Order.objects.values_list("status", flat=True)) == ["expired", "pending"]
    assert CouponUse.objects.filter(released_at=None).get().order.status == Status.PENDING


def test_a_changed_coupon_is_seen_before_paying(visitor, parcel):
    make_coupon("TEA10")
    put(visitor, make_variant(price="10.00"))
    enter(visitor, "TEA10")
    form = checkout_form(visitor, parcel, "13.90")
    Coupon.objects.update(value=5)

    page = send(visitor, form)

    assert "The total is €14.40 now." in said(page)[0]
    assert not Order.objects.exists()


def test_checkout_shows_it_and_takes_it_out_with_typed_data_kept(visitor, parcel):
    make_coupon("TEA10")
    put(visitor, make_variant(price="10.00"))
    enter(visitor, "TEA10")
    assert "-€1.00" in visitor.get("/en/checkout/").content.decode()

    page = send(visitor, {**checkout_form(visitor, parcel, "13.90", name="Mina Berg-Meer"), "remove_coupon": "1"})

    html = page.content.decode()
    assert "Mina Berg-Meer" in html and "€14.90" in html and "TEA10" not in html


def test_price_and_discount_are_never_read_from_the_request(visitor, parcel, gateway):
    put(visitor, make_variant(price="10.00"))
    forged = {"discount": "9", "coupon": "TEA10", "coupon_code": "TEA10", "value": "100"}

    send(visitor, {**checkout_form(visitor, parcel, "14.90"), **forged})

    assert (Order.objects.get().discount, Order.objects.get().coupon_code) == (0, "")


# Paying


@pytest.mark.parametrize(
    ("gives", "value", "cents"), [("percent", "33.333", 2823), ("amount", "1", 3890), ("free_delivery", None, 3500)]
)
def test_the_provider_charges_our_total_to_the_cent(gateway, gives, value, cents):
    tea, cup = make_product(variants=[{"price": "11.90"}, {"price": "3.30"}]).variants.order_by("pk")
    make_coupon("THIRD", gives, value)
    order = make_order({tea.pk: 1, cup.pk: 7}, coupon="THIRD")

    orders.payment_page(order)

    attempt = order.attempts.get()
    page = gateway.api("GET", f"checkout/sessions/{attempt.session_id}")
    assert page["amount_total"] == int(order.total * 100) == cents
    assert page["total_details"]["amount_discount"] == int((order.discount - order.delivery_discount) * 100)
    gateway.pay(attempt.session_id)
    assert orders.fulfil(attempt.session_id).status == Status.PAID
    assert order.totals.total == order.totals.goods + order.totals.delivery - order.totals.discount


def test_the_same_request_again_makes_one_coupon(gateway):
    make_coupon("TEA10")
    order = make_order(coupon="TEA10")
    attempt = order.attempts.get()

    first, second = (orders.provider().start(attempt.request, attempt.key) for _time in range(2))
    another = orders.provider().start({**attempt.request, "cancel_url": "http://localhost/other"}, "cs:another")

    assert first.id == second.id != another.id
    assert first.amount == another.amount == order.grand_total
    coupon = gateway.api("GET", f"coupons/order-{order.uuid}")
    assert (coupon["amount_off"], coupon["currency"], coupon["max_redemptions"]) == (89, "eur", 1)


def test_nothing_to_pay_skips_the_provider(settings, visitor, mailoutbox):
    settings.STRIPE_API_BASE = "http://127.0.0.1:1"  # nobody there
    method, variant = make_delivery("0"), make_variant(price="8.90", stock=3)
    make_coupon("ALL", value="100")
    put(visitor, variant)
    enter(visitor, "ALL")

    answer = send(visitor, checkout_form(visitor, method, "0.00"))

    order = Order.objects.get()
    assert answer.headers["Location"] == order.get_absolute_url()
    assert (order.status, order.total, order.attempts.count()) == (Status.PAID, 0, 0)
    assert stock_of(variant) == (2, 0)
    assert "coupon" not in visitor.session or visitor.get("/en/cart/").context["cart"].coupon is None


def test_too_small_a_rest_is_said(visitor, gateway):
    method = make_delivery("0")
    make_coupon("ALMOST", value="99")
    put(visitor, make_variant(price="8.90"))
    enter(visitor, "ALMOST")

    page = send(visitor, checkout_form(visitor, method, "0.09"))

    assert "The smallest amount that can be paid by card is €0.50." in said(page)[0]
    assert not CouponUse.objects.exists()


def test_after_paying_the_coupon_leaves_the_cart(visitor, parcel, gateway):
    make_coupon("TEA10")
    put(visitor, make_variant(price="10.00"))
    enter(visitor, "TEA10")
    send(visitor, checkout_form(visitor, parcel, "13.90"))
    order = Order.objects.get()
    session_id = order.attempts.get().session_id
    gateway.pay(session_id)
    orders.fulfil(session_id)

    page = visitor.get(order.get_absolute_url())

    assert "TEA10" in page.content.decode() and "-€1.00" in page.content.decode()
    assert "coupon" not in visitor.session


def test_the_mail_shows_the_discount(gateway, mailoutbox):
    make_coupon("TEA10")
    order = make_order({make_variant(price="10.00").pk: 1}, coupon="TEA10")
    with transaction.atomic():
        orders.pay(order)
    outbox.send_due()

    (mail,) = mailoutbox
    assert "Coupon TEA10: -€1.00" in mail.body
    html = mail.alternatives[0][0]
    assert "TEA10" in html and "-€1.00" in html


# The table itself


@pytest.mark.parametrize(
    ("gives", "value"), [("percent", "0"), ("percent", "101"), ("percent", None), ("amount", "-1"), ("amount", None)]
)
def test_the_database_refuses_a_value_that_makes_no_sense(gives, value):
    coupon = Coupon(code="BAD", gives=gives, value=value and Decimal(value))

    with pytest.raises(ValidationError):
        coupon.full_clean()
    if value is not None:
        with pytest.raises(IntegrityError), transaction.atomic():
            coupon.save()


def test_a_code_is_unique_whatever_its_case():
    make_coupon("TEA10")

    with pytest.raises(ValidationError, match="There is a coupon with this code already"):
        Coupon(code="tea10 ", gives="percent", value=5).full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        Coupon.objects.create(code="tea10", gives="percent", value=5)


def test_a_change_waits_for_its_publication(visitor):
    coupon = make_coupon("TEA10")
    coupon.value = Decimal(50)
    revision = coupon.save_revision()
    put(visitor, make_variant(price="10.00"))

    assert str(enter(visitor, "TEA10").context["cart"].totals.discount) == "€1.00"
    revision.publish()
    assert str(visitor.get("/en/cart/").context["cart"].totals.discount) == "€5.00"


def test_the_code_belongs_to_no_revision():
    draft = Coupon(code="TYPO", gives="percent", value=10, live=False)
    draft.save()
    first = draft.save_revision()
    draft.code = "TEA10"
    draft.save_revision()

    first.publish()

    assert Coupon.objects.get().code == "TEA10"


def test_the_scope_is_part_of_the_draft(shelf):
    coupon = make_coupon("SOME", scope=Scope.CHOSEN, categories=[shelf["tea"]])
    coupon.categories = [shelf["ceramics"]]
    revision = coupon.save_revision()

    assert list(Coupon.objects.get().categories.all()) == [shelf["tea"]]
    revision.publish()
    assert list(Coupon.objects.get().categories.all()) == [shelf["ceramics"]]


def test_a_product_that_is_gone_does_not_break_the_draft(shelf):
    gone = make_product("Gone", variants=[])
    coupon = make_coupon("SOME", scope=Scope.CHOSEN, products=[shelf["cup"], gone])
    revision = coupon.save_revision()
    Product.objects.get(pk=gone.pk).delete()

    revision.publish()

    assert [row.product for row in Coupon.objects.get().products.all()] == [shelf["cup"]]


def test_a_cart_without_a_session_takes_a_coupon():
    make_coupon("TEA10")
    session = SessionStore()

    assert "not for the goods" in carts.enter_coupon(session, "tea10").problem
