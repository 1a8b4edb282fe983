"""What the worker does for commerce."""

from celery import shared_task

from commerce import sweeper


@shared_task
def sweep() -> int:
    """Ends holds and finds lost payments; the schedule calls it every SWEEP_SECONDS."""
    return sweeper.sweep()
