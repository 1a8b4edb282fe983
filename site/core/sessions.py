"""Django's sessions in the database, plus a way to change one while no other request of its visitor does.

Django writes a session back whole when the response is done, so that of two requests at the same time the later one
undoes what the earlier one has changed. What must not be undone is changed inside `alone`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

from django.contrib.sessions.backends import db
from django.db import transaction
from django.utils import timezone


class SessionStore(db.SessionStore):
    """settings.SESSION_ENGINE; the name is part of how sessions are signed."""

    _is_alone = False
    _kept: dict[str, Any] | None = None  # what is stored, as far as `alone` knows
    _is_read_again = False

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Reads the session again and saves it after the block; until then its other requests wait here.

        What the block writes to the database is committed together with the session, or not at all: after an
        exception the session is what it was. A session that has not begun is nobody else's yet; the response saves it.
        """
        if self._is_alone or not self.session_key:
            yield
            return
        was_modified = self.modified
        if was_modified:
            self.save()
        self._is_alone = True
        try:
            with transaction.atomic():
                before = self._read_locked()
                self._session_cache = deepcopy(before)
                yield
                if self.session_key:
                    if self._session_cache != before:
                        super().save()
                    self._kept = deepcopy(self._session_cache)  # also when the block wrote what was there already
        except BaseException:
            self.__dict__.pop("_session_cache", None)  # read again when somebody asks
            self._is_read_again = True
            self.modified = was_modified
            raise
        finally:
            self._is_alone = False

    def load(self) -> dict[str, Any]:
        data: dict[str, Any] = super().load()
        if self._is_read_again:  # what was changed before `alone` failed had been saved
            self._kept, self._is_read_again = deepcopy(data), False
        return data

    def save(self, must_create: bool = False) -> None:
        """Not again what `alone` has saved: another request may have changed it since."""
        if must_create or self._kept is None or dict(self.items()) != self._kept:
            super().save(must_create)

    def _read_locked(self) -> dict[str, Any]:
        self.accessed = True
        begun = self.model.objects.select_for_update().filter(expire_date__gt=timezone.now())
        row = begun.filter(session_key=self.session_key).first()
        if row is None:  # ended by another request, or too old
            self._session_key = None
            return {}
        return self.decode(row.session_data)
