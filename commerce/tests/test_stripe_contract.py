"""The Stripe provider held against the contract of all providers, over HTTP, with the demo gateway as counterpart."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass

import pytest
import stripe

from commerce.payments.base import Provider, Session
from commerce.payments.stripe import StripeProvider
from commerce.tests.conftest import Gateway
from commerce.tests.provider_contract import SpeakingBuyer, SpeakingProviderContract

SECRET = "whsec_contract"


@dataclass
class GatewayBuyer:
    gateway: Gateway

    def pay(self, session: Session) -> None:
        self.gateway.pay(session.id)

    def pay_later(self, session: Session) -> None:
        self.gateway.click(session.id, "later")

    def settle(self, session: Session, *, arrived: bool) -> None:
        self.gateway.click(session.id, "arrive" if arrived else "fail", "/funds")

    def refund(self, payment_id: str, amount: str) -> None:
        self.gateway.act(payment_id, "refund", amount=amount)

    def finish_refunds(self, payment_id: str) -> None:
        """They arrive at once."""

    def slow_refunds(self, payment_id: str) -> None:
        self.gateway.act(payment_id, "slow")

    def fail_refund(self, payment_id: str, refund_id: str) -> None:
        self.gateway.act(payment_id, "fail", refund=refund_id)

    def dispute(self, payment_id: str) -> str:
        self.gateway.act(payment_id, "dispute")
        (dispute,) = self.gateway.api("GET", f"disputes?payment_intent={payment_id}")["data"]
        return str(dispute["id"])

    def tell(self, session: Session) -> tuple[bytes, str]:
        about = self.gateway.api("GET", f"checkout/sessions/{session.id}")
        event = {"id": "evt_contract", "object": "event", "type": "checkout.session.completed"}
        event |= {"created": int(time.time()), "livemode": False, "data": {"object": about}}
        body = json.dumps(event)
        return body.encode(), stripe.WebhookSignature.generate_signature_header(body, SECRET)


class TestStripe(SpeakingProviderContract):
    @pytest.fixture
    def provider(self, gateway_process: Gateway) -> Provider:
        return StripeProvider("sk_test_demo", gateway_process.base, (SECRET,))

    @pytest.fixture
    def unreachable(self) -> Provider:
        return StripeProvider("sk_test_demo", "http://127.0.0.1:9", (SECRET,))

    @pytest.fixture
    def buyer(self, gateway_process: Gateway) -> SpeakingBuyer:
        return GatewayBuyer(gateway_process)
