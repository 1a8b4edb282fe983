"""What happens in the catalogue when Wagtail has published something."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver
from wagtail.signals import published

from catalog import stock
from catalog.models import Product


@receiver(published, sender=Product)
def give_variants_stock(instance: Product, **kwargs: Any) -> None:
    """A new variant is sold out until the shop manager counts it, but stands in the stock list at once."""
    stock.ensure_rows(instance.variants.values_list("pk", flat=True))
