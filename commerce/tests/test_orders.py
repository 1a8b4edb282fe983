"""Placing and fulfilling against the running gateway, one thing at a time. At the same time: test_races.py."""

from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
import requests
from django.db import IntegrityError, transaction
from django.utils import timezone

from catalog.models import Variant
from catalog.stock import OutOfStock, release
from catalog.tests.factories import make_product, make_variant
from commerce import cart as carts
from commerce import orders, placing
from commerce.checkout import totals_of
from commerce.delivery import create_starting_rates
from commerce.models import TRANSITIONS, Order, OrderLine, PaymentAttempt, Status
from commerce.orders import fulfil, mismatch, move, payment_page
from commerce.payments.base import Payment, Refused, Session, Unreachable
from commerce.refusals import CartChanged, TooBig, TooHeavy, TooSmall, TotalChanged
from commerce.tests.factories import BUYER, make_delivery, make_order, make_session, stock_of
from core.models import Outbox
from core.money import Money


def euro(amount):
    return Money(Decimal(amount), "EUR")


def opened(order):
    """The id of the order's payment page, opened like a buyer opens it."""
    assert payment_page(order)
    return PaymentAttempt.objects.get(order=order, closed_at=None).session_id


def story(order):
    return list(order.events.values_list("to_status", flat=True))


def test_it_works(db, gateway):
    variant = make_variant(price="11.90", stock=5)
    order = make_order({variant.pk: 2})
    session_id = opened(order)

    gateway.pay(session_id)
    paid = fulfil(session_id)

    assert paid.status == Status.PAID
    assert paid.paid_at is not None
    assert stock_of(variant) == (3, 0)
    assert story(order) == ["pending", "paid"]
    assert {row.key for row in Outbox.objects.all()} == {f"invoice:{order.uuid}", f"order_confirmation:{order.uuid}"}


def test_a_cart_grown_too_heavy_in_another_tab_is_not_placed(db):
    method = make_delivery("4.90", most_grams=100)
    variant = make_variant(weight_grams=60)

    make_order({variant.pk: 1}, method=method)
    with pytest.raises(TooHeavy):
        placing.place(
            carts.load(make_session({variant.pk: 2})),
            placing.Wish(uuid4(), BUYER, method, "en", "22.70", f"{variant.pk}x1"),
        )

    assert Order.objects.count() == 1
    assert stock_of(variant)[1] == 1


def test_an_order_freezes_what_was_agreed(db):
    create_starting_rates()
    product = make_product("Gyokuro", tax_class="reduced", variants=[{"price": "10.70", "sku": "G-1"}])
    order = make_order({product.variants.get().pk: 3}, method=make_delivery("4.28"))

    Variant.objects.update(price="99")
    product.translations.update(name="Renamed")
    order = Order.objects.get(pk=order.pk)
    line = order.lines.get()

    assert (line.sku, line.name, line.quantity) == ("G-1", "Gyokuro", 3)
    assert (line.price, line.total, line.tax_rate, line.as_total.tax) == (euro("10.70"), euro("32.10"), 7, euro("2.10"))
    assert order.totals.delivery == euro("4.28")
    assert order.totals.taxes == ((Decimal("7"), euro("2.38")),)
    assert order.grand_total == euro("36.38")
    assert order.totals.tax == euro("2.38")
    assert order.address_lines == ["Mina Berg", "Hafenstraße 1", "20457 Hamburg", "Germany"]


def test_placing_holds_stock_and_stores_the_whole_request(db):
    variant = make_variant(stock=5)
    order = make_order({variant.pk: 2}, language="de")
    attempt = order.attempts.get()

    assert stock_of(variant) == (5, 2)
    assert attempt.session_id is None
    assert attempt.key == f"cs:{order.uuid}:1"
    assert timedelta(minutes=30) < order.expires_at - timezone.now() <= timedelta(minutes=31)
    request = attempt.request
    assert request["locale"] == "de"
    assert request["client_reference_id"] == request["metadata"]["order"] == str(order.uuid)
    assert request["payment_intent_data"]["metadata"]["order"] == str(order.uuid)
    assert request["line_items"][0]["price_data"]["unit_amount"] == 890
    assert request["shipping_options"][0]["shipping_rate_data"]["fixed_amount"] == {"amount": 490, "currency": "eur"}
    assert request["expires_at"] == int(order.expires_at.timestamp())
    assert request["adaptive_pricing"] == {"enabled": False}
    assert request["success_url"].endswith(f"/{order.token}/?session={{CHECKOUT_SESSION_ID}}")
    assert not {"discounts", "allow_promotion_codes", "receipt_email"} & request.keys()


def test_addresses_cannot_be_guessed(db):
    first, second = make_order(), make_order()

    assert len(first.token) >= 32  # 24 random bytes
    assert first.token != second.token
    assert first.number not in first.get_absolute_url()
    assert str(first.pk) not in first.get_absolute_url().split("/")


