"""Is the scheduler running? It leaves a tick every minute; editors are told when it stops."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from editorial.models import SchedulerTick

PATIENCE = timedelta(minutes=5)


def tick() -> None:
    """Called by the schedule through the worker: both are alive."""
    SchedulerTick.objects.update_or_create(pk=1, defaults={"at": timezone.now()})


def is_late() -> bool:
    """True when nothing that is due will happen."""
    return not SchedulerTick.objects.filter(at__gte=timezone.now() - PATIENCE).exists()
