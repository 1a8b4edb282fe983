"""Things on the table seen from straight above, each centred on the origin."""

from demo.drawing.canvas import Canvas
from demo.drawing.leaves import DRY, spread
from demo.drawing.palette import WALNUT, Glaze, Mood, darker, lighter, mix
from demo.drawing.shapes import around, blob, ring
from demo.drawing.stage import flat_shadow
from demo.drawing.svg import at, circle, ellipse, group, number, path, polygon, rect, stroke


def board(c: Canvas, mood: Mood) -> None:
    """The whole table top: planks under slanted light."""
    c.add(
        c.full(c.fade((0, lighter(mood.table, 0.34)), (0.55, mood.table), (1, darker(mood.table, 0.2)), angle="slant"))
    )
    for i in range(5):
        y = i * c.height / 4.3 + c.rng.uniform(-20, 20)
        c.add(
            rect(0, y, c.width, 3, darker(mood.table, 0.4), opacity=0.45),
            rect(0, y + 3, c.width, 3, lighter(mood.table, 0.5), opacity=0.35),
        )
    for _ in range(16):
        x, y, w = c.rng.uniform(-200, c.width), c.rng.uniform(0, c.height), c.rng.uniform(200, 600)
        c.add(
            stroke(
                f"M{number(x)} {number(y)}q{number(w / 2)} {number(c.rng.uniform(-16, 16))} {number(w)} 0",
                darker(mood.table, 0.28),
                2.5,
                opacity=0.28,
            )
        )


def plain(c: Canvas, mood: Mood) -> None:
    """The whole table top: one washed colour under slanted light."""
    c.add(
        c.full(
            c.fade((0, lighter(mood.wall, 0.25)), (0.5, mood.wall), (1, mix(mood.wall, mood.sky, 0.8)), angle="slant")
        )
    )


def light_bars(c: Canvas, strength: float = 0.2) -> None:
    """Window light lying over the table."""
    bars = [polygon([(x, -20), (x + 150, -20), (x + 760, 1240), (x + 610, 1240)]) for x in (-330, -120, 90)]
    c.add(group(*(path(d, "#fff4d8") for d in bars), opacity=strength, filter=c.blur(6)))


def cup(c: Canvas, mood: Mood, r: float, glaze: Glaze, liquor: str = "", foamy: bool = False) -> str:
    """A round vessel: rim, inner wall in the light from the top left, tea and its reflection."""
    wall = c.fade(
        (0, darker(glaze.inner, 0.48)), (0.5, darker(glaze.inner, 0.14)), (1, lighter(glaze.inner, 0.3)), angle="slant"
    )
    rim = c.fade((0, lighter(glaze.rim, 0.5)), (0.5, glaze.rim), (1, darker(glaze.rim, 0.3)), angle="slant")
    parts = [
        flat_shadow(c, mood, ring(0, 0, r * 1.02, r * 1.02), r * 0.16, r * 0.22, r * 0.06),
        flat_shadow(c, mood, ring(0, 0, r * 0.98, r * 0.98), r * 0.36, r * 0.46, r * 0.14),
        circle(0, 0, r, rim),
        circle(0, 0, r * 0.93, wall),
    ]
    if glaze.streaks:
        parts.append(_fur(c, r, glaze))
    if not liquor:
        well = c.glow(
            (0, lighter(glaze.inner, 0.16)), (0.7, glaze.inner), (1, darker(glaze.inner, 0.25)), cx=0.6, cy=0.62, r=0.6
        )
        return group(*parts, circle(0, 0, r * 0.46, well, opacity=0.75), _flecks(c, r * 0.88, glaze))
    tea = c.glow((0, lighter(liquor, 0.3)), (0.6, liquor), (1, darker(liquor, 0.28)), cx=0.62, cy=0.64, r=0.72)
    parts += [
        _flecks(c, r * 0.9, glaze),
        circle(0, 0, r * 0.76, darker(liquor, 0.45), opacity=0.5),
        circle(0, 0, r * 0.745, tea),
        circle(0, 0, r * 0.735, stroke=lighter(liquor, 0.6), stroke_width=max(2, r * 0.014), opacity=0.6),
        at(-r * 0.3, -r * 0.34, ellipse(0, 0, r * 0.22, r * 0.1, "#fffaf0", opacity=0.5), turn=-42),
        path(
            _arc(r * 0.63, 15, 75),
            stroke=lighter(liquor, 0.7),
            stroke_width=r * 0.03,
            stroke_linecap="round",
            opacity=0.4,
        ),
    ]
    return group(*parts, froth(c, r * 0.72, liquor) if foamy else "")