def test_the_same_form_twice_is_one_order(db):
    variant = make_variant(stock=5)
    attempt = uuid4()

    first = make_order({variant.pk: 2}, attempt=attempt)
    second = make_order({variant.pk: 2}, attempt=attempt)

    assert first == second
    assert Order.objects.count() == 1
    assert stock_of(variant) == (5, 2)


@pytest.mark.parametrize("shown", ["0.01", "13.8", "", "NaN", "13.800", "-13.80"])
def test_a_total_other_than_the_shown_one_is_not_charged(db, shown):
    variant = make_variant(price="8.90")

    with pytest.raises(TotalChanged) as error:
        make_order({variant.pk: 1}, method=make_delivery("4.90"), shown_total=shown)

    assert error.value.totals.total == euro("13.80")
    assert not Order.objects.exists()


@pytest.mark.parametrize("shown", ["", "1x1", "0x2", "\x00", "9" * 5000])
def test_other_goods_than_the_shown_ones_are_not_ordered_though_they_cost_the_same(db, shown):
    with pytest.raises(CartChanged):
        make_order({make_variant(price="8.90").pk: 2}, shown_lines=shown)

    assert not Order.objects.exists()


def test_an_empty_cart_is_no_order(db):
    gone = make_variant(stock=0)

    with pytest.raises(CartChanged):
        make_order({gone.pk: 1}, shown_lines="")


def test_sold_out_since_the_cart_was_loaded_writes_nothing(db):
    first, second = make_product(variants=[{"stock": 5}, {"stock": 5}]).variants.order_by("pk")
    cart = carts.load(make_session({first.pk: 1, second.pk: 5}))
    method = make_delivery()
    other = make_order({second.pk: 3})

    with pytest.raises(OutOfStock) as error:
        shown = placing.plain(totals_of(cart, "DE", method).total), placing.plain_lines(cart)
        placing.place(cart, placing.Wish(uuid4(), BUYER, method, "en", *shown))

    assert error.value.variant_ids == [second.pk]
    assert list(Order.objects.all()) == [other]
    assert OrderLine.objects.count() == 1
    assert stock_of(first) == (5, 0)


def test_an_amount_below_the_smallest_charge_is_refused(db):
    with pytest.raises(TooSmall) as error:
        make_order({make_variant(price="0.49").pk: 1}, method=make_delivery("0"))

    assert error.value.minimum == euro("0.50")
    assert not Order.objects.exists()


def test_a_free_order_is_paid_at_once_and_asks_nobody(db):
    variant = make_variant(price="0", stock=5)
    order = make_order({variant.pk: 1}, method=make_delivery("0"))

    assert order.status == Status.PAID
    assert not order.attempts.exists()
    assert stock_of(variant) == (4, 0)
    assert Outbox.objects.count() == 2  # its invoice and its mail
    assert payment_page(order) == ""


def test_paying_again_leads_to_the_same_page(db, gateway):
    order = make_order()

    assert payment_page(order) == payment_page(order)
    assert order.attempts.count() == 1


def test_a_declined_card_may_try_again(db, gateway):
    order = make_order()
    session_id = opened(order)

    gateway.click(session_id, "decline")
    assert fulfil(session_id).status == Status.PENDING

    gateway.pay(session_id)
    assert fulfil(session_id).status == Status.PAID


def test_fulfilling_twice_changes_nothing_more(db, gateway):
    variant = make_variant(stock=5)
    order = make_order({variant.pk: 1})
    session_id = opened(order)
    gateway.pay(session_id)

    for _time in range(3):
        fulfil(session_id)

    assert story(order) == ["pending", "paid"]
    assert stock_of(variant) == (4, 0)
    assert Outbox.objects.count() == 2  # its invoice and its mail


def test_a_session_nobody_knows_is_ignored(db, gateway):
    assert fulfil("cs_test_unknown") is None


def test_an_unreachable_provider_is_said(db):
    order = make_order()

    with pytest.raises(Unreachable):
        payment_page(order)

    assert Order.objects.get().status == Status.PENDING
    assert order.attempts.get().closed_at is None


def test_money_that_comes_later(db, gateway):
    variant = make_variant(stock=5)
    order = make_order({variant.pk: 1})
    session_id = opened(order)

    gateway.click(session_id, "later")
    assert fulfil(session_id).status == Status.AWAITING_FUNDS
    assert stock_of(variant) == (5, 1)

    gateway.click(session_id, "arrive", step="/funds")
    assert fulfil(session_id).status == Status.PAID
    assert stock_of(variant) == (4, 0)


