"""Flowers, fruit, branches and spices that say what is in the tea."""

import math

from demo.drawing.canvas import Canvas
from demo.drawing.palette import LEAF, MOSS, PINE, darker, lighter
from demo.drawing.shapes import around, curve, leaf, midrib, petal
from demo.drawing.svg import at, circle, ellipse, group, number, path, polygon, stroke


def blade(c: Canvas, length: float, width: float, colour: str, bend: float = 0) -> str:
    """One living leaf: lit upper half, darker lower half, veins."""
    shape = leaf(length, width, bend)
    veins = [
        stroke(
            f"M{number(length * t)} {number(-bend * 1.1 * math.sin(t * 3))}"
            f"l{number(length * 0.12)} {number(side * width * 0.3)}",
            lighter(colour, 0.35),
            1.8,
            opacity=0.6,
        )
        for t in (0.22, 0.38, 0.54, 0.7)
        for side in (-1, 1)
    ]
    half = f"{midrib(length, bend)}L{number(length)} 0L{number(length)} {number(width)}L0 {number(width)}Z"
    return c.clipped(
        path(shape, "#000"),
        path(shape, colour),
        path(half, darker(colour, 0.18)),
        *veins,
        stroke(midrib(length, bend), lighter(colour, 0.45), 3),
    )


def tea_sprig(c: Canvas, colour: str = LEAF) -> str:
    """Two leaves and a bud, the stem's foot at the origin, about 330 high."""
    stem = stroke("M0 0C6 -70 -8 -150 4 -230", darker(colour, 0.15), 9)
    return group(
        at(0, -40, blade(c, 190, 70, darker(colour, 0.12), 10), turn=-28),
        stem,
        at(-1, -80, blade(c, 180, 64, colour, 10), turn=-148),
        at(0, -150, blade(c, 150, 52, lighter(colour, 0.12), 8), turn=-48),
        at(2, -215, blade(c, 120, 30, lighter(colour, 0.35), 4), turn=-96),
    )


def branch(c: Canvas, length: float, colour: str, count: int = 7, size: float = 1) -> str:
    """A leafy branch along x."""
    d = f"M0 0Q{number(length / 2)} -40 {number(length)} 0"
    marks = [stroke(d, darker(colour, 0.35), 8)]
    for i in range(count):
        t = (i + 0.6) / count
        y = -80 * t * (1 - t)
        turn = (-1 if i % 2 else 1) * c.rng.uniform(30, 58)
        marks.append(at(length * t, y, blade(c, 120 * size, 42 * size, lighter(colour, 0.18 * (i % 3)), 5), turn=turn))
    marks.append(at(length, 0, blade(c, 110 * size, 36 * size, lighter(colour, 0.2), 4), turn=4))
    return group(*marks)


def mint_sprig(c: Canvas) -> str:
    """Crossed pairs of toothed leaves on a square stem, foot at the origin."""
    marks = [stroke("M0 0C-8 -110 8 -220 0 -320", "#5b7a47", 10)]
    for i, size in enumerate((1.0, 0.96, 0.8, 0.6)):
        for side in (-1, 1):
            turn = -90 + side * (66 - i * 11 + c.rng.uniform(-8, 8))
            green = "#5f8c55" if side < 0 else "#4c7747"
            marks.append(at(0, -50 - i * 84, _toothed(c, 140 * size, 74 * size, green), turn=turn))
    marks.append(at(0, -310, _toothed(c, 70, 40, "#7aa766"), turn=-90))
    return group(*marks)


def _toothed(c: Canvas, length: float, width: float, colour: str) -> str:
    upper, lower = [], []
    for i in range(15):
        t = i / 14
        w = math.sin(math.pi * t**0.72) ** 0.8 * width / 2 * (1.0 if i % 2 else 0.88)
        upper.append((t * length, -w))
        lower.append((t * length, w))
    d = polygon([*upper, *lower[::-1]])
    veins = [
        stroke(
            f"M{number(length * t)} 0q{number(length * 0.08)} {number(side * width * 0.1)}"
            f" {number(length * 0.15)} {number(side * width * 0.27)}",
            lighter(colour, 0.4),
            2,
            opacity=0.7,
        )
        for t in (0.15, 0.32, 0.48, 0.64)
        for side in (-1, 1)
    ]
    return group(
        path(d, colour, stroke=colour, stroke_width=6, stroke_linejoin="round"),
        path(polygon([*lower, (0, 0)]), darker(colour, 0.2), opacity=0.6),
        stroke(f"M0 0H{number(length * 0.95)}", lighter(colour, 0.45), 3),
        *veins,
    )


