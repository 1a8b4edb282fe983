"""Stripe Checkout: the hosted payment page. The only module that imports `stripe` or counts in minor units.

Sources: docs.stripe.com/api/checkout/sessions, /api/refunds, /api/disputes, /api/idempotent_requests,
/webhooks/signature, /currencies.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, TypeVar
from urllib.parse import urlsplit

import stripe

from commerce.payments.base import (
    AlreadyRefunded,
    BadSignature,
    DisputeFacts,
    Item,
    NotConfigured,
    Notice,
    Payment,
    Purchase,
    RefundFacts,
    Refused,
    Repayment,
    Session,
    Unreachable,
)
from core.logs import request_id
from core.money import Money, exponent

Answer = TypeVar("Answer")
log = logging.getLogger(__name__)
logging.getLogger("stripe").setLevel(logging.WARNING)  # below, it logs the addresses of payment pages

TIMEOUT_SECONDS = 4  # three tries of a page that hangs must stay below 15 s
REST_SECONDS = 10  # after such tries nobody waits again: a Stripe that hangs must not hold every thread of the shop
LONGEST_BODY = 256 * 1024
CLOCK_SKEW_SECONDS = 300
# The shortest session is 30 minutes; one more for clocks that differ.
HOLD = timedelta(minutes=31)
LOCALES = {
    "auto", "bg", "cs", "da", "de", "el", "en", "en-GB", "es", "es-419", "et", "fi", "fil", "fr", "fr-CA", "hi-IN",
    "hr", "hu", "id", "it", "ja", "ko", "lt", "lv", "ms", "mt", "nb", "nl", "pl", "pt", "pt-BR", "ro", "ru", "sk",
    "sl", "sv", "th", "tr", "vi", "zh", "zh-HK", "zh-TW",
}  # fmt: skip
REFUND_REASONS = {"duplicate", "fraudulent", "requested_by_customer"}
REFUND_STATES = {
    "pending": Repayment.PENDING,
    "requires_action": Repayment.PENDING,
    "succeeded": Repayment.SUCCEEDED,
    "failed": Repayment.FAILED,
    "canceled": Repayment.FAILED,
}
# docs.stripe.com/currencies#minimum-and-maximum-charge-amounts, in minor units.
MINIMUM = {
    "AED": 200, "AUD": 50, "BRL": 50, "CAD": 50, "CHF": 50, "CZK": 1500, "DKK": 250, "EUR": 50, "GBP": 30,
    "HUF": 17500, "JPY": 50, "NOK": 300, "NZD": 50, "PLN": 200, "RON": 200, "SEK": 300, "SGD": 50, "USD": 50,
}  # fmt: skip
# The same page, "special cases": they have no decimals any more, and are still sent as if they had two.
HUNDREDFOLD = {"ISK", "UGX"}
# The same page: eight digits, for IDR twelve. An order's columns hold nine before the decimal point.
MAXIMUM = 99_999_999
MAXIMUM_IDR = 99_999_999_999


class StripeProvider:
    """Speaks to Stripe, or to what stands in for it at `api_base`."""

    hold = HOLD
    doubt = timedelta(0)

    def __init__(self, key: str, api_base: str = "", webhook_secrets: tuple[str, ...] = ()) -> None:
        self.live = key.startswith(("sk_live_", "rk_live_"))
        self.webhook_secrets = [secret for secret in webhook_secrets if secret]
        self._key = key
        self._api_base = api_base
        self._resting_until = 0.0

    def minimum(self, currency: str) -> Money:
        return from_units(MINIMUM.get(currency, 1), currency)

    def maximum(self, currency: str) -> Money:
        return from_units(MAXIMUM_IDR if currency == "IDR" else MAXIMUM, currency)

    def step(self, currency: str) -> Money:
        return from_units(10 if exponent(currency) == 3 else 100 if currency in HUNDREDFOLD else 1, currency)

    def prepare(self, purchase: Purchase) -> dict[str, Any]:
        currency = purchase.delivery.currency.lower()
        owner = {"order": purchase.reference}
        return {
            **one_off_coupon(purchase),
            "mode": "payment",
            "client_reference_id": purchase.reference,
            "metadata": {**owner, "request": request_id()},
            # Refunds and disputes name the intent, not the session.
            "payment_intent_data": {"metadata": owner},
            "customer_email": purchase.email,
            "locale": stripe_locale(purchase.language),
            "line_items": [line_item(item, currency) for item in purchase.items],
            "shipping_options": [
                {
                    "shipping_rate_data": {
                        "type": "fixed_amount",
                        "display_name": purchase.delivery_name[:100],
                        "fixed_amount": {"amount": to_units(purchase.delivery), "currency": currency},
                    }
                }
            ],
            "adaptive_pricing": {"enabled": False},
            "expires_at": int(purchase.expires_at.timestamp()),
            "success_url": purchase.back_url.replace("{session}", "{CHECKOUT_SESSION_ID}"),
            "cancel_url": purchase.cancel_url,
        }

    def start(self, request: dict[str, Any], key: str) -> Session:
        return self._ask(lambda api: read_session(open_page(api, request, key).to_dict()))

    def fetch(self, session_id: str) -> Session:
        params: Any = {"expand": ["payment_intent"]}
        return self._ask(lambda api: read_session(api.checkout.sessions.retrieve(session_id, params).to_dict()))

    def close(self, session_id: str) -> Session:
        try:
            return self._ask(lambda api: read_session(api.checkout.sessions.expire(session_id).to_dict()))
        except Refused:  # not open any more: paid or expired
            return self.fetch(session_id)

    def desk_url(self, payment_id: str, page_url: str) -> str:
        if not self._api_base:
            return f"https://dashboard.stripe.com/{'' if self.live else 'test/'}payments/{payment_id}"
        page = urlsplit(page_url)  # a stand-in for Stripe: its own pages are where its payment pages are
        return f"{page.scheme}://{page.netloc}/dashboard/{payment_id}" if page.scheme in ("http", "https") else ""

    def session_of(self, payment_id: str) -> Session | None:
        params: Any = {"payment_intent": payment_id, "limit": 1}

        def read(api: Any) -> list[Session]:
            pages = api.checkout.sessions.list(params).to_dict()["data"]
            return [read_session(page) for page in pages if takes_payment(page)]

        return next((session for session in self._ask(read) if session.payment_id == payment_id), None)

    def prepare_refund(self, payment_id: str, amount: Money, reference: str, order: str, reason: str) -> dict[str, Any]:
        request: dict[str, Any] = {
            "payment_intent": payment_id,
            "amount": to_units(amount),
            "metadata": {"order": order, "refund": reference},
        }
        return {**request, "reason": reason} if reason in REFUND_REASONS else request

    def refund(self, request: dict[str, Any], key: str) -> RefundFacts:
        options: Any = {"idempotency_key": key}
        return self._ask(lambda api: read_refund(api.refunds.create(request, options).to_dict()))

    def refunds_of(self, payment_id: str) -> list[RefundFacts]:
        params: Any = {"payment_intent": payment_id, "limit": 100}

        def read(api: Any) -> list[RefundFacts]:
            newest_first = [read_refund(each.to_dict()) for each in api.refunds.list(params).auto_paging_iter()]
            return [facts for facts in reversed(newest_first) if facts.payment_id == payment_id]

        return self._ask(read)

    def sessions_since(self, since: datetime) -> list[Session]:
        params: Any = {"created": {"gte": int(since.timestamp())}, "limit": 100, "expand": ["data.payment_intent"]}

        def read(api: Any) -> list[Session]:
            pages = [page.to_dict() for page in api.checkout.sessions.list(params).auto_paging_iter()]
            return [read_session(page) for page in pages if takes_payment(page)]

        return self._ask(read)

    def refunds_since(self, since: datetime) -> list[RefundFacts]:
        params: Any = {"created": {"gte": int(since.timestamp())}, "limit": 100}

        def read(api: Any) -> list[RefundFacts]:
            return [read_refund(row.to_dict()) for row in api.refunds.list(params).auto_paging_iter()]

        return self._ask(read)

    def dispute(self, dispute_id: str) -> DisputeFacts:
        return self._ask(lambda api: read_dispute(api.disputes.retrieve(dispute_id).to_dict()))

    def notice(self, body: bytes, signature: str) -> Notice:
        if not self.webhook_secrets:
            raise NotConfigured("Set STRIPE_WEBHOOK_SECRETS to the signing secret of the webhook endpoint.")
        if len(body) > LONGEST_BODY or not any(signed_with(secret, body, signature) for secret in self.webhook_secrets):
            raise BadSignature("the signature does not match the body")
        notice = read_notice(body)
        if notice.payload.get("livemode") is not self.live:
            raise BadSignature("the event is of the other mode, live or test, than this shop's key")
        return notice

    def latest_events(self, count: int) -> list[str]:
        """Type and id of the newest events of the account, newest first. Raises Unreachable, Refused."""
        params: Any = {"limit": count}
        return self._ask(lambda api: [f"{event.type} {event.id}" for event in api.events.list(params).data])

    def read(self, payload: dict[str, Any]) -> Notice:
        return read_event(payload)

    @cached_property
    def _client(self) -> stripe.StripeClient:
        """Without retries and timeout set here, 16.1 never retries and waits for 80 s."""
        return stripe.StripeClient(
            self._key,
            base_addresses={"api": self._api_base} if self._api_base else {},
            max_network_retries=2,
            http_client=stripe.RequestsClient(timeout=TIMEOUT_SECONDS),
        )

    def _ask(self, call: Callable[[Any], Answer]) -> Answer:
        """Runs one call of Stripe's API and reads its answer. Raises Unreachable, Refused, AlreadyRefunded."""
        if not self._key:
            raise Unreachable("STRIPE_SECRET_KEY is not set")
        began = time.monotonic()
        if began < self._resting_until:
            raise Unreachable("it has just let somebody wait in vain")
        try:
            return call(self._client.v1)
        except stripe.InvalidRequestError as error:
            if error.code == "charge_already_refunded":
                raise AlreadyRefunded(str(error)) from error
            raise Refused(str(error)) from error
        except stripe.StripeError as error:
            # Also a wrong key, too many requests, or a key in use: none of them says that nothing was created.
            log.warning("the payment provider does not help: %s", type(error).__name__)
            if time.monotonic() > began + TIMEOUT_SECONDS:
                self._resting_until = time.monotonic() + REST_SECONDS
            raise Unreachable(str(error)) from error
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            log.exception("the payment provider's answer cannot be read")
            raise Unreachable("unreadable answer") from error


