"""Paid orders and a named shop for the tests of documents."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from commerce import orders
from commerce.delivery import create_starting_rates
from commerce.documents import printing
from commerce.models import Order
from commerce.tests.factories import make_order
from core.models import Outbox, ShopSettings
from core.money import Money


def euros(text: str) -> Money:
    return Money(Decimal(text), "EUR")


def name_shop() -> ShopSettings:
    create_starting_rates()
    shop = ShopSettings.load()
    shop.name, shop.vat_id = "Leaf & Kiln", "DE123456789"
    shop.address = "Leaf & Kiln GmbH\nHafenstraße 9\n20457 Hamburg"
    shop.save()
    return shop


def make_paid(**wish: Any) -> Order:
    """A paid order, as the payment provider's message would make it."""
    order = make_order(**wish)
    with transaction.atomic():
        order = orders.locked(order.pk)
        orders.pay(order)
    return order


def no_press(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine without Pango."""

    def print_nothing(html: str) -> bytes:
        raise printing.PangoMissing("Pango is not installed")

    monkeypatch.setattr(printing.PRESS, "print", print_nothing)


def make_due() -> None:
    """As if the time of everything that waits had come."""
    Outbox.objects.filter(sent_at=None).update(next_try_at=timezone.now())