def froth(c: Canvas, r: float, liquor: str) -> str:
    """Whisked foam: fine bubbles, finer towards the middle."""
    marks = []
    for _ in range(170):
        turn, reach = c.rng.uniform(0, 360), c.rng.random() ** 0.55
        x, y = around(turn, reach * r * 0.94)
        size = c.rng.uniform(2, 5) + 8 * c.rng.random() ** 3 * reach
        marks.append(circle(x, y, size, lighter(liquor, 0.42), opacity=c.rng.uniform(0.3, 0.8)))
    swirl = [
        path(
            _arc(r * k, a, a + 150),
            stroke=lighter(liquor, 0.35),
            stroke_width=r * 0.05,
            stroke_linecap="round",
            opacity=0.4,
        )
        for k, a in ((0.3, 200), (0.5, 20), (0.68, 250))
    ]
    return group(*swirl, *marks)


def dish(c: Canvas, mood: Mood, r: float, glaze: Glaze, kind: str, count: int, size: float = 1) -> str:
    """A shallow dish full of dry tea."""
    _, ground = DRY[kind]
    rim = c.fade((0, lighter(glaze.rim, 0.5)), (0.5, glaze.rim), (1, darker(glaze.rim, 0.3)), angle="slant")
    pile = group(
        circle(0, 0, r * 0.8, c.glow((0, ground), (0.8, ground), (1, darker(ground, 0.4)), cx=0.4, cy=0.4, r=0.7)),
        spread(c, kind, r * 0.68, r * 0.68, count, size),
    )
    return group(
        flat_shadow(c, mood, ring(0, 0, r, r), r * 0.1, r * 0.14, r * 0.05),
        circle(0, 0, r, rim),
        circle(0, 0, r * 0.94, c.fade((0, darker(glaze.inner, 0.3)), (1, lighter(glaze.inner, 0.25)), angle="slant")),
        _flecks(c, r * 0.9, glaze),
        pile,
    )


def tray(c: Canvas, mood: Mood, r: float, colour: str = WALNUT) -> str:
    """A round wooden tray with turned rings."""
    rings = [
        circle(0, 0, r * k, stroke=darker(colour, 0.3), stroke_width=2.5, opacity=0.4)
        for k in (0.25, 0.4, 0.54, 0.67, 0.79)
    ]
    return group(
        flat_shadow(c, mood, ring(0, 0, r, r), 20, 30, 16),
        circle(0, 0, r, c.fade((0, lighter(colour, 0.4)), (1, darker(colour, 0.3)), angle="slant")),
        circle(0, 0, r * 0.93, darker(colour, 0.4)),
        circle(3, 5, r * 0.915, c.fade((0, colour), (1, lighter(colour, 0.2)), angle="slant")),
        *rings,
    )


