"""The small prints on the packets: one motif per tea, no letters."""

from collections.abc import Callable
from dataclasses import dataclass

from demo.drawing.canvas import Canvas
from demo.drawing.palette import darker, lighter, mix
from demo.drawing.shapes import around, curve, hills, leaf, petal
from demo.drawing.svg import at, circle, ellipse, group, number, path, polygon, rect, stroke


@dataclass(frozen=True)
class Ink:
    """The colours of one print: its paper and three inks from light to strong."""

    paper: str
    pale: str
    middle: str
    strong: str


Motif = Callable[[Canvas, float, float, Ink], list[str]]


def mist_hills(c: Canvas, w: float, h: float, ink: Ink) -> list[str]:
    """A low sun over hills with mist."""
    tops = ((0.46, 0.3, ink.pale), (0.32, 0.22, ink.middle), (0.16, 0.1, ink.strong))
    marks = [circle(w * 0.62, h * 0.36, w * 0.2, "#d9744a")]
    for high, low, colour in tops:
        line = hills(w, h, [h * (high if i % 2 else low) for i in range(5)])
        marks.append(path(line, c.fade((0, colour), (1, lighter(colour, 0.5)))))
    return marks


def terraces(c: Canvas, w: float, h: float, ink: Ink) -> list[str]:
    """Tea rows bending around a hill."""
    marks = [
        circle(w * 0.3, h * 0.26, w * 0.13, ink.pale),
        path(hills(w, h, [h * 0.3, h * 0.52, h * 0.62, h * 0.5]), ink.middle),
    ]
    for i in range(6):
        y = h * (0.5 + i * 0.1)
        marks.append(
            stroke(
                f"M0 {number(y + 30)}Q{number(w * 0.62)} {number(y - h * 0.16)} {number(w)} {number(y + 6)}",
                ink.strong,
                h * 0.026,
            )
        )
    return marks


def reed_screen(c: Canvas, w: float, h: float, ink: Ink) -> list[str]:
    """Reed mats that shade young leaves."""
    bars = [rect(0, h * 0.06 + i * h * 0.062, w, h * 0.036, mix(ink.strong, ink.middle, i / 7)) for i in range(7)]
    return [*bars, *_sprig(w * 0.5, h * 0.98, h * 0.44, ink.middle, ink.strong)]


def millstone(c: Canvas, w: float, h: float, ink: Ink) -> list[str]:
    """A stone mill from above with its furrows."""
    x, y, r = w / 2, h * 0.5, min(w, h) * 0.38
    marks = [circle(x, y, r * 1.12, ink.pale), circle(x, y, r, ink.strong)]
    for i in range(24):
        (x1, y1), (x2, y2) = around(i * 15, r * 0.3), around(i * 15 + 24, r * 0.9)
        marks.append(stroke(f"M{number(x + x1)} {number(y + y1)}L{number(x + x2)} {number(y + y2)}", ink.middle, 4))
    return [*marks, circle(x, y, r * 0.2, ink.paper)]


def river_sun(c: Canvas, w: float, h: float, ink: Ink) -> list[str]:
    """A large red sun sinking into a river."""
    marks = [circle(w / 2, h * 0.5, w * 0.33, ink.strong), rect(0, h * 0.58, w, h * 0.42, ink.middle)]
    for i in range(6):
        half = w * (0.34 - i * 0.045)
        marks.append(rect(w / 2 - half, h * (0.62 + i * 0.06), half * 2, h * 0.018, lighter(ink.pale, 0.3), rx=4))
    return marks


def snow_peak(c: Canvas, w: float, h: float, ink: Ink) -> list[str]:
    """A snow peak over dark woods."""
    peak = polygon(
        [(0, h), (0, h * 0.72), (w * 0.28, h * 0.4), (w * 0.4, h * 0.5), (w * 0.62, h * 0.16), (w, h * 0.66), (w, h)]
    )
    snow = polygon(
        [
            (w * 0.62, h * 0.16),
            (w * 0.74, h * 0.32),
            (w * 0.66, h * 0.38),
            (w * 0.6, h * 0.33),
            (w * 0.53, h * 0.42),
            (w * 0.47, h * 0.38),
        ]
    )
    trees = [
        polygon([(x, h * 0.98), (x + w * 0.055, h * (0.66 + 0.05 * (i % 3))), (x + w * 0.11, h * 0.98)])
        for i, x in enumerate(w * k / 9 for k in range(-1, 10))
    ]
    return [
        path(peak, ink.middle),
        path(snow, "#fffaf0"),
        *(path(d, ink.strong) for d in trees),
        rect(0, h * 0.94, w, h * 0.06, ink.strong),
    ]


