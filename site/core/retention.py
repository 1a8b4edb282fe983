"""What the shop forgets by itself, and when. Each app registers rules; the days stand in settings.RETENTION.

Works in batches of rows that nobody else has locked, each in a transaction of its own: safe to stop, and to run twice
at once. What the law wants kept (invoices, credit notes) has no rule.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.models import Outbox, PersonalDataAct, RateCount

log = logging.getLogger(__name__)

BATCH = 500
SECONDS = 240  # below the time limit of tasks; the next night goes on

Rows = Callable[[datetime], "QuerySet[Any]"]
Ending = Callable[["type[Model]", list[Any]], object]


def delete(model: type[Model], pks: list[Any]) -> None:
    model._base_manager.filter(pk__in=pks).delete()


@dataclass(frozen=True)
class Rule:
    """`rows`: those to be ended, given the moment before which they are old. `end`: how, in a transaction that has
    locked them. `name`: the key of the days in settings.RETENTION; without one, rows know their own time.
    """

    name: str
    what: Promise | str
    rows: Rows
    end: Ending = delete

    @property
    def days(self) -> int | None:
        """0: for ever. None: until their own time."""
        return settings.RETENTION.get(self.name)

    @property
    def is_off(self) -> bool:
        return self.days == 0

    def due(self) -> QuerySet[Any]:
        return self.rows(timezone.now() - timedelta(days=self.days or 0))


RULES: list[Rule] = []


def register(*rules: Rule) -> None:
    RULES.extend(rules)


def count() -> Iterator[tuple[Rule, int]]:
    """How many rows each rule would end now. Changes nothing."""
    for rule in RULES:
        yield rule, 0 if rule.is_off else rule.due().count()


def forget(seconds: float = SECONDS) -> dict[str, int]:
    """Carries out every rule, as far as the time allows. Returns rule name -> rows ended.

    Raises the last failure of a rule, after the others have had their turn.
    """
    deadline = time.monotonic() + seconds
    done: dict[str, int] = {}
    failure: Exception | None = None
    for rule in RULES:
        try:
            done[rule.name] = 0 if rule.is_off else carry_out(rule, deadline)
        except Exception as error:  # one bad rule must not keep the others from their turn
            log.exception("retention: %s failed", rule.name)
            failure = error
    log.info("retention: %s", ", ".join(f"{name} {number}" for name, number in done.items() if number) or "nothing due")
    if failure:
        raise failure
    return done


def carry_out(rule: Rule, deadline: float) -> int:
    """Batch after batch in the order of their keys, until none is left or time is up. Returns how many rows."""
    done, last = 0, None
    while time.monotonic() < deadline:
        with transaction.atomic():
            due = rule.due().order_by("pk").select_for_update(skip_locked=True, of=("self",))
            pks = list((due if last is None else due.filter(pk__gt=last)).values_list("pk", flat=True)[:BATCH])
            if not pks:
                break
            rule.end(due.model, pks)
        done, last = done + len(pks), pks[-1]
    return done


register(
    Rule(
        "sessions",
        _("Carts and sign-ins past their time"),
        lambda _before: Session.objects.filter(expire_date__lt=timezone.now()),
    ),
    Rule(
        "rate-counts",
        _("Counts of attempts whose window is over"),
        lambda _before: RateCount.objects.filter(ends_at__lte=timezone.now()),
    ),
    Rule(
        "mails",
        _("Entries of the outbox that were done"),
        lambda before: Outbox.objects.filter(sent_at__lt=before),
    ),
    Rule(
        "personal-data-acts",
        _("Notes on personal data that was exported or erased"),
        lambda before: PersonalDataAct.objects.filter(at__lt=before),
    ),
)
