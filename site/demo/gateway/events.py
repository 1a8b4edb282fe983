"""Events: written with the change they tell of, delivered to the shop by background threads until it answers 2xx."""

import copy
import hashlib
import hmac
import http.client
import json
import logging
import threading
import time
from typing import Any
from urllib.parse import urlsplit

from demo.gateway.config import Config
from demo.gateway.store import Books, Record, Store, new_id, now

log = logging.getLogger(__name__)

API_VERSION = "2026-10-28.endive"
RETRY_AFTER = (1, 5, 30, 120, 600, 1800, 3600, 10_800, 21_600, 43_200)  # seconds; then the event is given up
TIMEOUT = 10
SENDERS = 3


def record(books: Books, kind: str, subject: dict[str, Any]) -> None:
    """Store an event about `subject` as it is now, and queue its delivery if anybody listens."""
    event = {
        "id": new_id("evt_"),
        "object": "event",
        "api_version": API_VERSION,
        "created": now(),
        "data": {"object": copy.deepcopy(subject)},
        "livemode": False,
        "pending_webhooks": 1 if books.deliver else 0,
        "request": {"id": books.cause.request, "idempotency_key": books.cause.idempotency_key},
        "type": kind,
    }
    books.save(Record(event))
    if books.deliver:
        books.connection.execute("INSERT INTO delivery (event, next_at) VALUES (?, ?)", (event["id"], time.time()))


def signature(payload: bytes, secret: str, moment: int) -> str:
    """The ``Stripe-Signature`` header: HMAC SHA-256 over time and payload.

    Source: docs.stripe.com/webhooks/signature.
    """
    digest = hmac.new(secret.encode(), f"{moment}.".encode() + payload, hashlib.sha256).hexdigest()
    return f"t={moment},v1={digest}"


def post(config: Config, payload: bytes) -> int:
    """Send one signed event; the HTTP status. Redirects are not followed: a 301 would lose the body anyway.

    Raises OSError or http.client.HTTPException when nobody answers properly.
    """
    parts = urlsplit(config.webhook_url)
    connect = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = connect(parts.hostname or "", parts.port, timeout=TIMEOUT)
    try:
        connection.request(
            "POST",
            (parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
            body=payload,
            headers={
                "Content-Type": "application/json; charset=utf-8",
                "User-Agent": "Stripe/1.0 (demo gateway)",
                "Stripe-Signature": signature(payload, config.webhook_secret, now()),
            },
        )
        return connection.getresponse().status
    finally:
        connection.close()


class Courier:
    """A few threads that carry queued events to the shop. What is queued lives in the store, not here."""

    def __init__(self, store: Store, config: Config) -> None:
        self.store = store
        self.config = config
        self._on_the_way: set[str] = set()
        self._stopped = False

    def start(self) -> None:
        for number in range(SENDERS):
            threading.Thread(target=self._work, name=f"courier-{number}", daemon=True).start()

    def stop(self) -> None:
        self._stopped = True
        with self.store.news:
            self.store.news.notify_all()

    def _work(self) -> None:
        while not self._stopped:
            try:
                with self.store.news:
                    event = self._next()
                    if event is None:
                        self.store.news.wait(1)
                        continue
                    self._on_the_way.add(event)
                try:
                    self._deliver(event)
                finally:
                    self._on_the_way.discard(event)
            except Exception:  # a courier that dies silently would lose every later event
                log.exception("event delivery stumbled")
                time.sleep(1)

    def _next(self) -> str | None:
        with self.store.read() as books:
            rows = books.connection.execute(
                "SELECT d.event FROM delivery d JOIN object o ON o.id = d.event"
                " WHERE d.next_at <= ? ORDER BY d.next_at, o.seq LIMIT ?",
                (time.time(), SENDERS + 1),
            ).fetchall()
        return next((row[0] for row in rows if row[0] not in self._on_the_way), None)

    def _deliver(self, event: str) -> None:
        with self.store.read() as books:
            found = books.get("event", event)
        assert found is not None
        payload = json.dumps(found.body, ensure_ascii=False, indent=2).encode()
        try:
            status = post(self.config, payload)
            problem = "" if 200 <= status < 300 else f"HTTP {status}"
        except (OSError, http.client.HTTPException) as error:
            problem = str(error) or type(error).__name__
        with self.store.write() as books:
            self._note(books, found, problem)

    def _note(self, books: Books, event: Record, problem: str) -> None:
        identifier = event.body["id"]
        (tries,) = books.connection.execute("SELECT tries FROM delivery WHERE event = ?", (identifier,)).fetchone()
        wait = RETRY_AFTER[tries] if tries < len(RETRY_AFTER) else None
        if problem:
            log.warning("%s (%s) not delivered: %s", event.body["type"], identifier, problem)
        else:
            event.body["pending_webhooks"] = 0
            books.save(event)
        moment = time.time()
        books.connection.execute(
            "UPDATE delivery SET tries = tries + 1, next_at = ?, delivered_at = ?, problem = ? WHERE event = ?",
            (
                moment + wait if problem and wait else None,
                None if problem else moment,
                problem[:200],
                identifier,
            ),
        )
