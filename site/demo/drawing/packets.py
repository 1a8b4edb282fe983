"""What the tea comes in: paper pouch, round tin, box tin, glass jar; standing with the foot centre at the origin."""

from demo.drawing.canvas import Canvas
from demo.drawing.labels import Ink, label
from demo.drawing.leaves import DRY
from demo.drawing.palette import CREAM, GLAZES, WALNUT, Glaze, darker, lighter, mix
from demo.drawing.shapes import around
from demo.drawing.svg import at, circle, ellipse, group, number, path, polygon, rect, stroke
from demo.drawing.vessels import TILT, Form, body, outline, wrap

TIN = Form([(156, 0), (156, 360)], open=False, foot=0)
TIN_LID = Form([(160, 0), (160, 92)], open=False, foot=0)
JAR = Form([(120, 0), (146, 14), (152, 60), (152, 300), (128, 340), (122, 372)], wall=8, foot=0)


def pouch(c: Canvas, colour: str, motif: str, ink: Ink) -> str:
    """A folded paper bag with a label, about 360 wide and 520 high."""
    side = polygon([(150, 0), (218, -34), (206, -440), (144, -430)])
    front = "M-158 0L150 0L144 -430L-152 -430Z"
    fold = polygon([(-155, -430), (146, -430), (208, -442), (206, -500), (142, -492), (-150, -492)])
    lit = c.fade((0, lighter(colour, 0.22)), (1, darker(colour, 0.1)), angle="slant")
    grain = path(
        front, c.fade((0.45, "#000", 0), (1, "#000", 0.6), angle="slant"), filter=c.stipple(darker(colour, 0.4))
    )
    creases = stroke("M-150 -400L-120 -30M140 -395L118 -40", darker(colour, 0.25), 2.5, opacity=0.4)
    return group(
        path(side, c.fade((0, darker(colour, 0.42)), (1, darker(colour, 0.3)), angle="right")),
        stroke("M182 -20L175 -432", darker(colour, 0.55), 3, opacity=0.6),
        path(front, lit),
        group(grain, opacity=0.4),
        creases,
        rect(-160, -436, 312, 26, darker(colour, 0.45), opacity=0.35),
        path(fold, c.fade((0, lighter(colour, 0.3)), (1, colour))),
        path(polygon([(142, -492), (206, -500), (208, -442), (146, -430)]), darker(colour, 0.28)),
        stroke("M-151 -462H144L206 -472", darker(colour, 0.4), 3, opacity=0.5),
        at(-112, -372, rect(6, 8, 220, 290, "#000", opacity=0.18, rx=6), label(c, motif, 220, 290, ink)),
        _cord(c, ink.strong),
    )


def _cord(c: Canvas, colour: str) -> str:
    """A cotton string around the fold with a bow."""
    bow = "M0 0C-60 -44 -90 10 0 0C60 -44 90 10 0 0M0 0q-20 40 -34 76M0 0q16 44 40 66"
    return group(
        stroke("M-153 -446L146 -446L208 -456", darker(colour, 0.3), 8),
        stroke("M-153 -449L146 -449L208 -459", lighter(colour, 0.25), 4),
        at(-4, -446, stroke(bow, darker(colour, 0.3), 8), stroke(bow, lighter(colour, 0.2), 4)),
    )


def tin(c: Canvas, colour: str, pattern: str, motif: str, ink: Ink, closed: bool = True) -> str:
    """A round tin in patterned paper, about 320 wide and 460 high; open, its lid is drawn by `tin_lid`."""
    metal = Glaze(mix(colour, "#b9a88a", 0.25), "#d9cbb0", colour, colour, 0, 0.55)
    marks = [_pattern(c, pattern, lighter(colour, 0.32)), at(-92, -292, _plate(c, motif, ink))]
    base = group(body(c, TIN, metal), wrap(c, TIN, 8, 348, colour, *marks))
    if closed:
        return group(base, at(0, -352, tin_lid(c, colour)))
    neck = Form([(146, 0), (146, 46)], wall=6, foot=0)
    return group(
        base,
        ellipse(0, -358, 152, 152 * TILT, darker(colour, 0.5)),
        at(0, -356, body(c, neck, Glaze("#cfc0a2", "#efe5cd", "#000000", "#000000", 0, 0.8, inside="#8d7d64"))),
    )


def tin_lid(c: Canvas, colour: str) -> str:
    """The tin's lid lying or sitting with its edge on y = 0."""
    top = c.fade((0, lighter(colour, 0.38)), (1, colour), angle="slant")
    seam = ellipse(0, 2, 161, 161 * TILT, darker(colour, 0.6), opacity=0.6)
    return group(
        seam,
        body(c, TIN_LID, Glaze(colour, lighter(colour, 0.3), colour, colour, 0, 0.6)),
        ellipse(0, -92, 150, 150 * TILT, top),
        ellipse(0, -92, 128, 128 * TILT, stroke=darker(colour, 0.2), stroke_width=3, opacity=0.5),
    )


