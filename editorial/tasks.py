"""What the scheduler starts for the editorial desk."""

from celery import shared_task

from editorial import scheduler


@shared_task
def tick() -> None:
    """A sign of life."""
    scheduler.tick()
