"""What a log line carries and what never stands in one: the request's id, and no address, key, token or card number."""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="-")

# (what it looks like, what stands in its place)
MASKS = [
    (re.compile(r"(?<![\w.+-])([\w.+-])[\w.+-]*@([\w-]+\.[\w.-]*\w)"), r"\1…@\2"),
    (re.compile(r"\b((?:sk|rk|pk)_(?:live|test)_|whsec_)\w+"), r"\1…"),
    (re.compile(r"(\w+://[^\s:/@]+:)[^\s@/]+@"), r"\1…@"),
    # Whoever knows the address of an order, or of a letter's links, may act on it.
    (re.compile(r"(?<=/)[A-Za-z0-9_-]{32}(?=[/?\s\"']|$)"), "…"),
]
CARD = re.compile(r"(?<![\w-])(?:\d[ -]?){12,18}\d(?![\w-])")


def request_id() -> str:
    """The id of the request, or of the job, that is being worked on; "-" outside."""
    return _REQUEST_ID.get()


@contextmanager
def request_id_is(wanted: str = "") -> Iterator[str]:
    """Everything logged inside carries this id, or a new one."""
    token = _REQUEST_ID.set(wanted or secrets.token_hex(8))
    try:
        yield _REQUEST_ID.get()
    finally:
        _REQUEST_ID.reset(token)


def masked(text: str) -> str:
    """The text without what a log must not keep.

    >>> masked("mail to mina.berg@example.org refused"), masked("card 4242 4242 4242 4242")
    ('mail to m…@example.org refused', 'card …4242')
    >>> masked("GET /en/orders/AbCdEfGhIjKlMnOpQrStUvWxYz012345/ HTTP/1.1"), masked("key sk_live_abc123")
    ('GET /en/orders/…/ HTTP/1.1', 'key sk_live_…')
    """
    for pattern, instead in MASKS:
        text = pattern.sub(instead, text)
    return CARD.sub(_card, text)


def _card(found: re.Match[str]) -> str:
    digits = [int(sign) for sign in found[0] if sign.isdigit()]
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[-2::-2]]
    is_card = (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0  # Luhn: other long numbers stay
    return f"…{''.join(map(str, digits[-4:]))}" if is_card else found[0]


class Formatter(logging.Formatter):
    """One line with the request's id; masked as a whole, tracebacks included."""

    def format(self, record: logging.LogRecord) -> str:
        record.request_id = request_id()
        return masked(super().format(record))
