"""Sending an issue: planned, begun once, mailed one by one by the worker, never twice.

A delivery's row is locked from before its mail leaves until "sent" is committed. A worker that is killed in between
loses its lock with its connection, and the next one sends that mail again: at most one duplicate, with the same
Message-ID. One worker sends at a time, so a kill cannot catch two mails.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from celery import current_app
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from blog.issues import Issue, load_issue, obstacle, pages_of
from blog.letters import letter_of
from blog.models import Delivery, DeliveryState, Sending, SendingState, Subscriber
from blog.postman import Postman, ServerGone

log = logging.getLogger(__name__)

LOCK = 0x6E657773  # of pg_try_advisory_lock: "news"
SECONDS = 20  # of one run; then other tasks get their turn, and prices are read again
BATCH = 200


class TooLate(Exception):
    """It has begun: nothing can be planned or cancelled any more."""


def plan(key: UUID, subject: str, send_at: datetime, user: Any) -> None:
    """The issue is sent at `send_at`, or as soon after as nothing stands in its way. Raises TooLate."""
    values = {"subject": subject, "send_at": send_at, "state": SendingState.SCHEDULED, "created_by": user}
    may_change = [SendingState.SCHEDULED, SendingState.CANCELLED]
    with transaction.atomic():
        Sending.objects.bulk_create([Sending(issue_key=key, **values)], ignore_conflicts=True)
        if not Sending.objects.filter(issue_key=key, state__in=may_change).update(**values):
            raise TooLate
        if send_at <= timezone.now():
            transaction.on_commit(nudge)


def cancel(key: UUID) -> None:
    """Raises TooLate."""
    if not Sending.objects.filter(issue_key=key, state=SendingState.SCHEDULED).update(state=SendingState.CANCELLED):
        raise TooLate


def nudge() -> None:
    """Asks the worker to go on now. Without a broker nothing is lost: the schedule goes on within a minute."""
    try:
        current_app.send_task("blog.tasks.send_newsletters", retry=False)
    except Exception:  # whatever the broker's client raises
        log.warning("the task queue does not answer; the schedule will send the newsletter")


def send_due(seconds: float = SECONDS) -> int:
    """Begins what is due and mails for a while. Returns how many mails left; 0 while another worker is at it."""
    with only_one() as mine:
        if not mine:
            return 0
        begin_due()
        deadline = time.monotonic() + seconds
        sent = 0
        for sending in Sending.objects.filter(state=SendingState.SENDING).order_by("started_at"):
            sent += mail_some(sending, deadline)
            finish(sending)
    if sent and time.monotonic() > deadline:
        nudge()
    return sent


@contextmanager
def only_one() -> Iterator[bool]:
    """True for one worker at a time; PostgreSQL forgets it when its connection ends, however it ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        mine = bool(cursor.fetchone()[0])
    try:
        yield mine
    finally:
        if mine:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def begin_due() -> None:
    """Every sending whose time has come and that nothing stands in the way of."""
    due = Sending.objects.filter(state=SendingState.SCHEDULED, send_at__lte=timezone.now())
    for key in due.values_list("issue_key", flat=True):
        issue = load_issue(key)
        if issue is not None and not obstacle(issue):
            begin(issue)


def begin(issue: Issue) -> None:
    """Fixes who gets it: whoever is subscribed at this moment. Happens once."""
    now = timezone.now()
    with transaction.atomic():
        planned = Sending.objects.filter(issue_key=issue.key, state=SendingState.SCHEDULED, send_at__lte=now)
        if not planned.update(state=SendingState.SENDING, started_at=now, subject=issue.main.subject):
            return
        sending = Sending.objects.get(issue_key=issue.key)
        for row in issue.reach:
            if row.used:
                readers = Subscriber.objects.confirmed().filter(language=row.code).values_list("pk", flat=True)
                Delivery.objects.bulk_create(
                    (
                        Delivery(
                            sending=sending,
                            subscriber_id=pk,
                            language=row.code,
                            used_language=row.used,
                            next_try_at=now,
                        )
                        for pk in readers.iterator()
                    ),
                    batch_size=1000,
                )


def mail_some(sending: Sending, deadline: float) -> int:
    """Mails until nothing is due or time is up. What was unpublished waits, what was deleted is left out."""
    pages = pages_of(sending.issue_key)
    if not pages:
        waiting(sending).update(state=DeliveryState.SKIPPED)
    letters = {code: letter_of(page) for code, page in pages.items() if page.live}
    sent = 0
    try:
        with Postman(letters) as postman:
            for pk in due_ids(sending, list(letters)):
                if time.monotonic() > deadline:
                    break
                sent += deliver(pk, postman)
    except ServerGone as error:
        log.warning("the mail server does not answer, the newsletter goes on later: %s", error)
    return sent


def due_ids(sending: Sending, languages: list[str]) -> Iterator[int]:
    """Deliveries to try now, read a batch at a time. Each is sent, failed, left out or put off before the next."""
    while True:
        due = waiting(sending).filter(used_language__in=languages, next_try_at__lte=timezone.now())
        batch = list(due.order_by("next_try_at").values_list("pk", flat=True)[:BATCH])
        yield from batch
        if len(batch) < BATCH:
            return


def waiting(sending: Sending) -> QuerySet[Delivery]:
    return Delivery.objects.filter(sending=sending, state=DeliveryState.QUEUED)


def deliver(pk: int, postman: Postman) -> bool:
    """One mail, behind the lock of its row. True when the mail server took it. Raises ServerGone, after noting it."""
    gone = None
    with transaction.atomic():
        rows = Delivery.objects.select_related("subscriber").select_for_update(of=("self",), skip_locked=True)
        row = rows.filter(pk=pk, state=DeliveryState.QUEUED).first()
        if row is None:
            return False
        try:
            postman.deliver(row)
        except ServerGone as error:
            gone = error
        row.save(update_fields=["state", "tries", "next_try_at", "sent_at", "error"])
    if gone:
        raise gone
    return row.state == DeliveryState.SENT


def finish(sending: Sending) -> None:
    """Once nobody waits any more."""
    if not waiting(sending).exists():
        Sending.objects.filter(pk=sending.pk, state=SendingState.SENDING).update(
            state=SendingState.SENT, finished_at=timezone.now()
        )
