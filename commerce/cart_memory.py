"""What a cart remembers for its shopper, in the session: how each line looked when last seen, what was taken out, and
what was typed at the checkout until it is paid.

Whoever writes here does so while the session is alone (core.sessions).
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from core.money import Money
from core.sessions import SessionStore

SEEN = "seen"  # {str(variant id): [price, units, name]}
REMOVED = "removed"  # {str(variant id): [units, name]}, the newest last
CLICKED = "clicked"  # [variant id, units, seconds since 1970] of the last adding
TYPED = "typed"  # {field of the checkout: text}
MOST_REMOVED = 5
LONGEST_TYPED = 500
SAME_CLICK = 0.5  # seconds: a double click is one click


class SeenLine(Protocol):
    """As much of a cart's line as a shopper remembers."""

    @property
    def variant_id(self) -> int: ...
    @property
    def full_name(self) -> str: ...
    @property
    def unit_price(self) -> Money: ...
    @property
    def quantity(self) -> int: ...


@dataclass(frozen=True)
class Removed:
    """A line that was taken out and can be put back."""

    variant_id: int
    units: int
    name: str


# Seen


def marks(lines: Iterable[SeenLine]) -> dict[str, list[str | int]]:
    """What there is to remember of these lines, as the session keeps it."""
    return {str(line.variant_id): [str(line.unit_price.amount), line.quantity, line.full_name] for line in lines}


def see(session: SessionStore, lines: Iterable[SeenLine]) -> None:
    """These lines are known to the shopper as they are now."""
    session[SEEN] = {**session.get(SEEN, {}), **marks(lines)}


def keep_only(session: SessionStore, variant_ids: Iterable[int]) -> None:
    """Forgets how everything else looked."""
    if SEEN in session:
        kept = {str(variant_id) for variant_id in variant_ids}
        session[SEEN] = {key: mark for key, mark in session[SEEN].items() if key in kept}


def changes(session: SessionStore, line: SeenLine) -> tuple[str, ...]:
    """What was and what is, in sentences; why units are missing is the line's own problem."""
    mark = session.get(SEEN, {}).get(str(line.variant_id))
    if mark is None or line.quantity == 0:
        return ()
    price, units, _name = mark
    said = []
    if Decimal(price) != line.unit_price.amount:
        before = Money(Decimal(price), line.unit_price.currency)
        prices = {"before": before, "now": line.unit_price}
        said.append(_("The price was %(before)s, it is %(now)s now.") % prices)
    if units == 0:
        said.append(_("It can be ordered again."))
    elif units < line.quantity:
        numbers = {"before": number_format(units), "now": number_format(line.quantity)}
        said.append(_("There is enough again: the quantity was %(before)s, it is %(now)s now.") % numbers)
    return tuple(said)


def name_of(session: SessionStore, variant_id: int) -> str:
    """What the shopper knows it by, when nothing else can tell any more; "" for nothing."""
    return str(session.get(SEEN, {}).get(str(variant_id), ["", 0, ""])[2])


# Taken out


def removed(session: SessionStore) -> tuple[Removed, ...]:
    """What can be put back, the newest first."""
    kept = session.get(REMOVED, {})
    return tuple(Removed(int(key), units, name) for key, (units, name) in reversed(kept.items()))


def take_out(session: SessionStore, line: SeenLine, units: int) -> None:
    """`units`: as many as were wanted."""
    put_back(session, line.variant_id)
    kept = list(session.get(REMOVED, {}).items())[1 - MOST_REMOVED :]
    session[REMOVED] = {**dict(kept), str(line.variant_id): [units, line.full_name]}


def put_back(session: SessionStore, variant_id: int) -> int:
    """It is in the cart again, or shall be: how many units there were, 0 when it was not taken out."""
    kept = dict(session.get(REMOVED, {}))
    if str(variant_id) not in kept:
        return 0
    units, _name = kept.pop(str(variant_id))
    session[REMOVED] = kept
    return int(units)


# Clicked


def is_same_click(session: SessionStore, variant_id: int, units: int) -> bool:
    """Was the same thing put in a moment ago?"""
    *last, at = session.get(CLICKED, [0, 0, 0.0])
    return last == [variant_id, units] and 0 <= time.time() - at < SAME_CLICK


def click(session: SessionStore, variant_id: int, units: int) -> None:
    session[CLICKED] = [variant_id, units, time.time()]


def forget_click(session: SessionStore) -> None:
    """Whatever happened since: the next adding is another one."""
    session.pop(CLICKED, None)


# Typed


def keep_typed(session: SessionStore, answers: Mapping[str, str]) -> None:
    """For the next look at the checkout."""
    with session.alone():
        session[TYPED] = {name: text[:LONGEST_TYPED] for name, text in answers.items()}


def typed(session: SessionStore) -> dict[str, str]:
    return dict(session.get(TYPED, {}))


# Bought


def forget_purchase(session: SessionStore) -> None:
    """It is over: the next visit begins with an empty cart and an empty form."""
    for name in (REMOVED, CLICKED, TYPED):
        session.pop(name, None)
