"""What happens without the shop: refunds in the provider's own pages, refunds that fail later, disputes."""

from typing import Any

import pytest
import requests
import stripe

from demo.tests.gateway.harness import Gateway


@pytest.fixture
def intent(gateway: Gateway) -> str:
    """A payment of 72.70 EUR."""
    session = gateway.create()
    gateway.click(session, "pay")
    return str(gateway.retrieve(session).payment_intent)


def refunds(gateway: Gateway, intent: str) -> list[Any]:
    return [
        (refund.id, refund.amount, refund.status)
        for refund in gateway.client.v1.refunds.list(params={"payment_intent": intent}).data
    ]


def charge(gateway: Gateway, intent: str) -> Any:
    return gateway.client.v1.payment_intents.retrieve(intent, params={"expand": ["latest_charge"]}).latest_charge


def told(gateway: Gateway, subject: str) -> list[str]:
    events = gateway.client.v1.events.list(params={"limit": 100}).data
    return [event.type for event in events if event.data.object["id"] == subject][::-1]


def test_it_works(gateway: Gateway, intent: str) -> None:
    assert gateway.act(intent, "refund", amount="4,90").status_code == 303

    ((_id, amount, status),) = refunds(gateway, intent)
    assert (amount, status) == (490, "succeeded")
    page = requests.get(f"{gateway.url}/dashboard/{intent}", headers={"Accept-Language": "en"}, timeout=5).text
    assert "€72.70" in page and "€4.90" in page and "€67.80" in page
    assert f"/dashboard/{intent}" in requests.get(gateway.url, timeout=5).text


@pytest.mark.parametrize("amount", ["0", "-1", "1.001", "much", "NaN", "1e9", "72.71"])
def test_a_wrong_amount_is_explained(gateway: Gateway, intent: str, amount: str) -> None:
    answer = gateway.act(intent, "refund", amount=amount)

    assert answer.status_code == 409
    assert 'role="alert"' in answer.text
    assert refunds(gateway, intent) == []


def test_a_slow_refund_that_fails_gives_the_money_to_the_shop_again(gateway: Gateway, intent: str) -> None:
    gateway.act(intent, "slow")
    gateway.act(intent, "refund")
    ((refund, _amount, status),) = refunds(gateway, intent)
    assert status == "pending"

    gateway.act(intent, "fail", refund=refund)

    assert refunds(gateway, intent) == [(refund, 7270, "failed")]
    assert charge(gateway, intent).amount_refunded == 0
    assert told(gateway, refund) == ["refund.created", "refund.updated", "refund.failed", "charge.refund.updated"]
    assert gateway.act(intent, "fail", refund=refund).status_code == 409
    assert gateway.act(intent, "refund").status_code == 303  # all of it can be refunded once more


def test_a_slow_refund_arrives(gateway: Gateway, intent: str) -> None:
    gateway.act(intent, "slow")
    gateway.act(intent, "refund")
    ((refund, _amount, _status),) = refunds(gateway, intent)

    gateway.act(intent, "arrive", refund=refund)

    assert refunds(gateway, intent) == [(refund, 7270, "succeeded")]


@pytest.mark.parametrize(
    ("choice", "last"),
    [
        ("won", ["charge.dispute.funds_reinstated", "charge.dispute.closed"]),
        ("lost", ["charge.dispute.closed"]),
    ],
)
def test_a_dispute_to_its_end(gateway: Gateway, intent: str, choice: str, last: list[str]) -> None:
    gateway.act(intent, "dispute")
    (dispute,) = gateway.client.v1.disputes.list(params={"payment_intent": intent}).data
    assert (dispute.amount, dispute.status, charge(gateway, intent).disputed) == (7270, "needs_response", True)
    with pytest.raises(stripe.InvalidRequestError, match="charged back"):
        gateway.client.v1.refunds.create(params={"payment_intent": intent})

    gateway.act(intent, "answer", dispute=dispute.id)
    gateway.act(intent, choice, dispute=dispute.id)

    assert gateway.client.v1.disputes.retrieve(dispute.id).status == choice
    begun = ["charge.dispute.created", "charge.dispute.funds_withdrawn", "charge.dispute.updated"]
    assert told(gateway, dispute.id) == begun + last
    assert gateway.act(intent, choice, dispute=dispute.id).status_code == 409


def test_a_refund_of_another_payment_is_left_alone(gateway: Gateway, intent: str) -> None:
    other = gateway.create()
    gateway.click(other, "pay")
    gateway.act(intent, "refund")
    ((refund, _amount, _status),) = refunds(gateway, intent)

    answer = gateway.act(str(gateway.retrieve(other).payment_intent), "fail", refund=refund)

    assert answer.status_code == 409
    assert refunds(gateway, intent)[0][2] == "succeeded"


def test_unknown_payments_have_no_page(gateway: Gateway) -> None:
    assert requests.get(f"{gateway.url}/dashboard/pi_unknown", timeout=5).status_code == 404
    assert gateway.act("pi_unknown", "refund").status_code == 404
