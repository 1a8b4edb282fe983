"""Publishes what is due and takes down what has expired; one failing object never stops the others."""

from __future__ import annotations

import logging
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone
from wagtail import hooks
from wagtail.models import DraftStateMixin, Page, Revision

log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Publishes scheduled pages and snippets, and unpublishes expired ones."

    def handle(self, *args: Any, **options: Any) -> None:
        expire_due()
        publish_due()


def publish_due() -> None:
    """A revision that cannot be published is logged and loses its date: it would fail again every minute. One that
    lacks something keeps its date, and goes live as soon as the rules or the library let it."""
    for revision in Revision.objects.filter(approved_go_live_at__lt=timezone.now()).order_by("approved_go_live_at"):
        try:
            if lacks_something(revision):
                log.warning("%s (revision %s) lacks something and waits", revision.object_str, revision.pk)
                continue
            with transaction.atomic():
                revision.publish(log_action="wagtail.publish.scheduled")
        except Exception:  # whatever it is: the next object must still go live
            log.exception("cannot publish %s (revision %s) on time", revision.object_str, revision.pk)
            Revision.objects.filter(pk=revision.pk).update(approved_go_live_at=None)


def lacks_something(revision: Revision) -> bool:
    """True when one of the checks before publishing finds that it must not go live."""
    draft = revision.as_object()
    return any(lack.blocking for check in hooks.get_hooks("check_before_publishing") for lack in check(draft))


def expire_due() -> None:
    models = [Page, *(m for m in apps.get_models() if issubclass(m, DraftStateMixin) and not issubclass(m, Page))]
    for model in models:
        for expired in model.objects.filter(live=True, expire_at__lt=timezone.now()).order_by("expire_at"):
            try:
                with transaction.atomic():
                    expired.unpublish(set_expired=True, log_action="wagtail.unpublish.scheduled")
            except Exception:  # as above
                log.exception("cannot take down %s, which has expired", expired)
