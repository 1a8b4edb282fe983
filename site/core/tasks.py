"""What the scheduler starts for the whole shop. Each task may run twice and at the same time as itself."""

from __future__ import annotations

from celery import shared_task
from django.core.management import call_command
from django.utils.translation import gettext_lazy as _

from core import outbox, retention
from core.jobs import scheduled


@shared_task
@scheduled(_("Pages, products and posts go live and come down at their time."))
def publish_due() -> None:
    """Scheduled pages and snippets go live or come down."""
    call_command("publish_due")


@shared_task
@scheduled(_("Mails and invoices leave, also those that could not be sent before."))
def send_outbox() -> None:
    """Mails and invoices that wait in the outbox."""
    outbox.send_due()


@shared_task
@scheduled(_("What is kept no longer than needed is forgotten: carts, old messages, addresses without a purpose."))
def forget() -> None:
    """Old data, by the rules of core.retention."""
    retention.forget()
