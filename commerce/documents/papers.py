"""What there is on paper about an order, for its pages; and a month of it in one archive."""

from __future__ import annotations

import csv
import io
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from commerce import orders
from commerce.documents.credit import uncredited
from commerce.models import Document, DocumentFile, Order, Refund, Status
from core import outbox
from core.models import Outbox

KINDS = ("invoice", "credit_note", "document_pdf")  # of outbox rows that make documents
SHIPPABLE = (Status.PAID, Status.PART_REFUNDED, Status.SHIPPED)
COLUMNS = ["number", "kind", "date", "order", "corrects", "currency", "rate", "net", "tax", "gross", "file"]


@dataclass(frozen=True)
class Paper:
    """An invoice or credit note and whether its PDF exists. `is_idle`: a credit note whose refund failed afterwards."""

    document: Document
    is_ready: bool
    is_idle: bool = False


@dataclass(frozen=True)
class Papers:
    """`problem`: why the newest one that failed could not be made, in the worker's words; `next_try`: when it tries
    again. `is_missing`: money came, and yet there is no invoice or no PDF; `planned`: it waits, and for how long."""

    ready: tuple[Paper, ...]
    is_missing: bool
    problem: str = ""
    next_try: datetime | None = None
    may_pack: bool = False
    planned: datetime | None = None


def papers_of(order: Order) -> Papers:
    """In four queries at most; in some more after a failed refund, and for an invoice that waits."""
    has_file = Exists(DocumentFile.objects.filter(document=OuterRef("pk")))
    documents = order.documents.order_by("pk").annotate(is_ready=has_file)
    idle = idle_credit_notes(order) if order.paid_at else set()
    known = tuple(Paper(document, document.is_ready, document.key in idle) for document in documents)
    failed = making(order).exclude(error="").order_by("-pk").first() if order.paid_at else None
    is_missing = not all(paper.is_ready for paper in known) if known else was_sold(order)
    return Papers(
        ready=known,
        is_missing=is_missing,
        problem=failed.error.partition(": ")[2] if failed else "",
        next_try=failed.next_try_at if failed else None,
        may_pack=order.status in SHIPPABLE,
        planned=planned(order) if is_missing and not known else None,
    )


def planned(order: Order) -> datetime | None:
    """When the invoice is issued that waits until nobody takes its payment back any more."""
    waiting = making(order).filter(kind="invoice", tries=0, next_try_at__gt=timezone.now())
    return waiting.values_list("next_try_at", flat=True).first()


def idle_credit_notes(order: Order) -> set[str]:
    """Keys of credit notes whose refund failed after all, until as much as they say has gone back by later refunds."""
    failed = order.refunds.filter(state=Refund.State.FAILED).values_list("uuid", flat=True)
    keys = {f"credit_note:{uuid}" for uuid in failed}
    return keys if keys and uncredited(order) < 0 else set()


def was_sold(order: Order) -> bool:
    """It became a sale, whatever became of that; money for goods that were gone is given back without an invoice."""
    return order.paid_at is not None and order.was_sold


def making(order: Order) -> QuerySet[Outbox]:
    """What the worker has yet to do for the order's documents."""
    return Outbox.objects.filter(payload__order=order.pk, kind__in=KINDS, sent_at=None)


def make_now(order: Order) -> bool:
    """Asks the worker to make what is missing at once. An order paid before there were invoices gets one, too.

    False: it is no sale (any more).
    """
    with transaction.atomic():
        order = orders.locked(order.pk)  # or its receipt could be taken back before the row is there
        if not was_sold(order):
            return False
        outbox.put("invoice", f"invoice:{order.uuid}", {"order": order.pk})
    making(order).update(next_try_at=timezone.now())  # unlocked: waits for the worker, who may wait for the order
    transaction.on_commit(outbox.nudge)
    return True


# A month


def month(year: int, number: int) -> QuerySet[Document]:
    """The documents dated in this month, by number. Raises ValueError when there is no such month."""
    first = date(year, number, 1)
    after = date(year + number // 12, number % 12 + 1, 1)
    found = Document.objects.filter(issued_on__gte=first, issued_on__lt=after)
    return found.select_related("order", "corrects").order_by("kind", "sequence")


def archive(documents: QuerySet[Document]) -> IO[bytes]:
    """A ZIP file with every PDF, and `documents.csv`: a row for each document and tax rate."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 (the response closes it)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as packed:
        names = set()
        for pdf in DocumentFile.objects.filter(document__in=documents).select_related("document").iterator(50):
            packed.writestr(pdf.document.filename, bytes(pdf.content))
            names.add(pdf.document.filename)
        packed.writestr("documents.csv", table(documents, names))
    file.seek(0)
    return file


def table(documents: QuerySet[Document], names: set[str]) -> bytes:
    """UTF-8 with its mark, so that spreadsheets read it. No cell is anybody's free text.

    `file`: empty while there is no PDF. Credit notes are negative.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for document in documents:
        for row in rows_of(document):
            writer.writerow([*row, document.filename if document.filename in names else ""])
    return text.getvalue().encode("utf-8-sig")


def rows_of(document: Document) -> Iterator[list[str]]:
    corrects = document.corrects.number if document.corrects else ""
    sign = "-" if document.corrects else ""
    head = [document.number, document.kind, document.issued_on.isoformat(), document.order.number, corrects]
    for part in document.content["taxes"]:
        amounts = [sign + part[name] for name in ("net", "tax", "gross")]
        yield [*head, document.currency, part["rate"], *amounts]
