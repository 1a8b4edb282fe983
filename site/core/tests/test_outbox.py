from datetime import timedelta

import pytest
from django.db import transaction
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
