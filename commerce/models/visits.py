"""How often a day something was begun in the shop. Written only by commerce/visits.py."""

from __future__ import annotations

from django.db import models


class DailyCount(models.Model):
    """One number for one day of the shop's time zone. Nobody can tell from it who it was."""

    day = models.DateField()
    kind = models.CharField(max_length=20)
    number = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day", "kind"], name="daily_count")]

    def __str__(self) -> str:
        return f"{self.day} {self.kind}: {self.number}"
