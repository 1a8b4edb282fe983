"""Drives an import: reads the file, checks each product, and after the yes writes each, in slices of a few seconds.

Each product is one transaction that also notes its outcome, so a worker killed half way leaves no half product, and the
next one goes on behind the last finished product. Two workers on the same import share it; no product is done twice.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from celery import current_app
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext, override

from catalog.exchange.apply import apply, words
from catalog.exchange.fetch import PictureProblem
from catalog.exchange.parse import handle_of, parse
from catalog.exchange.pictures import bring, known_files
from catalog.exchange.plan import Job, Outcome, Plan, StockRule, addresses, plan
from catalog.exchange.read import FileProblem, Row, read
from catalog.exchange.record import Problem, ProductRecord
from catalog.exchange.vocabulary import serialised
from catalog.models import Import, ImportEntry, ImportFile

log = logging.getLogger(__name__)
State = Import.State
SLICE_SECONDS = 20  # of work per task: others wait for the same worker
PICTURE_SECONDS = 60  # for the pictures of one product
STALLED = timedelta(minutes=2)
Pictures = tuple[dict[str, int | None], dict[str, str]]  # address -> id or None; address -> why it cannot be had


def start(
    name: str,
    table: bytes,
    user: User,
    language: str,
    pictures: Iterable[tuple[str, bytes]] = (),
    *,
    nudged: bool = True,
    **choices: Any,
) -> Import:
    """Keeps an uploaded file and lets the worker read it. `pictures`: (name, bytes). `choices`: fields of Import.

    Not `nudged`: whoever calls does the work himself.
    """
    with transaction.atomic():
        made = Import.objects.create(name=name[:200], user=user, language=language, **choices)
        ImportFile.objects.create(parent=made, name="", data=table)
        for picture, data in pictures:
            ImportFile.objects.get_or_create(parent=made, name=picture[:255], defaults={"data": data})
    if nudged:
        nudge(made.pk)
    return made


def confirm(pk: int, *, nudged: bool = True) -> bool:
    """Begins to write what was checked. False: it was not waiting for that (any more)."""
    begun = Import.objects.filter(pk=pk, state=State.CHECKED).update(state=State.RUNNING, touched_at=timezone.now())
    if begun and nudged:
        nudge(pk)
    return bool(begun)


def cancel(pk: int) -> bool:
    """Stops an import. What it has written stays."""
    open_states = (State.READING, State.CHECKING, State.CHECKED, State.RUNNING)
    stopped = Import.objects.filter(pk=pk, state__in=open_states).update(state=State.CANCELLED)
    if stopped:
        ImportFile.objects.filter(parent=pk).delete()
    return bool(stopped)


def nudge(pk: int) -> None:
    """Asks the worker to go on, after the commit. Without a broker the schedule does."""
    transaction.on_commit(lambda: _send(pk))


def _send(pk: int) -> None:
    try:
        current_app.send_task("catalog.tasks.run_import", [pk], retry=False)
    except Exception:  # whatever the broker's client raises
        log.warning("the task queue does not answer; the schedule will go on with import %s", pk)


def sweep() -> None:
    """Goes on with imports whose worker is gone."""
    now = timezone.now()
    at_work = Import.objects.filter(state__in=(State.READING, State.CHECKING, State.RUNNING))
    for pk in at_work.filter(touched_at__lt=now - STALLED).values_list("pk", flat=True):
        _send(pk)


def advance(pk: int, seconds: float = SLICE_SECONDS) -> bool:
    """Works on an import for so long. True: there is more to do."""
    made = Import.objects.select_related("user").filter(pk=pk).first()
    if made is None or not made.at_work:
        return False
    with override(made.language):
        if made.state == State.READING:
            return read_file(pk)
        return work(made, time.monotonic() + seconds)


def read_file(pk: int) -> bool:
    """Turns the file into entries, all or none. True: they wait to be checked."""
    with transaction.atomic():
        made = Import.objects.select_for_update().get(pk=pk)
        if made.state != State.READING:
            return made.at_work
        try:
            with transaction.atomic():
                store_entries(made)
        except FileProblem as problem:
            made.state, made.error = State.FAILED, str(problem)
            made.files.all().delete()
        else:
            made.state = State.CHECKING
        made.save()
    return made.state == State.CHECKING


def store_entries(made: Import) -> None:
    """One entry per handle, in the order in which the file first names it. Raises FileProblem."""
    table = read(bytes(made.files.get(name="").data))
    made.columns, made.notes = table.columns, table.notes
    if table.unused:
        made.notes.append(gettext("Columns that are not used: %(columns)s.") % {"columns": ", ".join(table.unused)})
    groups: dict[str, list[Row]] = {}
    for row in table.rows:
        handle = handle_of(row.cells)
        groups.setdefault(handle or f"\0{row.line}", []).append(row)
    if not groups:
        raise FileProblem(gettext("The file has no rows below the names of the columns."))
    ImportEntry.objects.bulk_create(
        (
            ImportEntry(
                parent=made,
                position=position,
                line=rows[0].line,
                handle="" if handle.startswith("\0") else handle,
                rows=[[row.line, row.cells, row.broken, row.raw] for row in rows],
            )
            for position, (handle, rows) in enumerate(groups.items())
        ),
        batch_size=500,
    )


def record_of(entry: ImportEntry) -> ProductRecord:
    """What the entry's rows say. A broken row among them keeps the whole product back: half of it would be wrong."""
    good = [(line, cells) for line, cells, broken, _raw in entry.rows if not broken]
    record = parse(entry.handle, good) if good else ProductRecord(entry.handle, entry.rows[0][0])
    made = Plan(record)
    for line, _cells, broken, _raw in entry.rows:
        if broken:
            made.problem(broken, line=line)
    return record


