"""Writes invoices and credit notes: the only writer of Document and its counter. Each in one transaction.

Numbers have no gaps because the counter's row stays locked until the document is committed, and a rollback takes the
number back. Locks: first the order, the counter last. The PDF follows by the outbox, so that nothing waits for it here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.db import connection, transaction
from django.utils import timezone, translation

from commerce.documents import content
from commerce.documents.content import CreditLine
from commerce.models import Document, DocumentCounter, Kind, Order
from core import outbox
from core.context_processors import load_details
from core.money import Money

PREFIXES = {Kind.INVOICE: "INV", Kind.CREDIT_NOTE: "CN"}


class NeverCharged(Exception):
    """The order was never paid, or never became a sale: there is nothing to write about."""


def invoice_of(order: Order) -> Document | None:
    return Document.objects.filter(order=order, kind=Kind.INVOICE).first()


def invoice_for(order: Order) -> Document:
    """The invoice of a paid order, written now if it is not yet. Raises NeverCharged, DoesNotAddUp."""
    with transaction.atomic():
        order = Order.objects.select_for_update().get(pk=order.pk)
        if (known := invoice_of(order)) is not None:
            return known
        if not order.was_sold:
            raise NeverCharged(order.number)
        today = timezone.localdate()
        with translation.override(order.language):
            # Asked before the counter is locked: an order that does not add up costs no number and no wait.
            stated = content.invoice_content(order, load_details(), "", today)
        invoice = write(Kind.INVOICE, f"invoice:{order.uuid}", order, stated, today)
        outbox.put("document_pdf", f"document_pdf:{invoice.number}", {"document": invoice.pk, "order": order.pk})
    return invoice


def credit_note_for(
    order: Order, key: str, amount: Money, lines: Sequence[CreditLine] = (), reason: str = ""
) -> Document | None:
    """The credit note over a gross amount given back, written now unless `key` (of the refund) has one already.

    `lines`: what the amount is for; the part of it that they do not name is spread over the invoice's tax rates. The
    invoice is written first if that has not happened yet. None: the order has no invoice, because it never was a sale.
    Raises ValueError when more would be given back than the invoice charged; then nothing was written.
    """
    with transaction.atomic():
        order = Order.objects.select_for_update().get(pk=order.pk)
        known = Document.objects.filter(key=f"credit_note:{key}").first()
        if known is not None or not amount:
            return known
        try:
            invoice = invoice_for(order)
        except NeverCharged:
            return None
        earlier = [credit.content for credit in invoice.corrections.all()]
        parts = content.take_back(amount, lines, content.remaining(invoice.content, earlier))
        today = timezone.localdate()
        stated = content.credit_content(invoice.content, parts, lines, number="", issued_on=today, reason=reason)
        credit = write(Kind.CREDIT_NOTE, f"credit_note:{key}", order, stated, today, corrects=invoice)
        outbox.put("document_pdf", f"document_pdf:{credit.number}", {"document": credit.pk, "order": order.pk})
    return credit


def write(
    kind: Kind, key: str, order: Order, stated: content.Content, today: date, *, corrects: Document | None = None
) -> Document:
    """Takes the next number and stores the document under it. Within a transaction."""
    sequence = next_number(kind, today.year)
    number = f"{PREFIXES[kind]}-{today.year}-{sequence:05}"
    return Document.objects.create(
        kind=kind,
        number=number,
        year=today.year,
        sequence=sequence,
        key=key,
        order=order,
        corrects=corrects,
        language=order.language,
        issued_on=today,
        currency=stated["currency"],
        total=Decimal(stated["total"]),
        tax=Decimal(stated["tax"]),
        content={**stated, "number": number},
    )


def next_number(kind: Kind, year: int) -> int:
    """One more than the last, and the counter's row locked until this transaction ends. It begins with 1."""
    table = connection.ops.quote_name(DocumentCounter._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} AS counter (kind, year, last) VALUES (%s, %s, 1) "
            "ON CONFLICT (kind, year) DO UPDATE SET last = counter.last + 1 RETURNING last",
            [kind.value, year],
        )
        return cursor.fetchone()[0]
