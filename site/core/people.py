"""One person's data, found by e-mail address: told as a whole, and erased. Each app registers the part that it keeps.

Erasing happens in one transaction: all of it, or nothing with the reasons why not.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from core.models import Outbox, PersonalDataAct
from core.sessions import SessionStore

Told = dict[str, Any]


class StillOpen(Exception):
    """Nothing was erased: something about this person is not finished. `reasons`: sentences for staff."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = reasons


@dataclass(frozen=True)
class Part:
    """What an app keeps of a person. All three are given an address; case does not matter.

    `tell`: everything, ready for JSON; lists of entries by name. `objections`: why it cannot be erased now, as
    sentences. `erase`: returns what was done, name -> number of entries.
    """

    tell: Callable[[str], Told]
    erase: Callable[[str], dict[str, int]]
    objections: Callable[[str], list[str]] = lambda email: []


PARTS: list[Part] = []


def register(part: Part) -> None:
    PARTS.append(part)


def look(email: str) -> Told:
    """All that is kept under this address, by name; what is empty is left out."""
    found: Told = {}
    for part in PARTS:
        found |= part.tell(email.strip())
    return {name: entries for name, entries in found.items() if entries}


def export(email: str, actor: User | None = None) -> Told:
    """`look` for the person: with address and moment, and a note of who exported it."""
    found = look(email)
    remember(PersonalDataAct.Kind.EXPORT, email, actor, {name: size(entries) for name, entries in found.items()})
    return {"email": email.strip(), "exported_at": timezone.now().isoformat(), **found}


def size(entries: Any) -> int:
    return len(entries) if isinstance(entries, list) else 1


def objections(email: str) -> list[str]:
    return [reason for part in PARTS for reason in part.objections(email.strip())]


@transaction.atomic
def erase(email: str, actor: User | None = None) -> dict[str, int]:
    """Erases what may be erased. Returns what was done, name -> number. Raises StillOpen; then nothing was."""
    if reasons := objections(email):
        raise StillOpen(reasons)
    done: dict[str, int] = {}
    for part in PARTS:
        done |= part.erase(email.strip())
    remember(PersonalDataAct.Kind.ERASURE, email, actor, done)
    return done


def remember(kind: str, email: str, actor: User | None, found: dict[str, int]) -> None:
    """Who did it, when and to how much; of the person only a keyed digest, by which a later question is answered."""
    PersonalDataAct.objects.create(kind=kind, person=digest(email), actor=actor, found=found)


def digest(email: str) -> str:
    return salted_hmac("core.people", email.strip().casefold()).hexdigest()


# What core itself keeps


def _sessions(email: str) -> list[str]:
    """Keys of the visits in which somebody typed the address. Read one by one: they are stored encoded."""
    store = SessionStore()
    rows = store.model.objects.filter(expire_date__gt=timezone.now()).iterator()
    named = re.compile(alone(email), re.IGNORECASE)
    return [row.session_key for row in rows if named.search(str(store.decode(row.session_data)))]


def _rows(email: str) -> Any:
    named = Outbox.objects.annotate(text=Cast("payload", TextField()))
    return named.filter(Q(text__iregex=alone(email)) | Q(error__iregex=alone(email)))


def alone(email: str) -> str:
    """A pattern, for Python as for PostgreSQL, that finds the address in a text, but not within a longer one.

    >>> [bool(re.search(alone("a@b.c"), text)) for text in ("to a@b.c.", "<a@b.c>", "la@b.c", "x-a@b.c", "a@b.c.uk")]
    [True, True, False, False, False]
    """
    return rf"(?<![\w.+-]){re.escape(email)}(?![\w-]|\.\w)"


def tell(email: str) -> Told:
    staff = [
        {"username": user.username, "name": user.get_full_name()} for user in User.objects.filter(email__iexact=email)
    ]
    mails = [{"kind": row.kind, "created_at": row.created_at, "sent_at": row.sent_at} for row in _rows(email)]
    return {"staff_accounts": staff, "visits_with_the_address": len(_sessions(email)), "mails_to_the_address": mails}


def keep_staff(email: str) -> list[str]:
    if not User.objects.filter(email__iexact=email).exists():
        return []
    return [_("A member of staff has this address. Change or remove the account first: menu “Settings”, “Users”.")]


def erase_own(email: str) -> dict[str, int]:
    keys = _sessions(email)
    SessionStore().model.objects.filter(session_key__in=keys).delete()
    mails = _rows(email).delete()[0]
    return {"visits": len(keys), "mails": mails}


register(Part(tell, erase_own, keep_staff))
