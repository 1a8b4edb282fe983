"""Stripe's form encoding and its field checks: bracketed text in, checked Python values out.

A check takes the raw value and the parameter's full name (for the error) and returns the value to use. `Hash` and
`Array` are checks as well, so the shape of a request is a plain nested constant (see `schemas.py`).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from demo.gateway.currencies import CURRENCIES
from demo.gateway.errors import ApiError, missing, unknown

Check = Callable[[Any, str], Any]
MAX_FIELDS = 2000
MAX_DEPTH = 8

_NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
_INTEGER = re.compile(r"-?[0-9]{1,15}")
_HOST = re.compile(r"[A-Za-z0-9.-]+|[0-9a-fA-F:.]+")
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)*")


def decode_form(text: str) -> dict[str, Any]:
    """Turn ``a[b][0]=c`` into nested dicts of strings; list positions stay keys until a check asks for a list.

    >>> decode_form("mode=payment&line_items[0][quantity]=2&expand[]=line_items")
    {'mode': 'payment', 'line_items': {'0': {'quantity': '2'}}, 'expand': {'0': 'line_items'}}
    """
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="strict")
    except ValueError:
        raise ApiError("Invalid request: the body must be form-encoded UTF-8.") from None
    tree: dict[str, Any] = {}
    for name, value in pairs:
        match = _NAME.fullmatch(name)
        keys = [match[1], *re.findall(r"\[([^\[\]]*)\]", match[2])] if match else []
        if not keys or len(keys) > MAX_DEPTH:
            raise unknown(name)
        _place(tree, keys, value, name)
    return tree


def _place(tree: dict[str, Any], keys: list[str], value: str, name: str) -> None:
    node = tree
    for key in keys[:-1]:
        node = node.setdefault(key or str(len(node)), {})
        if not isinstance(node, dict):
            raise ApiError(f"Invalid object: {name} is both a value and an object.", param=name)
    last = keys[-1] or str(len(node))
    if isinstance(node.get(last), dict):
        raise ApiError(f"Invalid object: {name} is both a value and an object.", param=name)
    node[last] = value


@dataclass(frozen=True)
class Hash:
    """An object with named fields; a field not named here is refused."""

    fields: Mapping[str, Check] = field(default_factory=dict)
    required: tuple[str, ...] = ()

    def __call__(self, raw: Any, param: str) -> dict[str, Any]:
        if not isinstance(raw, dict):
            raise ApiError("Invalid object", param=param)
        for name in raw:
            if name not in self.fields:
                raise unknown(_inside(param, name))
        for name in self.required:
            if name not in raw:
                raise missing(_inside(param, name))
        return {name: self.fields[name](value, _inside(param, name)) for name, value in raw.items()}


@dataclass(frozen=True)
class Array:
    """A list of one kind of value, at least one and at most `most`."""

    item: Check
    most: int = 100

    def __call__(self, raw: Any, param: str) -> list[Any]:
        if not isinstance(raw, dict) or not all(key.isascii() and key.isdigit() for key in raw):
            raise ApiError("Invalid array", param=param)
        if len(raw) > self.most:
            raise ApiError(f"Array {param} exceeded maximum {self.most} allowed elements.", param=param)
        ordered = sorted(raw, key=int)
        return [self.item(raw[key], f"{param}[{position}]") for position, key in enumerate(ordered)]


def _inside(param: str, name: str) -> str:
    return f"{param}[{name}]" if param else name


@dataclass(frozen=True)
class Choice:
    """One of a fixed set of words."""

    values: tuple[str, ...]

    def __call__(self, raw: Any, param: str) -> str:
        value = string(raw, param)
        if value not in self.values:
            raise ApiError(f"Invalid {param}: must be one of {', '.join(self.values)}", param=param)
        return value


def text(limit: int = 5000) -> Check:
    """A non-empty string of at most `limit` characters."""

    def check(raw: Any, param: str) -> str:
        value = string(raw, param)
        if len(value) > limit:
            raise ApiError(
                f"Invalid string: {value[:20]}...; must be at most {limit} characters",
                code="parameter_invalid_string_length",
                param=param,
            )
        return value

    return check


def string(raw: Any, param: str) -> str:
    """A non-empty string without NUL."""
    if not isinstance(raw, str) or "\0" in raw:
        raise ApiError("Invalid string", param=param)
    if not raw.strip():
        raise ApiError(
            f"You passed an empty string for '{param}'. Leave it out, or send a value.",
            code="parameter_invalid_empty",
            param=param,
        )
    return raw


def integer(least: int, most: int = 99_999_999) -> Check:
    """A whole number within bounds, ASCII digits only."""

    def check(raw: Any, param: str) -> int:
        if not isinstance(raw, str) or not _INTEGER.fullmatch(raw):
            raise ApiError(f"Invalid integer: {_short(raw)}", code="parameter_invalid_integer", param=param)
        value = int(raw)
        if value < least:
            raise ApiError(
                f"This value must be greater than or equal to {least}.",
                code="parameter_invalid_integer",
                param=param,
            )
        if value > most:
            raise ApiError(
                f"This value must be less than or equal to {most}.", code="parameter_invalid_integer", param=param
            )
        return value

    return check


def flag(raw: Any, param: str) -> bool:
    """``true`` or ``false``."""
    if raw not in ("true", "false"):
        raise ApiError(f"Invalid boolean: {_short(raw)}", param=param)
    return bool(raw == "true")


def percent(raw: Any, param: str) -> float:
    """More than 0, at most 100, up to four decimals."""
    if not isinstance(raw, str) or not re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,4})?", raw) or not 0 < float(raw) <= 100:
        raise ApiError(f"Invalid decimal: {_short(raw)}; must be more than 0 and at most 100", param=param)
    return float(raw)


def currency(raw: Any, param: str) -> str:
    """A lowercase ISO 4217 code that Stripe can charge."""
    if not isinstance(raw, str) or raw not in CURRENCIES:
        raise ApiError(f"Invalid currency: {_short(raw)}. Use a lowercase ISO code, for example eur.", param=param)
    return raw


def email(raw: Any, param: str) -> str:
    """Something with one @ and no spaces; more than that only the mail server knows."""
    value = string(raw, param)
    if len(value) > 800 or not _EMAIL.fullmatch(value):
        raise ApiError(f"Invalid email address: {_short(value)}", code="email_invalid", param=param)
    return value


def url(raw: Any, param: str) -> str:
    """An absolute http(s) address; its host is checked strictly because it ends up in a security header."""
    value = string(raw, param)
    try:
        parts = urlsplit(value)
        valid = (
            parts.scheme in ("http", "https")
            and bool(_HOST.fullmatch(parts.hostname or ""))
            and "@" not in parts.netloc
            and (parts.port is None or parts.port > 0)
            and not re.search(r"[\s\x00-\x1f\"<>\\]", value)
        )
    except ValueError:
        valid = False
    if not valid or len(value) > 5000:
        raise ApiError("Not a valid URL", code="url_invalid", param=param)
    return value


def metadata(raw: Any, param: str) -> dict[str, str]:
    """Up to 50 keys of 40 characters with values of 500; an empty value means "no such key"."""
    if raw == "":
        return {}
    if not isinstance(raw, dict) or not all(isinstance(value, str) for value in raw.values()):
        raise ApiError("Invalid object", param=param)
    if len(raw) > 50:
        raise ApiError("You can only have up to 50 metadata keys.", param=param)
    for key, value in raw.items():
        if len(key) > 40 or len(value) > 500:
            raise ApiError(
                f"Metadata keys can have up to 40 characters and values up to 500: {key[:50]}",
                param=_inside(param, key[:50]),
            )
    return {key: value for key, value in raw.items() if value}


def _short(raw: Any) -> str:
    return raw[:50] if isinstance(raw, str) else "an object"
