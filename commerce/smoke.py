"""Tries the payment provider with test keys: does it accept what the shop sends? Nobody pays, no order is written.

The suite holds the shop against the demo gateway, which is our reading of Stripe. This holds it against Stripe itself,
as soon as somebody runs it with keys of their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

from django.conf import settings
from django.utils import timezone

from commerce.payments.base import Item, Payment, Purchase, Refused, Session, Unreachable
from commerce.payments.stripe import StripeProvider
from core.money import Money

NEVER_RUN = (
    "Nothing was tried: STRIPE_SECRET_KEY is not set. What the shop sends has then only been tested against its own "
    "demo gateway, never against Stripe. Set a test key (sk_test_...) from dashboard.stripe.com/test/apikeys."
)


class Failed(Exception):
    """The provider did not do what the shop relies on; the text says what."""


def check_keys(key: str) -> None:
    """Raises Failed unless this is a key with which no money can move."""
    if not key:
        raise Failed(NEVER_RUN)
    if not key.startswith(("sk_test_", "rk_test_")):
        raise Failed("This is no test key. Nothing was sent: this command is for keys that begin with sk_test_.")


def try_all(key: str, api_base: str = "") -> Iterator[str]:
    """What was tried and worked, sentence by sentence. Raises Failed."""
    check_keys(key)
    if api_base:
        yield f"This is no test of Stripe: STRIPE_API_BASE names a stand-in for it ({api_base})."
    provider = StripeProvider(key, api_base)
    try:
        yield from try_session(provider)
        events = provider.latest_events(3)
        yield f"The list of events can be read; the newest: {', '.join(events) or 'none yet'}."
    except Refused as refusal:
        raise Failed(f"The payment provider refuses what the shop sends: {refusal}") from refusal
    except Unreachable as error:
        raise Failed(f"The payment provider does not answer or does not know the key: {error}") from error


def try_session(provider: StripeProvider) -> Iterator[str]:
    """Opens a payment page as the checkout does, with delivery, discount and a language it may not speak; closes it."""
    wanted = purchase(provider)
    total = Money(wanted.items[0].unit.amount * 2, wanted.delivery.currency) + wanted.delivery - wanted.discount
    request, key = provider.prepare(wanted), f"smoke:{wanted.reference}"
    page = provider.start(request, key)
    yield f"A payment page was opened: {page.id}"
    expect(page.amount == total, f"The page is about {page.amount}, the shop meant {total}.")
    expect(set(page.references) == {wanted.reference}, "The page does not name the order.")
    expect(not page.live, "The page is a live one.")
    yield f"Its amount is the shop's total, to the cent: {total}"
    expect(provider.start(request, key).id == page.id, "The same request under the same key made a second page.")
    yield "The same request under the same key is the same page."
    yield from try_to_close(provider, page)


def try_to_close(provider: StripeProvider, page: Session) -> Iterator[str]:
    expect(provider.fetch(page.id).payment is Payment.OPEN, "The page is not open.")
    expect(provider.close(page.id).payment is Payment.EXPIRED, "The page could not be closed.")
    expect(provider.close(page.id).payment is Payment.EXPIRED, "A closed page was closed again, and opened.")
    yield "It was closed, and stays closed."


def purchase(provider: StripeProvider) -> Purchase:
    """Two of something at twice the smallest amount that can be charged."""
    currency = settings.SHOP_CURRENCY
    unit = provider.minimum(currency) * Decimal(2)
    address = f"{settings.BASE_URL}/en/"
    return Purchase(
        reference=str(uuid4()),
        email="smoke@example.com",
        language="ar",
        items=(Item("Sencha „Nebel“ – شاي", unit, 2),),
        delivery_name="Parcel",
        delivery=unit,
        discount=provider.minimum(currency),
        discount_name="SMOKE",
        back_url=f"{address}?session={{session}}",
        cancel_url=address,
        expires_at=timezone.now() + timedelta(minutes=31),
    )


def expect(right: bool, wrong: str) -> None:
    if not right:
        raise Failed(wrong)
