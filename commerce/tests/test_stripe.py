"""Stripe's own words: what is sent and how its answers are read. Over HTTP: test_orders.py."""

import socket
import time

import pytest

from commerce.payments import stripe
from commerce.payments.base import Payment, Unreachable
from commerce.payments.stripe import MINIMUM, StripeProvider, payment_state, stripe_locale


@pytest.mark.parametrize(
    ("language", "locale"),
    [("en", "en"), ("de", "de"), ("de-at", "de"), ("ar", "auto"), ("pt-BR", "pt-BR"), ("xx", "auto"), ("", "auto")],
)
def test_an_unknown_language_is_left_to_stripe(language, locale):
    assert stripe_locale(language) == locale


@pytest.mark.parametrize(
    ("status", "paid", "intent", "state"),
    [
        ("open", "unpaid", None, Payment.OPEN),
        ("complete", "paid", None, Payment.PAID),
        ("complete", "no_payment_required", None, Payment.PAID),
        ("complete", "unpaid", {"status": "processing"}, Payment.WAITING),
        ("complete", "unpaid", {"status": "requires_payment_method"}, Payment.FAILED),
        ("complete", "unpaid", {"status": "canceled"}, Payment.FAILED),
        ("complete", "unpaid", "pi_not_expanded", Payment.WAITING),
        ("expired", "unpaid", None, Payment.EXPIRED),
    ],
)
def test_states_are_read_from_three_fields(status, paid, intent, state):
    assert payment_state({"status": status, "payment_status": paid, "payment_intent": intent}) is state


@pytest.mark.parametrize(("key", "live"), [("sk_test_1", False), ("sk_live_1", True), ("rk_live_1", True), ("", False)])
def test_the_key_says_which_mode(key, live):
    assert StripeProvider(key).live is live


def test_the_smallest_charge_is_known_for_the_demo_currency():
    assert str(StripeProvider("").minimum("EUR").amount) == "0.50"
    assert all(isinstance(units, int) for units in MINIMUM.values())


@pytest.fixture
def silent():
    """The address of something that lets everybody connect and never says a word."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(64)
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def seconds_until_unreachable(provider):
    began = time.monotonic()
    with pytest.raises(Unreachable):
        provider.fetch("cs_test_1")
    return time.monotonic() - began


def test_after_one_who_waited_in_vain_nobody_waits_for_a_while(silent, monkeypatch):
    monkeypatch.setattr(stripe, "TIMEOUT_SECONDS", 0.2)
    monkeypatch.setattr(stripe, "REST_SECONDS", 0.4)
    provider = StripeProvider("sk_test_1", silent)

    assert seconds_until_unreachable(provider) > 0.2
    assert seconds_until_unreachable(provider) < 0.05
    time.sleep(0.4)
    assert seconds_until_unreachable(provider) > 0.2  # it was asked again
