"""What the worker does for the newsletter."""

from celery import shared_task
from django.utils.translation import gettext_lazy as _

from blog import sending
from core.jobs import scheduled


@shared_task
@scheduled(_("Newsletters that are due are sent."))
def send_newsletters() -> int:
    """Begins and goes on with what is due; the schedule calls it every SWEEP_SECONDS."""
    return sending.send_due()
