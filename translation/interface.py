"""Interface texts as translators change them: checked, kept in the database, bundled for the repository."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Collection
from dataclasses import dataclass

import polib
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction

from core.cache import renew_window
from core.permissions import may_translate_into
from translation import catalogs, overlay
from translation.models import Message
from translation.soundness import problems


class Conflict(Exception):
    """Somebody else was faster."""


@dataclass(frozen=True)
class Written:
    """What somebody typed for one text. `seen`: what stood in the fields before."""

    entry: polib.POEntry
    forms: list[str]
    seen: list[str]
    fuzzy: bool

    @property
    def is_new(self) -> bool:
        return self.forms != self.seen or self.fuzzy != self.entry.fuzzy

    @property
    def theirs(self) -> list[str]:
        """What somebody else has saved since; nothing when nobody did, or the same."""
        now = catalogs.texts(self.entry)
        return now if now not in (self.seen, self.forms) and self.forms != self.seen else []

    @property
    def problems(self) -> list[str]:
        return problems(self.entry.msgctxt or "", self.entry.msgid, self.entry.msgid_plural, self.forms)


def save(user: User, code: str, written: Collection[Written]) -> int:
    """Keeps what is new, all or nothing; returns how many. Blank forms put the shipped text back.

    Raises PermissionDenied for a language of others, ValueError for a text with problems, Conflict when somebody else
    has saved one of them since it was read.
    """
    if not may_translate_into(user, code):
        raise PermissionDenied
    new = [each for each in written if each.is_new]
    if any(each.problems for each in new):
        raise ValueError("a text with problems is not saved")
    with transaction.atomic():
        _one_at_a_time(code)
        digests = [each.entry.digest for each in new]
        now = Message.objects.filter(language_code=code, digest__in=digests)
        if {row.digest: row.changed_at for row in now} != {
            each.entry.digest: each.entry.saved_at for each in new if each.entry.saved_at
        }:
            raise Conflict
        for each in new:
            _keep(user, code, each)
    overlay.refresh_now()
    renew_window()
    return len(new)


def _one_at_a_time(code: str) -> None:
    """Who saves in the same language waits here until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"interface texts {code}"])


def bundle(codes: Collection[str]) -> bytes:
    """A zip of the catalogues with everything saved in them, to be unpacked in the repository."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as zipped:
        for code in codes:
            path = catalogs.path(code)
            if path.exists():
                zipped.writestr("/".join(("locale", *path.parts[-3:])), f"{catalogs.catalogue(code)}\n")
    return file.getvalue()


def _keep(user: User, code: str, written: Written) -> None:
    entry = written.entry
    key = {"language_code": code, "digest": entry.digest}
    as_shipped = written.forms == entry.shipped and written.fuzzy == entry.shipped_fuzzy
    if as_shipped or not any(written.forms):
        Message.objects.filter(**key).delete()
        return
    Message.objects.update_or_create(
        **key,
        defaults={
            "context": entry.msgctxt or "",
            "msgid": entry.msgid,
            "has_plural": bool(entry.msgid_plural),
            "forms": written.forms,
            "shipped": entry.shipped,
            "fuzzy": written.fuzzy,
            "author": user,
        },
    )
