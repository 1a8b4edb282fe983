"""Counts of the shelf from a file: read and checked first, applied afterwards, row by row.

What the stock was at the upload is kept with each row. Applied is the difference to it: what is sold between the
upload and the yes stays sold. A row that cannot be taken over is refused with its reason; the others are applied.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from catalog import stock
from catalog.exchange.read import FileProblem, Row, Shape, read
from catalog.models import ProductTranslation, Stock, StockCount
from catalog.stock import Correction, Refusal
from core.localized import listed

SPELLINGS = {
    "sku": "sku", "variant sku": "sku",
    "counted": "counted", "count": "counted",
    "reason": "reason", "note": "reason",
}  # fmt: skip
EXPORTED = ["sku", "product", "options", "on_hand", "held", "available", "counted", "reason"]
NUMBERS = frozenset({"on_hand", "held", "available"})


@dataclass
class CountRow:
    """`seen`: units on hand at the upload; `adjusted`: the last adjustment then. `problem`: why it is refused."""

    line: int
    sku: str
    counted: int = 0
    reason: str = ""
    variant: int | None = None
    seen: int = 0
    adjusted: int = 0
    problem: str = ""

    @property
    def difference(self) -> int:
        return self.counted - self.seen

    def correction(self) -> Correction:
        return Correction(self.variant or 0, self.difference, self.adjusted, self.reason)


@dataclass(frozen=True)
class Planned:
    """A row beside what there is now. `after`: what there would be on hand, or was right after it was applied."""

    row: CountRow
    now: int | None
    after: int | None
    problem: str


def canonical(heading: str) -> str | None:
    return SPELLINGS.get(" ".join(heading.split()).casefold())


def lacks(columns: set[str]) -> str:
    return "" if {"sku", "counted"} <= columns else gettext("The first row must name the columns sku and counted.")


COUNTS = Shape(canonical, lacks)


def start(name: str, data: bytes, user: User) -> StockCount:
    """Reads the file and keeps what it says beside the stock of this moment. Changes no stock. Raises FileProblem."""
    table = read(data, COUNTS)
    rows = [row for row in map(parsed, table.rows) if row is not None]
    if not rows:
        raise FileProblem(gettext("No row of the file has a count."))
    find_variants(rows)
    refuse_doubles(rows)
    return StockCount.objects.create(name=name[:200], user=user, rows=[asdict(row) for row in rows], notes=table.notes)


def parsed(row: Row) -> CountRow | None:
    """None: nothing was counted here."""
    sku, typed = row.cells.get("sku", "").strip(), row.cells.get("counted", "").strip()
    if row.broken:
        return CountRow(row.line, sku[:100], problem=row.broken)
    if not typed:
        return None
    made = CountRow(row.line, sku[:100], reason=" ".join(row.cells.get("reason", "").split())[:200])
    if not sku:
        made.problem = gettext("The SKU is missing.")
    elif not (typed.isascii() and typed.isdigit()) or len(typed) > 10 or int(typed) > stock.MOST_ON_HAND:
        made.problem = gettext("“%(typed)s” is no count: a whole number, 0 or more.") % {"typed": typed[:40]}
    else:
        made.counted = int(typed)
    return made


def find_variants(rows: Iterable[CountRow]) -> None:
    """By SKU, else by the same letters in another case."""
    known: dict[str, tuple[int, str, int, int]] = {}
    stored = stock.counted_rows(Stock.objects.order_by("pk"))
    for found in stored.values_list("pk", "variant__sku", "on_hand", "last_adjust"):
        known.setdefault(found[1].casefold(), found)
        known[found[1]] = found
    for row in rows:
        if row.problem:
            continue
        found = known.get(row.sku) or known.get(row.sku.casefold())
        if found is None:
            row.problem = gettext("There is no variant with this SKU.")
        else:
            row.variant, row.sku, row.seen, row.adjusted = found
            row.reason = row.reason or gettext("Counted")


def refuse_doubles(rows: Iterable[CountRow]) -> None:
    lines: dict[int, list[CountRow]] = {}
    for row in rows:
        if row.variant is not None:
            lines.setdefault(row.variant, []).append(row)
    for several in lines.values():
        for row in several if len(several) > 1 else ():
            others = ", ".join(str(other.line) for other in several if other is not row)
            row.problem = gettext("This SKU stands in other rows, too: %(rows)s.") % {"rows": others}


def rows_of(count: StockCount) -> list[CountRow]:
    return [CountRow(**row) for row in count.rows]


def plan(count: StockCount) -> list[Planned]:
    """What would happen now, or has happened; problems first, then differences, the largest first."""
    rows = rows_of(count)
    variants = [row.variant for row in rows if row.variant is not None]
    now = {row.pk: row for row in stock.counted_rows(Stock.objects.filter(pk__in=variants))}
    planned = [planned_row(row, now.get(row.variant or 0), bool(count.applied_at)) for row in rows]
    return sorted(planned, key=lambda one: (not one.problem, -abs(one.row.difference), one.row.line))


def planned_row(row: CountRow, now: Any, applied: bool) -> Planned:
    if row.problem or now is None:
        return Planned(row, now.on_hand if now else None, None, row.problem or gettext("The variant is gone."))
    if applied:
        return Planned(row, now.on_hand, None, "")
    reason = stock.refusal(row.correction(), now, now.last_adjust)
    return Planned(row, now.on_hand, now.on_hand + row.difference, words(reason, now.reserved) if reason else "")


def words(reason: Refusal, held: int) -> str:
    if reason is Refusal.GONE:
        return gettext("The variant is gone.")
    if reason is Refusal.HELD:
        text = gettext("%(held)d units are held for open orders: at least as many must stay on hand.")
        return text % {"held": held} if held else gettext("There are not so many.")
    if reason is Refusal.ADJUSTED:
        return gettext("Somebody corrected this stock after the upload. Please count it again.")
    return gettext("At most %(most)d units can be on hand.") % {"most": stock.MOST_ON_HAND}


def apply(pk: int, user: User) -> StockCount | None:
    """Takes the count over, once; refused rows keep their reason. None: it was applied or thrown away already."""
    with transaction.atomic():
        count = StockCount.objects.select_for_update().filter(pk=pk, applied_at=None).first()
        if count is None:
            return None
        rows = rows_of(count)
        good = [row for row in rows if not row.problem]
        refused = stock.correct([row.correction() for row in good], user)
        held = dict(Stock.objects.filter(pk__in=refused).values_list("pk", "reserved"))
        for row in good:
            if (reason := refused.get(row.variant or 0)) is not None:
                row.problem = words(reason, held.get(row.variant or 0, 0))
        count.rows, count.applied_at = [asdict(row) for row in rows], timezone.now()
        count.save(update_fields=["rows", "applied_at"])
    return count


def report(planned: Iterable[Planned]) -> Iterator[dict[str, str]]:
    """Every row as a file that can be counted, and uploaded, again."""
    for one in planned:
        yield {
            "row": str(one.row.line),
            "sku": one.row.sku,
            "counted": str(one.row.counted),
            "reason": one.row.reason,
            "on_hand_then": str(one.row.seen) if one.row.variant else "",
            "difference": str(one.row.difference) if one.row.variant else "",
            "on_hand_now": "" if one.now is None else str(one.now),
            "problem": one.problem,
        }


def sheet(rows: QuerySet) -> Iterator[dict[str, str]]:
    """A list to count by: what the shop believes, and an empty column for what is there."""
    names = ProductTranslation.objects.only("master", "language_code", "name")
    rows = rows.select_related("variant__product", "variant__option_1", "variant__option_2", "variant__option_3")
    for row in rows.prefetch_related(Prefetch("variant__product__translations", names)):
        yield {
            "sku": row.variant.sku,
            "product": str(row.variant.product),
            "options": listed(value.label for value in row.variant.option_values),
            "on_hand": str(row.on_hand),
            "held": str(row.reserved),
            "available": str(row.available),
            "counted": "",
            "reason": "",
        }
