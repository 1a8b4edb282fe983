"""What the scheduler starts for the whole shop. Each task may run twice and at the same time as itself."""

from __future__ import annotations

from celery import shared_task
from django.core.management import call_command
from django.utils.translation import gettext_lazy as _

from core import limits, outbox
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
@scheduled(_("Carts and sign-ins past their time are forgotten."))
def clear_sessions() -> None:
    """Carts and logins past their 14 days, and rate counts whose window is over."""
    call_command("clearsessions")
    limits.forget_ended()