def test_later_money_that_does_not_come_frees_the_stock(db, gateway):
    variant = make_variant(stock=5)
    order = make_order({variant.pk: 1})
    session_id = opened(order)
    gateway.click(session_id, "later")
    fulfil(session_id)

    gateway.click(session_id, "fail", step="/funds")

    assert fulfil(session_id).status == Status.CANCELLED
    assert stock_of(variant) == (5, 0)
    assert story(order) == ["pending", "awaiting_funds", "cancelled"]
    assert set(Outbox.objects.values_list("kind", flat=True)) == {"order_received", "payment_failed"}


def test_a_page_closed_at_the_provider_ends_the_order(db, gateway):
    variant = make_variant(stock=5)
    order = make_order({variant.pk: 1})
    session_id = opened(order)

    gateway.api("POST", f"checkout/sessions/{session_id}/expire")

    assert fulfil(session_id).status == Status.EXPIRED
    assert stock_of(variant) == (5, 0)
    assert payment_page(order) == ""


def late(order):
    """Paid, but an editor has given the stock back before we heard of it."""
    release(order.reference)
    assert move(Order.objects.get(pk=order.pk), Status.EXPIRED, "by an editor")


def test_a_late_payment_takes_the_stock_again(db, gateway):
    variant = make_variant(stock=5)
    order = make_order({variant.pk: 2})
    session_id = opened(order)
    gateway.pay(session_id)
    late(order)

    assert fulfil(session_id).status == Status.PAID
    assert stock_of(variant) == (3, 0)


def test_a_late_payment_for_what_is_sold_out_is_flagged(db, gateway):
    variant = make_variant(stock=2)
    order = make_order({variant.pk: 2})
    session_id = opened(order)
    gateway.pay(session_id)
    late(order)
    make_order({variant.pk: 1})

    assert fulfil(session_id).status == Status.PAID_UNFULFILLABLE
    assert stock_of(variant) == (2, 1)
    assert not Outbox.objects.exists()


@pytest.mark.parametrize(("column", "value"), [("total", Decimal("13.81")), ("currency", "USD")])
def test_a_payment_that_differs_needs_attention(db, gateway, column, value):
    variant = make_variant(price="8.90", stock=5)
    order = make_order({variant.pk: 1}, method=make_delivery("4.90"))
    session_id = opened(order)
    gateway.pay(session_id)
    changes = {column: value} | ({"goods_total": Decimal("8.91")} if column == "total" else {})
    Order.objects.filter(pk=order.pk).update(**changes)

    assert fulfil(session_id).status == Status.NEEDS_ATTENTION
    assert stock_of(variant) == (5, 1)
    assert not Outbox.objects.exists()
    assert "13.80 EUR" in order.events.last().note


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, ""),
        ({"references": ("other", "{own}")}, "another order"),
        ({"references": ("{own}", "None")}, "another order"),
        ({"live": True}, "other mode"),
        ({"amount": euro("13.79")}, "is about 13.79 EUR"),
        ({"amount": Money(Decimal("13.80"), "USD")}, "is about 13.80 USD"),
    ],
)
def test_mismatch_names_the_difference(db, change, expected):
    order = make_order({make_variant(price="8.90").pk: 1}, method=make_delivery("4.90"))
    own = (order.reference, order.reference)
    values = {"references": own, "live": False, "amount": euro("13.80"), **change}
    values["references"] = tuple(part.format(own=order.reference) for part in values["references"])

    difference = mismatch(order, Session(id="cs_1", url="", payment=Payment.PAID, **values), live=False)

    assert expected in str(difference or "")
    assert bool(difference) == bool(expected)


def test_a_mismatch_writes_both_amounts_with_the_decimals_of_their_currency(db):
    order = make_order({make_variant(price="8.90").pk: 1}, method=make_delivery("4.90"))
    order.refresh_from_db()  # three decimals, as the table keeps them
    session = Session(
        id="cs_1", url="", payment=Payment.PAID, references=(order.reference,), live=False, amount=euro("13.790")
    )

    assert str(mismatch(order, session, live=False)).endswith("about 13.79 EUR, the order about 13.80 EUR")


def test_a_session_whose_id_was_never_saved_is_found_by_its_reference(db, gateway):
    order = make_order()
    session_id = opened(order)
    PaymentAttempt.objects.update(session_id=None, url="")

    gateway.pay(session_id)

    assert fulfil(session_id).status == Status.PAID
    assert order.attempts.get().session_id == session_id


def test_a_replay_after_a_crash_opens_the_same_page(db, gateway):
    order = make_order()
    first = opened(order)
    PaymentAttempt.objects.update(session_id=None, url="")  # the answer never reached the database

    assert opened(order) == first
    assert sum(1 for row in gateway.sessions() if row["client_reference_id"] == order.reference) == 1


