"""What the scheduler starts for the translators' desk."""

from celery import shared_task

from translation import pages, standing

AT_ONCE = 500


@shared_task
def observe() -> None:
    """Takes down how far objects are that were saved elsewhere: in the normal editor, by an import, by a publish."""
    standing.catch_up()
    pages.catch_up(AT_ONCE)
