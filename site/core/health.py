"""What `/readyz` reports beside PostgreSQL and Redis: each app adds a number or word of its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db.models import Min
from django.utils import timezone

from core import jobs
from core.models import Outbox

Probe = Callable[[], str | int]
PROBES: dict[str, Probe] = {}


def reports(name: str) -> Callable[[Probe], Probe]:
    """Registers a probe: one short query, a word or a number of seconds."""

    def register(probe: Probe) -> Probe:
        PROBES[name] = probe
        return probe

    return register


def age(moment: datetime | None) -> int:
    """Whole seconds since then; 0 for never, and never negative."""
    return max(round((timezone.now() - moment).total_seconds()), 0) if moment else 0


@reports("scheduler")
def scheduler() -> str:
    seconds = jobs.seconds_since_any()
    if seconds is None:
        return "never ran"
    return f"last ran {seconds} s ago" if jobs.scheduler_is_late() else "ok"


@reports("outbox_oldest_seconds")
def outbox_age() -> int:
    """How long the oldest unsent entry has been due."""
    return age(Outbox.objects.filter(sent_at=None).aggregate(oldest=Min("next_try_at"))["oldest"])
