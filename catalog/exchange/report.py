"""What became of an import, for its page and its downloads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When
from django.utils.translation import gettext

from catalog.exchange.plan import Outcome
from catalog.models import Import, ImportEntry

State = Import.State
ORDER = [Outcome.FAILED, Outcome.SKIPPED, Outcome.CREATED, Outcome.CHANGED, Outcome.UNCHANGED]
Table = tuple[list[str], Iterable[dict[str, str]]]


@dataclass(frozen=True)
class Summary:
    """Numbers of products. `column`: which outcome counts, of the dry run or of the import itself."""

    made: Import
    column: str
    numbers: dict[str, int]

    @property
    def total(self) -> int:
        return sum(self.numbers.values())

    @property
    def done(self) -> int:
        return self.total - self.numbers.get("", 0)

    @property
    def is_dry(self) -> bool:
        return self.column == "expected"

    @property
    def writes(self) -> int:
        return self.numbers.get(Outcome.CREATED, 0) + self.numbers.get(Outcome.CHANGED, 0)

    @property
    def left_over(self) -> int:
        return self.numbers.get(Outcome.FAILED, 0) + self.numbers.get(Outcome.SKIPPED, 0)

    @property
    def tiles(self) -> list[tuple[Outcome, int]]:
        return [(outcome, self.numbers.get(outcome, 0)) for outcome in ORDER]

    def entries(self, outcome: str = "") -> QuerySet[ImportEntry]:
        """Those that are done, problems first; or those with one outcome. The rows themselves are not loaded."""
        entries = self.made.entries.exclude(**{self.column: ""})
        if outcome in Outcome.values:
            entries = entries.filter(**{self.column: outcome})
        worst = [When(**{self.column: value}, then=Value(rank)) for rank, value in enumerate(ORDER[:2])]
        worst.append(When(~Q(problems=[]), then=Value(2)))
        rank = Case(*worst, default=Value(3), output_field=IntegerField())
        return entries.defer("rows").select_related("product").order_by(rank, "position")


def summary(made: Import) -> Summary:
    begun = made.state in (State.RUNNING, State.DONE) or (
        made.state == State.CANCELLED and made.entries.exclude(outcome="").exists()
    )
    column = "outcome" if begun else "expected"
    numbers = made.entries.order_by().values_list(column).annotate(number=Count("pk"))
    return Summary(made, column, dict(numbers))


def report_rows(made: Import) -> Table:
    """One row per problem, and one per product without any."""
    names = [
        gettext("Row"), gettext("Handle"), gettext("Result"), gettext("Changes"), gettext("Column"), gettext("Note"),
    ]  # fmt: skip
    return names, (dict(zip(names, cells, strict=True)) for cells in _report(made))


def _report(made: Import) -> Iterator[list[str]]:
    column = summary(made).column
    for entry in made.entries.defer("rows").order_by("position").iterator(chunk_size=500):
        outcome = getattr(entry, column)
        label = str(Outcome(outcome).label) if outcome else ""
        for problem in entry.problems or [{"line": entry.line, "column": "", "text": ""}]:
            line = problem["line"] or entry.line
            yield [str(line), entry.handle, label, ", ".join(entry.changes), problem["column"], problem["text"]]


def left_over(made: Import) -> Table:
    """The rows of products that were not imported, as they were, with the reason: nothing of a file is lost."""
    why, raw = gettext("Problem"), gettext("Row as it was")
    return [*made.columns, why, raw], _left_over(made, why, raw)


def _left_over(made: Import, why: str, raw: str) -> Iterator[dict[str, Any]]:
    column = summary(made).column
    entries = made.entries.filter(**{f"{column}__in": [Outcome.FAILED, Outcome.SKIPPED]}).order_by("position")
    for entry in entries.iterator(chunk_size=100):
        for line, cells, broken, text in entry.rows:
            reasons = [problem["text"] for problem in entry.problems if problem["line"] == line and problem["fatal"]]
            yield {**cells, why: " ".join(reasons), raw: text if broken else ""}