def citrus(c: Canvas, r: float, rind: str, flesh: str) -> str:
    """A slice of bergamot or orange."""
    wedges = []
    for i in range(9):
        x1, y1 = around(i * 40 + 4, r * 0.78)
        x2, y2 = around(i * 40 + 36, r * 0.78)
        xm, ym = around(i * 40 + 20, r * 0.9)
        x0, y0 = around(i * 40 + 20, r * 0.12)
        d = f"M{number(x0)} {number(y0)}L{number(x1)} {number(y1)}Q{number(xm)} {number(ym)} {number(x2)} {number(y2)}Z"
        wedges.append(path(d, flesh, stroke=flesh, stroke_width=r * 0.06, stroke_linejoin="round"))
        mx, my = around(i * 40 + 14, r * 0.55)
        wedges.append(at(mx, my, path(leaf(r * 0.22, r * 0.07), lighter(flesh, 0.5)), turn=i * 40 + 14))
    return group(
        circle(0, 0, r, c.fade((0, lighter(rind, 0.2)), (1, darker(rind, 0.2)), angle="slant")),
        circle(0, 0, r * 0.9, lighter(rind, 0.78)),
        *wedges,
        circle(0, 0, r * 0.07, lighter(rind, 0.8)),
    )


def fruit(c: Canvas, r: float, rind: str, leafy: bool = True) -> str:
    """A whole citrus fruit, centre at the origin."""
    pores = []
    for _ in range(34):
        x, y = around(c.rng.uniform(0, 360), c.rng.random() ** 0.5 * r * 0.9)
        pores.append(circle(x, y, 2.6, darker(rind, 0.25), opacity=0.45))
    shade = c.glow((0, lighter(rind, 0.35)), (0.45, rind), (1, darker(rind, 0.32)), cx=0.34, cy=0.28, r=0.8)
    parts = [circle(0, 0, r, shade), *pores, ellipse(-r * 0.35, -r * 0.42, r * 0.2, r * 0.12, "#fff8e6", opacity=0.5)]
    if leafy:
        parts += [
            at(6, -r * 0.94, blade(c, r * 1.1, r * 0.42, MOSS, 8), turn=-24),
            circle(4, -r * 0.94, r * 0.07, "#55613a"),
        ]
    return group(*parts)


def daisy(c: Canvas, r: float, stem: float = 0) -> str:
    """A chamomile flower; the head at the origin, its stem below."""
    petals = [
        at(0, 0, path(petal(r, r * 0.34), "#fbf6e8" if i % 2 else "#eee5cf"), turn=i * 24 + c.rng.uniform(-4, 4))
        for i in range(15)
    ]
    parts = []
    if stem:
        parts.append(
            stroke(
                f"M0 0C{number(c.rng.uniform(-24, 24))} {number(stem * 0.4)}"
                f" {number(c.rng.uniform(-20, 20))} {number(stem * 0.7)} 0 {number(stem)}",
                "#7c9152",
                7,
            )
        )
        for t in (0.4, 0.62):
            parts.append(at(0, stem * t, stroke("M0 0q26 -14 44 -46M18 -12q16 0 30 -12", "#7c9152", 5)))
    dome = c.glow((0, "#f3cc62"), (0.6, "#dca02e"), (1, "#b8761f"), cx=0.38, cy=0.32, r=0.7)
    return group(*parts, *petals, circle(0, 0, r * 0.34, dome))


def blossom(c: Canvas, r: float, colour: str, heart: str, petals: int = 5, layers: int = 2) -> str:
    """An open flower: hibiscus, peony or lotus depending on colours and number of petals."""
    marks = []
    for layer in range(layers):
        size = r * (1 - layer * 0.26)
        for i in range(petals):
            turn = i * 360 / petals + layer * 180 / petals
            shade = c.fade(
                (0, lighter(colour, 0.18 + layer * 0.16)),
                (0.7, lighter(colour, layer * 0.1)),
                (1, darker(colour, 0.35)),
            )
            vein = stroke(f"M0 {number(-size * 0.1)}V{number(-size * 0.74)}", darker(colour, 0.25), 2.5, opacity=0.45)
            marks.append(
                at(
                    0,
                    0,
                    path(petal(size, size * (3.6 / petals)), shade, stroke=darker(colour, 0.22), stroke_width=2),
                    vein,
                    turn=turn,
                )
            )
    dots = [circle(*around(i * 40, r * 0.17), r * 0.04, lighter(heart, 0.4)) for i in range(9)]
    return group(*marks, circle(0, 0, r * 0.15, heart), *dots)


