"""What a variant costs at a moment: the price, or the sale price within its window."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone

from core.money import Money

if TYPE_CHECKING:
    from catalog.models import Variant


@dataclass(frozen=True)
class Price:
    """Gross unit price in the shop currency. `regular` is set only on sale: the price without it."""

    now: Money
    regular: Money | None = None

    @property
    def on_sale(self) -> bool:
        return self.regular is not None


def variant_price(variant: Variant, at: datetime | None = None) -> Price:
    """The price of one unit at a moment (now when not given)."""
    at = at or timezone.now()
    regular = Money(variant.price, settings.SHOP_CURRENCY).rounded()
    in_window = (variant.sale_from is None or variant.sale_from <= at) and (
        variant.sale_until is None or at < variant.sale_until
    )
    if variant.sale_price is not None and in_window and variant.sale_price < variant.price:
        return Price(now=Money(variant.sale_price, settings.SHOP_CURRENCY).rounded(), regular=regular)
    return Price(now=regular)


def on_sale_at(at: datetime) -> Q:
    """Variants whose sale price counts at that moment: the condition of `variant_price` in SQL."""
    started = Q(sale_from=None) | Q(sale_from__lte=at)
    lasts = Q(sale_until=None) | Q(sale_until__gt=at)
    return started & lasts & Q(sale_price__lt=F("price"))
