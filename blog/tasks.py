"""What the worker does for newsletter and comments."""

from celery import shared_task
from django.utils.translation import gettext_lazy as _

from blog import comments, sending, subscribers
from core.jobs import scheduled


@shared_task
@scheduled(_("Newsletters that are due are sent."))
def send_newsletters() -> int:
    """Begins and goes on with what is due; the schedule calls it every SWEEP_SECONDS."""
    return sending.send_due()


@shared_task
@scheduled(_("Addresses that were never confirmed and old spam are forgotten."))
def forget() -> None:
    """Addresses whose owner never answered the confirm mail, and old spam."""
    subscribers.forget_silent()
    comments.forget_spam()
