"""Refunds in parts and whole, coupons with their limits."""

import time
from typing import Any

import pytest
import stripe

from demo.tests.gateway.harness import Gateway, line


@pytest.fixture
def paid(gateway: Gateway) -> stripe.checkout.Session:
    """A paid session of 72.70 EUR, its intent expanded."""
    session = gateway.create()
    gateway.click(session, "pay")
    return gateway.retrieve(session, "payment_intent.latest_charge")


def test_it_works(gateway: Gateway, paid: Any) -> None:
    refund = gateway.client.v1.refunds.create(
        params={
            "payment_intent": paid.payment_intent.id,
            "reason": "requested_by_customer",
            "metadata": {"refund": "r1"},
        }
    )

    assert (refund.amount, refund.currency, refund.status) == (7270, "eur", "succeeded")
    assert refund.charge == paid.payment_intent.latest_charge.id
    assert gateway.client.v1.refunds.retrieve(refund.id, params={"expand": ["charge"]}).charge.refunded is True
    assert gateway.event_types(paid)[-2:] == ["refund.created", "charge.refunded"]
    event = gateway.client.v1.events.list(params={"type": "refund.created", "limit": 1}).data[0]
    assert event.request.id == refund.last_response.headers["Request-Id"]


def test_parts_never_add_up_to_more_than_was_paid(gateway: Gateway, paid: Any) -> None:
    refunds = gateway.client.v1.refunds
    intent = {"payment_intent": paid.payment_intent.id}

    refunds.create(params=intent | {"amount": 7000})
    with pytest.raises(stripe.InvalidRequestError, match=r"2\.71 eur.* greater than unrefunded .*2\.70 eur"):
        refunds.create(params=intent | {"amount": 271})
    refunds.create(params=intent | {"amount": 270})
    with pytest.raises(stripe.InvalidRequestError) as refused:
        refunds.create(params=intent | {"amount": 1})

    assert refused.value.code == "charge_already_refunded"
    assert [refund.amount for refund in refunds.list(params=intent).data] == [270, 7000]
    charge = gateway.retrieve(paid, "payment_intent.latest_charge").payment_intent.latest_charge
    assert (charge.amount_refunded, charge.refunded) == (7270, True)


@pytest.mark.parametrize(
    "changes", [{"amount": 0}, {"amount": -5}, {"amount": "1.50"}, {"reason": "because"}, {"x": 1}]
)
def test_wrong_parameters_are_refused(gateway: Gateway, paid: Any, changes: dict[str, Any]) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        gateway.client.v1.refunds.create(params={"payment_intent": paid.payment_intent.id} | changes)

    assert gateway.client.v1.refunds.list(params={"payment_intent": paid.payment_intent.id}).data == []


def test_what_was_never_paid_cannot_be_refunded(gateway: Gateway) -> None:
    session = gateway.create()
    gateway.click(session, "later")

    with pytest.raises(stripe.InvalidRequestError, match="no successful charge"):
        gateway.client.v1.refunds.create(params={"payment_intent": gateway.retrieve(session).payment_intent})
    with pytest.raises(stripe.InvalidRequestError) as missing:
        gateway.client.v1.refunds.create(params={"payment_intent": "pi_none"})
    assert missing.value.code == "resource_missing"


def test_a_coupon_takes_its_amount_off_to_the_cent(gateway: Gateway) -> None:
    coupon = gateway.client.v1.coupons.create(
        params={"amount_off": 100, "currency": "eur", "duration": "once", "max_redemptions": 1, "name": "Lenz"}
    )
    session = gateway.create(
        line_items=[line("A", 1000), line("B", 1000), line("C", 1000)], discounts=[{"coupon": coupon.id}]
    )

    assert (session.amount_subtotal, session.amount_total) == (3000, 3390)
    assert session.total_details.amount_discount == 100
    lines = gateway.retrieve(session, "line_items").line_items.data
    assert [item.amount_discount for item in lines] == [34, 33, 33]

    gateway.click(session, "pay")
    used = gateway.client.v1.coupons.retrieve(coupon.id)
    assert (used.times_redeemed, used.valid) == (1, False)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        gateway.create(discounts=[{"coupon": coupon.id}])
    assert refused.value.code == "coupon_expired"


def test_a_coupon_never_takes_more_than_the_lines_cost(gateway: Gateway) -> None:
    coupon = gateway.client.v1.coupons.create(params={"amount_off": 99_999, "currency": "eur"})

    session = gateway.create(discounts=[{"coupon": coupon.id}])

    assert (session.amount_total, session.total_details.amount_discount) == (490, 6780)


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"amount_off": 100},
        {"amount_off": 100, "currency": "eur", "percent_off": 10},
        {"percent_off": 0},
        {"percent_off": 101},
        {"percent_off": 10, "redeem_by": int(time.time()) - 60},
        {"percent_off": 10, "id": "ten percent"},
    ],
)
def test_wrong_coupons_are_refused(gateway: Gateway, params: dict[str, Any]) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        gateway.client.v1.coupons.create(params=params)


def test_coupon_ids_are_unique_and_currencies_must_match(gateway: Gateway) -> None:
    coupons = gateway.client.v1.coupons
    made = coupons.create(params={"id": "ONLY-ONE", "amount_off": 100, "currency": "usd"})

    with pytest.raises(stripe.InvalidRequestError) as refused:
        coupons.create(params={"id": "ONLY-ONE", "percent_off": 10})
    assert refused.value.code == "resource_already_exists"
    with pytest.raises(stripe.InvalidRequestError, match="not eur"):
        gateway.create(discounts=[{"coupon": made.id}])
    assert "ONLY-ONE" in [coupon.id for coupon in coupons.list(params={"limit": 100}).data]