def work(made: Import, deadline: float) -> bool:
    """Checks or writes one product after the other until time is up. True: there is more to do."""
    running = made.state == State.RUNNING
    user = User.objects.filter(pk=made.user_id or 0, is_active=True).first()
    if user is None or not may_import(user):
        Import.objects.filter(pk=made.pk).update(
            state=State.CANCELLED, error=gettext("Whoever started it may not import products any more.")
        )
        return False
    job = Job(
        user,
        publish=made.publish,
        overwrite_drafts=made.overwrite_drafts,
        stock=StockRule(made.stock),
        handles=set(made.entries.values_list("handle", flat=True)) - {""},
    )
    files = picture_files(made)
    while batch := list(waiting(made.pk, running)[:20]):
        for entry in batch:
            one_product(entry, job, files, running)
            if time.monotonic() > deadline:
                break
        if not Import.objects.filter(pk=made.pk, state=made.state).update(touched_at=timezone.now()):
            return False  # cancelled meanwhile
        if time.monotonic() > deadline:
            return True
    return finish(made, running)


def picture_files(made: Import) -> dict[str, int]:
    """Path, and bare name, of each picture that came with the file -> id of its ImportFile."""
    files = dict(made.files.exclude(name="").values_list("name", "pk"))
    return {name.rsplit("/", 1)[-1]: pk for name, pk in files.items()} | files


def one_product(entry: ImportEntry, job: Job, files: dict[str, int], running: bool) -> None:
    """Checks or writes it. A fault of ours in one product must not stop the others."""
    try:
        (write_one if running else check_one)(entry, job, files)
    except (OperationalError, InterfaceError):
        raise  # the database is gone or busy: the schedule tries again
    except Exception:
        log.exception("import of %s failed", entry.handle)
        job.refresh()
        problem = Problem(gettext("This product cannot be imported because of an error in the shop."))
        column = "outcome" if running else "expected"
        ImportEntry.objects.filter(pk=entry.pk).update(
            **{column: Outcome.FAILED}, later=False, problems=[problem.as_json()]
        )


def waiting(pk: int, running: bool) -> QuerySet[ImportEntry]:
    """What is still to be done: first what nobody has looked at, then what had to wait for others."""
    entries = ImportEntry.objects.filter(parent=pk)
    return (
        entries.filter(Q(outcome="") | Q(later=True)).order_by("later", "position")
        if running
        else (entries.filter(expected="").order_by("position"))
    )


