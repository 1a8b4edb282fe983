"""What the scheduler starts for the search."""

from celery import shared_task

from search import index


@shared_task
def catch_up() -> int:
    """What was published since and could not be written at once."""
    return index.catch_up()


@shared_task
def repair() -> None:
    """What no receiver sees: rows written in bulk, a post whose day has come."""
    index.repair()
