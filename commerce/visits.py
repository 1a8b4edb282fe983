"""Counts per day what no other table knows: how many carts were begun. No cookie, no address, no person."""

from __future__ import annotations

from datetime import date

from django.db import connection, transaction
from django.utils import timezone

from commerce.models import DailyCount

CART = "cart"  # something was put into an empty cart

COUNT = """
    INSERT INTO commerce_dailycount AS counted (day, kind, number) VALUES (%s, %s, 1)
    ON CONFLICT (day, kind) DO UPDATE SET number = counted.number + 1
"""


def count(kind: str) -> None:
    """One more today, after the commit: nobody waits for this row while he holds another."""
    day = timezone.localdate(timezone=timezone.get_default_timezone())

    def write() -> None:
        with connection.cursor() as cursor:
            cursor.execute(COUNT, [day, kind])

    transaction.on_commit(write, robust=True)


def counted(kind: str, first: date, last: date) -> int:
    """On the days from first to last, both included."""
    rows = DailyCount.objects.filter(kind=kind, day__range=(first, last))
    return sum(rows.values_list("number", flat=True))


def first_day() -> date | None:
    """Since when there are numbers."""
    return DailyCount.objects.order_by("day").values_list("day", flat=True).first()
