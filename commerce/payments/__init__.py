"""The seam to whoever takes the money. A payment attempt remembers whose it is: `provider(attempt.provider)`."""

from datetime import timedelta
from functools import lru_cache

from django.conf import settings

from commerce.payments.base import Provider
from commerce.payments.stripe import StripeProvider
from commerce.payments.transfer import Account, BankTransfer

STRIPE, TRANSFER = "stripe", "transfer"


def provider(name: str = STRIPE) -> Provider:
    """The payment provider of this name, also one that is not offered any more. Raises KeyError."""
    return PROVIDERS[name]()


def offered() -> list[str]:
    """The names of the providers a shopper may choose from, the usual one first."""
    return [STRIPE, TRANSFER] if settings.BANK_TRANSFER_IBAN else [STRIPE]


def book() -> BankTransfer:
    """The provider whose news staff write down themselves."""
    account = Account(
        settings.BANK_TRANSFER_HOLDER,
        settings.BANK_TRANSFER_IBAN,
        settings.BANK_TRANSFER_BIC,
        settings.BANK_TRANSFER_BANK,
    )
    configured = account if settings.BANK_TRANSFER_IBAN else None
    return BankTransfer(configured, timedelta(days=settings.BANK_TRANSFER_DAYS), live=not settings.STORE_DEMO)


def _stripe() -> Provider:
    return _stripe_with(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE, tuple(settings.STRIPE_WEBHOOK_SECRETS))


@lru_cache(maxsize=4)
def _stripe_with(key: str, api_base: str, secrets: tuple[str, ...]) -> Provider:
    return StripeProvider(key, api_base, secrets)


PROVIDERS = {STRIPE: _stripe, TRANSFER: book}

__all__ = ["STRIPE", "TRANSFER", "book", "offered", "provider"]