def citrus_half(c: Canvas, w: float, h: float, ink: Ink) -> list[str]:
    """Half a bergamot rising like a sun."""
    y, r = h * 0.8, w * 0.42
    marks = [circle(w / 2, y, r, ink.strong), circle(w / 2, y, r * 0.88, ink.paper)]
    for i in range(6):
        (x1, y1), (x2, y2) = around(184 + i * 30, r * 0.78), around(206 + i * 30, r * 0.78)
        (x0, y0) = around(195 + i * 30, r * 0.16)
        marks.append(
            path(
                polygon([(w / 2 + x0, y + y0), (w / 2 + x1, y + y1), (w / 2 + x2, y + y2)]),
                ink.middle,
                stroke=ink.middle,
                stroke_width=6,
                stroke_linejoin="round",
            )
        )
    marks.append(rect(0, y, w, h - y, ink.strong))
    return [
        *marks,
        *(
            at(w * x, h * 0.22, path(leaf(w * 0.2, w * 0.07), ink.pale), turn=t)
            for x, t in ((0.3, -30), (0.5, -90), (0.7, -150))
        ),
    ]


def pines(c: Canvas, w: float, h: float, ink: Ink) -> list[str]:
    """Pines in drifting smoke."""
    marks = []
    for x, size, colour in ((0.26, 0.62, ink.middle), (0.74, 0.7, ink.middle), (0.5, 0.88, ink.strong)):
        for i in range(4):
            top, half = h * (0.98 - size) + i * h * size * 0.19, w * (0.1 + i * 0.055)
            marks.append(
                path(
                    polygon(
                        [(w * x, top), (w * x + half, top + h * size * 0.34), (w * x - half, top + h * size * 0.34)]
                    ),
                    colour,
                )
            )
    for i in range(3):
        y = h * (0.34 + i * 0.2)
        marks.append(
            stroke(
                f"M{number(-w * 0.1)} {number(y)}"
                f"q{number(w * 0.3)} {number(-h * 0.08)} {number(w * 0.6)} 0t{number(w * 0.6)} 0",
                ink.pale,
                h * 0.03,
                opacity=0.85,
            )
        )
    return marks


def lotus(c: Canvas, w: float, h: float, ink: Ink) -> list[str]:
    """A lotus under a halo."""
    y = h * 0.7
    marks = [circle(w / 2, h * 0.46, w * 0.34, ink.pale), circle(w / 2, h * 0.46, w * 0.26, ink.paper)]
    for turn, colour in (
        (-78, ink.strong),
        (78, ink.strong),
        (-48, ink.middle),
        (48, ink.middle),
        (-22, ink.strong),
        (22, ink.strong),
        (0, ink.middle),
    ):
        marks.append(at(w / 2, y, path(petal(h * 0.34, w * 0.2), colour, stroke=ink.paper, stroke_width=3), turn=turn))
    waves = [
        stroke(
            f"M0 {number(h * k)}q{number(w / 8)} -14 {number(w / 4)} 0" + f"t{number(w / 4)} 0" * 3,
            ink.strong,
            5,
        )
        for k in (0.8, 0.88)
    ]
    return [*marks, *waves]


def milk_drop(c: Canvas, w: float, h: float, ink: Ink) -> list[str]:
    """A drop falling into rings."""
    r = w * 0.13
    drop = f"M0 {number(-h * 0.2)}C{number(w * 0.05)} {number(-h * 0.08)} {number(r)} 0 {number(r)} {number(h * 0.08)}"
    drop += f"A{number(r)} {number(r)} 0 1 1 {number(-r)} {number(h * 0.08)}"
    drop += f"C{number(-r)} 0 {number(-w * 0.05)} {number(-h * 0.08)} 0 {number(-h * 0.2)}Z"
    rings = [
        ellipse(w / 2, h * 0.76, w * k, w * k * 0.34, stroke=colour, stroke_width=8)
        for k, colour in ((0.14, ink.strong), (0.27, ink.middle), (0.4, ink.pale))
    ]
    return [
        *rings,
        at(w / 2, h * 0.34, path(drop, ink.strong), ellipse(-w * 0.04, h * 0.06, w * 0.03, h * 0.04, ink.paper)),
    ]