def hibiscus_flower(c: Canvas, r: float) -> str:
    """Five wine-red petals and the long golden stamen."""
    stamen = [
        stroke(f"M0 0Q{number(r * 0.3)} {number(-r * 0.1)} {number(r * 0.72)} {number(-r * 0.42)}", "#e9b565", r * 0.06)
    ]
    for i in range(9):
        t = 0.45 + i * 0.06
        stamen.append(
            circle(r * 0.72 * t + (i % 2) * r * 0.05, -r * 0.42 * t - (i % 3) * r * 0.05, r * 0.04, "#f6d98e")
        )
    return group(blossom(c, r, "#a5304f", "#4d0f22", 5, 1), circle(0, 0, r * 0.24, "#4d0f22", opacity=0.55), *stamen)


def pine(c: Canvas, length: float) -> str:
    """A pine branch along x with a cone."""
    marks = [stroke(f"M0 0Q{number(length / 2)} -34 {number(length)} 0", "#5f4634", 12)]
    for i in range(6):
        t = (i + 0.7) / 6
        fan = [
            stroke(f"M0 0L{number(math.cos(a) * 96)} {number(math.sin(a) * 96)}", (PINE, MOSS, "#3c6150")[j % 3], 5)
            for j, a in enumerate(math.radians(-165 + k * 17) for k in range(10))
        ]
        marks.append(at(length * t, -68 * t * (1 - t), *fan, turn=62))
    scales = [
        ellipse(x, y, 15, 11, ("#8a5f40", "#6f4830")[(i + j) % 2])
        for i, (y, n) in enumerate(((-34, 1), (-18, 2), (0, 3), (18, 3), (36, 2), (50, 1)))
        for j in range(n)
        for x in [(j - (n - 1) / 2) * 24]
    ]
    return group(*marks, at(length * 0.52, 38, *scales, turn=12))


def anise(c: Canvas, r: float) -> str:
    """A star anise."""
    arms = []
    for i in range(8):
        arms.append(
            at(
                0,
                0,
                path(leaf(r, r * 0.36), "#7a4328"),
                path(leaf(r * 0.8, r * 0.16), "#4b2618"),
                ellipse(r * 0.5, 0, r * 0.13, r * 0.08, "#c98c4a"),
                turn=i * 45,
            )
        )
    return group(*arms, circle(0, 0, r * 0.16, "#5a3120"))


def cinnamon(c: Canvas, length: float) -> str:
    """Two cinnamon sticks along x."""
    fill = c.fade((0, "#b9774a"), (0.5, "#98552f"), (1, "#6d3a22"))
    marks = []
    for y, inset in ((0, 0), (36, 24)):
        d = f"M{inset} {y}H{number(length + inset)}"
        marks += [
            stroke(d, "#5f321e", 36),
            path(f"M{inset} {y - 16}H{number(length + inset)}V{y + 16}H{inset}Z", fill),
            stroke(f"M{inset} {y + 2}H{number(length + inset)}", "#5f321e", 4, opacity=0.7),
            ellipse(inset, y, 9, 16, "#5f321e"),
            ellipse(inset - 1, y - 3, 4, 7, "#c98a5c"),
        ]
    return group(*marks)


def reed(c: Canvas, height: float, colour: str) -> str:
    """A thin bamboo cane with leaves, growing up from the origin."""
    marks = [stroke(f"M0 0C8 {number(-height * 0.4)} -8 {number(-height * 0.7)} 10 {number(-height)}", colour, 10)]
    for i in range(1, 5):
        y = -height * i / 5
        marks.append(stroke(f"M-8 {number(y)}H10", darker(colour, 0.35), 3))
        for turn in (-28, -60, -152) if i % 2 else (-22, -132, -164):
            marks.append(at(2, y, blade(c, 120, 26, lighter(colour, 0.1 * (i % 3)), 5), turn=turn))
    return group(*marks)


def grasses(c: Canvas, width: float, height: float, colour: str) -> str:
    """A tuft of grass growing up from the origin."""
    marks = []
    for _ in range(16):
        x, lean = c.rng.uniform(-width / 2, width / 2), c.rng.uniform(-60, 60)
        h = height * c.rng.uniform(0.5, 1)
        marks.append(
            path(
                curve(
                    [
                        (x - 7, 0),
                        (x + lean * 0.3 - 4, -h * 0.6),
                        (x + lean, -h),
                        (x + lean * 0.35 + 5, -h * 0.55),
                        (x + 7, 0),
                    ]
                ),
                lighter(colour, c.rng.uniform(0, 0.3)),
            )
        )
    return group(*marks)