def to_units(money: Money) -> int:
    """The amount as Stripe counts it: the smallest units, but the hundredfold of a few. Raises ValueError for less."""
    return money.minor_units() * (100 if money.currency in HUNDREDFOLD else 1)


def from_units(units: int, currency: str) -> Money:
    """The inverse of `to_units`."""
    factor = 100 if currency.upper() in HUNDREDFOLD else 1
    return Money(Money.from_minor_units(units, currency).amount / factor, currency.upper())


def stripe_locale(language: str) -> str:
    """Stripe's name of the language; "auto" for one it does not speak, because an unknown one is an error."""
    base = language.partition("-")[0]
    return next((code for code in (language, base) if code in LOCALES), "auto")


def one_off_coupon(purchase: Purchase) -> dict[str, Any]:
    """A coupon of this order's own for its discount, in one amount: so that Stripe adds up to the same total.

    `coupon` is no parameter of a session, but the request that makes the coupon first.
    """
    if not purchase.discount:
        return {}
    name = f"order-{purchase.reference}"
    return {
        "discounts": [{"coupon": name}],
        "coupon": {
            "id": name,
            "name": purchase.discount_name[:40],
            "amount_off": to_units(purchase.discount),
            "currency": purchase.discount.currency.lower(),
            "duration": "once",
            "max_redemptions": 1,
            "metadata": {"order": purchase.reference},
        },
    }