def finish(made: Import, running: bool) -> bool:
    after = State.DONE if running else State.CHECKED
    if Import.objects.filter(pk=made.pk, state=made.state).update(state=after) and running:
        made.files.all().delete()
    return False


def may_import(user: User) -> bool:
    return user.has_perms(["catalog.add_product", "catalog.change_product"])


def check_one(entry: ImportEntry, job: Job, files: dict[str, int]) -> None:
    """The dry run of one product: notes what would happen."""
    record = record_of(entry)
    images = known_files(addresses(record), files)
    with transaction.atomic():
        made = plan(record, job, images)
    for address in (address for address, pk in images.items() if pk is None):
        text = gettext("%(address)s is neither a web address nor a file that came with the import.")
        made.problem(text % {"address": address}, "Image Src", fatal=False)
    _note(entry, made)
    ImportEntry.objects.filter(pk=entry.pk, expected="").update(
        expected=made.outcome, changes=entry.changes, problems=entry.problems, product=made.product
    )


def write_one(entry: ImportEntry, job: Job, files: dict[str, int]) -> None:
    """Imports one product: its pictures first, because they may be slow, then everything else in one transaction."""
    second = entry.later
    with transaction.atomic():
        first_look = plan(record_of(entry), job)
    brought: Pictures = ({}, {})
    if first_look.outcome in (Outcome.CREATED, Outcome.CHANGED):
        brought = bring_pictures(first_look, job, files)
    for attempt in range(3):
        try:
            _write(entry.pk, second, job, brought)
            return
        except OperationalError:  # a deadlock or a lock timeout: the same again
            if attempt == 2:
                raise


def bring_pictures(made: Plan, job: Job, files: dict[str, int]) -> Pictures:
    """Adds pictures that are not in the library yet, within some time: others wait for the same worker."""
    images: dict[str, int | None] = {}
    reasons = {}
    deadline = time.monotonic() + PICTURE_SECONDS
    for address in addresses(made.record):
        if address not in made.images:
            try:
                if time.monotonic() > deadline:
                    raise PictureProblem(gettext("The pictures before it took too long. The next import goes on here."))
                images[address] = bring(address, job.user, files)
            except PictureProblem as problem:
                images[address], reasons[address] = None, str(problem)
    return images, reasons


def _write(pk: int, second: bool, job: Job, brought: Pictures) -> None:
    with transaction.atomic():
        entry = ImportEntry.objects.select_for_update().filter(pk=pk, later=second).first()
        if entry is None or (entry.outcome and not second):
            return  # another worker was faster
        serialised()
        made, revision = _applied(entry, job, brought[0], second)
        for address, reason in brought[1].items():
            made.problem(f"{address}: {reason}", "Image Src", fatal=False)
        _note(entry, made)
        outcome = made.outcome if not second or made.outcome == Outcome.FAILED else Outcome(entry.outcome)
        entry.outcome, entry.later = outcome, made.later and not second
        entry.product = made.product if made.product and made.product.pk else None
        if revision:
            entry.revision = revision.pk
        entry.save(update_fields=["outcome", "later", "changes", "problems", "product", "revision"])


def _applied(entry: ImportEntry, job: Job, images: dict[str, int | None], last: bool) -> tuple[Plan, Any]:
    """The plan as it is now, carried out in a savepoint: what fails leaves nothing of this product."""
    made = plan(record_of(entry), job, images, last)
    if made.outcome not in (Outcome.CREATED, Outcome.CHANGED, Outcome.UNCHANGED):
        return made, None
    product = made.product
    try:
        with transaction.atomic():
            return made, apply(made, job)
    except (ValidationError, IntegrityError) as error:
        log.warning("import of %s refused: %s", entry.handle, error)
        made.product, made.outcome = product, Outcome.FAILED
        text = words(error) if isinstance(error, ValidationError) else gettext("Another product was faster.")
        made.problem(text)
        job.refresh()  # the savepoint took words back
        return made, None


def _note(entry: ImportEntry, made: Plan) -> None:
    entry.changes = list(dict.fromkeys([*(entry.changes if entry.later else []), *made.changes]))
    entry.problems = [problem.as_json() for problem in made.record.problems]
