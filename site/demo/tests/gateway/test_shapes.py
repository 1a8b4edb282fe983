"""Our reading of Stripe held against Stripe's own papers: published samples and the types of the `stripe` package."""

import json
import re
import typing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import stripe
from stripe.params import (
    _coupon_create_params,
    _coupon_list_params,
    _dispute_list_params,
    _event_list_params,
    _refund_create_params,
    _refund_list_params,
)
from stripe.params.checkout import _session_create_params, _session_list_params, _session_retrieve_params

from demo.gateway import schemas
from demo.gateway.events import API_VERSION
from demo.gateway.params import Array, Choice, Hash
from demo.tests.gateway.harness import Gateway

SAMPLES = json.loads((Path(__file__).parent / "stripe_samples.json").read_text())["resources"]
RESOURCES = {
    "checkout.session": stripe.checkout.Session,
    "payment_intent": stripe.PaymentIntent,
    "charge": stripe.Charge,
    "refund": stripe.Refund,
    "dispute": stripe.Dispute,
    "coupon": stripe.Coupon,
    "event": stripe.Event,
    "item": stripe.LineItem,
}
LEFT_OUT = {
    "charge": {"source", "refunds"},  # Sources are gone; refunds only come when expanded
    "item": set(),
}
OPEN_KEYED = {"metadata", "payment_method_options", "payment_method_details", "destination_details", "object"}


@pytest.fixture(scope="module")
def answers(gateway: Gateway) -> dict[str, list[dict[str, Any]]]:
    """Each resource in all the states it can have here."""
    client = gateway.client.v1
    coupon = client.coupons.create(params={"amount_off": 100, "currency": "eur", "duration": "once"})
    sessions, intents, charges = [], [], []
    for choice, step in (("", ""), ("pay", ""), ("decline", ""), ("challenge", ""), ("later", ""), ("fail", "/funds")):
        if not step:
            session = gateway.create(discounts=[{"coupon": coupon.id}])
        if choice:
            gateway.click(session, choice, step)
        sessions.append(gateway.retrieve(session).to_dict())
        intent = gateway.retrieve(session, "payment_intent.latest_charge").payment_intent
        if intent:
            intents.append(client.payment_intents.retrieve(intent.id).to_dict())
            if intent.latest_charge:
                charges.append(intent.latest_charge.to_dict())
    paid = next(session["payment_intent"] for session in sessions if session["payment_status"] == "paid")
    refund = client.refunds.create(params={"payment_intent": paid, "amount": 100})
    gateway.act(paid, "dispute")
    gateway.act(paid, "fail", refund=refund.id)
    (dispute,) = client.disputes.list(params={"payment_intent": paid}).data
    return {
        "checkout.session": sessions,
        "payment_intent": intents,
        "charge": charges,
        "refund": [refund.to_dict(), client.refunds.retrieve(refund.id).to_dict()],
        "dispute": [dispute.to_dict()],
        "coupon": [client.coupons.retrieve(coupon.id).to_dict()],
        "event": [event.to_dict() for event in client.events.list(params={"limit": 20}).data],
        "item": [item.to_dict() for item in client.checkout.sessions.line_items.list(session.id).data],
    }


@pytest.mark.parametrize("kind", RESOURCES)
def test_answers_have_the_fields_and_types_of_the_samples(answers: dict[str, Any], kind: str) -> None:
    assert answers[kind]
    for answer in answers[kind]:
        assert SAMPLES[kind].keys() - answer.keys() == LEFT_OUT.get(kind, set())
        assert list(differences(answer, SAMPLES[kind], RESOURCES[kind], kind)) == []


