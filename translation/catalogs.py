"""The interface texts of a language: the shipped catalogue, with what translators saved (Message) on top of it."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from copy import copy
from difflib import get_close_matches
from functools import lru_cache
from gettext import c2py
from pathlib import Path

import polib
from django.conf import settings
from django.utils.translation import to_locale

from translation.models import Message
from translation.pieces import count_words

FUZZY = "fuzzy"
WIDTH = 120
ALIKE = 0.8  # of two originals: then the older one's translation is proposed for the newer


def path(code: str) -> Path:
    """The shipped catalogue of a language. It is only ever read here."""
    return Path(settings.LOCALE_PATHS[0]) / to_locale(code) / "LC_MESSAGES" / "django.po"


def catalogue(code: str) -> polib.POFile:
    """The shipped catalogue with the saved texts in it. Each entry has its `digest`, and what the file itself says:
    `shipped` (its texts) and `shipped_fuzzy`; and when it was saved, `saved_at`.

    Marked for review are texts whose original has changed since they were saved, or that the repository has changed
    meanwhile. Raises FileNotFoundError when the language has no catalogue.
    """
    found = _parsed(path(code), path(code).stat().st_mtime_ns)
    file = copy(found)
    file[:] = [copy(entry) for entry in found]
    saved = {message.digest: message for message in Message.objects.filter(language_code=code)}
    for entry in file:
        entry.shipped, entry.shipped_fuzzy, entry.saved_at = texts(entry), entry.fuzzy, None
        if not entry.obsolete and entry.digest in saved:
            _lay_on(entry, saved.pop(entry.digest))
    _propose({message.msgid: message for message in saved.values()}, file.untranslated_entries())
    return file


@lru_cache(maxsize=4)
def _parsed(file: Path, changed: int) -> polib.POFile:
    """The file as it was changed then, each entry with its `digest`. Not to be changed: take copies of entries."""
    parsed = polib.pofile(str(file), wrapwidth=WIDTH)
    for entry in parsed:
        entry.digest = digest(entry)
    return parsed


def digest(entry: polib.POEntry) -> str:
    """Names a text by its context and original, whatever its translation is."""
    return hashlib.sha256(f"{entry.msgctxt or ''}\x04{entry.msgid}".encode()).hexdigest()


def texts(entry: polib.POEntry) -> list[str]:
    """Its translation: one text, or one per plural form."""
    if not entry.msgid_plural:
        return [entry.msgstr]
    return [entry.msgstr_plural[number] for number in sorted(entry.msgstr_plural)]


def numbers_of_forms(file: polib.POFile) -> dict[int, str]:
    """Plural form -> the first numbers that take it ("11, 12, 13 …"), to tell a translator which one that is."""
    rule = file.metadata.get("Plural-Forms", "").partition("plural=")[2].strip().rstrip(";")
    found: dict[int, list[str]] = {}
    form_of = c2py(rule or "0")
    for number in range(201):
        found.setdefault(form_of(number), []).append(str(number))
    return {
        form: f"{', '.join(numbers[:3])} …" if len(numbers) > 3 else ", ".join(numbers)
        for form, numbers in found.items()
    }


def put(entry: polib.POEntry, written: list[str], fuzzy: bool) -> None:
    if entry.msgid_plural:
        entry.msgstr_plural = dict(enumerate(written))
    else:
        entry.msgstr = written[0]
    entry.flags = [flag for flag in entry.flags if flag != FUZZY] + ([FUZZY] if fuzzy else [])


def words_left(codes: Collection[str]) -> dict[str, int]:
    """Language -> words of interface texts that are not translated yet, or wait for review."""
    saved: dict[str, dict[str, bool]] = {code: {} for code in codes}
    for code, name, fuzzy in Message.objects.values_list("language_code", "digest", "fuzzy"):
        saved.setdefault(code, {})[name] = fuzzy
    return {
        code: sum(words for name, words, done in _shipped(code) if saved[code].get(name, not done)) for code in codes
    }


def _shipped(code: str) -> tuple[tuple[str, int, bool], ...]:
    """(digest, words, translated) of every text in the catalogue; nothing without one."""
    file = path(code)
    return _read(file, file.stat().st_mtime_ns) if file.exists() else ()


@lru_cache(maxsize=16)
def _read(file: Path, changed: int) -> tuple[tuple[str, int, bool], ...]:
    entries = (entry for entry in polib.pofile(str(file)) if not entry.obsolete)
    return tuple((digest(entry), count_words(entry.msgid), entry.translated()) for entry in entries)


def _lay_on(entry: polib.POEntry, message: Message) -> None:
    entry.saved_at = message.changed_at
    if _fits(entry, message.forms):
        put(entry, message.forms, message.fuzzy or entry.shipped not in (message.shipped, message.forms))


def _propose(left_over: dict[str, Message], entries: list[polib.POEntry]) -> None:
    """Work whose original was reworded is not lost: it waits for review at the original that resembles it."""
    for entry in entries if left_over else []:
        for msgid in get_close_matches(entry.msgid, left_over, 1, ALIKE):
            if _fits(entry, left_over[msgid].forms):
                put(entry, left_over[msgid].forms, fuzzy=True)


def _fits(entry: polib.POEntry, forms: list[str]) -> bool:
    return len(forms) == (len(entry.msgstr_plural) if entry.msgid_plural else 1)
