"""Settings under which the shop must not start: `manage.py check` and `migrate` stop with these."""

from __future__ import annotations

from typing import Any

from babel.numbers import is_currency
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register


@register(Tags.security)
def payment_settings(**kwargs: Any) -> list[CheckMessage]:
    """Real money only with the real provider, and never without checking its messages."""
    key, base = settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE
    live = key.startswith(("sk_live_", "rk_live_"))
    found: list[CheckMessage] = []
    if live and base:
        found.append(
            Error(
                "A live Stripe key would be sent to STRIPE_API_BASE.",
                hint="Unset STRIPE_API_BASE, or use a test key (sk_test_...).",
                id="commerce.E001",
            )
        )
    if base and not settings.STORE_DEMO and not settings.DEBUG:
        found.append(
            Error(
                "STRIPE_API_BASE names a stand-in for Stripe, but this is no demo.",
                hint="Unset STRIPE_API_BASE; for a demo set STORE_DEMO=1.",
                id="commerce.E002",
            )
        )
    if key and not any(settings.STRIPE_WEBHOOK_SECRETS):
        found.append(
            Error(
                "STRIPE_WEBHOOK_SECRETS is not set: no message from Stripe can be checked, so all are refused.",
                hint="Set it to the signing secret (whsec_...) of the endpoint /webhooks/stripe/.",
                id="commerce.E003",
            )
        )
    if not key:
        found.append(
            Warning(
                "STRIPE_SECRET_KEY is not set: nobody can pay.",
                hint="Set it to your secret key from dashboard.stripe.com/apikeys.",
                id="commerce.W004",
            )
        )
    return found


@register()
def shop_currency(**kwargs: Any) -> list[CheckMessage]:
    """Prices in a currency that nobody knows can be neither shown nor charged."""
    if is_currency(settings.SHOP_CURRENCY):
        return []
    return [
        Error(
            f"SHOP_CURRENCY is {settings.SHOP_CURRENCY!r}, which is no currency.",
            hint="Set it to an ISO 4217 code such as EUR or USD.",
            id="commerce.E005",
        )
    ]
