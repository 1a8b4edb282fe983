"""What the scheduler starts for the search."""

from celery import shared_task
from django.utils.translation import gettext_lazy as _

from core.jobs import scheduled
from search import boosts, index
from search.desk import querylog


@shared_task
@scheduled(_("What was published and could not be found at once gets into the search."))
def catch_up() -> int:
    """What was published since and could not be written at once."""
    return index.catch_up()


@shared_task
@scheduled(_("The search is compared with what is live, and put right."))
def repair() -> None:
    """What no receiver sees: rows written in bulk, a post whose day has come."""
    index.repair()


@shared_task
@scheduled(_("Search learns what sells and what is sold out."))
def refresh_boosts() -> int:
    """How much the text of each product counts."""
    return boosts.refresh()


@shared_task
@scheduled(_("What was searched for is counted, without who did it."))
def count_queries() -> int:
    """From Redis, where visits leave it, to the table of the search desk."""
    return querylog.store()