def leafhopper(c: Canvas, w: float, h: float, ink: Ink) -> list[str]:
    """The small green visitor that makes this tea sweet."""
    wing = leaf(w * 0.5, w * 0.2, 4)
    marks = [*_sprig(w * 0.4, h * 0.98, h * 0.62, ink.pale, ink.middle)]
    bug = group(
        path(wing, ink.strong),
        path(leaf(w * 0.42, w * 0.1, 8), ink.middle),
        circle(0, -2, w * 0.065, ink.strong),
        stroke(f"M-6 -8l{number(-w * 0.1)} -26M-4 -12l{number(-w * 0.03)} -34", ink.strong, 4),
    )
    return [*marks, at(w * 0.32, h * 0.34, bug, turn=18)]


def moon_needles(c: Canvas, w: float, h: float, ink: Ink) -> list[str]:
    """Silver needles falling past a moon."""
    marks = [circle(w * 0.5, h * 0.42, w * 0.33, ink.pale)]
    for i in range(9):
        x, y = w * (0.2 + 0.3 * (i % 3) + 0.05 * (i // 3)), h * (0.22 + 0.24 * (i // 3))
        marks.append(
            at(x, y, path(leaf(h * 0.17, w * 0.05), ink.strong if i % 2 else ink.middle), turn=62 + (i * 37) % 30)
        )
    return marks


def peony_print(c: Canvas, w: float, h: float, ink: Ink) -> list[str]:
    """One full round peony."""
    marks = [at(w * 0.5, h * 0.52, path(leaf(w * 0.5, w * 0.2), ink.strong), turn=t) for t in (40, 140, 75)]
    for r, n, colour in ((0.36, 8, ink.middle), (0.27, 7, ink.pale), (0.17, 5, ink.middle)):
        marks += [
            at(
                w * 0.5,
                h * 0.44,
                path(petal(w * r, w * r * 0.66), colour, stroke=ink.paper, stroke_width=3),
                turn=i * 360 / n + r * 90,
            )
            for i in range(n)
        ]
    return [*marks, circle(w * 0.5, h * 0.44, w * 0.06, "#d9a441")]


def meadow(c: Canvas, w: float, h: float, ink: Ink) -> list[str]:
    """Chamomile on thin stems."""
    marks = [path(hills(w, h, [h * 0.16, h * 0.24, h * 0.14]), ink.strong)]
    for x, y, r in ((0.2, 0.5, 0.1), (0.42, 0.3, 0.13), (0.62, 0.56, 0.09), (0.82, 0.36, 0.11)):
        marks.append(
            stroke(
                f"M{number(w * x)} {number(h * y)}"
                f"Q{number(w * (x + 0.06))} {number(h * 0.7)} {number(w * x)} {number(h)}",
                ink.middle,
                5,
            )
        )
        marks += [at(w * x, h * y, path(petal(w * r, w * r * 0.4), "#fffaf0"), turn=i * 36) for i in range(10)]
        marks.append(circle(w * x, h * y, w * r * 0.34, "#d99f2e"))
    return marks


def zellige(c: Canvas, w: float, h: float, ink: Ink) -> list[str]:
    """Eight-pointed stars as on a tiled wall."""
    marks, step = [], w / 2
    for row in range(4):
        for column in range(3):
            x, y = column * step, row * step
            colour = ink.strong if (row + column) % 2 else ink.middle
            square = rect(-step * 0.32, -step * 0.32, step * 0.64, step * 0.64, colour)
            marks += [at(x, y, square), at(x, y, square, turn=45), at(x, y, circle(0, 0, step * 0.14, ink.paper))]
            marks.append(
                at(
                    x + step / 2,
                    y + step / 2,
                    rect(-step * 0.09, -step * 0.09, step * 0.18, step * 0.18, ink.pale),
                    turn=45,
                )
            )
    return marks


def night_flower(c: Canvas, w: float, h: float, ink: Ink) -> list[str]:
    """A flower before a crescent moon."""
    marks = [circle(w * 0.56, h * 0.36, w * 0.3, ink.pale), circle(w * 0.68, h * 0.31, w * 0.27, ink.paper)]
    marks += [
        stroke(
            f"M{number(w * 0.42)} {number(h)}"
            f"Q{number(w * 0.3)} {number(h * 0.8)} {number(w * 0.42)} {number(h * 0.62)}",
            ink.middle,
            7,
        )
    ]
    marks += [
        at(
            w * 0.42,
            h * 0.62,
            path(petal(w * 0.28, w * 0.2), ink.strong, stroke=ink.paper, stroke_width=3),
            turn=i * 72,
        )
        for i in range(5)
    ]
    marks += [circle(w * 0.42, h * 0.62, w * 0.05, "#e9b565")]
    return [
        *marks,
        *(
            circle(w * x, h * y, 4, ink.pale)
            for x, y in ((0.15, 0.15), (0.3, 0.3), (0.84, 0.62), (0.88, 0.82), (0.16, 0.48))
        ),
    ]


def savanna(c: Canvas, w: float, h: float, ink: Ink) -> list[str]:
    """An orange sun behind fine rooibos twigs."""
    marks = [
        circle(w * 0.5, h * 0.42, w * 0.3, ink.middle),
        path(hills(w, h, [h * 0.2, h * 0.28, h * 0.18, h * 0.24]), ink.strong),
    ]
    for i in range(15):
        x, lean = w * (0.08 + i * 0.06), (i * 37 % 50) - 25
        marks.append(
            stroke(
                f"M{number(x)} {number(h * 0.86)}"
                f"q{lean * 0.4} {number(-h * 0.16)} {lean} {number(-h * (0.22 + (i * 13 % 5) * 0.03))}",
                ink.strong,
                4,
            )
        )
    return marks


def snow_star(c: Canvas, w: float, h: float, ink: Ink) -> list[str]:
    """A star of frost with falling snow."""
    marks = []
    for i in range(6):
        arm = stroke(
            f"M0 0V{number(-w * 0.34)}"
            f"M0 {number(-w * 0.2)}l{number(-w * 0.09)} {number(-w * 0.08)}"
            f"M0 {number(-w * 0.2)}l{number(w * 0.09)} {number(-w * 0.08)}",
            ink.strong,
            9,
        )
        marks += [
            at(w / 2, h * 0.46, arm, turn=i * 60),
            at(w / 2, h * 0.46, path(leaf(w * 0.16, w * 0.07), ink.middle), turn=i * 60),
        ]
    flakes = [
        circle(w * ((i * 0.37 + 0.08) % 1), h * ((i * 0.61 + 0.06) % 1), 4 + i % 3 * 2, ink.pale) for i in range(16)
    ]
    return [*flakes, *marks]


MOTIFS: dict[str, Motif] = {
    motif.__name__: motif
    for motif in (
        mist_hills,
        terraces,
        reed_screen,
        millstone,
        river_sun,
        snow_peak,
        citrus_half,
        pines,
        lotus,
        milk_drop,
        leafhopper,
        moon_needles,
        peony_print,
        meadow,
        zellige,
        night_flower,
        savanna,
        snow_star,
    )
}


def label(c: Canvas, motif: str, w: float, h: float, ink: Ink) -> str:
    """A printed paper label with a thin frame, top left corner at the origin."""
    sheet = rect(0, 0, w, h, "#000", rx=6)
    inset = min(w, h) * 0.045
    return group(
        c.clipped(sheet, rect(0, 0, w, h, ink.paper), *MOTIFS[motif](c, w, h, ink)),
        rect(
            inset,
            inset,
            w - 2 * inset,
            h - 2 * inset,
            stroke=darker(ink.paper, 0.5),
            stroke_width=2.5,
            opacity=0.55,
            rx=3,
        ),
    )


def _sprig(x: float, base: float, height: float, light: str, dark: str) -> list[str]:
    stem = stroke(curve([(x, base), (x - 4, base - height * 0.5), (x + 2, base - height * 0.8)]), dark, 6)
    size = height * 0.62
    return [
        stem,
        at(x, base - height * 0.3, path(leaf(size, size * 0.36, 5), dark), turn=-32),
        at(x, base - height * 0.42, path(leaf(size, size * 0.36, 5), light), turn=-150),
        at(x, base - height * 0.7, path(leaf(size * 0.7, size * 0.24), light), turn=-92),
    ]
