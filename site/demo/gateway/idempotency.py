"""Idempotency keys: the same key gets the same answer, whatever happened to the first one on its way.

Source: docs.stripe.com/api/idempotent_requests. As there, an answer is kept once the request began to run; a
request refused for its parameters leaves no trace. Kept for 24 hours.
"""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from demo.gateway.errors import ApiError
from demo.gateway.store import Books

KEPT = 24 * 60 * 60


@dataclass(frozen=True)
class Answer:
    """What the API says to one request; `original` is the id of the request that first got this answer."""

    status: int
    body: dict[str, Any]
    original: str | None = None


class InFlight:
    """Keys whose first request is still running in this process."""

    def __init__(self) -> None:
        self._keys: set[str] = set()
        self._lock = threading.Lock()

    @contextmanager
    def hold(self, key: str) -> Iterator[None]:
        """Keep others with the same key out. Raises ApiError (409) when somebody is in already."""
        with self._lock:
            if key in self._keys:
                raise ApiError(
                    "There is currently another in-progress request using this Idempotent Key (that probably means "
                    f"you submitted twice, and the other request is still going through): {key}.",
                    code="idempotency_key_in_use",
                    status=409,
                )
            self._keys.add(key)
        try:
            yield
        finally:
            with self._lock:
                self._keys.discard(key)


def check(key: str) -> None:
    """Refuse a key that cannot be kept. Raises ApiError."""
    if not 1 <= len(key) <= 255:
        raise ApiError("Idempotency keys must have 1 to 255 characters.", kind="idempotency_error")


def recall(books: Books, key: str, path: str, params: dict[str, Any]) -> Answer | None:
    """The answer kept under this key. Raises ApiError when the key was used for another request."""
    row = books.connection.execute(
        "SELECT path, params, status, body, request FROM idempotency WHERE key = ? AND created > ?",
        (key, time.time() - KEPT),
    ).fetchone()
    if row is None:
        return None
    if row[0] != path:
        raise ApiError(
            "Keys for idempotent requests can only be used for the same endpoint they were first used for "
            f"('{path}' vs '{row[0]}'). Try using a key other than '{key}' if you meant to execute a different "
            "request.",
            kind="idempotency_error",
        )
    if row[1] != _canonical(params):
        raise ApiError(
            "Keys for idempotent requests can only be used with the same parameters they were first used with. "
            f"Try using a key other than '{key}' if you meant to execute a different request.",
            kind="idempotency_error",
        )
    return Answer(row[2], json.loads(row[3]), row[4])


def remember(books: Books, key: str, path: str, params: dict[str, Any], answer: Answer) -> None:
    """Keep this answer, in the same transaction as what it tells of."""
    moment = time.time()
    books.connection.execute("DELETE FROM idempotency WHERE created <= ?", (moment - KEPT,))
    books.connection.execute(
        "INSERT INTO idempotency (key, created, path, params, request, status, body) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            key,
            moment,
            path,
            _canonical(params),
            books.cause.request,
            answer.status,
            json.dumps(answer.body, ensure_ascii=False),
        ),
    )


def _canonical(params: dict[str, Any]) -> str:
    return json.dumps(params, sort_keys=True, ensure_ascii=False)
