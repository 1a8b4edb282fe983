"""What the worker does for the catalogue. Each task may run twice and at the same time as itself."""

from __future__ import annotations

from celery import shared_task
from django.utils.translation import gettext_lazy as _

from catalog.exchange import run
from core.jobs import scheduled


@shared_task
def run_import(pk: int) -> None:
    """A slice of an import; asks for the next one itself."""
    if run.advance(pk):
        run.nudge(pk)


@shared_task
@scheduled(_("Imports that stopped half-way go on."))
def sweep_imports() -> None:
    """Imports that a killed worker left behind."""
    run.sweep()
