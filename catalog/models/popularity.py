"""How popular a product is, in numbers that SQL can sort by. Written only by catalog/popularity.py."""

from __future__ import annotations

from django.db import models

from catalog.models.product import Product


class Popularity(models.Model):
    """Products without a row were neither bought nor looked at. `sold`: units lately; `views`: the older, the less
    they count; `score`: from 0 to 1, the most popular product has 1."""

    product = models.OneToOneField(Product, primary_key=True, on_delete=models.CASCADE, related_name="popularity")
    sold = models.PositiveIntegerField(default=0)
    views = models.FloatField(default=0)
    score = models.FloatField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["-sold"], name="popularity_sold"),
            models.Index(fields=["-views"], name="popularity_views"),
            models.Index(fields=["-score"], name="popularity_score"),
        ]

    def __str__(self) -> str:
        return f"{self.product_id}: {self.score:.3f}"
