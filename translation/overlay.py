"""Saved interface texts in this process: laid over the compiled catalogues, and kept up to date.

Each process asks the database, before it answers and at most every `INTERFACE_TEXTS_SECONDS`, whether anything was
saved. No file is written: read-only catalogues, several machines and a lost Redis make no difference.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import defaultdict
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.db.models import Count, Sum
from django.db.models.functions import Extract
from django.utils.translation import trans_real

from translation.models import Message

log = logging.getLogger(__name__)
Texts = dict[Any, str]  # as gettext keeps them: original or (original, plural index) -> text

_lock = threading.Lock()
_version: tuple[Any, ...] | None = None
_asked_at = float("-inf")


def refresh() -> None:
    """Catches up with what other processes saved. Never raises: without a database, what is known stays."""
    seconds = settings.INTERFACE_TEXTS_SECONDS
    if seconds is None or time.monotonic() < _asked_at + seconds or not _lock.acquire(blocking=False):
        return
    try:
        _catch_up()
    except DatabaseError as error:
        log.warning("interface texts: the database does not answer: %s", error)
    finally:
        _lock.release()


def refresh_now() -> None:
    """After a save: this process need not wait. Raises DatabaseError."""
    with _lock:
        _catch_up()


def _catch_up() -> None:
    global _version, _asked_at
    _asked_at = time.monotonic()
    # A sum, not the latest moment: a save that was begun earlier may be committed later.
    asked = Message.objects.aggregate(rows=Count("pk"), moments=Sum(Extract("changed_at", "epoch")))
    version = (asked["rows"], asked["moments"])
    if version != _version or not all(hasattr(each, "shipped") for each in _catalogues().values()):
        _lay(_saved())
        _version = version


def _saved() -> dict[str, Texts]:
    found: dict[str, Texts] = defaultdict(dict)
    for message in Message.objects.filter(fuzzy=False):
        key = f"{message.context}\x04{message.msgid}" if message.context else message.msgid
        if message.has_plural:
            found[message.language_code] |= {(key, number): text for number, text in enumerate(message.forms)}
        else:
            found[message.language_code][key] = message.forms[0]
    return found


def _lay(texts: dict[str, Texts]) -> None:
    """Puts a catalogue with the texts on top in one step: a reader sees all of them or none."""
    for code, catalogue in _catalogues().items():
        shipped = getattr(catalogue, "shipped", catalogue._catalog)
        catalogue.shipped = shipped
        if not texts.get(code):
            catalogue._catalog = shipped
            continue
        merged: Any = trans_real.TranslationCatalog()
        # The project's own catalogue is the first of the shipped ones, and the texts have its plural forms.
        merged._catalogs = [texts[code], *shipped._catalogs]
        merged._plurals = [shipped._plurals[0], *shipped._plurals]
        catalogue._catalog = merged


def _catalogues() -> dict[str, Any]:
    """Django's own, of every language that is translated into."""
    codes = [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
    return {code: trans_real.translation(code) for code in codes}
