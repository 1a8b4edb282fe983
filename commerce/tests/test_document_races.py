"""Numbers without gaps when many write at once, when some of them give up, and when the worker is killed."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Max

from commerce.documents import issue
from commerce.models import Document, DocumentCounter, DocumentFile
from commerce.tests.papers import make_paid
from commerce.tests.test_races import kinds
from core import outbox
from tests.environment import database_url, own_database
from tests.together import at_once

ROOT = Path(__file__).resolve().parents[2]
ORDERS, WRITERS = 12, 8


class GaveUp(Exception):
    """A writer that stops after it has taken a number."""


def write_some(orders, chance):
    """Writes the invoices in an order of its own; every third time it gives up at the last moment."""

    def job():
        given_up = 0
        for order in chance.sample(orders, len(orders)):
            try:
                with transaction.atomic():
                    issue.invoice_for(order)
                    if chance.random() < 0.34:
                        raise GaveUp
            except GaveUp:
                given_up += 1
        return given_up

    return job


@pytest.mark.parametrize("seed", range(3))
def test_numbers_have_no_gaps(committed_db, seed):
    orders = [make_paid() for _order in range(ORDERS)]

    results = at_once([write_some(orders, random.Random(f"{seed}-{number}")) for number in range(WRITERS)])
    for order in orders:  # whatever every writer gave up
        issue.invoice_for(order)

    assert kinds(results) == {"int": WRITERS} and sum(results) > 0
    assert sorted(Document.objects.values_list("sequence", flat=True)) == list(range(1, ORDERS + 1))
    assert DocumentCounter.objects.get().last == ORDERS
    assert Document.objects.values("order").distinct().count() == ORDERS


def test_without_the_counter_s_lock_the_same_writers_clash(committed_db, monkeypatch):
    """Proves that the test above can fail: this is what reading the last number and adding one does."""

    def last_and_one(kind, year):
        last = Document.objects.filter(kind=kind, year=year).aggregate(Max("sequence"))["sequence__max"] or 0
        time.sleep(0.02)
        return last + 1

    monkeypatch.setattr(issue, "next_number", last_and_one)
    orders = [make_paid() for _order in range(ORDERS)]

    results = at_once([lambda o=order: issue.invoice_for(o) for order in orders])

    assert any(isinstance(result, IntegrityError) for result in results)


def start_worker(tmp_path):
    """A worker of its own that does what is due, once. Its mails are files."""
    code = "import django; django.setup(); from core import outbox; outbox.send_due()"
    environment = {
        **os.environ,
        "DATABASE_URL": database_url(own_database()),
        "EMAIL_URL": f"filemail://{tmp_path}",
        "PYTHONPATH": f"{ROOT}:{ROOT / 'site'}",
    }
    return subprocess.Popen([sys.executable, "-c", code], env=environment, cwd=ROOT)


def others_waiting():
    """(backends of other clients in a transaction, those of them that wait for a lock)"""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FILTER (WHERE xact_start IS NOT NULL), count(*) FILTER (WHERE wait_event_type = 'Lock') "
            "FROM pg_stat_activity WHERE datname = current_database() AND application_name <> 'test-lock' "
            "AND pid <> pg_backend_pid()"
        )
        return cursor.fetchone()


def wait_until(is_true):
    for _try in range(300):
        if is_true():
            return
        time.sleep(0.1)
    raise AssertionError("it did not happen within 30 seconds")


@pytest.mark.parametrize("table", ["commerce_documentcounter", "commerce_documentfile"])
def test_a_worker_killed_halfway_leaves_one_number_one_pdf_and_one_mail(committed_db, mailoutbox, tmp_path, table):
    """Killed when it takes the number, and when it stores the PDF: it is stopped there by a lock on the table."""
    order = make_paid()
    with psycopg.connect(database_url(own_database()), application_name="test-lock") as gate:
        gate.execute(f"LOCK TABLE {table} IN SHARE MODE")
        worker = start_worker(tmp_path)
        try:
            wait_until(lambda: others_waiting()[1] == 1)
        finally:
            worker.kill()
            worker.wait()
    wait_until(lambda: others_waiting()[0] == 0)
    assert not DocumentFile.objects.exists()
    assert not any(tmp_path.iterdir())

    outbox.send_due()

    assert DocumentCounter.objects.get().last == 1
    invoice = Document.objects.get()
    assert (invoice.sequence, invoice.order) == (1, order)
    assert DocumentFile.objects.get().document == invoice
    (mail,) = mailoutbox
    assert [attachment[0] for attachment in mail.attachments] == [invoice.filename]
