"""Helpers of the tests of suggestions: Redis for one test, paid orders, and looks at products."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from catalog.models import Product
from commerce.models import Order, Status
from commerce.tests.factories import make_order
from core import scores

BESIDE = "/en/cart/beside/"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"


@pytest.fixture(autouse=True)
def empty_redis(settings: Any, request: pytest.FixtureRequest) -> Iterator[None]:
    """Scores of this test only, in the test run's real Redis."""

    def clean() -> None:
        scores._resting.clear()
        for name in scores.client().scan_iter(f"{scores.PREFIX}*"):
            scores.client().delete(name)

    clean()
    yield
    scores._resting.clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "REDIS_URL", settings.CACHES["default"]["LOCATION"])
        clean()


@pytest.fixture
def redis_is_gone(settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"


def buy(*products: Product, status: str = Status.PAID, days: int = 0, units: int = 1) -> Order:
    """A paid order of one variant of each; not told to Redis."""
    order = make_order({product.variants.get().pk: units for product in products})
    Order.objects.filter(pk=order.pk).update(status=status, paid_at=timezone.now() - timedelta(days=days))
    return order


def names(cards: Any) -> list[str]:
    return [card.text.name for card in cards]


def named(product_ids: list[int]) -> list[str]:
    return [Product.objects.get(pk=pk).text.name for pk in product_ids]


def seen_by(client: Client, product: Product, **more: Any) -> HttpResponse:
    return client.post(BESIDE, {"product": product.pk}, headers={"User-Agent": BROWSER, **more})


def in_german() -> str:
    with translation.override("de"):
        return reverse("commerce:beside")
