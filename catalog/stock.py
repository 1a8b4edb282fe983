"""The only writer of Stock: conditional updates in primary-key order, and one ledger row for each change.

Call one of these functions once per transaction and as late as possible: rows are locked in primary-key order only
within a call, and stay locked until the transaction ends.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, Max, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce

from catalog.models import Stock, StockMove, Variant

Line = tuple[int, int]  # (variant id, units)
Kind = StockMove.Kind
MOST_ON_HAND = 1_000_000_000  # of one variant; the column ends at twice that


class OutOfStock(Exception):
    """Fewer units can be bought than asked for. `variant_ids`: all variants that are short, in ascending order."""

    def __init__(self, variant_ids: Sequence[int]) -> None:
        super().__init__(f"not enough units of variants {', '.join(map(str, variant_ids))}")
        self.variant_ids = list(variant_ids)


class BelowHeld(Exception):
    """An adjustment would leave fewer units on hand than are held for open orders (or fewer than none)."""

    def __init__(self, held: int) -> None:
        super().__init__(f"{held} units are held for open orders")
        self.held = held


class Refusal(StrEnum):
    """Why a count cannot be taken over."""

    HELD = "held"  # fewer would stay than are held for orders
    ADJUSTED = "adjusted"  # somebody else corrected the same variant since
    TOO_MANY = "too-many"
    GONE = "gone"  # the variant was deleted


@dataclass(frozen=True)
class Correction:
    """A difference found by counting. `seen`: the variant's last adjustment then (StockMove id), 0 for none."""

    variant_id: int
    change: int
    seen: int
    reason: str


class TooMany(Exception):
    """An adjustment would leave more than MOST_ON_HAND units on hand."""


def hold(lines: Iterable[Line], reference: str) -> None:
    """Holds units for an order, all lines or none. The same variant may stand on several lines.

    Raises OutOfStock, having changed nothing; ValueError when a line asks for less than one unit.
    """
    wanted = _summed(lines)
    with transaction.atomic():
        short = []
        for pk, units in wanted:
            free = Stock.objects.filter(pk=pk, on_hand__gte=F("reserved") + units)
            if not free.update(reserved=F("reserved") + units):
                short.append(pk)
        if short:
            raise OutOfStock(short)
        StockMove.objects.bulk_create(
            StockMove(stock_id=pk, kind=Kind.HOLD, reserved_change=units, reference=reference) for pk, units in wanted
        )


def release(reference: str) -> list[Line]:
    """Frees what is still held under the reference and returns it. Nothing is held any more: does nothing."""
    return _end_hold(reference, Kind.RELEASE)


def sell(reference: str) -> list[Line]:
    """Turns what is still held under the reference into a sale and returns it. A second call does nothing."""
    return _end_hold(reference, Kind.SALE)


def take_back(reference: str) -> list[Line]:
    """Turns what was sold under the reference into a hold again and returns it. A second call does nothing."""
    with transaction.atomic():
        _lock(StockMove.objects.filter(reference=reference).values("stock_id"))
        back = sold(reference)
        for pk, units in back:
            Stock.objects.filter(pk=pk).update(reserved=F("reserved") + units, on_hand=F("on_hand") + units)
        StockMove.objects.bulk_create(
            StockMove(stock_id=pk, kind=Kind.UNSOLD, on_hand_change=units, reserved_change=units, reference=reference)
            for pk, units in back
        )
    return back


def restock(lines: Iterable[Line], reference: str, reason: str = "", actor: User | None = None) -> list[Line]:
    """Puts returned units back on hand, once per reference and variant; returns what was put back now."""
    wanted = _summed(lines)
    with transaction.atomic():
        _lock([pk for pk, _units in wanted])
        known = StockMove.objects.filter(kind=Kind.RESTOCK, reference=reference)
        done = set(known.values_list("stock_id", flat=True))
        back = [(pk, units) for pk, units in wanted if pk not in done]
        for pk, units in back:
            Stock.objects.filter(pk=pk).update(on_hand=F("on_hand") + units)
        StockMove.objects.bulk_create(
            StockMove(
                stock_id=pk, kind=Kind.RESTOCK, on_hand_change=units, reference=reference, reason=reason, actor=actor
            )
            for pk, units in back
        )
    return back


def adjust(
    variant: Variant,
    *,
    change: int | None = None,
    count: int | None = None,
    reason: str,
    actor: User | None = None,
) -> Stock:
    """Changes the units on hand by `change`, or to `count`; a new variant gets its row. Returns the row as it is now.

    Raises BelowHeld when fewer units than are held would stay, TooMany, ValueError unless exactly one of both is given.
    """
    if (change is None) == (count is None):
        raise ValueError("give either change or count")
    ensure_rows([variant.pk])
    with transaction.atomic():
        row = _lock([variant.pk])[0]
        difference = change if change is not None else (count or 0) - row.on_hand
        if row.on_hand + difference < row.reserved:
            raise BelowHeld(row.reserved)
        if row.on_hand + difference > MOST_ON_HAND:
            raise TooMany
        row.on_hand += difference
        row.save(update_fields=["on_hand"])
        row.moves.create(kind=Kind.ADJUST, on_hand_change=difference, reason=reason, actor=actor)
    return row