def open_page(api: Any, request: dict[str, Any], key: str) -> stripe.StripeObject:
    """Makes the order's coupon, if there is one, and the session; both are there only once, however often asked for."""
    session = {name: value for name, value in request.items() if name != "coupon"}
    if coupon := request.get("coupon"):
        try:
            api.coupons.create(params=coupon, options={"idempotency_key": f"co:{coupon['id']}"})
        except stripe.InvalidRequestError as error:
            if error.code != "resource_already_exists":
                raise
    return api.checkout.sessions.create(params=session, options={"idempotency_key": key})


def line_item(item: Item, currency: str) -> dict[str, Any]:
    product: dict[str, Any] = {"name": item.name}
    if item.image:
        product["images"] = [item.image]
    return {
        "price_data": {"currency": currency, "unit_amount": to_units(item.unit), "product_data": product},
        "quantity": item.quantity,
    }


def read_session(data: dict[str, Any]) -> Session:
    """A Checkout Session from Stripe's answer. Raises KeyError, TypeError, ValueError when it is none, Refused when it
    takes no payment: the account's other integrations save cards and subscribe, without an amount.
    """
    if not takes_payment(data):
        raise Refused(f"a session of mode {data['mode']}")
    metadata = data.get("metadata") or {}
    return Session(
        id=str(data["id"]),
        url=data.get("url") or "",
        payment=payment_state(data),
        amount=from_units(int(data["amount_total"]), str(data["currency"])),
        references=(str(data.get("client_reference_id")), str(metadata.get("order"))),
        live=bool(data["livemode"]),
        payment_id=id_of(data.get("payment_intent")),
        created_at=made_at(data),
    )


