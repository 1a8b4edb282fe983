"""Imports that are killed, doubled, or meet each other leave nothing half done and nothing twice. Real processes."""

import os
import signal
import subprocess
import sys
import time

import pytest
from django.db import connection

from catalog.exchange import run
from catalog.models import Import, ImportEntry, Option, OptionValue, Product, Stock, StockMove, Variant
from catalog.tests.exchange.helpers import begin, load, outcomes, row, table
from tests.environment import database_url
from tests.together import done_at_once

NUMBER = 60
WORKER = """
import django; django.setup()
from catalog.exchange import run
while run.advance({pk}): pass
"""


def many(number=NUMBER, **cells):
    return table(
        [row(f"tea-{at}", f"Tea {at}", f"T-{at}", **{"Variant Inventory Qty": "3", **cells}) for at in range(number)]
    )


def ready(data, **choices):
    """Checked and confirmed, not yet written."""
    made = begin(data, **choices)
    while run.advance(made.pk):
        pass
    assert run.confirm(made.pk)
    return made


def to_the_end(pk):
    def work():
        while run.advance(pk):
            pass

    return work


def killed(pk):
    """A worker process, killed without warning once it has written a few products. Returns how many those were."""
    environment = {
        **os.environ,
        "DATABASE_URL": database_url(connection.settings_dict["NAME"]),
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    }
    begun = ImportEntry.objects.filter(parent=pk).exclude(outcome="").count()
    worker = subprocess.Popen([sys.executable, "-c", WORKER.format(pk=pk)], env=environment)
    try:
        deadline = time.monotonic() + 60
        while (done := ImportEntry.objects.filter(parent=pk).exclude(outcome="").count()) < begun + 5:
            assert worker.poll() is None and time.monotonic() < deadline
            time.sleep(0.02)
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    return done


@pytest.mark.usefixtures("committed_db")
def test_a_killed_worker_is_replaced_without_doubles():
    made = ready(many(), stock="new")

    first = killed(made.pk)
    second = killed(made.pk)
    assert first < second < NUMBER
    written = set(ImportEntry.objects.filter(outcome="created").values_list("handle", flat=True))
    assert Product.objects.count() == len(written)  # none without its outcome, no outcome without its product
    to_the_end(made.pk)()

    made.refresh_from_db()
    assert made.state == Import.State.DONE
    assert outcomes(made) == {f"tea-{at}": "created" for at in range(NUMBER)}
    assert Product.objects.count() == Variant.objects.count() == Stock.objects.count() == NUMBER
    assert StockMove.objects.count() == NUMBER
    assert all(product.revisions.count() == 1 for product in Product.objects.all())


@pytest.mark.usefixtures("committed_db")
def test_the_schedule_goes_on_with_what_a_killed_worker_left(monkeypatch):
    made = ready(many(3))
    sent = []
    monkeypatch.setattr(run, "_send", sent.append)
    run.sweep()
    assert sent == []  # somebody may be at it
    Import.objects.filter(pk=made.pk).update(touched_at=made.created_at - run.STALLED)

    run.sweep()

    assert sent == [made.pk]


@pytest.mark.usefixtures("committed_db")
def test_two_workers_on_one_import_share_it():
    made = ready(many(30), stock="new")

    done_at_once([to_the_end(made.pk)] * 3)

    made.refresh_from_db()
    assert made.state == Import.State.DONE
    assert Product.objects.count() == StockMove.objects.count() == 30
    assert all(product.revisions.count() == 1 for product in Product.objects.all())


@pytest.mark.usefixtures("committed_db")
def test_two_imports_of_the_same_products_at_once():
    """New options, too: each handle, SKU and word is made once, and nobody gets an error."""
    cells = {"Option1 Name": "Size", "Option1 Value": "Large", "Tags": "tea", "Type": "Tea"}
    one, two = ready(many(20, **cells)), ready(many(20, **cells, Vendor="Kiln"))

    done_at_once([to_the_end(one.pk), to_the_end(two.pk)])

    results = [outcomes(made) for made in (one, two)]
    assert all(
        {first[handle], second[handle]} <= {"created", "changed", "unchanged"}
        for first, second in [results]
        for handle in first
    )
    assert sum(result[handle] == "created" for result in results for handle in result) == 20
    assert Product.objects.count() == 20
    assert (Option.objects.count(), OptionValue.objects.count()) == (1, 1)


@pytest.mark.usefixtures("committed_db")
def test_an_import_that_is_stopped_keeps_what_it_has_written():
    made = ready(many(60))
    killed(made.pk)
    written = Product.objects.count()

    assert run.cancel(made.pk) and not run.cancel(made.pk) and not run.confirm(made.pk)
    assert not run.advance(made.pk)

    assert Product.objects.count() == written < 60 and not made.files.exists()
    assert set(outcomes(load(many(60))).values()) == {"created", "unchanged"}


@pytest.mark.usefixtures("committed_db")
def test_a_fault_in_one_product_does_not_stop_the_others(monkeypatch):
    real = run.apply

    def faulty(made, job):
        if made.record.handle == "tea-1":
            raise ZeroDivisionError
        return real(made, job)

    monkeypatch.setattr(run, "apply", faulty)

    made = load(many(3))

    assert outcomes(made) == {"tea-0": "created", "tea-1": "failed", "tea-2": "created"}
    assert not Product.objects.filter(translations__slug="tea-1").exists()
