"""What the scheduler starts for the translators' desk."""

from celery import shared_task
from django.utils.translation import gettext_lazy as _

from core.jobs import scheduled
from translation import pages, standing

AT_ONCE = 500


@shared_task
@scheduled(_("Translators are told what changed outside their desk."))
def observe() -> None:
    """Takes down how far objects are that were saved elsewhere: in the normal editor, by an import, by a publish."""
    standing.catch_up()
    pages.catch_up(AT_ONCE)