def counted_rows(rows: QuerySet) -> QuerySet:
    """Stock rows with `last_adjust`, in one statement: on hand and adjustments of the same moment."""
    return rows.annotate(last_adjust=Coalesce(Max("moves__pk", filter=Q(moves__kind=Kind.ADJUST)), Value(0)))


def refusal(correction: Correction, row: Stock, last_adjust: int) -> Refusal | None:
    if last_adjust != correction.seen:
        return Refusal.ADJUSTED
    after = row.on_hand + correction.change
    if after < row.reserved:
        return Refusal.HELD
    return Refusal.TOO_MANY if after > MOST_ON_HAND else None


def correct(corrections: Iterable[Correction], actor: User | None = None) -> dict[int, Refusal]:
    """Applies what was found by counting to what is on hand now, so that what was sold meanwhile stays sold.

    One correction per variant. Returns the variants that were refused, and why; all others are written.
    """
    wanted = sorted(corrections, key=lambda correction: correction.variant_id)
    refused: dict[int, Refusal] = {}
    with transaction.atomic():
        rows = {row.pk: row for row in _lock([correction.variant_id for correction in wanted])}
        last = dict(counted_rows(Stock.objects.filter(pk__in=rows)).values_list("pk", "last_adjust"))
        for correction in wanted:
            row = rows.get(correction.variant_id)
            reason = refusal(correction, row, last[row.pk]) if row else Refusal.GONE
            if reason is not None:
                refused[correction.variant_id] = reason
        done = [correction for correction in wanted if correction.variant_id not in refused and correction.change]
        by_change: dict[int, list[int]] = {}
        for correction in done:
            by_change.setdefault(correction.change, []).append(correction.variant_id)
        for change, pks in by_change.items():  # a few statements instead of one per row
            Stock.objects.filter(pk__in=pks).update(on_hand=F("on_hand") + change)
        StockMove.objects.bulk_create(
            StockMove(
                stock_id=correction.variant_id,
                kind=Kind.ADJUST,
                on_hand_change=correction.change,
                reason=correction.reason,
                actor=actor,
            )
            for correction in done
        )
    return refused


def low(rows: QuerySet, line: int) -> QuerySet:
    """Rows with no more available than their own line, or `line`. Sold out ones are among them."""
    return rows.filter(on_hand__lte=F("reserved") + Coalesce("low_at", Value(line)))


def ensure_rows(variant_ids: Iterable[int]) -> None:
    """Gives variants that have no stock row one with nothing on hand."""
    Stock.objects.bulk_create((Stock(pk=pk) for pk in sorted(variant_ids)), ignore_conflicts=True)


def held(reference: str) -> list[Line]:
    """What is still held under the reference, by the ledger, in primary-key order."""
    rows = StockMove.objects.filter(reference=reference).values("stock_id").annotate(units=Sum("reserved_change"))
    return [(row["stock_id"], row["units"]) for row in rows.order_by("stock_id") if row["units"] > 0]


def sold(reference: str) -> list[Line]:
    """What is sold under the reference, by the ledger, in primary-key order. What came back afterwards counts, too."""
    rows = StockMove.objects.filter(reference=reference, kind__in=(Kind.SALE, Kind.UNSOLD)).values("stock_id")
    rows = rows.annotate(change=Sum("on_hand_change")).order_by("stock_id")
    return [(row["stock_id"], -row["change"]) for row in rows if row["change"] < 0]


def _end_hold(reference: str, kind: Kind) -> list[Line]:
    with transaction.atomic():
        _lock(StockMove.objects.filter(reference=reference).values("stock_id"))
        ended = held(reference)  # read after the lock: a caller who came first has written its moves by now
        for pk, units in ended:
            gone = units if kind is Kind.SALE else 0
            Stock.objects.filter(pk=pk).update(reserved=F("reserved") - units, on_hand=F("on_hand") - gone)
        StockMove.objects.bulk_create(
            StockMove(
                stock_id=pk,
                kind=kind,
                reserved_change=-units,
                on_hand_change=-units if kind is Kind.SALE else 0,
                reference=reference,
            )
            for pk, units in ended
        )
    return ended


def _lock(variant_ids: Iterable[int] | QuerySet) -> list[Stock]:
    return list(Stock.objects.filter(pk__in=variant_ids).order_by("pk").select_for_update())


def _summed(lines: Iterable[Line]) -> list[Line]:
    """One line per variant, in primary-key order: the order in which everybody locks."""
    units: Counter[int] = Counter()
    for pk, quantity in lines:
        if quantity < 1:
            raise ValueError("a line needs at least one unit")
        units[pk] += quantity
    return sorted(units.items())