def read_refund(data: dict[str, Any]) -> RefundFacts:
    """A Refund from Stripe's answer. Raises KeyError, TypeError, ValueError when it is none."""
    return RefundFacts(
        id=str(data["id"]),
        payment_id=id_of(data.get("payment_intent")),
        amount=from_units(int(data["amount"]), str(data["currency"])),
        # Without a status it is of a method that tells nothing (docs: "null"): not known to have arrived.
        state=REFUND_STATES.get(data.get("status") or "", Repayment.PENDING),
        reference=str((data.get("metadata") or {}).get("refund") or ""),
        reason=str(data.get("reason") or ""),
        error=str(data.get("failure_reason") or ""),
        created_at=made_at(data),
    )


def read_dispute(data: dict[str, Any]) -> DisputeFacts:
    """A Dispute from Stripe's answer. Raises KeyError, TypeError, ValueError when it is none."""
    due_by = (data.get("evidence_details") or {}).get("due_by")
    return DisputeFacts(
        id=str(data["id"]),
        payment_id=id_of(data.get("payment_intent")),
        amount=from_units(int(data["amount"]), str(data["currency"])),
        status=str(data["status"]),
        reason=str(data.get("reason") or ""),
        opened_at=datetime.fromtimestamp(int(data["created"]), UTC),
        answer_by=datetime.fromtimestamp(int(due_by), UTC) if due_by else None,
        live=bool(data["livemode"]),
    )


def made_at(data: dict[str, Any]) -> datetime | None:
    return datetime.fromtimestamp(int(data["created"]), UTC) if data.get("created") else None


def id_of(reference: Any) -> str:
    """The id of an object that stands in an answer as itself, as its id, or not at all."""
    return str(reference["id"] if isinstance(reference, dict) else reference or "")


def takes_payment(data: dict[str, Any]) -> bool:
    return data.get("mode", "payment") == "payment"


def payment_state(data: dict[str, Any]) -> Payment:
    """Where the payment stands. Only the intent tells a delayed payment that failed from one on its way."""
    if data["payment_status"] in ("paid", "no_payment_required"):
        return Payment.PAID
    if data["status"] == "open":
        return Payment.OPEN
    if data["status"] == "expired":
        return Payment.EXPIRED
    intent = data.get("payment_intent")
    failed = isinstance(intent, dict) and intent.get("status") in ("requires_payment_method", "canceled")
    return Payment.FAILED if failed else Payment.WAITING


def signed_with(secret: str, body: bytes, header: str) -> bool:
    """True when this secret signed the body within five minutes of now, in either direction.

    The library raises TypeError for a non-ASCII signature and UnicodeDecodeError for a body that is not UTF-8, and
    accepts times in the future.
    """
    try:
        stripe.WebhookSignature.verify_header(body, header, secret)
        signed_at = next(int(part[2:]) for part in header.split(",") if part.startswith("t="))
    except (stripe.SignatureVerificationError, TypeError, AttributeError, ValueError, StopIteration):
        return False
    return abs(time.time() - signed_at) <= CLOCK_SKEW_SECONDS


def read_notice(body: bytes) -> Notice:
    """The event in a verified body. Raises BadSignature when it is not shaped like one."""
    try:
        return read_event(json.loads(body))
    except (RecursionError, ValueError) as error:
        raise BadSignature("the body is not an event") from error


def read_event(event: Any) -> Notice:
    """What an event is about. Raises BadSignature when it is not shaped like one."""
    try:
        about = event["data"]["object"]
        kind = about.get("object")
        is_session = kind == "checkout.session" and takes_payment(about)
        is_refund = kind == "refund" or event["type"] == "charge.refunded"
        notice = Notice(
            id=event["id"],
            type=event["type"],
            created=datetime.fromtimestamp(event["created"], UTC),
            session_id=str(about["id"]) if is_session else "",
            payload=event,
            payment_id=id_of(about.get("payment_intent")) if is_refund else "",
            dispute_id=str(about["id"]) if kind == "dispute" else "",
        )
        if event.get("object") != "event" or not isinstance(notice.id, str) or not isinstance(notice.type, str):
            raise ValueError("not an event")
    except (ArithmeticError, AttributeError, KeyError, OSError, TypeError, ValueError) as error:
        raise BadSignature("the body is not an event") from error
    return notice
