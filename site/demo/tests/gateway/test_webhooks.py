"""Signed events reach the shop, sooner or later, whatever happens to either side."""

from collections.abc import Callable

import requests
import stripe

from demo.tests.gateway.harness import Gateway, Shop, free_port, wait_for


def test_it_works(new_gateway: Callable[..., Gateway], shop: Shop) -> None:
    gateway = new_gateway(GATEWAY_WEBHOOK_URL=shop.url)
    session = gateway.create()

    gateway.click(session, "pay")

    wait_for(lambda: "checkout.session.completed" in shop.types())
    signature, event = next(entry for entry in shop.received if entry[1]["type"] == "checkout.session.completed")
    assert signature.startswith("t=") and ",v1=" in signature
    assert event["data"]["object"]["id"] == session.id
    assert event["api_version"] == stripe.api_version
    assert sorted(shop.types()) == sorted(gateway.event_types(session))
    wait_for(lambda: gateway.client.v1.events.retrieve(event["id"]).pending_webhooks == 0)


def test_an_answer_other_than_2xx_is_tried_again(new_gateway: Callable[..., Gateway], shop: Shop) -> None:
    gateway = new_gateway(GATEWAY_WEBHOOK_URL=shop.url)
    shop.answers = [503, 301]

    session = gateway.create()
    gateway.client.v1.checkout.sessions.expire(session.id)
    other = gateway.create()
    gateway.client.v1.checkout.sessions.expire(other.id)

    wait_for(lambda: len(shop.received) == 4)
    ids = [event["id"] for _, event in shop.received]
    assert set(ids[:2]) == set(ids[2:]) and len(set(ids)) == 2
    wait_for(
        lambda: [event.pending_webhooks for event in gateway.client.v1.events.list().data] == [0, 0],
    )


def test_a_kill_does_not_lose_an_undelivered_event(new_gateway: Callable[..., Gateway], shop: Shop) -> None:
    nobody = f"http://127.0.0.1:{free_port()}/webhooks/stripe/"
    gateway = new_gateway(GATEWAY_WEBHOOK_URL=nobody)
    session = gateway.create()
    gateway.click(session, "pay")
    event = gateway.client.v1.events.list(params={"delivery_success": False}).data[0]
    assert event.pending_webhooks == 1

    gateway.kill()
    gateway.env["GATEWAY_WEBHOOK_URL"] = shop.url
    gateway.start()

    wait_for(lambda: "checkout.session.completed" in shop.types())
    assert event.id in [received["id"] for _, received in shop.received]
    assert gateway.retrieve(session).payment_status == "paid"


def test_an_event_signed_with_another_secret_is_not_delivered(new_gateway: Callable[..., Gateway], shop: Shop) -> None:
    gateway = new_gateway(GATEWAY_WEBHOOK_URL=shop.url, STRIPE_WEBHOOK_SECRETS="whsec_other")

    gateway.client.v1.checkout.sessions.expire(gateway.create().id)

    wait_for(lambda: "HTTP 400" in requests.get(gateway.url, timeout=5).text)
    assert gateway.client.v1.events.list().data[0].pending_webhooks == 1


def test_without_an_address_events_are_only_stored(gateway: Gateway) -> None:
    session = gateway.create()
    gateway.click(session, "pay")

    assert "checkout.session.completed" in gateway.event_types(session)
    assert gateway.client.v1.events.list(params={"delivery_success": False}).data == []


def test_it_stops_when_told(new_gateway: Callable[..., Gateway], shop: Shop) -> None:
    gateway = new_gateway(GATEWAY_WEBHOOK_URL=shop.url, GATEWAY_HOST="0.0.0.0")

    assert gateway.stop() == 0
