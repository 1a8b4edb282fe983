"""Every way a payment can end, driven by the buttons of the hosted page."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import requests

from demo.tests.gateway.harness import Gateway, line, wait_for

EXPAND = ("payment_intent", "payment_intent.latest_charge")


def test_it_works(gateway: Gateway) -> None:
    session = gateway.create()

    answer = gateway.click(session, "pay")

    assert answer.status_code == 303
    assert answer.headers["Location"] == f"http://shop.test:8000/de/bestellungen/tok/?session={session.id}"
    paid = gateway.retrieve(session, *EXPAND)
    assert (paid.status, paid.payment_status, paid.url) == ("complete", "paid", None)
    intent = paid.payment_intent
    assert (intent.status, intent.amount_received, intent.currency) == ("succeeded", 7270, "eur")
    assert intent.metadata["order"] == intent.latest_charge.metadata["order"] == "order-1"
    assert (intent.latest_charge.paid, intent.latest_charge.amount) == (True, 7270)
    assert intent.latest_charge.payment_method_details.card.last4 == "4242"
    assert gateway.event_types(session) == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.completed",
    ]


def test_the_event_shows_the_session_as_it_became(gateway: Gateway) -> None:
    session = gateway.create()
    gateway.click(session, "pay")

    events = gateway.client.v1.events.list(params={"type": "checkout.session.completed", "limit": 100}).data
    event = next(event for event in events if event.data.object["id"] == session.id)

    assert event.data.object["payment_status"] == "paid"
    assert gateway.client.v1.events.retrieve(event.id).type == "checkout.session.completed"
    assert (event.livemode, event.pending_webhooks, event.request.id) == (False, 0, None)


def test_a_declined_card_leaves_the_session_open(gateway: Gateway) -> None:
    session = gateway.create(locale="en")

    answer = gateway.click(session, "decline")

    assert answer.headers["Location"] == f"/pay/{session.id}"
    page = requests.get(gateway.url + answer.headers["Location"], timeout=5).text
    assert 'role="alert">Your card was declined' in page
    declined = gateway.retrieve(session, *EXPAND)
    assert (declined.status, declined.payment_status) == ("open", "unpaid")
    intent = declined.payment_intent
    assert (intent.status, intent.amount_received) == ("requires_payment_method", 0)
    assert intent.last_payment_error.decline_code == "generic_decline"
    assert (intent.latest_charge.status, intent.latest_charge.paid) == ("failed", False)
    assert gateway.event_types(session)[-1] == "payment_intent.payment_failed"

    gateway.click(session, "pay")
    assert gateway.retrieve(session).payment_status == "paid"
    assert gateway.retrieve(session).payment_intent == intent.id


def test_three_d_secure_pays_after_the_challenge(gateway: Gateway) -> None:
    session = gateway.create()

    asked = gateway.click(session, "challenge")
    assert asked.headers["Location"] == f"/pay/{session.id}/challenge"
    assert gateway.retrieve(session, *EXPAND).payment_intent.status == "requires_action"
    assert gateway.retrieve(session).status == "open"

    answer = gateway.click(session, "complete", "/challenge")
    assert answer.headers["Location"].startswith("http://shop.test:8000/")
    paid = gateway.retrieve(session, *EXPAND)
    assert paid.payment_status == "paid"
    assert paid.payment_intent.latest_charge.payment_method_details.card.three_d_secure.result == "authenticated"


def test_a_failed_challenge_leaves_the_session_open(gateway: Gateway) -> None:
    session = gateway.create(locale="en")
    gateway.click(session, "challenge")

    answer = gateway.click(session, "fail", "/challenge")

    page = requests.get(gateway.url + answer.headers["Location"], timeout=5).text
    assert "could not confirm that it is you" in page
    failed = gateway.retrieve(session, *EXPAND)
    assert failed.status == "open"
    assert failed.payment_intent.last_payment_error.code == "payment_intent_authentication_failure"
    assert gateway.click(session, "complete", "/challenge").headers["Location"] == f"/pay/{session.id}"
    assert gateway.retrieve(session).payment_status == "unpaid"


def test_a_challenge_nobody_asked_for_pays_nothing(gateway: Gateway) -> None:
    session = gateway.create()

    gateway.click(session, "complete", "/challenge")

    assert gateway.retrieve(session).payment_status == "unpaid"
    assert gateway.event_types(session) == []


def test_delayed_money_that_arrives(gateway: Gateway) -> None:
    session = gateway.create()

    assert gateway.click(session, "later").headers["Location"] == f"/pay/{session.id}"
    waiting = gateway.retrieve(session, *EXPAND)
    assert (waiting.status, waiting.payment_status) == ("complete", "unpaid")
    assert waiting.payment_intent.status == "processing"
    assert gateway.event_types(session)[-1] == "checkout.session.completed"

    gateway.click(session, "arrive", "/funds")
    paid = gateway.retrieve(session, *EXPAND)
    assert (paid.payment_status, paid.payment_intent.status) == ("paid", "succeeded")
    assert paid.payment_intent.latest_charge.status == "succeeded"
    assert gateway.event_types(session)[-1] == "checkout.session.async_payment_succeeded"


def test_delayed_money_that_does_not_arrive(gateway: Gateway) -> None:
    session = gateway.create()
    gateway.click(session, "later")

    gateway.click(session, "fail", "/funds")

    failed = gateway.retrieve(session, *EXPAND)
    assert (failed.status, failed.payment_status) == ("complete", "unpaid")
    assert failed.payment_intent.latest_charge.status == "failed"
    assert gateway.event_types(session)[-1] == "checkout.session.async_payment_failed"
    assert gateway.click(session, "arrive", "/funds").status_code == 409
    assert gateway.retrieve(session).payment_status == "unpaid"


def test_delayed_money_arrives_by_itself_when_told_so(new_gateway: Callable[..., Gateway]) -> None:
    gateway = new_gateway(GATEWAY_SETTLE_SECONDS="1")
    session = gateway.create()

    gateway.click(session, "later")

    assert gateway.retrieve(session).payment_status == "unpaid"
    wait_for(lambda: gateway.event_types(session)[-1] == "checkout.session.async_payment_succeeded")
    assert gateway.retrieve(session).payment_status == "paid"


def test_delayed_money_is_not_offered_for_cards_only(gateway: Gateway) -> None:
    session = gateway.create(allowed_payment_method_types=["card"])

    assert 'value="later"' not in requests.get(session.url, timeout=5).text
    assert gateway.click(session, "later").status_code == 409
    assert gateway.retrieve(session).status == "open"


def test_paying_twice_at_the_same_instant_charges_once(gateway: Gateway) -> None:
    session = gateway.create(locale="en")
    barrier = Barrier(8)

    def go(_: int) -> requests.Response:
        barrier.wait()
        return gateway.click(session, "pay")

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(go, range(8)))

    assert sorted(answer.status_code for answer in answers) == [303] + [409] * 7
    refused = next(answer for answer in answers if answer.status_code == 409)
    assert "This order is paid" in refused.text
    assert "http://shop.test:8000/de/bestellungen/tok/" in refused.text
    assert gateway.event_types(session).count("charge.succeeded") == 1


def test_nothing_to_pay(gateway: Gateway) -> None:
    coupon = gateway.client.v1.coupons.create(params={"percent_off": 100, "duration": "once"})
    session = gateway.create(line_items=[line("Probe", 900)], shipping_options=None, discounts=[{"coupon": coupon.id}])
    assert session.amount_total == 0

    assert gateway.click(session, "pay").status_code == 303

    done = gateway.retrieve(session)
    assert (done.status, done.payment_status, done.payment_intent) == ("complete", "no_payment_required", None)
