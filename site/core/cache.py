"""Remembering what is dear to compute. Redis only speeds things up: without it everything is computed."""

import logging
import secrets
import time
from collections.abc import Callable
from typing import Any, TypeVar

from django.core.cache import cache
from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from django.utils.functional import cached_property
from redis import Redis
from redis.exceptions import RedisError

REST_SECONDS = 10  # a Redis that hangs must not cost every page several timeouts

log = logging.getLogger(__name__)
T = TypeVar("T")


class KeptClient(RedisCacheClient):
    """Django makes a client for every call, which takes about as long as Redis does. There is one server."""

    @cached_property
    def client(self) -> Redis:
        return super().get_client(write=True)

    def get_client(self, key: Any = None, *, write: bool = False) -> Redis:
        return self.client


class ForgivingRedisCache(RedisCache):
    """A cache that is merely empty while Redis does not answer: Wagtail asks it on every page."""

    resting_until = 0.0  # of this thread, which has a cache object of its own

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = KeptClient

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return self._forgive(super().get, default, key, default, version)

    def get_many(self, keys: Any, version: int | None = None) -> dict[Any, Any]:
        return self._forgive(super().get_many, {}, keys, version)

    def add(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return self._forgive(super().add, False, key, value, timeout, version)

    def set(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        self._forgive(super().set, None, key, value, timeout, version)

    def set_many(self, data: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> list[Any]:
        return self._forgive(super().set_many, list(data), data, timeout, version)

    def delete(self, key: Any, version: int | None = None) -> bool:
        return self._forgive(super().delete, False, key, version)

    def delete_many(self, keys: Any, version: int | None = None) -> None:
        self._forgive(super().delete_many, None, keys, version)

    def _forgive(self, ask: Callable[..., Any], otherwise: Any, *args: Any) -> Any:
        if time.monotonic() < self.resting_until:
            return otherwise
        try:
            return ask(*args)
        except (RedisError, OSError) as error:
            self.resting_until = time.monotonic() + REST_SECONDS
            log.warning("the cache does not answer and is not asked for %s seconds: %s", REST_SECONDS, error)
            return otherwise


def remember(key: str, seconds: int, compute: Callable[[], T]) -> T:
    """The cached value, or the computed one, which is then cached for `seconds`."""
    value = cache.get(key)
    if value is None:
        value = compute()
        cache.set(key, value, seconds)
    return value


def remember_window(key: str, compute: Callable[[], T]) -> T:
    """For what editors change and every page shows (menus, the shop's name): computed anew once something was
    published, and every minute. Who started computing before that keeps the outcome to its own, older generation."""
    generation = remember("window", 24 * 3600, new_generation)
    return remember(f"window:{generation}:{key}", 60, compute)


def renew_window() -> None:
    """After commit: nobody sees what was remembered before."""
    cache.set("window", new_generation(), 24 * 3600)


def new_generation() -> str:
    return secrets.token_hex(8)
