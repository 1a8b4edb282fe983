"""Remembering what is dear to compute. Redis only speeds things up: without it everything is computed."""

import logging
from collections.abc import Callable
from typing import TypeVar

from django.core.cache import cache

log = logging.getLogger(__name__)
T = TypeVar("T")


def remember(key: str, seconds: int, compute: Callable[[], T]) -> T:
    """The cached value, or the computed one, which is then cached for `seconds`. Survives the loss of Redis."""
    try:
        value = cache.get(key)
    except Exception:  # any client or socket error means the same: no cache now
        log.warning("cache is unreachable; computing %s", key)
        return compute()
    if value is None:
        value = compute()
        try:
            cache.set(key, value, seconds)
        except Exception:
            log.warning("cache is unreachable; %s is not remembered", key)
    return value