def _plate(c: Canvas, motif: str, ink: Ink) -> str:
    """A label bent around the tin: the same print, its foot following the curve."""
    return group(at(6, 8, rect(0, 0, 184, 240, "#000", opacity=0.2, rx=6)), label(c, motif, 184, 240, ink))


def _pattern(c: Canvas, name: str, colour: str) -> str:
    """Printed paper: waves, hemp leaf, dots, stripes or checks."""
    marks: list[str] = []
    if name == "waves":
        for row in range(12):
            for i in range(8):
                x, y = -180 + i * 52 + (row % 2) * 26, -380 + row * 34
                marks += [circle(x, y + 26, r, stroke=colour, stroke_width=3) for r in (26, 16, 7)]
    elif name == "hemp":
        for row in range(9):
            for i in range(7):
                x, y = -180 + i * 60 + (row % 2) * 30, -380 + row * 50
                rays = "".join(
                    f"M{number(x)} {number(y)}L{number(x + dx)} {number(y + dy)}"
                    for dx, dy in (around(k * 60 + 30, 32) for k in range(6))
                )
                marks.append(stroke(rays, colour, 3))
    elif name == "dots":
        marks = [
            circle(-170 + i * 34 + (row % 2) * 17, -370 + row * 30, 5, colour) for row in range(14) for i in range(11)
        ]
    elif name == "stripes":
        marks = [rect(-170 + i * 30, -400, 9 if i % 3 else 16, 440, colour) for i in range(12)]
    else:
        marks = [
            rect(-176 + i * 44 + (row % 2) * 22, -390 + row * 22, 22, 22, colour) for row in range(20) for i in range(9)
        ]
    return group(*marks, opacity=0.55)


def box(c: Canvas, colour: str, motif: str, ink: Ink) -> str:
    """A square box tin with a stepped lid, about 350 wide and 440 high."""
    front = c.fade((0, lighter(colour, 0.25)), (0.5, colour), (1, darker(colour, 0.12)), angle="right")
    side = c.fade((0, darker(colour, 0.32)), (1, darker(colour, 0.45)), angle="right")
    lid = lighter(ink.strong, 0.06)
    return group(
        path(polygon([(130, 0), (206, -40), (206, -330), (130, -310)]), side),
        rect(-150, -312, 282, 312, front),
        rect(-150, -22, 282, 6, lighter(ink.pale, 0.2), opacity=0.7),
        rect(-150, -312, 282, 16, "#000", opacity=0.22),
        at(-118, -276, label(c, motif, 218, 236, ink)),
        path(polygon([(138, -306), (214, -330), (214, -402), (138, -384)]), darker(lid, 0.4)),
        rect(-158, -386, 298, 80, c.fade((0, lighter(lid, 0.25)), (0.4, lid), (1, darker(lid, 0.15)), angle="right")),
        path(polygon([(-158, -386), (140, -386), (214, -404), (-74, -404)]), lighter(lid, 0.4)),
        stroke("M-148 -372H130", lighter(lid, 0.6), 3, opacity=0.5),
    )


def jar(c: Canvas, kind: str, motif: str, ink: Ink) -> str:
    """A glass jar of tea with a cork, about 310 wide and 450 high."""
    piece, ground = DRY[kind]
    edge = outline(JAR, 0.94)
    fill = []
    for _ in range(150):
        x, y = c.rng.uniform(-150, 150), -c.rng.uniform(0, 290)
        fill.append((y, at(x, y, piece(c.rng), turn=c.rng.uniform(0, 360), scale=0.72)))
    tea = group(
        rect(-160, -262, 320, 300, ground),
        *(m for _, m in sorted(fill)),
        rect(
            -160,
            -320,
            320,
            380,
            c.fade((0, CREAM, 0.3), (0.3, CREAM, 0), (0.55, "#2a1c1a", 0), (1, "#2a1c1a", 0.6), angle="right"),
        ),
    )
    cork = Form([(112, 0), (118, 70)], open=False, foot=0)
    white = "#fffdf5"
    return group(
        path(outline(JAR), white, opacity=0.3),
        c.clipped(path(edge, "#000"), tea),
        path(outline(JAR), stroke=white, stroke_width=5, opacity=0.7),
        rect(-118, -300, 24, 250, white, rx=12, opacity=0.45, filter=c.blur(3)),
        at(-64, -236, rect(4, 6, 150, 180, "#000", opacity=0.22), label(c, motif, 150, 180, ink)),
        at(0, -352, body(c, cork, GLAZES["cork"]), ellipse(0, -70, 118, 118 * TILT, lighter(GLAZES["cork"].base, 0.2))),
        ellipse(0, -372, 124, 124 * TILT, stroke=white, stroke_width=5, opacity=0.5),
        stroke("M-134 -338Q0 -284 134 -338", WALNUT, 7),
    )
