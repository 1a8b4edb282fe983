"""The seam to whoever takes the money."""

from functools import lru_cache

from django.conf import settings

from commerce.payments.base import Provider
from commerce.payments.stripe import StripeProvider


def provider() -> Provider:
    """The configured payment provider."""
    return _stripe(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE, tuple(settings.STRIPE_WEBHOOK_SECRETS))


@lru_cache(maxsize=4)
def _stripe(key: str, api_base: str, secrets: tuple[str, ...]) -> Provider:
    return StripeProvider(key, api_base, secrets)


__all__ = ["provider"]
