"""What the worker does for commerce."""

from celery import shared_task
from django.utils.translation import gettext_lazy as _

from commerce import sweeper
from core.jobs import scheduled


@shared_task
@scheduled(_("Lost payments are found, units of unpaid orders are set free, refunds are followed up."))
def sweep() -> int:
    """Ends holds and finds lost payments; the schedule calls it every SWEEP_SECONDS."""
    return sweeper.sweep()