def cloth(c: Canvas, mood: Mood, w: float, h: float, colour: str, stripe: str) -> str:
    """A folded linen cloth with stripes and a fringe."""
    shape = f"M{number(-w / 2)} {number(-h / 2)}H{number(w / 2)}V{number(h / 2)}H{number(-w / 2)}Z"
    fringe = "".join(
        f"M{number(-w / 2 + 8 + i * 14)} {number(h / 2)}v{number(16 + c.rng.uniform(0, 9))}" for i in range(int(w / 14))
    )
    bands = [rect(-w / 2, h / 2 - d, w, t, stripe, opacity=0.75) for d, t in ((60, 12), (84, 5), (104, 12))]
    weave = [rect(-w / 2, -h / 2 + i * 22, w, 2, darker(colour, 0.25), opacity=0.18) for i in range(int(h / 22))]
    fold = rect(
        -w * 0.06,
        -h / 2,
        w * 0.03,
        h,
        c.fade((0, darker(colour, 0.5), 0.3), (1, lighter(colour, 0.6), 0.25), angle="right"),
    )
    return group(
        flat_shadow(c, mood, shape, 12, 18, 9),
        stroke(fringe, colour, 4),
        path(shape, c.fade((0, lighter(colour, 0.25)), (1, darker(colour, 0.06)), angle="slant")),
        *bands,
        *weave,
        fold,
    )


def slate(c: Canvas, mood: Mood, r: float, colour: str) -> str:
    """An uneven slab of stone."""
    shape = blob(c.rng, r, 0.07, 11)
    return group(
        flat_shadow(c, mood, shape, 16, 24, 12),
        path(shape, darker(colour, 0.3)),
        at(-5, -7, path(shape, c.fade((0, lighter(colour, 0.3)), (1, colour), angle="slant"))),
    )


def scoop(c: Canvas, mood: Mood, kind: str, colour: str, count: int = 30) -> str:
    """A wooden scoop with tea in its bowl, the handle towards the right."""
    shape = "M-150 0C-150 -78 -70 -96 0 -88C66 -80 92 -30 150 -24L400 -20"
    shape += "C436 -18 436 18 400 20L150 24C92 30 66 80 0 88C-70 96 -150 78 -150 0Z"
    bowl = ellipse(-36, 0, 92, 66, c.fade((0, darker(colour, 0.5)), (1, darker(colour, 0.15)), angle="slant"))
    return group(
        flat_shadow(c, mood, shape, 10, 18, 8),
        path(shape, c.fade((0, lighter(colour, 0.35)), (1, darker(colour, 0.25)))),
        stroke("M160 -8Q280 -14 390 -6M150 6Q270 2 380 8", darker(colour, 0.3), 2.5, opacity=0.5),
        bowl,
        at(-36, 0, spread(c, kind, 74, 50, count, 0.8)),
    )


def pebbles(c: Canvas, kind: str, places: tuple[tuple[float, float, float, int], ...]) -> str:
    """Loose tea in several spots: (x, y, radius, count)."""
    return group(*(at(x, y, spread(c, kind, r, r * 0.7, n, 1.1)) for x, y, r, n in places))


def _arc(r: float, start: float, end: float) -> str:
    x1, y1 = around(start, r)
    x2, y2 = around(end, r)
    return f"M{number(x1)} {number(y1)}A{number(r)} {number(r)} 0 0 1 {number(x2)} {number(y2)}"


def _flecks(c: Canvas, r: float, glaze: Glaze) -> str:
    marks = []
    for _ in range(int(36 * glaze.speckles)):
        x, y = around(c.rng.uniform(0, 360), r * c.rng.uniform(0.1, 1))
        marks.append(circle(x, y, c.rng.uniform(1.4, 3.4), glaze.speckle, opacity=0.5))
    return group(*marks)


def _fur(c: Canvas, r: float, glaze: Glaze) -> str:
    marks = []
    for i in range(150):
        turn = i * 2.4 + c.rng.uniform(-1, 1)
        x1, y1 = around(turn, r * c.rng.uniform(0.9, 0.97))
        x2, y2 = around(turn + c.rng.uniform(-2, 2), r * c.rng.uniform(0.3, 0.75))
        marks.append(
            stroke(
                f"M{number(x1)} {number(y1)}L{number(x2)} {number(y2)}",
                mix(glaze.rim, "#e0b060", c.rng.random() * 0.7),
                c.rng.uniform(1.5, 4.5),
                opacity=c.rng.uniform(0.25, 0.75),
            )
        )
    return group(*marks)
