"""What the worker does for the newsletter."""

from celery import shared_task

from blog import sending, subscribers


@shared_task
def send_newsletters() -> int:
    """Begins and goes on with what is due; the schedule calls it every SWEEP_SECONDS."""
    return sending.send_due()


@shared_task
def forget_silent_subscribers() -> int:
    """Addresses whose owner never answered the confirm mail."""
    return subscribers.forget_silent()
