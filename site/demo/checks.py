"""What must not stand beside the demo."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import Error, register


@register()
def no_real_money(app_configs: Any, **kwargs: Any) -> list[Error]:
    """The demo shows every mail, links to orders and passwords included, to anybody."""
    if not settings.STRIPE_SECRET_KEY.startswith(("sk_live_", "rk_live_")):
        return []
    hint = "Set STORE_DEMO=0, or a test key."
    return [Error("STORE_DEMO=1 beside a live Stripe key.", hint=hint, id="demo.E001")]
