"""The gateway's memory: one SQLite file with Stripe's objects, undelivered events and idempotency keys.

One process owns the file (a lock says so). Writers queue in this process and commit once per request, so a kill
leaves either the whole change with its events, or nothing.
"""

import fcntl
import json
import secrets
import sqlite3
import string
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS object (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    created INTEGER NOT NULL,
    due REAL,
    body TEXT NOT NULL,
    private TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS object_by_kind ON object (kind, seq);
CREATE INDEX IF NOT EXISTS object_due ON object (due) WHERE due IS NOT NULL;
CREATE TABLE IF NOT EXISTS delivery (
    event TEXT PRIMARY KEY,
    tries INTEGER NOT NULL DEFAULT 0,
    next_at REAL,
    delivered_at REAL,
    problem TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS delivery_next ON delivery (next_at) WHERE next_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS idempotency (
    key TEXT PRIMARY KEY,
    created REAL NOT NULL,
    path TEXT NOT NULL,
    params TEXT NOT NULL,
    request TEXT NOT NULL,
    status INTEGER NOT NULL,
    body TEXT NOT NULL
);
"""
ALPHABET = string.ascii_letters + string.digits


def new_id(prefix: str, length: int = 24) -> str:
    """An unguessable id in Stripe's style, such as ``pi_…``."""
    return prefix + "".join(secrets.choice(ALPHABET) for _ in range(length))


@dataclass
class Record:
    """One Stripe object: what the API shows, what only the gateway knows, and when it wants attention (epoch)."""

    body: dict[str, Any]
    private: dict[str, Any] = field(default_factory=dict)
    due: float | None = None


@dataclass(frozen=True)
class Cause:
    """The API request behind a change; empty for changes made by the payment page or the clock."""

    request: str | None = None
    idempotency_key: str | None = None


NO_CAUSE = Cause()


class Books:
    """One open transaction on the store."""

    def __init__(self, connection: sqlite3.Connection, cause: Cause, deliver: bool) -> None:
        self.connection = connection
        self.cause = cause
        self.deliver = deliver

    def save(self, record: Record) -> None:
        """Insert or update by id."""
        body = record.body
        self.connection.execute(
            "INSERT INTO object (id, kind, created, due, body, private) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET due = excluded.due, body = excluded.body, private = excluded.private",
            (
                body["id"],
                body["object"],
                body["created"],
                record.due,
                json.dumps(body, ensure_ascii=False),
                json.dumps(record.private, ensure_ascii=False),
            ),
        )

    def get(self, kind: str, identifier: str) -> Record | None:
        """The object with this id, if it is of this kind."""
        row = self.connection.execute(
            "SELECT body, private, due FROM object WHERE id = ? AND kind = ?", (identifier, kind)
        ).fetchone()
        return Record(json.loads(row[0]), json.loads(row[1]), row[2]) if row else None

    def due(self, now: float) -> list[str]:
        """Ids of sessions whose time has come, oldest first."""
        rows = self.connection.execute("SELECT id FROM object WHERE due <= ? ORDER BY due, seq", (now,))
        return [row[0] for row in rows]

    def newest(
        self,
        kind: str,
        *,
        equal: Mapping[str, list[str]] | None = None,
        created: Mapping[str, int] | None = None,
        after: str | None = None,
        limit: int,
    ) -> list[dict[str, Any]]:
        """Bodies of one kind, newest first, at most `limit`.

        `equal` maps a field of the body to the values allowed, `created` a comparison (gte…) to a time; `after` is
        the id to start behind.
        """
        operators = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<=", "eq": "="}
        where, values = ["kind = ?"], [kind]
        for name, allowed in (equal or {}).items():
            where.append(f"json_extract(body, ?) IN ({', '.join('?' * len(allowed))})")
            values += [f"$.{name}", *allowed]
        for word, moment in (created or {}).items():
            where.append(f"created {operators[word]} CAST(? AS INTEGER)")
            values.append(str(moment))
        if after is not None:
            where.append("seq < (SELECT seq FROM object WHERE id = ?)")
            values.append(after)
        rows = self.connection.execute(
            f"SELECT body FROM object WHERE {' AND '.join(where)} ORDER BY seq DESC LIMIT {limit:d}", values
        )
        return [json.loads(row[0]) for row in rows]


class Store:
    """The SQLite file. Raises BlockingIOError when another process owns it."""

    def __init__(self, path: Path, *, deliver: bool) -> None:
        self.path = path
        self.deliver = deliver
        self.news = threading.Condition()
        self._writer = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock_file = open(path.with_suffix(".lock"), "w")  # noqa: SIM115 - held as long as the process lives
        fcntl.flock(self._lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Kept open: SQLite folds the write-ahead log back, slowly, whenever the last connection closes.
        self._anchor = self._connect(check_same_thread=False)
        self._anchor.execute("PRAGMA journal_mode = WAL")
        self._anchor.executescript(SCHEMA)

    def _connect(self, check_same_thread: bool = True) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=10, isolation_level=None, check_same_thread=check_same_thread)
        connection.execute("PRAGMA synchronous = NORMAL")
        return connection

    def close(self) -> None:
        """Fold the log back and let the next process in."""
        self._anchor.close()
        self._lock_file.close()

    @contextmanager
    def read(self) -> Iterator[Books]:
        """A view on one moment; nothing can be written."""
        connection = self._connect()
        try:
            connection.execute("PRAGMA query_only = ON")
            connection.execute("BEGIN")
            yield Books(connection, NO_CAUSE, self.deliver)
        finally:
            connection.close()

    @contextmanager
    def write(self, cause: Cause = NO_CAUSE) -> Iterator[Books]:
        """One change, alone; all of it is kept, or nothing when an exception passes."""
        with self._writer:
            connection = self._connect()
            try:
                connection.execute("BEGIN IMMEDIATE")
                yield Books(connection, cause, self.deliver)
                connection.execute("COMMIT")
            finally:
                connection.close()  # an unfinished transaction is rolled back here
        with self.news:
            self.news.notify_all()


def now() -> int:
    """Whole seconds since the epoch, as Stripe counts."""
    return int(time.time())
