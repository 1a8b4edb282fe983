"""The sheet of a month: weeks of days with what happens on them. Pure arithmetic on dates."""

from __future__ import annotations

from calendar import Calendar
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass
class Day(Generic[T]):
    """One square of the sheet. `inside`: it belongs to the month, not to its neighbours."""

    date: date
    inside: bool
    items: list[T] = field(default_factory=list)


def month_sheet(
    year: int, month: int, first_weekday: int, items: Iterable[T], day_of: Callable[[T], date]
) -> list[list[Day[T]]]:
    """Whole weeks that cover the month. `first_weekday`: 0 is Monday.

    >>> [len(week) for week in month_sheet(2026, 2, 0, [], lambda item: item)]
    [7, 7, 7, 7, 7]
    """
    by_day: dict[date, list[T]] = {}
    for item in items:
        by_day.setdefault(day_of(item), []).append(item)
    weeks = Calendar(first_weekday).monthdatescalendar(year, month)
    return [[Day(day, day.month == month, by_day.get(day, [])) for day in week] for week in weeks]


def neighbour(year: int, month: int, step: int) -> tuple[int, int]:
    """The year and month `step` months away.

    >>> neighbour(2026, 12, 1), neighbour(2026, 1, -1)
    ((2027, 1), (2025, 12))
    """
    number = year * 12 + month - 1 + step
    return number // 12, number % 12 + 1
