"""What a run has measured, beside what is promised: printed as a table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Figure:
    """`target` and `limit`: the same unit as `measured`; above the limit nothing is shipped."""

    fault: str
    what: str
    measured: float
    target: float
    limit: float
    unit: str

    @property
    def holds(self) -> bool:
        return self.measured <= self.limit

    @property
    def cells(self) -> list[str]:
        verdict = "ok" if self.measured <= self.target else "within limit" if self.holds else "BROKEN"
        numbers = [f"{number:.{0 if self.unit == '' else 1}f} {self.unit}".strip() for number in self.numbers]
        return [self.fault, self.what, *numbers, verdict]

    @property
    def numbers(self) -> tuple[float, float, float]:
        return self.measured, self.target, self.limit


@dataclass
class Figures:
    rows: list[Figure] = field(default_factory=list)

    def seconds(self, fault: str, what: str, measured: float, target: float, limit: float) -> None:
        self.rows.append(Figure(fault, what, measured, target, limit, "s"))

    def count(self, fault: str, what: str, measured: int, most: int = 0) -> None:
        self.rows.append(Figure(fault, what, measured, most, most, ""))

    @property
    def broken(self) -> list[Figure]:
        return [row for row in self.rows if not row.holds]

    def table(self) -> str:
        head = ["fault", "figure", "measured", "promised", "at most", ""]
        lines = [head, *(row.cells for row in self.rows)]
        widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
        texts = [" | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines]
        return "\n".join([texts[0], "-+-".join("-" * width for width in widths), *texts[1:]])


def p95(values: Sequence[float]) -> float:
    """The value that 95 of 100 do not exceed; 0 without any.

    >>> p95(range(1, 101)), p95([3.0]), p95([])
    (95, 3.0, 0.0)
    """
    ordered = sorted(values)
    return ordered[math.ceil(len(ordered) * 0.95) - 1] if ordered else 0.0
