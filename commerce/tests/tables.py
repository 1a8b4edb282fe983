"""Reads the worked tables of docs/pricing.md: what is promised there is what is tested."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from django.conf import settings

PAGE = Path(settings.BASE_DIR) / "docs" / "pricing.md"
NUMBERS = re.compile(r"\d[\d.]*")


@dataclass(frozen=True)
class Thing:
    """A line of a worked cart."""

    price: Decimal
    quantity: int
    grams: int = 0


@dataclass(frozen=True)
class Given:
    """A worked coupon. `position`: of the one line it is for, from 0; None: all."""

    gives: str
    value: Decimal | None = None
    minimum: Decimal | None = None
    position: int | None = None


def rows(heading: str) -> list[dict[str, str]]:
    """The table below a heading, a dict of column to text for each row. Raises StopIteration without the heading."""
    _before, _heading, section = PAGE.read_text().partition(f"\n## {heading}\n")
    lines = [line.strip("|").split("|") for line in section.split("\n## ")[0].splitlines() if line.startswith("|")]
    head, _rule, *body = [[cell.strip() for cell in line] for line in lines]
    return [dict(zip(head, cells, strict=True)) for cells in body]


def cart_in(text: str) -> tuple[str, list[Thing]]:
    """ "2 × 11.90 of 1000 g, 8.90" or "3 lines of JPY 333": the currency, and the lines."""
    found = re.search(r"[A-Z]{3}", text)
    text = re.sub(r"[A-Z]{3} ", "", text)
    if many := re.fullmatch(r"(\d+) lines of ([\d.]+)", text):
        things = [Thing(Decimal(many[2]), 1)] * int(many[1])
    else:
        things = [thing_in(part) for part in text.split(", ")]
    return found[0] if found else "EUR", things


def thing_in(text: str) -> Thing:
    parts = re.fullmatch(r"(?:(\d+) × )?([\d.]+)(?: of (\d+) g)?", text)
    assert parts, text
    return Thing(Decimal(parts[2]), int(parts[1] or 1), int(parts[3] or 0))


def coupon_in(text: str) -> Given | None:
    if text == "none":
        return None
    if text == "free delivery":
        return Given("free_delivery")
    parts = re.fullmatch(r"([\d.]+) (%|off)( on the second)?(?:, minimum ([\d.]+))?", text)
    assert parts, text
    gives = "percent" if parts[2] == "%" else "amount"
    return Given(gives, Decimal(parts[1]), Decimal(parts[4]) if parts[4] else None, 1 if parts[3] else None)


def first(text: str) -> Decimal:
    """The amount a cell begins with."""
    found = NUMBERS.match(text)
    assert found, text
    return Decimal(found[0])


def last(text: str) -> Decimal:
    """The amount behind the last "=", else the one a cell begins with."""
    return first(text.rpartition("= ")[2])


def parts(text: str) -> list[Decimal]:
    """The amounts that add up: "2.38 + 0.89" of "3.27 = 2.38 + 0.89", one alone of "8.90"."""
    found = [side for side in text.split(" = ") if " + " in side]
    return [first(part) for part in (found or [text])[0].split(" + ")]
