"""How documents reach the buyer: made by the worker, attached to the confirmation, or mailed after it."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from commerce.documents import issue, printing
from commerce.models import Document, DocumentFile, Kind, Order
from core import outbox
from core.mail import send
from core.models import Outbox

LONGEST_WAIT = timedelta(minutes=2)  # of the confirmation for its PDF
LOOK_AGAIN = timedelta(seconds=20)


@outbox.handles("invoice")
def write_invoice(row: Outbox) -> None:
    """Numbers and freezes the invoice of a paid order. Raises DoesNotAddUp."""
    issue.invoice_for(Order.objects.get(pk=row.payload["order"]))


@outbox.handles("document_pdf")
def print_document(row: Outbox) -> None:
    """Makes the PDF and sees that the buyer gets it. Raises CannotPrint."""
    document = Document.objects.select_related("order").get(pk=row.payload["document"])
    printing.keep_pdf(document)
    if document.kind == Kind.INVOICE and not outbox.hurry(confirmation_key(document.order)):
        # The confirmation has left without it.
        outbox.put(
            "invoice_mail", f"invoice_mail:{document.number}", {"document": document.pk, "order": document.order_id}
        )


def confirmation_key(order: Order) -> str:
    return f"order_confirmation:{order.uuid}"


def invoice_to_attach(order: Order, since: Outbox) -> DocumentFile | None:
    """The PDF that goes with a mail about this order. None: there is none, and the mail must not wait any longer.

    Raises outbox.Later while it may still come.
    """
    file = (
        DocumentFile.objects.select_related("document")
        .filter(document__order=order, document__kind=Kind.INVOICE)
        .first()
    )
    if file is None and is_coming(order) and timezone.now() < since.created_at + LONGEST_WAIT:
        raise outbox.Later(LOOK_AGAIN)
    return file


def is_coming(order: Order) -> bool:
    """The worker has yet to try: neither the invoice nor its PDF has failed so far."""
    keys = [f"invoice:{order.uuid}"]
    if (invoice := issue.invoice_of(order)) is not None:
        keys.append(f"document_pdf:{invoice.number}")
    return Outbox.objects.filter(key__in=keys, sent_at=None, tries=0).exists()


def attachments(file: DocumentFile | None) -> list[tuple[str, bytes, str]]:
    """What mails attach: (file name, content, type)."""
    return [(file.document.filename, bytes(file.content), "application/pdf")] if file else []


@outbox.handles("invoice_mail")
def send_invoice(row: Outbox) -> None:
    """The invoice alone, for whom the confirmation came without. Raises what the mail server's client raises."""
    file = DocumentFile.objects.select_related("document__order").get(document=row.payload["document"])
    order = file.document.order
    with translation.override(order.language):
        context = {"order": order, "order_url": settings.BASE_URL + order.get_absolute_url()}
        subject = _("The invoice for your order %(number)s") % {"number": order.number}
        send(row, order.email, subject, "invoice", context, attachments(file))
