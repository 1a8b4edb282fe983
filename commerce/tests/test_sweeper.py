from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db.models import F
from django.utils import timezone

from catalog.tests.factories import make_variant
from commerce import orders, tasks
from commerce.models import Order, PaymentAttempt, Status
from commerce.orders import fulfil, payment_page
from commerce.sweeper import sweep, waiting_orders
from commerce.tests.factories import make_order, stock_of


def age(minutes, order=None):
    """As if the orders had been placed that long ago; their requests stay as they were sent."""
    rows = Order.objects.filter(pk=order.pk) if order else Order.objects.all()
    shift = timedelta(minutes=minutes)
    rows.update(placed_at=F("placed_at") - shift, expires_at=F("expires_at") - shift)


def opened(order):
    payment_page(order)
    return order.attempts.get(closed_at=None).session_id


def test_it_works(db, gateway):
    variant = make_variant(stock=5)
    order = make_order({variant.pk: 1})
    session_id = opened(order)
    age(32)

    assert sweep() == 1

    order.refresh_from_db()
    assert order.status == Status.EXPIRED
    assert gateway.api("GET", f"checkout/sessions/{session_id}")["status"] == "expired"
    assert stock_of(variant) == (5, 0)


def test_a_payment_whose_news_was_lost_is_found(db, gateway):
    order = make_order()
    gateway.pay(opened(order))
    age(1)

    sweep()

    order.refresh_from_db()
    assert order.status == Status.PAID


def test_a_payment_in_the_last_second_wins_over_the_end_of_the_hold(db, gateway):
    variant = make_variant(stock=5)
    order = make_order({variant.pk: 1})
    gateway.pay(opened(order))
    age(32)

    sweep()

    order.refresh_from_db()
    assert order.status == Status.PAID
    assert stock_of(variant) == (4, 0)


def test_a_crash_before_the_page_was_opened_is_made_good(db, gateway):
    order = make_order()  # placed; nobody asked for a payment page
    Order.objects.update(placed_at=F("placed_at") - timedelta(seconds=30))

    sweep()

    attempt = order.attempts.get()
    assert attempt.session_id.startswith("cs_test_")
    assert payment_page(order) == attempt.url


def test_a_crash_before_the_page_was_saved_finds_the_same_page(db, gateway):
    order = make_order()
    session_id = opened(order)
    PaymentAttempt.objects.update(session_id=None, url="")
    Order.objects.update(placed_at=F("placed_at") - timedelta(seconds=30))

    sweep()

    assert order.attempts.get().session_id == session_id


def test_a_crash_nobody_came_back_to_is_swept_away(db, gateway):
    variant = make_variant(stock=5)
    order = make_order({variant.pk: 1})
    attempt = order.attempts.get()
    attempt.request["expires_at"] -= 32 * 60
    attempt.save()
    age(32)

    sweep()

    order.refresh_from_db()
    assert order.status == Status.EXPIRED
    assert stock_of(variant) == (5, 0)


def test_a_request_that_is_refused_for_good_ends_the_hold_at_once(db, gateway):
    variant = make_variant(stock=5)
    order = make_order({variant.pk: 1})
    PaymentAttempt.objects.update(request={**order.attempts.get().request, "mode": "nonsense"})
    Order.objects.update(placed_at=F("placed_at") - timedelta(seconds=30))

    sweep()

    order.refresh_from_db()
    assert order.status == Status.CANCELLED
    assert stock_of(variant) == (5, 0)


def test_a_request_that_is_refused_for_its_age_waits_for_its_buyer(db, gateway):
    variant = make_variant(stock=5)
    order = make_order({variant.pk: 1})
    attempt = order.attempts.get()
    attempt.request["expires_at"] -= 10 * 60
    attempt.save()
    Order.objects.update(placed_at=F("placed_at") - timedelta(seconds=30))

    sweep()

    assert stock_of(variant) == (5, 1)
    assert payment_page(order)


def test_an_unreachable_provider_keeps_every_hold(db):
    variant = make_variant(stock=5)
    make_order({variant.pk: 1})
    make_order({variant.pk: 1})
    age(200)

    assert sweep() == 0

    assert set(Order.objects.values_list("status", flat=True)) == {"pending"}
    assert stock_of(variant) == (5, 2)


def test_an_order_that_cannot_be_swept_does_not_stop_the_others(db, gateway, monkeypatch):
    bad, good = make_order(), make_order()
    opened(bad), opened(good)
    age(32)
    give_up = orders.give_up

    def sometimes(order):
        if order == bad:
            raise ValueError("broken row")
        return give_up(order)

    monkeypatch.setattr("commerce.sweeper.give_up", sometimes)

    assert sweep() == 2
    good.refresh_from_db()
    assert good.status == Status.EXPIRED


def test_a_provider_that_lost_the_page_ends_the_hold(db, gateway):
    variant = make_variant(stock=5)
    order = make_order({variant.pk: 1})
    opened(order)
    PaymentAttempt.objects.update(session_id="cs_test_lost")
    age(32)

    sweep()

    order.refresh_from_db()
    assert order.status == Status.EXPIRED
    assert stock_of(variant) == (5, 0)


def test_a_new_order_is_left_to_its_buyer(db, gateway):
    order = make_order()

    assert sweep() == 0
    assert order.attempts.get().session_id is None


def test_delayed_payments_are_looked_at_once_an_hour(db, gateway):
    order = make_order()
    session_id = opened(order)
    gateway.click(session_id, "later")
    fulfil(session_id)
    gateway.click(session_id, "arrive", step="/funds")

    assert sweep() == 0

    PaymentAttempt.objects.update(checked_at=timezone.now() - timedelta(minutes=61))
    assert sweep() == 1
    order.refresh_from_db()
    assert order.status == Status.PAID


def test_a_delayed_payment_keeps_its_hold_after_the_deadline(db, gateway):
    variant = make_variant(stock=5)
    order = make_order({variant.pk: 1})
    session_id = opened(order)
    gateway.click(session_id, "later")
    age(60)

    sweep()

    order.refresh_from_db()
    assert order.status == Status.AWAITING_FUNDS
    assert stock_of(variant) == (5, 1)


@pytest.mark.parametrize("state", ["paid", "expired", "needs_attention", "cancelled", "shipped"])
def test_settled_orders_are_left_alone(db, state):
    make_order()
    Order.objects.update(status=state)
    age(60)

    assert sweep() == 0


def test_those_not_asked_for_longest_come_first(db, gateway):
    first, second = make_order(), make_order()
    opened(first), opened(second)
    age(1)
    PaymentAttempt.objects.filter(order=first).update(checked_at=timezone.now())
    PaymentAttempt.objects.filter(order=second).update(checked_at=timezone.now() - timedelta(minutes=5))

    assert list(waiting_orders()) == [second, first]


def test_the_task_and_the_command_sweep(db, gateway):
    make_order()
    age(32)
    assert tasks.sweep() == 1

    out = StringIO()
    call_command("sweep", stdout=out)
    assert out.getvalue() == "0 open orders looked at, 0 outbox entries done\n"
