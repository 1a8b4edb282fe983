"""How documents reach the buyer: made by the worker, attached to the mail of their cause, or mailed after it."""

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

LONGEST_WAIT = timedelta(minutes=2)  # of a mail for its PDF
LOOK_AGAIN = timedelta(seconds=20)
MAILS = {Kind.INVOICE: "order_confirmation", Kind.CREDIT_NOTE: "order_refunded"}  # what carries the PDF, by its kind


@outbox.handles("invoice", outbox.NONE)
def write_invoice(row: Outbox) -> None:
    """Numbers and freezes the invoice of a paid order. Raises DoesNotAddUp."""
    issue.invoice_for(Order.objects.get(pk=row.payload["order"]))


@outbox.handles("document_pdf", outbox.PRESS)
def print_document(row: Outbox) -> None:
    """Makes the PDF and sees that the buyer gets it. Raises CannotPrint."""
    document = Document.objects.get(pk=row.payload["document"])
    printing.keep_pdf(document)
    if not outbox.hurry(mail_key(document)):
        # The mail has left without it.
        payload = {"document": document.pk, "order": document.order_id}
        outbox.put("document_mail", f"document_mail:{document.number}", payload)


def mail_key(document: Document) -> str:
    """The outbox row that carries this document: both are named after the order, or the refund."""
    return f"{MAILS[Kind(document.kind)]}:{document.key.partition(':')[2]}"


def pdf_to_attach(key: str, since: Outbox) -> DocumentFile | None:
    """The PDF of the document with this key. None: there is none, and the mail must not wait any longer.

    Raises outbox.Later while it may still come.
    """
    may_come = is_coming(key)  # asked first: what is done after this question is seen by the next
    file = DocumentFile.objects.select_related("document").filter(document__key=key).first()
    if file is None and may_come and timezone.now() < since.created_at + LONGEST_WAIT:
        raise outbox.Later(LOOK_AGAIN)
    return file


def is_coming(key: str) -> bool:
    """The worker has yet to try: neither the document nor its PDF has failed so far."""
    untried = Outbox.objects.filter(sent_at=None, tries=0)
    if untried.filter(key=key).exists():
        return True
    document = Document.objects.filter(key=key).first()
    return document is not None and untried.filter(key=f"document_pdf:{document.number}").exists()


def attachments(file: DocumentFile | None) -> list[tuple[str, bytes, str]]:
    """What mails attach: (file name, content, type)."""
    return [(file.document.filename, bytes(file.content), "application/pdf")] if file else []


@outbox.handles("document_mail")
def send_document(row: Outbox) -> None:
    """A document alone, for whom the mail of its cause came without. Raises what the mail server's client raises."""
    file = DocumentFile.objects.select_related("document__order").get(document=row.payload["document"])
    document, order = file.document, file.document.order
    with translation.override(order.language):
        is_invoice = document.kind == Kind.INVOICE
        subject = (
            _("The invoice for your order %(number)s") if is_invoice else _("The credit note for order %(number)s")
        )
        context = {"order": order, "document": document, "order_url": settings.BASE_URL + order.get_absolute_url()}
        send(row, order.email, subject % {"number": order.number}, "document", context, attachments(file))
