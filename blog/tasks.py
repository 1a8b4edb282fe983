"""What the worker does for newsletter and comments."""

from celery import shared_task

from blog import comments, sending, subscribers


@shared_task
def send_newsletters() -> int:
    """Begins and goes on with what is due; the schedule calls it every SWEEP_SECONDS."""
    return sending.send_due()


@shared_task
def forget() -> None:
    """Addresses whose owner never answered the confirm mail, and old spam."""
    subscribers.forget_silent()
    comments.forget_spam()
