"""Many at once: real threads, real transactions, one connection each."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from decimal import ROUND_DOWN, Decimal
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import IntegrityError
from django.db.models import F

from catalog import stock
from catalog.models import Stock
from catalog.tests.factories import make_product, make_variant
from commerce import cart as carts
from commerce import coupons, orders, placing, refunds, sweeper
from commerce.checkout import totals_of
from commerce.models import CouponUse, Order, OrderEvent, PaymentAttempt, Status
from commerce.orders import fulfil, payment_page
from commerce.payments.base import Payment, Unreachable
from commerce.payments.stripe import HOLD
from commerce.placing import Wish, place
from commerce.tests.factories import (
    BUYER,
    checkout_form,
    make_coupon,
    make_delivery,
    make_order,
    make_session,
    stock_of,
)
from commerce.tests.visits import browser, other_tab
from core import outbox
from core.models import Outbox
from core.money import Money
from tests.together import at_once

BUYERS = 64


def buy(units, method, attempt=None, *, coupon="", email=BUYER.email):
    cart = carts.load(make_session(units, coupon))
    total = placing.plain(totals_of(cart, "DE", method).total)
    buyer = replace(BUYER, email=email)
    return lambda: place(cart, Wish(attempt or uuid4(), buyer, method, "en", total, placing.plain_lines(cart)))


def kinds(results):
    return Counter(type(result).__name__ for result in results)


def test_sixty_four_buyers_of_the_last_ten(committed_db):
    variant, method = make_variant(stock=10), make_delivery()

    results = at_once([buy({variant.pk: 1}, method) for _buyer in range(BUYERS)])

    assert kinds(results) == {"Order": 10, "OutOfStock": 54}
    assert Order.objects.filter(status=Status.PENDING).count() == 10
    assert OrderEvent.objects.count() == PaymentAttempt.objects.count() == 10
    assert stock_of(variant) == (10, 10)


def test_without_the_conditional_update_the_same_buyers_hit_the_constraint(committed_db, monkeypatch):
    """Proves that the test above can fail: this is what reading first and adding after does."""
    variant, method = make_variant(stock=10), make_delivery()

    def hold_without_looking(lines, reference):
        for pk, units in lines:
            Stock.objects.filter(pk=pk).update(reserved=F("reserved") + units)

    monkeypatch.setattr(stock, "hold", hold_without_looking)
    results = at_once([buy({variant.pk: 1}, method) for _buyer in range(BUYERS)])

    assert kinds(results) == {"Order": 10, "IntegrityError": 54}
    assert all("stock_never_oversold" in str(error) for error in results if isinstance(error, IntegrityError))
    assert stock_of(variant) == (10, 10)


def in_use(**fields):
    return CouponUse.objects.filter(released_at=None, **fields).count()


def test_sixty_four_buyers_with_a_coupon_for_ten(committed_db):
    variant, method = make_variant(stock=100), make_delivery()
    make_coupon("TEN", max_uses=10)

    results = at_once([buy({variant.pk: 1}, method, coupon="TEN", email=f"{n}@example.org") for n in range(BUYERS)])

    assert kinds(results) == {"Order": 10, "CouponGone": 54}
    assert in_use() == CouponUse.objects.count() == Order.objects.count() == 10
    assert stock_of(variant) == (100, 10)


def test_one_customer_sixty_four_times_with_a_coupon_for_one_use_each(committed_db):
    variant, method = make_variant(stock=100), make_delivery()
    make_coupon("ONCE", max_uses_each=1)

    results = at_once([buy({variant.pk: 1}, method, coupon="ONCE") for _buyer in range(BUYERS)])

    assert kinds(results) == {"Order": 1, "CouponGone": 63}
    assert in_use() == 1


def test_without_the_lock_the_same_buyers_use_the_coupon_too_often(committed_db, monkeypatch):
    """Proves that the tests above can fail: this is what counting without waiting for the others does."""
    variant, method = make_variant(stock=100), make_delivery()
    make_coupon("TEN", max_uses=10)
    monkeypatch.setattr(coupons, "locked", coupons.find)

    results = at_once([buy({variant.pk: 1}, method, coupon="TEN", email=f"{n}@example.org") for n in range(BUYERS)])

    assert kinds(results)["Order"] == in_use() > 10


def test_a_coupon_and_the_last_unit_of_an_item_in_any_order_do_not_deadlock(committed_db):
    """Half of the buyers wait for the coupon, the other half for the stock alone."""
    variant, method = make_variant(stock=20), make_delivery()
    make_coupon("TEN", max_uses=10)

    results = at_once(
        [buy({variant.pk: 1}, method, coupon="TEN" if n % 2 else "", email=f"{n}@example.org") for n in range(BUYERS)]
    )

    assert kinds(results)["Order"] == 20
    assert set(kinds(results)) <= {"Order", "CouponGone", "OutOfStock"}
    assert in_use() == Order.objects.exclude(coupon_code="").count() <= 10
    assert stock_of(variant) == (20, 20)


def test_an_order_given_up_many_times_at_once_frees_its_coupon_once(committed_db, gateway):
    variant, method = make_variant(stock=50), make_delivery()
    make_coupon("ONE", max_uses=1)
    order = make_order({variant.pk: 1}, coupon="ONE")

    at_once([lambda: orders.give_up(Order.objects.get(pk=order.pk))] * 6)
    results = at_once([buy({variant.pk: 1}, method, coupon="ONE", email=f"{n}@example.org") for n in range(6)])

    assert CouponUse.objects.get(order=order).released_at is not None
    assert kinds(results) == {"Order": 1, "CouponGone": 5}
    assert in_use() == 1


def test_carts_of_two_items_in_any_order_do_not_deadlock(committed_db):
    first, second = make_product(variants=[{"stock": 40}, {"stock": 40}]).variants.order_by("pk")
    method = make_delivery()
    ways = [{first.pk: 1, second.pk: 1}, {second.pk: 1, first.pk: 1}]

    results = at_once([buy(ways[number % 2], method) for number in range(BUYERS)])

    assert kinds(results) == {"Order": 40, "OutOfStock": 24}
    assert stock_of(first) == stock_of(second) == (40, 40)


def test_one_form_sent_eight_times_is_one_order(committed_db):
    variant, method = make_variant(stock=1), make_delivery()
    attempt = uuid4()

    results = at_once([buy({variant.pk: 1}, method, attempt) for _click in range(8)])

    assert kinds(results) == {"Order": 8}
    assert {order.pk for order in results} == {Order.objects.get().pk}
    assert stock_of(variant) == (1, 1)


def test_a_double_click_on_order_and_pay_opens_one_page(committed_db, gateway):
    variant, method = make_variant(price="8.90", stock=1), make_delivery("4.90")
    visitor = browser()
    visitor.post("/en/cart/add/", {"variant": variant.pk, "quantity": 1})
    form = checkout_form(visitor, method, "13.80")

    answers = at_once([lambda: visitor.post("/en/checkout/", form)] * 4)

    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["Location"] for answer in answers}) == 1
    order = Order.objects.get()
    assert [row["client_reference_id"] for row in gateway.sessions()].count(order.reference) == 1


def paid_session(gateway, **fields):
    order = make_order(**fields)
    payment_page(order)
    session_id = order.attempts.get().session_id
    gateway.pay(session_id)
    return order, session_id


def test_the_news_of_a_payment_five_times_at_once_is_one_sale_and_one_mail(committed_db, gateway, mailoutbox):
    variant = make_variant(stock=5)
    order, session_id = paid_session(gateway, units={variant.pk: 2})

    results = at_once([lambda: fulfil(session_id)] * 5)
    at_once([outbox.send_due] * 4)

    assert {result.status for result in results} == {Status.PAID}
    assert list(order.events.values_list("to_status", flat=True)) == ["pending", "paid"]
    assert stock_of(variant) == (3, 0)
    assert Outbox.objects.count() == 3  # the invoice, its PDF, the mail
    assert [mail.to for mail in mailoutbox] == [["mina@example.org"]]


def test_paid_and_given_up_at_once_ends_as_one_of_both(committed_db, gateway):
    variant = make_variant(stock=50)
    ends = Counter()

    for _round in range(8):
        order = make_order({variant.pk: 1})
        payment_page(order)
        session_id = order.attempts.get().session_id
        before = stock_of(variant)

        at_once(
            [
                lambda s=session_id: gateway.click(s, "pay"),
                lambda o=order: orders.give_up(o),
                lambda s=session_id: fulfil(s),
            ]
        )
        end = fulfil(session_id)

        is_paid = gateway.api("GET", f"checkout/sessions/{session_id}")["payment_status"] == "paid"
        assert end.status == (Status.PAID if is_paid else Status.EXPIRED)
        sold = 1 if is_paid else 0
        assert stock_of(variant) == (before[0] - sold, before[1] - 1)
        assert order.events.count() == 2
        ends[end.status] += 1

    assert sum(ends.values()) == 8


def test_two_answers_about_one_page_at_once_end_once(committed_db, gateway):
    """The database decides, whatever two workers have heard."""
    variant = make_variant(stock=5)
    order, session_id = paid_session(gateway, units={variant.pk: 1})
    attempt = order.attempts.select_related("order").get()
    paid = orders.provider().fetch(session_id)
    expired = type(paid)(**{**vars(paid), "payment": Payment.EXPIRED})

    at_once([lambda: orders.apply(attempt, paid), lambda: orders.apply(attempt, expired)] * 4)

    order.refresh_from_db()
    assert order.status == Status.PAID  # also when "expired" was first: the late payment finds its stock again
    assert stock_of(variant) == (4, 0)
    kinds = ("invoice", "order_confirmation", "order_cancelled")
    assert sorted(Outbox.objects.filter(kind__in=kinds).values_list("kind", flat=True)) == [
        "invoice",
        "order_confirmation",
    ]


def test_two_sweepers_at_once_end_a_hold_once(committed_db, gateway):
    variant = make_variant(stock=5)
    order = make_order({variant.pk: 1})
    payment_page(order)
    Order.objects.update(expires_at=order.placed_at, placed_at=order.placed_at - HOLD)

    at_once([sweeper.sweep] * 3)

    order.refresh_from_db()
    assert order.status == Status.EXPIRED
    assert stock_of(variant) == (5, 0)
    assert order.events.count() == 2


@pytest.mark.parametrize("senders", [4])
def test_senders_at_once_send_each_mail_once(committed_db, gateway, mailoutbox, senders):
    for _order in range(6):
        _paid, session_id = paid_session(gateway)
        fulfil(session_id)

    at_once([outbox.send_due] * senders)

    assert len(mailoutbox) == 6
    assert len({mail.extra_headers["Message-ID"] for mail in mailoutbox}) == 6


def test_items_added_at_once_are_all_in_the_cart(committed_db):
    variants = list(make_product(variants=[{} for _number in range(8)]).variants.order_by("pk"))
    visitor = browser()
    visitor.post("/en/cart/add/", {"variant": variants[0].pk})
    tabs = [(other_tab(visitor), variant) for variant in variants[1:]]

    at_once([lambda t=tab, v=variant: t.post("/en/cart/add/", {"variant": v.pk}) for tab, variant in tabs])

    assert visitor.session["cart"] == {str(variant.pk): 1 for variant in variants}


def test_units_added_and_lines_removed_at_once_add_up(committed_db, no_double_clicks):
    gone, kept = make_product(variants=[{"stock": 50}, {"stock": 50}]).variants.order_by("pk")
    visitor = browser()
    visitor.post("/en/cart/add/", {"variant": gone.pk})
    visitor.post("/en/cart/add/", {"variant": kept.pk})
    tabs = [other_tab(visitor) for _number in range(7)]

    at_once(
        [lambda: tabs[0].post("/en/cart/update/", {"variant": gone.pk, "quantity": 0})]
        + [lambda t=tab: t.post("/en/cart/add/", {"variant": kept.pk}) for tab in tabs[1:]]
    )

    assert visitor.session["cart"] == {str(kept.pk): 7}


def test_tabs_that_order_the_same_cart_at_once_hold_stock_once(committed_db, gateway):
    variant, method = make_variant(price="8.90", stock=9), make_delivery("4.90")
    visitor = browser()
    visitor.post("/en/cart/add/", {"variant": variant.pk, "quantity": 1})
    forms = [(other_tab(visitor), checkout_form(visitor, method, "13.80")) for _number in range(5)]

    answers = at_once([lambda t=tab, f=form: t.post("/en/checkout/", f) for tab, form in forms])

    assert {answer.status_code for answer in answers} == {303}
    order = Order.objects.get(status=Status.PENDING)
    assert stock_of(variant) == (9, 1)
    assert visitor.session["ordered"] == order.token


def paid(gateway):
    order = make_order()
    payment_page(order)
    gateway.pay(order.attempts.get().session_id)
    return fulfil(order.attempts.get().session_id)


def giving_back_all(order):
    """As a person does it who has just looked at the order and saw that nothing was given back yet."""
    payment = order.attempts.get()
    return lambda: refunds.ask(order, refunds.Wish(uuid4(), payment, payment.paid))


def test_two_people_refund_at_once(committed_db, gateway):
    order = paid(gateway)

    results = at_once([giving_back_all(order) for _person in range(8)])

    assert kinds(results) == {"Refund": 1, "TooMuch": 7}
    assert order.refunds.get().amount == order.total


def test_without_the_row_lock_the_same_people_refund_twice(committed_db, gateway, monkeypatch):
    """Proves that the test above can fail."""
    order = paid(gateway)
    look = refunds.left_of
    everybody_has_looked = Barrier(8)

    def look_and_wait(payment):
        left = look(payment)
        everybody_has_looked.wait(30)
        return left

    monkeypatch.setattr(refunds, "locked", lambda pk: Order.objects.get(pk=pk))
    monkeypatch.setattr(refunds, "left_of", look_and_wait)
    results = at_once([giving_back_all(order) for _person in range(8)])

    assert kinds(results) == {"Refund": 8}


def test_two_people_refund_parts_at_once(committed_db, gateway):
    """Eight times a third of the total: three fit, and not more is asked of the provider."""
    order = paid(gateway)
    payment = order.attempts.get()
    third = Money((order.total / 3).quantize(Decimal("0.01"), ROUND_DOWN), order.currency)

    def give_back_a_third():
        return refunds.send(refunds.ask(order, refunds.Wish(uuid4(), payment, third)))

    results = at_once([give_back_a_third] * 8)

    assert kinds(results) == {"Refund": 3, "TooMuch": 5}
    there = gateway.api("GET", f"refunds?payment_intent={payment.payment_id}")["data"]
    assert sum(refund["amount"] for refund in there) == 3 * third.minor_units() <= order.grand_total.minor_units()
    assert Outbox.objects.filter(kind="order_refunded").count() == 3


def test_one_refund_by_message_answer_and_sweeper_at_once(committed_db, gateway):
    order = paid(gateway)
    line = order.lines.get()
    payment = order.attempts.get()
    wish = refunds.Wish(uuid4(), payment, payment.paid, {line.pk: 1}, frozenset([line.pk]))
    asked = refunds.ask(order, wish)
    before = stock_of(line.variant)

    jobs = [lambda: refunds.send(asked), lambda: refunds.send_again(asked), lambda: refunds.sync(payment)]
    results = at_once(jobs * 2)

    assert not [result for result in results if isinstance(result, Exception) and not isinstance(result, Unreachable)]
    refunds.send_again(asked)
    order.refresh_from_db()
    assert order.status == Status.REFUNDED
    assert order.refunds.count() == 1
    assert stock_of(line.variant) == (before[0] + 1, 0)
    assert Outbox.objects.filter(kind="order_refunded").count() == 1
