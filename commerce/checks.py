"""Settings under which the shop must not start: `manage.py check` and `migrate` stop with these."""

from __future__ import annotations

from typing import Any

from babel.numbers import is_currency
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.exceptions import ValidationError
from localflavor.generic.validators import BICValidator, IBANValidator


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
def bank_account(**kwargs: Any) -> list[CheckMessage]:
    """Nobody shall be told to transfer money to an account that does not exist."""
    if not settings.BANK_TRANSFER_IBAN:
        return []
    found: list[CheckMessage] = []
    try:
        IBANValidator()(settings.BANK_TRANSFER_IBAN)
        if settings.BANK_TRANSFER_BIC:
            BICValidator()(settings.BANK_TRANSFER_BIC)
    except ValidationError as error:
        text = f"The account for bank transfers is wrong: {' '.join(error.messages)}"
        found.append(Error(text, hint="Check BANK_TRANSFER_IBAN and BANK_TRANSFER_BIC.", id="commerce.E006"))
    if not settings.BANK_TRANSFER_HOLDER:
        text = "BANK_TRANSFER_HOLDER is not set: buyers cannot be told whose account it is."
        found.append(Error(text, hint="Set it to the name the bank knows.", id="commerce.E007"))
    if not 1 <= settings.BANK_TRANSFER_DAYS <= 60:
        text = f"BANK_TRANSFER_DAYS is {settings.BANK_TRANSFER_DAYS}: orders would hold their stock so long."
        found.append(
            Error(text, hint="Set it to a number from 1 to 60; a transfer takes one to three.", id="commerce.E008")
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
