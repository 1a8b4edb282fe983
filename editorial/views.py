"""Screens of the editorial desk: the calendar, and the whole list of problems."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import formats, timezone
from django.views.decorators.http import require_safe

from core.jobs import scheduler_is_late
from editorial import calendar
from editorial.months import Day, month_sheet, neighbour
from editorial.problems import problems


@require_safe
def calendar_month(request: HttpRequest) -> HttpResponse:
    """What happens in a month (`?month=2026-11`), as a sheet and as a list; only what the reader may edit."""
    year, month = _month(request.GET.get("month", ""))
    zone = timezone.get_current_timezone()
    monday_or_sunday = (formats.get_format("FIRST_DAY_OF_WEEK") - 1) % 7
    empty: list[list[Day[Any]]] = month_sheet(year, month, monday_or_sunday, [], lambda event: event)
    start = datetime.combine(empty[0][0].date, datetime.min.time(), zone)
    after = neighbour(year, month, 1)
    end = max(datetime.combine(empty[-1][-1].date, datetime.max.time(), zone), datetime(*after, 1, tzinfo=zone))
    events = calendar.events(request.user, start, end)
    sheet = month_sheet(year, month, monday_or_sunday, events, lambda event: timezone.localdate(event.when))
    context = {
        "first": datetime(year, month, 1, tzinfo=zone),
        "before": _written(*neighbour(year, month, -1)),
        "after": _written(*after),
        "sheet": sheet,
        "weekdays": [day.date for day in sheet[0]],
        "today": timezone.localdate(),
        "listed": [event for week in sheet for day in week if day.inside for event in day.items],
        "zone": timezone.get_current_timezone_name(),
        "scheduler_is_late": scheduler_is_late(),
    }
    return render(request, "editorial/calendar.html", context)


@require_safe
def problem_list(request: HttpRequest) -> HttpResponse:
    """All that the inbox's list of problems had no room for."""
    return render(request, "editorial/problems.html", {"problems": problems(request.user)})


def _month(written: str) -> tuple[int, int]:
    """The year and month of "2026-11"; this month for anything else."""
    try:
        asked = datetime.strptime(written, "%Y-%m")
    except ValueError:
        asked = timezone.localtime()
    return (asked.year, asked.month) if 1970 <= asked.year < 9000 else (timezone.localdate().year, asked.month)


def _written(year: int, month: int) -> str:
    return f"{year}-{month:02}"