def differences(answer: dict[str, Any], sample: dict[str, Any], types: Any, path: str) -> typing.Iterator[str]:
    """Fields that neither sample nor package know, null where the package has no null, values of another type."""
    hints = getattr(types, "__annotations__", {})
    inner = getattr(types, "_inner_class_types", {})
    for name, value in answer.items():
        here = f"{path}.{name}"
        if name not in sample and name not in hints:
            yield f"{here}: unknown"
        elif value is None:
            if name in hints and type(None) not in typing.get_args(hints[name]) and sample.get(name) is not None:
                yield f"{here}: null"
        elif sample.get(name) is not None and kind_of(value) != kind_of(sample[name]):
            yield f"{here}: {kind_of(value)} instead of {kind_of(sample[name])}"
        elif isinstance(value, dict) and isinstance(sample.get(name), dict) and name not in OPEN_KEYED:
            yield from differences(value, sample[name], inner.get(name), here)


def kind_of(value: Any) -> str:
    """The JSON type; the package turns some strings into Decimal."""
    if isinstance(value, Decimal):
        return "str"
    return "number" if type(value) in (int, float) else type(value).__name__


def test_the_comparison_finds_mistakes() -> None:
    sample = SAMPLES["coupon"]
    wrong = sample | {"valid": "yes", "amount": 3, "created": None}

    found = list(differences(wrong, sample, stripe.Coupon, "coupon"))

    assert sorted(found) == ["coupon.amount: unknown", "coupon.created: null", "coupon.valid: str instead of bool"]


@pytest.mark.parametrize(
    ("shape", "module", "name"),
    [
        (schemas.SESSION_CREATE, _session_create_params, "SessionCreateParams"),
        (schemas.SESSION_LIST, _session_list_params, "SessionListParams"),
        (schemas.RETRIEVE, _session_retrieve_params, "SessionRetrieveParams"),
        (schemas.REFUND_CREATE, _refund_create_params, "RefundCreateParams"),
        (schemas.REFUND_LIST, _refund_list_params, "RefundListParams"),
        (schemas.DISPUTE_LIST, _dispute_list_params, "DisputeListParams"),
        (schemas.COUPON_CREATE, _coupon_create_params, "CouponCreateParams"),
        (schemas.LIST, _coupon_list_params, "CouponListParams"),
        (schemas.EVENT_LIST, _event_list_params, "EventListParams"),
    ],
)
def test_every_parameter_we_take_is_one_of_stripes(shape: Hash, module: Any, name: str) -> None:
    assert list(strangers(shape, module, name)) == []


def strangers(shape: Hash, module: Any, class_name: str) -> typing.Iterator[str]:
    """Names and words in our shape that the package's typed parameters do not have."""
    hints = getattr(module, class_name).__annotations__
    for name, check in shape.fields.items():
        if name not in hints:
            yield f"{class_name}.{name}"
            continue
        text = str(hints[name])
        check = check.item if isinstance(check, Array) else check
        if isinstance(check, Hash):
            inner = re.search(rf"{class_name}\w+", text)
            assert inner, text
            yield from strangers(check, module, inner[0])
        elif isinstance(check, Choice):
            yield from (f"{class_name}.{name}={word}" for word in check.values if f"'{word}'" not in text)


def test_the_walk_finds_mistakes() -> None:
    wrong = Hash({"mode": Choice(("pay",)), "line_items": Array(Hash({"sku": Choice(())})), "colour": Choice(())})

    assert list(strangers(wrong, _session_create_params, "SessionCreateParams")) == [
        "SessionCreateParams.mode=pay",
        "SessionCreateParamsLineItem.sku",
        "SessionCreateParams.colour",
    ]


def test_locales_are_exactly_stripes() -> None:
    hint = str(_session_create_params.SessionCreateParams.__annotations__["locale"])

    assert set(re.findall(r"'([A-Za-z0-9-]+)'", hint)) == set(schemas.LOCALES)
    assert len(schemas.LOCALES) == 42  # 41 and "auto"
    assert "ar" not in schemas.LOCALES


def test_the_api_version_is_the_librarys() -> None:
    assert stripe.api_version == API_VERSION