def test_a_request_too_old_to_be_accepted_is_asked_with_a_new_deadline(db, gateway):
    order = make_order()
    attempt = order.attempts.get()
    attempt.request["expires_at"] -= 10 * 60  # as if the buyer came back after ten minutes
    attempt.save()

    assert payment_page(order)

    first, second = order.attempts.all()
    assert first.closed_at is not None
    assert "expires_at" in first.error
    assert second.number == 2
    assert second.request == {**first.request, "expires_at": second.request["expires_at"]}
    order.refresh_from_db()
    assert order.expires_at == second.expires_at


def test_a_request_refused_for_another_reason_than_its_age_is_not_asked_again(db, gateway):
    order = make_order()
    held_until = order.expires_at
    PaymentAttempt.objects.update(request={**order.attempts.get().request, "mode": "nonsense"})

    with pytest.raises(Refused):
        payment_page(order)

    order.refresh_from_db()
    assert order.attempts.count() == 1
    assert order.expires_at == held_until


def test_refused_requests_do_not_extend_the_hold_for_ever(db, gateway):
    order = make_order()

    for _time in range(orders.MOST_ATTEMPTS):
        attempt = order.attempts.last()
        attempt.request["expires_at"] -= 10 * 60
        attempt.save()
        with pytest.raises(Refused):
            orders.start(attempt)  # by the sweeper, say
        with suppress(Refused):
            orders.open_attempt(order)  # by the buyer who comes back

    assert order.attempts.count() == orders.MOST_ATTEMPTS
    with pytest.raises(Refused):
        payment_page(order)


def test_what_the_provider_never_takes_ends_and_frees_its_hold(db, gateway):
    variant = make_variant(stock=5)
    order = make_order({variant.pk: 1})
    PaymentAttempt.objects.update(closed_at=timezone.now(), error="refused")

    assert orders.refuse(order).status == Status.CANCELLED
    assert stock_of(variant) == (5, 0)
    assert story(order) == ["pending", "cancelled"]


def test_a_paid_order_is_not_ended_by_a_refusal(db, gateway):
    order = make_order()
    session_id = opened(order)
    gateway.pay(session_id)
    fulfil(session_id)

    assert orders.refuse(order).status == Status.PAID


@pytest.mark.parametrize(("price", "units"), [("999999.99", 2), ("99999999", 99)])
def test_an_amount_above_the_largest_charge_is_refused(db, price, units):
    with pytest.raises(TooBig, match="The largest amount that can be paid by card is €999,999.99."):
        make_order({make_variant(price=price, stock=100).pk: units}, method=make_delivery("0"))

    assert not Order.objects.exists()


def test_giving_up_closes_the_page_first(db, gateway):
    variant = make_variant(stock=5)
    order = make_order({variant.pk: 1})
    session_id = opened(order)

    assert orders.give_up(order).status == Status.EXPIRED
    assert gateway.api("GET", f"checkout/sessions/{session_id}")["status"] == "expired"
    assert stock_of(variant) == (5, 0)


def test_giving_up_a_paid_order_finds_the_payment(db, gateway):
    variant = make_variant(stock=5)
    order = make_order({variant.pk: 1})
    gateway.pay(opened(order))

    assert orders.give_up(order).status == Status.PAID
    assert stock_of(variant) == (4, 0)


def test_giving_up_keeps_the_hold_when_nobody_answers(db):
    variant = make_variant(stock=5)
    order = make_order({variant.pk: 1})

    with pytest.raises(Unreachable):
        orders.give_up(order)

    assert Order.objects.get().status == Status.PENDING
    assert stock_of(variant) == (5, 1)


def test_no_arrow_leads_from_a_state_twice(db):
    order = make_order()
    stale = Order.objects.get(pk=order.pk)

    assert move(order, Status.EXPIRED)
    assert not move(stale, Status.PAID)
    assert Order.objects.get().status == Status.EXPIRED
    assert story(order) == ["pending", "expired"]


def test_only_the_arrows_of_the_table_exist(db):
    order = make_order()
    for state in Status:
        for target in Status:
            Order.objects.filter(pk=order.pk).update(status=state)
            assert move(Order.objects.get(pk=order.pk), target) == (target in TRANSITIONS[state])


@pytest.mark.parametrize(
    ("rows", "change"),
    [
        (OrderLine.objects, {"quantity": 0}),
        (OrderLine.objects, {"line_total": Decimal(1)}),
        (Order.objects, {"total": Decimal(1)}),
    ],
)
def test_the_database_refuses_sums_that_do_not_add_up(db, rows, change):
    make_order()

    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(**change)


def test_the_payment_page_shows_what_was_ordered(db, gateway):
    order = make_order({make_variant(price="8.90").pk: 2}, method=make_delivery("4.90"))

    page = requests.get(payment_page(order), timeout=10).text

    assert "Sencha" in page
    assert "22.70" in page
