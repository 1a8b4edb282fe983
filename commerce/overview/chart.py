"""Where the parts of a plot are: numbers, no markup. Templates draw it as SVG; its data stands in a table below."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 720, 260
LEFT, RIGHT, TOP, BOTTOM = 100, 8, 14, 40
MOST_LABELS = 12
FEW_LABELS = 4  # on a phone


@dataclass(frozen=True)
class Bar:
    """One column. `x`, `y`: its corner at the top left; `tip`: what it says of itself."""

    x: float
    y: float
    width: float
    height: float
    tip: str


@dataclass(frozen=True)
class Label:
    """A word at an axis. `always`: also where there is little room."""

    x: float
    y: float
    text: str
    always: bool = True


@dataclass(frozen=True)
class Chart:
    """Columns with a line for another period over them. In a script from right to left time runs that way, too."""

    bars: list[Bar]
    line: str
    heights: list[Label]
    names: list[Label]
    left: float
    right: float
    baseline: float
    width: int = WIDTH
    height: int = HEIGHT


def scale(values: Sequence[float]) -> list[float]:
    """Three to six round numbers from below the least value (or 0) to above the greatest.

    >>> scale([0, 37]), scale([0]), scale([-5, 12])
    ([0, 10, 20, 30, 40], [0, 1, 2, 3, 4], [-5, 0, 5, 10, 15])
    """
    low, high = min(0, *values, 0), max(0, *values, 0)
    span = (high - low) or 4
    power = 10 ** math.floor(math.log10(span / 4))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= span / 4)
    if step < 1 or (step % 1 and span >= 4):
        step = max(1, math.ceil(step))
    first, last = math.floor(low / step), max(math.ceil(high / step), 1)
    if not any(values):
        last = 4
    return [number * step for number in range(first, last + 1)]


def columns(
    values: Sequence[float],
    earlier: Sequence[float],
    names: Sequence[str],
    tips: Sequence[str],
    write: dict[float, str] | None = None,
    *,
    mirrored: bool = False,
) -> Chart:
    """One column per value. `write`: how the numbers of `scale` are written; `mirrored`: from right to left."""
    ticks = scale([*values, *earlier])
    top, bottom = TOP, HEIGHT - BOTTOM
    room = (WIDTH - LEFT - RIGHT) / max(len(values), 1)

    def height_of(value: float) -> float:
        return round(bottom - (value - ticks[0]) / (ticks[-1] - ticks[0]) * (bottom - top), 1)

    def middle(number: int) -> float:
        x = LEFT + room * (number + 0.5)
        return round(WIDTH - x if mirrored else x, 1)

    zero = height_of(0)
    wide = round(min(room * 0.72, 48), 1)
    bars = [
        Bar(
            round(middle(number) - wide / 2, 1),
            min(height_of(value), zero),
            wide,
            round(abs(height_of(value) - zero), 1),
            tip,
        )
        for number, (value, tip) in enumerate(zip(values, tips, strict=True))
    ]
    points = [f"{middle(number)},{height_of(value)}" for number, value in enumerate(earlier)]
    axis = WIDTH - LEFT + 8 if mirrored else LEFT - 8
    write = write or {}
    return Chart(
        bars=bars,
        line=" ".join(points) if any(earlier) else "",
        heights=[Label(axis, height_of(tick), write.get(tick, f"{tick:g}")) for tick in ticks],
        names=[Label(middle(at), bottom + 22, names[at], always) for at, always in chosen(len(names))],
        left=RIGHT if mirrored else LEFT,
        right=WIDTH - LEFT if mirrored else WIDTH - RIGHT,
        baseline=zero,
    )


def chosen(number: int) -> list[tuple[int, bool]]:
    """Which columns are named, and which of them also where there is little room."""
    every = max(1, math.ceil(number / MOST_LABELS))
    shown = range(0, number, every)
    few = max(1, math.ceil(len(shown) / FEW_LABELS))
    return [(at, place % few == 0) for place, at in enumerate(shown)]
