"""Side effects that must not be lost: a row written with its cause, done by the worker, retried by the schedule.

`put` inside the transaction that causes the effect; `send_due` does what is due. At least once: a worker killed between
the effect and its commit does it again, so handlers give repeats the same identity (a mail: its Message-ID).

Mails leave one after the other, whatever the number of workers: a mail server that hangs keeps one of them busy and not
all, and a kill repeats one mail at most. Why: docs/decisions/0015.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from celery import current_app
from django.db import connection, transaction
from django.utils import timezone

from core.models import Outbox

log = logging.getLogger(__name__)

Handler = Callable[[Outbox], None]
HANDLERS: dict[str, Handler] = {}
NOT_MAILED: set[str] = set()  # kinds that several workers may do at once
MAIL_LOCK = 0x6D61696C  # PostgreSQL's name for the one who mails
LONGEST_WAIT = timedelta(hours=6)


class Later(Exception):
    """Raised by a handler that waits for something else: no failure. The row is looked at again after `wait`."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(f"waits for {wait}")
        self.wait = wait


def handles(kind: str, *, mails: bool = True) -> Callable[[Handler], Handler]:
    """Registers the function that does rows of this kind. It raises when it could not.

    `mails`: it asks a server that may hang; then no two of such rows are done at the same time.
    """

    def register(handler: Handler) -> Handler:
        HANDLERS[kind] = handler
        if not mails:
            NOT_MAILED.add(kind)
        return handler

    return register


def put(kind: str, key: str, payload: dict[str, Any]) -> None:
    """Notes an effect, once per key, in the current transaction, and nudges the worker after its commit."""
    Outbox.objects.bulk_create([Outbox(kind=kind, key=key, payload=payload)], ignore_conflicts=True)
    transaction.on_commit(nudge)


def digest(text: str) -> str:
    """A short stand-in for a text, such as an address, that has no place in a key."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def hurry(key: str) -> bool:
    """Makes a waiting row due now. False: it is done already, or there is none. Waits for a worker that is doing it."""
    return Outbox.objects.filter(key=key, sent_at=None).update(next_try_at=timezone.now()) > 0


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
    """Locks the oldest due row that this worker may do: a mail only while nobody else is at one."""
    due = Outbox.objects.filter(sent_at=None, next_try_at__lte=timezone.now())
    due = due.order_by("next_try_at", "pk").select_for_update(skip_locked=True)
    row = due.first()
    if row is None or row.kind in NOT_MAILED or mails_alone():
        return row
    return due.filter(kind__in=NOT_MAILED).first()


def mails_alone() -> bool:
    """True for one worker at a time, until its transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [MAIL_LOCK])
        return bool(cursor.fetchone()[0])


def wait_after(tries: int) -> timedelta:
    """One minute, then twice as long each time, at most six hours.

    >>> [str(wait_after(tries)) for tries in (1, 2, 3, 20)]
    ['0:01:00', '0:02:00', '0:04:00', '6:00:00']
    """
    return min(timedelta(minutes=2 ** min(tries - 1, 10)), LONGEST_WAIT)
