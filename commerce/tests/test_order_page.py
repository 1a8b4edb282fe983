from datetime import timedelta

import pytest
import requests
from django.test import Client
from django.utils import timezone

from commerce.models import Order, PaymentAttempt, Status
from commerce.orders import fulfil, payment_page
from commerce.tests.factories import make_order


def opened(order):
    payment_page(order)
    return order.attempts.get().session_id


def look(order, client, query=""):
    return client.get(order.get_absolute_url() + query)


def test_it_works(db, client):
    order = make_order()

    page = look(order, client)

    assert page.status_code == 200
    assert page.context["order"] == order
    assert [line.name for line in page.context["lines"]] == ["Sencha"]
    assert str(page.context["totals"].total) == "€13.80"
    assert page.context["state"] == "pending"
    assert page.context["pay_url"] == order.get_absolute_url() + "pay/"
    assert [alternate.code for alternate in page.context["alternates"]] == ["en", "de", "ar"]


def test_the_page_is_kept_secret(db, client):
    headers = look(make_order(), client).headers

    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Robots-Tag"] == "noindex"
    assert "no-store" in headers["Cache-Control"]
    assert "session" not in client.cookies


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("paid", "packing table"),
        ("shipped", "Everything has left our house"),
        ("part_refunded", "A part of the amount was refunded"),
        ("refunded", "This order was refunded"),
        ("cancelled", "This order is cancelled"),
    ],
)
def test_what_became_of_it_is_said(db, client, state, words):
    order = make_order()
    Order.objects.update(status=state)

    page = look(order, client)

    assert (page.context["state"], page.context["pay_url"]) == (state, "")
    assert words in page.content.decode()


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("awaiting_funds", "confirming"),
        ("expired", "expired"),
        ("cancelled", "cancelled"),
        ("needs_attention", "attention"),
        ("paid_unfulfillable", "attention"),
    ],
)
def test_other_states_have_their_words(db, client, status, state):
    order = make_order()
    Order.objects.update(status=status)

    page = look(order, client)

    assert (page.context["state"], page.context["pay_url"]) == (state, "")


def test_return_before_webhook(db, client, gateway):
    order = make_order()
    back = gateway.pay(opened(order))

    page = client.get(back.removeprefix("http://testserver"))

    assert page.context["state"] == "paid"
    assert fulfil(order.attempts.get().session_id).status == Status.PAID  # the webhook, later
    assert order.events.count() == 2


def test_webhook_before_return(db, client, gateway):
    order = make_order()
    session_id = opened(order)
    back = gateway.pay(session_id)
    fulfil(session_id)

    page = client.get(back.removeprefix("http://testserver"))

    assert page.context["state"] == "paid"
    assert order.events.count() == 2


def test_when_stripe_is_slow_the_page_confirms(db, client, gateway, settings):
    order = make_order()
    back = gateway.pay(opened(order))
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"

    assert client.get(back.removeprefix("http://testserver")).context["state"] == "confirming"

    settings.STRIPE_API_BASE = gateway.base
    PaymentAttempt.objects.update(checked_at=None)
    assert client.get(back.removeprefix("http://testserver")).context["state"] == "paid"


def test_a_hasty_buyer_is_not_kept_waiting(db, client, gateway):
    order = make_order()
    session_id = opened(order)
    client.post(order.get_absolute_url() + "pay/")
    back = gateway.pay(session_id)

    assert client.get(back.removeprefix("http://testserver")).context["state"] == "paid"


def test_a_waiting_page_does_not_ask_at_every_reload(db, client, gateway):
    order = make_order()
    session_id = opened(order)
    query = f"?session={session_id}"
    look(order, client, query)
    gateway.pay(session_id)

    assert look(order, client, query).context["state"] == "confirming"

    PaymentAttempt.objects.update(checked_at=timezone.now() - timedelta(seconds=4))
    assert look(order, client, query).context["state"] == "paid"


def test_after_the_hold_nobody_is_told_expired_before_stripe_says_so(db, client):
    order = make_order()
    Order.objects.update(expires_at=timezone.now())

    page = look(order, client)

    assert (page.context["state"], page.context["pay_url"]) == ("confirming", "")


@pytest.mark.parametrize("session", ["cs_test_other", "x" * 3000, "%ED%A0%80"])
def test_a_made_up_session_is_not_asked_for(db, client, session):
    assert look(make_order(), client, f"?session={session}").status_code == 200


def test_a_session_of_another_order_changes_neither(db, client, gateway):
    mine, other = make_order(), make_order()
    payment_page(other)
    session_id = other.attempts.get().session_id
    gateway.pay(session_id)

    page = look(mine, client, f"?session={session_id}")

    assert page.context["state"] == "confirming"
    assert set(Order.objects.values_list("status", flat=True)) == {"pending"}


@pytest.mark.parametrize(
    "change", [str.swapcase, lambda token: token[:-1], lambda token: token + "A", lambda token: "1"]
)
def test_another_token_opens_nothing(db, client, change):
    order = make_order()

    assert client.get(f"/en/orders/{change(order.token)}/").status_code == 404
    assert client.post(f"/en/orders/{change(order.token)}/pay/").status_code == 404


@pytest.mark.parametrize("token", ["a%0d%0ab", "..%2f", "é", "a" * 2000])
def test_a_hostile_token_is_not_found(db, client, token):
    assert client.get(f"/en/orders/{token}/").status_code == 404


def test_numbers_and_keys_open_nothing(db, client):
    order = make_order()

    for guess in (order.number, order.pk, order.uuid):
        assert client.get(f"/en/orders/{guess}/").status_code == 404


def test_pay_again_leads_to_the_open_page(db, client, gateway):
    order = make_order()

    response = client.post(order.get_absolute_url() + "pay/")

    assert response.status_code == 303
    assert response.headers["Location"] == order.attempts.get().url


def test_pay_again_works_from_a_page_that_sends_no_referrer(db, gateway):
    """Browsers say `Origin: null` then, which Django's own check refuses."""
    strict = Client(enforce_csrf_checks=True, headers={"Origin": "null"})

    assert strict.post(make_order().get_absolute_url() + "pay/").status_code == 303


def test_pay_again_after_paying_shows_the_paid_order(db, client, gateway):
    order = make_order()
    gateway.pay(opened(order))

    response = client.post(order.get_absolute_url() + "pay/", follow=True)

    assert response.context["state"] == "paid"


def test_pay_again_after_the_hold_does_not_pay(db, client, gateway):
    order = make_order()
    opened(order)
    Order.objects.update(expires_at=timezone.now())

    response = client.post(order.get_absolute_url() + "pay/")

    assert response.headers["Location"] == order.get_absolute_url()


def test_paying_again_is_limited(db, client, settings):
    settings.RATE_LIMITS = {"order-pay-ip": (1, 60)}
    order = make_order()
    Order.objects.update(status=Status.PAID)  # so that nobody is asked
    client.post(order.get_absolute_url() + "pay/")

    answer = client.post(order.get_absolute_url() + "pay/", follow=True)

    assert [str(message) for message in answer.context["messages"]] == [
        "That was often in a short time. Please try again in a minute."
    ]


def test_paying_wants_a_post(db, client, gateway):
    order = make_order()

    assert client.get(order.get_absolute_url() + "pay/").status_code == 405
    assert order.attempts.get().session_id is None


def test_cancelling_leads_back_to_the_open_order(db, client, gateway):
    order = make_order()
    page = requests.get(payment_page(order), timeout=10).text

    assert f"http://testserver{order.get_absolute_url()}" in page
    assert look(order, client).context["state"] == "pending"
