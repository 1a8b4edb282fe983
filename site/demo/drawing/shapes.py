"""Outlines: smooth curves through points, leaves, petals, hills, arches."""

import math
from collections.abc import Sequence
from random import Random

from demo.drawing.svg import Point, number


def curve(points: Sequence[Point], closed: bool = False, start: str = "M") -> str:
    """Path data of a soft curve (Catmull-Rom) through all points."""
    n = len(points)
    data = [f"{start}{_pair(points[0])}"]
    for i in range(n if closed else n - 1):
        before = points[(i - 1) % n] if closed or i else points[0]
        here, there = points[i % n], points[(i + 1) % n]
        after = points[(i + 2) % n] if closed or i + 2 < n else points[-1]
        one = (here[0] + (there[0] - before[0]) / 6, here[1] + (there[1] - before[1]) / 6)
        two = (there[0] - (after[0] - here[0]) / 6, there[1] - (after[1] - here[1]) / 6)
        data.append(f"C{_pair(one)} {_pair(two)} {_pair(there)}")
    return "".join(data) + ("Z" if closed else "")


def leaf(length: float, width: float, bend: float = 0) -> str:
    """A pointed leaf from the origin along x; `bend` lifts its middle."""
    half = width / 2
    return (
        f"M0 0C{number(length * 0.2)} {number(-half - bend)} {number(length * 0.62)} {number(-half * 1.1 - bend)} "
        f"{number(length)} 0C{number(length * 0.66)} {number(half * 1.05 - bend)} "
        f"{number(length * 0.24)} {number(half - bend)} 0 0Z"
    )


def midrib(length: float, bend: float = 0) -> str:
    """The line in the middle of `leaf` with the same numbers."""
    return f"M0 0Q{number(length * 0.5)} {number(-bend * 1.1)} {number(length * 0.94)} {number(-bend * 0.08)}"


def petal(length: float, width: float) -> str:
    """A round-ended petal from the origin upwards."""
    half = width / 2
    return (
        f"M0 0C{number(-half * 1.1)} {number(-length * 0.35)} {number(-half * 1.1)} {number(-length)} 0 "
        f"{number(-length)}C{number(half * 1.1)} {number(-length)} {number(half * 1.1)} {number(-length * 0.35)} 0 0Z"
    )


def blob(rng: Random, radius: float, wobble: float = 0.12, corners: int = 9) -> str:
    """An uneven round shape around the origin."""
    points = []
    for i in range(corners):
        angle = 2 * math.pi * i / corners
        r = radius * (1 + rng.uniform(-wobble, wobble))
        points.append((r * math.cos(angle), r * math.sin(angle)))
    return curve(points, closed=True)


def hills(width: float, base: float, heights: Sequence[float]) -> str:
    """A closed skyline from x = 0 to `width` standing on y = `base`."""
    step = width / (len(heights) - 1)
    points = [(i * step, base - h) for i, h in enumerate(heights)]
    return f"{curve(points)}L{number(width)} {number(base)}L0 {number(base)}Z"


def arch(x: float, base: float, width: float, height: float) -> str:
    """A round-topped doorway standing on y = `base`, centred on x."""
    half = width / 2
    shoulder = base - height + half
    return (
        f"M{number(x - half)} {number(base)}V{number(shoulder)}"
        f"A{number(half)} {number(half)} 0 0 1 {number(x + half)} {number(shoulder)}V{number(base)}Z"
    )


def ring(x: float, y: float, rx: float, ry: float) -> str:
    """A closed ellipse as path data, so that two of them can be cut out of each other."""
    return (
        f"M{number(x - rx)} {number(y)}a{number(rx)} {number(ry)} 0 1 0 {number(2 * rx)} 0"
        f"a{number(rx)} {number(ry)} 0 1 0 {number(-2 * rx)} 0Z"
    )


def around(angle: float, radius: float) -> Point:
    """The point at `angle` degrees (0 is right, 90 is down) on a circle around the origin."""
    return radius * math.cos(math.radians(angle)), radius * math.sin(math.radians(angle))


def _pair(point: Point) -> str:
    return f"{number(point[0])} {number(point[1])}"
