"""Jobs of the schedule: what each is for, how it last went, and who is told when it keeps failing.

The schedule itself stands in settings.CELERY_BEAT_SCHEDULE; `scheduled` around a task notes its runs in one row.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from celery import current_app
from celery.schedules import maybe_schedule
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import operators, outbox
from core.logs import masked, request_id_is
from core.models import Outbox, ScheduledJob

P = ParamSpec("P")
R = TypeVar("R")

PATIENCE = timedelta(minutes=5)  # beyond its time, before a job is late
LONGEST = timedelta(seconds=settings.CELERY_TASK_TIME_LIMIT)
PURPOSES: dict[str, Promise | str] = {}


@dataclass(frozen=True)
class Job:
    """One entry of the schedule. `every`: in words. `last` None: has never run here."""

    name: str
    purpose: Promise | str
    every: str
    next_at: datetime
    last: ScheduledJob | None

    @property
    def is_late(self) -> bool:
        return self.next_at < timezone.now() - PATIENCE

    @property
    def is_running(self) -> bool:
        return bool(self.last and self.last.ended_at is None and not died(self.last))

    @property
    def has_died(self) -> bool:
        return bool(self.last and died(self.last))


def scheduled(purpose: Promise | str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Says what a task is for and notes each of its runs. Stands below `@shared_task`; the exception goes on."""

    def wrap(function: Callable[P, R]) -> Callable[P, R]:
        name = f"{function.__module__}.{function.__name__}"
        PURPOSES[name] = purpose

        @wraps(function)
        def noted(*args: P.args, **kwargs: P.kwargs) -> R:
            with request_id_is():
                started = time.monotonic()
                begin(name)
                try:
                    result = function(*args, **kwargs)
                except Exception as error:
                    end(name, time.monotonic() - started, f"{type(error).__name__}: {error}"[:500])
                    raise
                end(name, time.monotonic() - started)
                return result

        return noted

    return wrap


def died(row: ScheduledJob) -> bool:
    """Begun, not ended, and no worker works on anything for that long: it was killed."""
    return row.ended_at is None and row.started_at < timezone.now() - LONGEST


@transaction.atomic
def begin(name: str) -> None:
    """Notes the start. A run before it that never ended counts as a failure."""
    now = timezone.now()
    row, is_first = ScheduledJob.objects.select_for_update().get_or_create(name=name, defaults={"started_at": now})
    if is_first:
        return
    if died(row):
        _fail(row, "the worker ended in the middle of it")
    row.started_at, row.ended_at = now, None
    row.save()


@transaction.atomic
def end(name: str, seconds: float, error: str = "") -> None:
    """Notes how it went. The operators are told of the failure that is one too many, and of the success after it."""
    row = ScheduledJob.objects.select_for_update().get(name=name)
    row.ended_at, row.seconds = timezone.now(), round(seconds, 3)
    if error:
        _fail(row, error)
    else:
        if row.told:
            _tell("job_recovered", row)
        row.succeeded_at, row.failures, row.error, row.told = row.ended_at, 0, "", False
    row.save()


def _fail(row: ScheduledJob, error: str) -> None:
    row.error = masked(error)
    row.failures += 1
    if row.failures >= settings.JOB_FAILURES and not row.told:
        row.told = True
        _tell("job_failed", row)


def _tell(kind: str, row: ScheduledJob) -> None:
    note = {"job": row.name, "failures": row.failures, "error": row.error}
    operators.tell(kind, f"{kind}:{row.name}:{timezone.now().timestamp()}", note, operators.operators())


@outbox.handles("job_failed")
def send_failed(row: Outbox) -> None:
    """Raises what the mail server's client raises."""
    name, failures = row.payload["job"], row.payload["failures"]
    with operators.reader_language(row):
        times = ngettext("It has failed once.", "It has failed %(number)s times in a row.", failures)
        lines = [str(PURPOSES.get(name, name)), times % {"number": failures}, row.payload["error"]]
        subject = _("A scheduled job keeps failing: %(job)s") % {"job": name}
        operators.send(row, subject, lines, reverse("jobs"), _("Scheduled jobs"))


@outbox.handles("job_recovered")
def send_recovered(row: Outbox) -> None:
    """Raises what the mail server's client raises."""
    name = row.payload["job"]
    with operators.reader_language(row):
        subject = _("A scheduled job works again: %(job)s") % {"job": name}
        operators.send(row, subject, [str(PURPOSES.get(name, name))], reverse("jobs"), _("Scheduled jobs"))


def all_jobs() -> list[Job]:
    """The schedule in its own order, by one query."""
    autodiscover_modules("tasks")  # a web process has not needed them so far; they say what they are for
    rows = ScheduledJob.objects.in_bulk()
    return [_job(entry["task"], entry["schedule"], rows) for entry in settings.CELERY_BEAT_SCHEDULE.values()]


def _job(name: str, written: Any, rows: dict[str, ScheduledJob]) -> Job:
    schedule = maybe_schedule(written, app=current_app)
    now = timezone.now()
    last = rows.get(name)
    next_at = now + schedule.remaining_estimate(last.started_at if last else now)
    return Job(name, PURPOSES.get(name, name), every(schedule), next_at, last)


def every(schedule: Any) -> str:
    """How often, in words."""
    if not hasattr(schedule, "hour"):
        seconds = round(schedule.run_every.total_seconds())
        if seconds % 60:
            return ngettext("every second", "every %(n)s seconds", seconds) % {"n": seconds}
        return ngettext("every minute", "every %(n)s minutes", seconds // 60) % {"n": seconds // 60}
    hour, minute = min(schedule.hour), min(schedule.minute)
    return _("every night at %(time)s") % {"time": f"{hour:02}:{minute:02}"}


def run_now(name: str) -> bool:
    """Asks the worker to run a job of the schedule at once. False: the task queue does not answer.

    Raises KeyError when there is no such job.
    """
    known = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    if name not in known:
        raise KeyError(name)
    try:
        current_app.send_task(name, retry=False)
    except Exception:  # whatever the broker's client raises
        return False
    return True


def seconds_since_any() -> int | None:
    """How long ago scheduler and worker last began something; None: never."""
    last = ScheduledJob.objects.order_by("-started_at").values_list("started_at", flat=True).first()
    return None if last is None else round((timezone.now() - last).total_seconds())


def scheduler_is_late() -> bool:
    """True when nothing that is due will happen: scheduler or worker does not run."""
    seconds = seconds_since_any()
    return seconds is None or seconds > PATIENCE.total_seconds()
