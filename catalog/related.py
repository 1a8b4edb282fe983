"""What is like a product: the same tags, then the same category."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import Count, F, FloatField, IntegerField, QuerySet, Value
from django.db.models.functions import Coalesce

from catalog.models import Product, ProductTag


def related_ids(product_ids: Collection[int], without: Collection[int], limit: int) -> list[int]:
    """Ids of what is shown and in stock, those that share the most tags with any of the products first; one query."""
    if not product_ids:
        return []
    rows = _by_tags(product_ids, without, limit).union(_by_category(product_ids, without, limit), all=True)
    ranked = sorted(rows, key=lambda row: (row[0], -row[1], -row[2], row[3]))
    return list(dict.fromkeys(row[3] for row in ranked))[:limit]


def _candidates(without: Collection[int]) -> QuerySet[Product, Any]:
    popularity = Coalesce("popularity__score", Value(0.0), output_field=FloatField())
    return Product.objects.shown().in_stock().exclude(pk__in=without).annotate(popular=popularity)


def _by_tags(product_ids: Collection[int], without: Collection[int], limit: int) -> Any:
    """(0, number of shared tags, popularity, id)"""
    tags = ProductTag.objects.filter(content_object__in=product_ids).values("tag")
    found = _candidates(without).filter(tagged_items__tag__in=tags).annotate(way=Value(0), shared=Count("tagged_items"))
    return found.order_by("-shared", "-popular", "pk").values_list("way", "shared", "popular", "pk")[:limit]


def _by_category(product_ids: Collection[int], without: Collection[int], limit: int) -> Any:
    """(1, 0, popularity, id)"""
    categories = Product.objects.filter(pk__in=product_ids, category__isnull=False).values("category")
    nothing = Value(0, IntegerField())
    found = _candidates(without).filter(category__in=categories).annotate(way=Value(1), shared=nothing)
    return found.order_by(F("popular").desc(), "pk").values_list("way", "shared", "popular", "pk")[:limit]
