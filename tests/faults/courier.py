"""Carries events to the shop as told: once, twice, late, in another order, or not at all; again until it says 2xx."""

from __future__ import annotations

import copy
import hashlib
import heapq
import hmac
import itertools
import json
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import requests

SENDERS = 3
LONGEST_WAIT = 8.0

# Type of event -> seconds after which each copy of it leaves; an empty list drops the event.
Plan = Callable[[str], list[float]]


def at_once(_kind: str) -> list[float]:
    return [0.0]


def never(_kind: str) -> list[float]:
    return []


class Courier:
    """Threads that post signed events. `told_at`: event id -> when the shop first said 2xx to it."""

    def __init__(self, url: str, secret: str) -> None:
        self.url, self.secret = url, secret
        self.plan: Plan = at_once
        self.queue: list[tuple[float, int, int, dict[str, Any]]] = []
        self.numbers = itertools.count()
        self.news = threading.Condition()
        self.stopped = False
        self.done: Counter[str] = Counter()
        self.told_at: dict[str, float] = {}
        self.about: dict[str, str] = {}  # id of what a told event is about -> id of the event
        self.seconds: list[float] = []  # how long the shop took for each copy that it accepted

    def start(self) -> None:
        for _sender in range(SENDERS):
            threading.Thread(target=self.work, daemon=True).start()

    def stop(self) -> None:
        with self.news:
            self.stopped = True
            self.news.notify_all()

    def tell(self, kind: str, subject: dict[str, Any], **changes: Any) -> None:
        """Queues an event about `subject` as it is now. `changes` to the event itself: livemode=True."""
        event = {
            "id": f"evt_{secrets.token_hex(10)}",
            "object": "event",
            "type": kind,
            "created": int(time.time()),
            "livemode": False,
            "data": {"object": copy.deepcopy(subject)},
            **changes,
        }
        delays = self.plan(kind)
        self.done["events"] += 1
        self.done["dropped"] += not delays
        self.done["repeated"] += max(len(delays) - 1, 0)
        self.done["delayed"] += bool(delays) and min(delays) > 0
        for delay in delays:
            self.put(delay, 0, event)

    def put(self, delay: float, tries: int, event: dict[str, Any]) -> None:
        with self.news:
            heapq.heappush(self.queue, (time.monotonic() + delay, next(self.numbers), tries, event))
            self.news.notify()

    def next(self) -> tuple[int, dict[str, Any]] | None:
        """The next event that is due; None when stopped."""
        with self.news:
            while not self.stopped:
                if self.queue and self.queue[0][0] <= time.monotonic():
                    _due, _number, tries, event = heapq.heappop(self.queue)
                    return tries, event
                wait = self.queue[0][0] - time.monotonic() if self.queue else None
                self.news.wait(wait)
        return None

    def work(self) -> None:
        while (task := self.next()) is not None:
            tries, event = task
            began = time.monotonic()
            status = self.post(event)
            if 200 <= status < 300:
                self.done["accepted"] += 1
                self.seconds.append(time.monotonic() - began)
                self.told_at.setdefault(event["id"], time.time())
                self.about[event["data"]["object"]["id"]] = event["id"]
            elif status == 400:
                self.done["refused"] += 1
            else:
                self.done["sent again"] += 1
                self.put(min(0.5 * 2**tries, LONGEST_WAIT), tries + 1, event)

    def post(self, event: dict[str, Any]) -> int:
        """The HTTP status; 0 when nobody answers."""
        payload = json.dumps(event).encode()
        moment = int(time.time())
        digest = hmac.new(self.secret.encode(), f"{moment}.".encode() + payload, hashlib.sha256).hexdigest()
        headers = {"Content-Type": "application/json", "Stripe-Signature": f"t={moment},v1={digest}"}
        try:
            return requests.post(self.url, payload, headers=headers, timeout=20).status_code
        except requests.RequestException:
            return 0

    @property
    def waiting(self) -> int:
        return len(self.queue)
