"""What the worker does for commerce."""

from celery import shared_task
from django.utils.translation import gettext_lazy as _

from commerce import comparison, difference_mails, sweeper
from commerce.suggestions import looks
from core.jobs import scheduled


@shared_task
@scheduled(_("Lost payments are found, units of unpaid orders are set free, refunds are followed up."))
def sweep() -> int:
    """Ends holds and finds lost payments; the schedule calls it every SWEEP_SECONDS."""
    return sweeper.sweep()


@shared_task
@scheduled(_("Best sellers and most viewed products are counted anew."))
def refresh_popularity() -> int:
    """Also rebuilds what was bought together, when Redis has lost it."""
    return looks.hourly()


@shared_task
@scheduled(_("What was bought together and looked at long ago counts less."))
def fade_suggestions() -> None:
    """At night."""
    looks.nightly()


@shared_task
@scheduled(_("Payments and refunds of the last days are compared with the payment service’s own lists."))
def compare_payments() -> None:
    """Every night. Managers are told of what was found."""
    difference_mails.tell(comparison.run())
