from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event

import pytest
from django.db import connection, transaction
from django.utils import timezone

from core import outbox
from core.models import Outbox


@pytest.fixture
def done(monkeypatch):
    """Keys in the order in which they were done; "bad" ones fail."""
    keys = []

    def handler(row):
        if row.key.startswith("bad"):
            raise OSError("mail server away")
        keys.append(row.key)

    monkeypatch.setitem(outbox.HANDLERS, "test", handler)
    return keys


def test_it_works(db, done):
    outbox.put("test", "one", {"order": 1})

    assert outbox.send_due() == 1

    assert done == ["one"]
    row = Outbox.objects.get()
    assert (row.tries, row.error, row.payload) == (1, "", {"order": 1})
    assert row.sent_at is not None


def test_a_key_is_noted_once(db, done):
    outbox.put("test", "one", {})
    outbox.put("test", "one", {})
    outbox.send_due()
    outbox.put("test", "one", {})

    assert outbox.send_due() == 0
    assert done == ["one"]


def test_what_is_rolled_back_leaves_nothing(committed_db, done):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        outbox.put("test", "one", {})
        raise ZeroDivisionError

    assert outbox.send_due() == 0


def test_a_failure_waits_longer_each_time_and_does_not_stop_others(db, done):
    outbox.put("test", "bad", {})
    outbox.put("test", "good", {})

    assert outbox.send_due() == 1
    assert done == ["good"]
    row = Outbox.objects.get(key="bad")
    assert (row.tries, row.error, row.sent_at) == (1, "OSError: mail server away", None)
    assert timedelta(seconds=50) < row.next_try_at - timezone.now() <= timedelta(seconds=60)
    assert outbox.send_due() == 0

    Outbox.objects.update(next_try_at=timezone.now())
    outbox.send_due()
    row.refresh_from_db()
    assert row.tries == 2
    assert row.next_try_at - timezone.now() > timedelta(seconds=110)


def test_an_unknown_kind_stays_with_its_reason(db):
    outbox.put("nobody", "one", {})

    assert outbox.send_due() == 0
    assert Outbox.objects.get().error == "KeyError: 'nobody'"


def test_a_handler_s_database_error_is_undone_alone(db, monkeypatch):
    def handler(row):
        Outbox.objects.create(kind="test", key=row.key)

    monkeypatch.setitem(outbox.HANDLERS, "test", handler)
    outbox.put("test", "one", {})

    outbox.send_due()

    assert Outbox.objects.get().error.startswith("IntegrityError")


def test_work_ends_when_its_time_is_used_up(db, done):
    for number in range(5):
        outbox.put("test", str(number), {})

    assert outbox.send_due(limit=2) == 2
    assert outbox.send_due(seconds=0) == 1
    assert outbox.send_due() == 2
    assert done == ["0", "1", "2", "3", "4"]


def test_what_hangs_in_its_lane_keeps_one_worker_busy_and_not_all(committed_db, monkeypatch):
    """While one worker waits for the mail server, others print and write, and leave the next mail alone."""
    hangs, goes_on, done = Event(), Event(), []

    def mail(row):
        hangs.set()
        assert goes_on.wait(20)
        done.append(row.key)

    for kind, lane in (("mail", outbox.MAIL), ("paper", outbox.PRESS), ("number", outbox.NONE)):
        monkeypatch.setitem(outbox.HANDLERS, kind, mail if kind == "mail" else lambda row: done.append(row.key))
        monkeypatch.setitem(outbox.LANES, kind, lane)
    for kind in ("mail", "paper", "number"):
        outbox.put(kind, f"{kind}-1", {})
        outbox.put(kind, f"{kind}-2", {})

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(in_a_thread, outbox.send_due)
        assert hangs.wait(20)
        assert outbox.send_due() == 4
        assert done == ["paper-1", "paper-2", "number-1", "number-2"]
        goes_on.set()
        assert first.result(20) == 2

    assert done[4:] == ["mail-1", "mail-2"]


def in_a_thread(work):
    try:
        return work()
    finally:
        connection.close()
