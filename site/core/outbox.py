"""Side effects that must not be lost: a row written with its cause, done by the worker, retried by the schedule.

`put` inside the transaction that causes the effect; `send_due` does what is due. At least once: a worker killed between
the effect and its commit does it again, so handlers give repeats the same identity (a mail: its Message-ID).

What asks something that is slow or may hang goes by a lane: one row at a time in each, whatever the number of workers.
So a mail server that hangs or a pile of PDFs keeps one thread of the worker busy and not all, and a kill repeats one
mail at most. Why: docs/decisions/0015.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from celery import current_app
from django.db import connection, transaction
from django.utils import timezone

from core.models import Outbox

log = logging.getLogger(__name__)

Handler = Callable[[Outbox], None]
HANDLERS: dict[str, Handler] = {}
LANES: dict[str, str] = {}  # by kind
MAIL, PRESS, EXPORT, NONE = "mail", "press", "export", ""
LONGEST_WAIT = timedelta(hours=6)


class Later(Exception):
    """Raised by a handler that waits for something else: no failure. The row is looked at again after `wait`."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(f"waits for {wait}")
        self.wait = wait


def handles(kind: str, lane: str = MAIL) -> Callable[[Handler], Handler]:
    """Registers the function that does rows of this kind. It raises when it could not.

    Rows of one lane are done one at a time; those of NONE, which must be quick, any number at once.
    """

    def register(handler: Handler) -> Handler:
        HANDLERS[kind], LANES[kind] = handler, lane
        return handler

    return register


def put(kind: str, key: str, payload: dict[str, Any], wait: timedelta = timedelta(0)) -> None:
    """Notes an effect, once per key, in the current transaction, and nudges the worker after its commit.

    `wait`: it is not due before.
    """
    Outbox.objects.bulk_create([Outbox(kind=kind, key=key, payload=payload)], ignore_conflicts=True)
    if wait:
        Outbox.objects.filter(key=key, sent_at=None, tries=0).update(next_try_at=timezone.now() + wait)
    transaction.on_commit(nudge)


def digest(text: str) -> str:
    """A short stand-in for a text, such as an address, that has no place in a key."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def hurry(key: str) -> bool:
    """Makes a waiting row due now. False: it is done already, or there is none. Waits for a worker that is doing it."""
    return Outbox.objects.filter(key=key, sent_at=None).update(next_try_at=timezone.now()) > 0


def again(key: str, since: datetime) -> None:
    """Makes a row due once more if it was done after `since`: what it did then came of a mistake."""
    done = Outbox.objects.filter(key=key, sent_at__gt=since)
    if done.update(sent_at=None, next_try_at=timezone.now()):
        transaction.on_commit(nudge)


def drop(*keys: str) -> bool:
    """Undoes effects that have not happened yet, in the current transaction. False: one has, or is happening now; then
    nothing is undone.
    """
    mine = Outbox.objects.filter(key__in=keys)
    with transaction.atomic():
        free = mine.select_for_update(skip_locked=True).filter(sent_at=None)
        if len(free) < mine.count():
            return False
        mine.delete()
    return True


def nudge() -> None:
    """Asks the worker to send now. Without a broker nothing is lost: the schedule sends within a minute."""
    try:
        current_app.send_task("core.tasks.send_outbox", retry=False)
    except Exception:  # whatever the broker's client raises, the purchase stands
        log.warning("the task queue does not answer; the schedule will send the outbox")


def send_due(limit: int = 200, seconds: float = 40) -> int:
    """Does due rows one by one until none is left, or limit or time is used up. Returns how many were done."""
    done = 0
    started = time.monotonic()
    for _row in range(limit):
        sent = send_next()
        if sent is None or time.monotonic() - started > seconds:
            return done + bool(sent)
        done += sent
    return done


def send_next() -> bool | None:
    """Does the oldest due row that no other worker has. True: done; False: later again; None: nothing due."""
    with transaction.atomic():
        row = next_due()
        if row is None:
            return None
        try:
            with transaction.atomic():
                HANDLERS[row.kind](row)
        except Later as later:
            row.next_try_at = timezone.now() + later.wait
        except Exception as error:  # one bad row must not stop the others
            row.tries += 1
            row.error = f"{type(error).__name__}: {error}"[:500]
            row.next_try_at = timezone.now() + wait_after(row.tries)
            log.exception("outbox row %s failed, try %s", row.pk, row.tries)
        else:
            row.tries += 1
            row.error = ""
            row.sent_at = timezone.now()
        row.save(update_fields=["tries", "error", "next_try_at", "sent_at"])
    return row.sent_at is not None


def next_due() -> Outbox | None:
    """Locks the oldest due row whose lane is free, and enters the lane, until the transaction ends."""
    due = Outbox.objects.filter(sent_at=None, next_try_at__lte=timezone.now())
    due = due.order_by("next_try_at", "pk").select_for_update(skip_locked=True)
    busy: list[str] = []
    while (row := due.exclude(kind__in=busy).first()) is not None:
        lane = lane_of(row.kind)
        if lane == NONE or entered(lane):
            return row
        busy += [kind for kind in {*LANES, row.kind} if lane_of(kind) == lane]
    return None


def lane_of(kind: str) -> str:
    return LANES.get(kind, MAIL)


def entered(lane: str) -> bool:
    """True for one worker at a time, until its transaction ends, however it ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext(%s))", [f"outbox {lane}"])
        return bool(cursor.fetchone()[0])


def wait_after(tries: int) -> timedelta:
    """One minute, then twice as long each time, at most six hours.

    >>> [str(wait_after(tries)) for tries in (1, 2, 3, 20)]
    ['0:01:00', '0:02:00', '0:04:00', '6:00:00']
    """
    return min(timedelta(minutes=2 ** min(tries - 1, 10)), LONGEST_WAIT)
