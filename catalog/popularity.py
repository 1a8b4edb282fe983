"""What shoppers buy and look at most. Numbers come from above (`write`); reading needs neither orders nor Redis."""

from __future__ import annotations

from collections.abc import Mapping
from math import log1p

from django.db import transaction

from catalog.models import Popularity, Product
from catalog.querysets import ProductQuerySet

SALE = 10  # a unit bought says as much as so many looks
BATCH = 2000


def popular() -> ProductQuerySet:
    """Shown and in stock, the most popular first; those nobody has bought or seen follow, featured ones first."""
    return Product.objects.shown().in_stock().most_popular_first()


def best_sellers() -> ProductQuerySet:
    """Shown and in stock, by units sold lately; none that was not sold."""
    return Product.objects.shown().in_stock().filter(popularity__sold__gt=0).order_by("-popularity__sold", "pk")


def most_viewed() -> ProductQuerySet:
    """Shown and in stock, by looks of the last days; none that nobody looked at."""
    return Product.objects.shown().in_stock().filter(popularity__views__gt=0).order_by("-popularity__views", "pk")


def popularity_of(product_ids: list[int]) -> dict[int, float]:
    """From 0 to 1, of those that have any; one query."""
    return dict(Popularity.objects.filter(pk__in=product_ids).values_list("pk", "score"))


@transaction.atomic
def write(sold: Mapping[int, int], views: Mapping[int, float] | None) -> int:
    """Replaces all numbers; `views` None: not known now, the old ones stay. Returns how many products have any."""
    if views is None:
        views = dict(Popularity.objects.filter(views__gt=0).values_list("pk", "views"))
    wanted = sorted({*sold, *views})
    existing = [pk for start in range(0, len(wanted), BATCH) for pk in _existing(wanted[start : start + BATCH])]
    scores = scored({pk: (sold.get(pk, 0), views.get(pk, 0.0)) for pk in existing})
    Popularity.objects.exclude(pk__in=existing).delete()
    Popularity.objects.bulk_create(
        [Popularity(pk=pk, sold=sold.get(pk, 0), views=views.get(pk, 0.0), score=scores[pk]) for pk in existing],
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["product"],
        update_fields=["sold", "views", "score"],
    )
    return len(existing)


def _existing(product_ids: list[int]) -> list[int]:
    return list(Product.objects.filter(pk__in=product_ids).order_by("pk").values_list("pk", flat=True))


def scored(numbers: Mapping[int, tuple[int, float]]) -> dict[int, float]:
    """(units sold, looks) of each as one number from 0 to 1, on a logarithmic scale.

    >>> scored({1: (0, 0), 2: (1, 1), 3: (12, 23)})
    {1: 0.0, 2: 0.5, 3: 1.0}
    """
    weights = {pk: log1p(sold * SALE + views) for pk, (sold, views) in numbers.items()}
    most = max(weights.values(), default=0)
    return {pk: round(weight / most, 4) if most else 0.0 for pk, weight in weights.items()}
