"""Redis for scores that may be lost: waited for briefly, and left alone for a while after it has failed."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, TypeVar

from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from core.cache import REST_SECONDS

PREFIX = f"{settings.CACHES['default']['KEY_PREFIX']}:scores:"
WAIT = 0.3  # seconds for one answer, as for the cache
PATIENT = 10  # seconds for one answer, where nobody waits for a page

log = logging.getLogger(__name__)
T = TypeVar("T")
_resting: dict[str, float] = {}  # address: until when it is not asked


@lru_cache
def _client(url: str, wait: float) -> Redis:
    once = Retry(NoBackoff(), 0)
    return Redis.from_url(url, socket_timeout=wait, socket_connect_timeout=wait, retry=once)


def client() -> Redis:
    """For jobs and commands: waits longer, and raises RedisError."""
    return _client(settings.REDIS_URL, PATIENT)


def ask(question: Callable[[Redis], T], otherwise: T) -> T:
    """What Redis says; `otherwise` when it says nothing, or something else than was expected."""
    url = settings.REDIS_URL
    if time.monotonic() < _resting.get(url, 0):
        return otherwise
    try:
        return question(_client(url, WAIT))
    except (RedisError, OSError, ValueError) as error:
        _resting[url] = time.monotonic() + REST_SECONDS
        log.warning("no scores for %s seconds: %s", REST_SECONDS, error)
        return otherwise


def numbered(rows: Iterable[Any]) -> dict[int, float]:
    """Ids and scores of a sorted set; what is no id, or has no score above 0, is left out."""
    found = {}
    for member, score in rows:
        text = bytes(member)
        if text.isdigit() and len(text) < 19 and 0 < score < float("inf"):
            found[int(text)] = float(score)
    return found
