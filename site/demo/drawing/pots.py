"""The shop's vessels: kyusu, gaiwan, everyday teapot, cups and bowls, each standing at the origin."""

from collections.abc import Sequence

from demo.drawing.canvas import Canvas
from demo.drawing.palette import GLAZES, WALNUT, Glaze, darker, lighter
from demo.drawing.shapes import around, curve, leaf
from demo.drawing.svg import Point, at, ellipse, group, number, path, stroke
from demo.drawing.vessels import TILT, Form, body, crescent, outline, wrap

YUNOMI = Form([(95, 0), (105, 20), (132, 90), (142, 180), (140, 260)])
TASTING = Form([(58, 0), (64, 14), (98, 58), (112, 112), (118, 150)], wall=9, foot=0.1)
BOWL = Form([(80, 0), (82, 22), (150, 70), (208, 145), (226, 196)])
CHAWAN = Form([(104, 0), (107, 24), (190, 52), (222, 120), (222, 200), (230, 258)], wall=15, foot=0.13)
TENMOKU = Form([(66, 0), (68, 30), (130, 84), (215, 180), (250, 236), (252, 252)], wall=11, foot=0.2)
GAIWAN = Form([(74, 0), (78, 24), (120, 66), (168, 140), (206, 214)], wall=9, foot=0)
SAUCER = Form([(92, 0), (98, 14), (190, 30), (248, 54)], wall=10, foot=0, shallow=True)
KYUSU = Form([(128, 0), (168, 26), (214, 96), (208, 166), (160, 214), (116, 226)], open=False, drips=False)
TEAPOT = Form([(136, 0), (176, 26), (232, 116), (232, 196), (182, 268), (120, 292)], open=False)
TRAVEL = Form([(107, 0), (117, 14), (124, 90), (133, 210), (148, 400)], wall=12, foot=0)


def tube(c: Canvas, spine: Sequence[tuple[float, float, float]], glaze: Glaze) -> str:
    """A tapered tube through (x, y, half width) points, lit from above."""
    upper: list[Point] = []
    lower: list[Point] = []
    for i, (x, y, w) in enumerate(spine):
        x1, y1, _ = spine[max(0, i - 1)]
        x2, y2, _ = spine[min(len(spine) - 1, i + 1)]
        length = ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5 or 1
        nx, ny = (y2 - y1) / length * w, -(x2 - x1) / length * w
        upper.append((x + nx, y + ny))
        lower.append((x - nx, y - ny))
    shape = curve(upper) + curve(lower[::-1], start="L") + "Z"
    skin = c.fade((0, lighter(glaze.base, 0.35)), (0.4, glaze.base), (1, darker(glaze.base, 0.42)))
    grain = path(shape, c.fade((0.25, "#000", 0), (1, "#000", 0.8)), filter=c.stipple(darker(glaze.base, 0.5)))
    return group(path(shape, skin), group(grain, opacity=0.45))


def knob(c: Canvas, glaze: Glaze, size: float = 1) -> str:
    """A lid's round knob."""
    form = Form([(17, 0), (14, 14), (31, 34), (26, 52), (2, 58)], open=False, foot=0)
    return at(0, 0, body(c, form, glaze), scale=size)


def lid(c: Canvas, glaze: Glaze, radius: float, rise: float) -> str:
    """A domed lid with a knob; its rim lies on y = 0."""
    dome = Form(
        [(radius, 0), (radius * 0.97, rise * 0.3), (radius * 0.66, rise * 0.78), (radius * 0.2, rise)],
        open=False,
        foot=0,
    )
    seam = ellipse(0, 4, radius * 1.04, radius * TILT * 1.04, darker(glaze.base, 0.6), opacity=0.75)
    return group(seam, body(c, dome, glaze), at(0, -rise + 3, knob(c, glaze)))


def kyusu(c: Canvas, glaze: Glaze) -> str:
    """The Japanese pot with its handle at the side, about 640 wide and 330 high."""
    spout = tube(c, [(-150, -112, 46), (-225, -150, 34), (-268, -212, 22), (-306, -242, 18)], glaze)
    tip = at(-308, -243, ellipse(0, 0, 19, 8, darker(glaze.inner, 0.5), stroke=glaze.rim, stroke_width=5), turn=-62)
    handle = tube(c, [(150, -92, 31), (245, -136, 27), (330, -178, 29), (400, -216, 36)], glaze)
    end = at(
        401,
        -217,
        ellipse(0, 0, 36, 15, darker(glaze.base, 0.25)),
        ellipse(0, 0, 22, 8, darker(glaze.base, 0.6)),
        turn=61,
    )
    return group(spout, tip, body(c, KYUSU, glaze), at(0, -222, lid(c, glaze, 120, 46)), handle, end)


def teapot(c: Canvas, glaze: Glaze) -> str:
    """The everyday pot with a cane handle over the top, about 560 wide and 520 high."""
    spout = tube(c, [(-170, -110, 56), (-262, -158, 36), (-300, -240, 24), (-340, -284, 19)], glaze)
    tip = at(-342, -286, ellipse(0, 0, 20, 8, darker(glaze.inner, 0.5), stroke=glaze.rim, stroke_width=5), turn=-52)
    lugs = [at(side * 178, -262, ellipse(0, 0, 24, 20, darker(glaze.base, 0.2))) for side in (-1, 1)]
    bail = "M-180 -268C-196 -470 -110 -560 0 -560S196 -470 180 -268"
    cane = GLAZES["wood"]
    wraps = []
    for i in range(13):
        angle = -150 + i * 10
        dx, dy = around(angle, 168)
        wraps.append(at(dx, -400 + dy * 0.95, stroke("M-13 -4L13 4", darker(cane.base, 0.45), 4), turn=angle))
    handle = group(
        stroke(bail, darker(cane.base, 0.5), 27),
        stroke(bail, cane.base, 20),
        stroke(bail, lighter(cane.base, 0.5), 6, transform="translate(-4 -4)", opacity=0.7),
        *wraps,
    )
    return group(spout, tip, body(c, TEAPOT, glaze), at(0, -288, lid(c, glaze, 124, 44)), *lugs, handle)


def gaiwan(c: Canvas, glaze: Glaze, brush: str, open_lid: bool = False, liquor: str = "", bare: bool = False) -> str:
    """Bowl with saucer and lid, about 500 wide and 400 high; `brush` paints bamboo on it."""
    painted = group(at(16, -24, _bamboo(brush), scale=0.72), opacity=0.85)
    base = group(body(c, SAUCER, glaze), at(0, -20, body(c, GAIWAN, glaze, liquor), painted))
    if bare:
        return base
    dome = Form([(178, 0), (172, 16), (120, 56), (52, 74)], open=False, foot=0)
    ring = Form([(34, 0), (31, 12), (46, 34)], wall=8, foot=0)
    cover = group(body(c, dome, glaze), at(0, -72, body(c, ring, glaze)))
    if open_lid:
        return group(base, at(318, 10, cover))
    gap = ellipse(0, -228, 186, 186 * TILT, darker(glaze.base, 0.55), opacity=0.7)
    return group(base, gap, at(0, -230, cover))


def tasting_cup(c: Canvas, glaze: Glaze, liquor: str = "") -> str:
    """One small cup, about 236 wide and 180 high."""
    return body(c, TASTING, glaze, liquor)


def chawan(c: Canvas, glaze: Glaze, liquor: str = "") -> str:
    """The wide bowl for matcha; with liquor it carries foam."""
    cup = body(c, CHAWAN, glaze, liquor)
    return group(cup, foam(c, 205, -CHAWAN.surface, liquor)) if liquor else cup


def foam(c: Canvas, radius: float, y: float, liquor: str) -> str:
    """Fine froth on whisked tea."""
    marks = []
    for _ in range(60):
        dx, dy = around(c.rng.uniform(0, 360), c.rng.random() ** 0.6 * radius * 0.86)
        size = c.rng.uniform(2, 8)
        marks.append(
            ellipse(dx, y + dy * TILT, size, size * 0.5, lighter(liquor, 0.45), opacity=c.rng.uniform(0.35, 0.8))
        )
    rim = CHAWAN.mouth[0] - CHAWAN.wall
    return c.clipped(ellipse(0, -CHAWAN.height, rim, rim * TILT, "#000"), *marks)


def travel_cup(c: Canvas, glaze: Glaze, covered: bool = True, liquor: str = "") -> str:
    """The double-walled cup with a cork band and a lid, about 300 wide and 470 high."""
    cup = body(c, TRAVEL, glaze, liquor)
    specks = [
        ellipse(
            c.rng.uniform(-150, 150),
            -c.rng.uniform(100, 300),
            c.rng.uniform(2, 5),
            2,
            GLAZES["cork"].speckle,
            opacity=0.6,
        )
        for _ in range(90)
    ]
    sleeve = wrap(c, TRAVEL, 128, 268, GLAZES["cork"].base, *specks)
    if not covered:
        return group(cup, sleeve)
    top = Form([(153, 0), (155, 10), (153, 34), (140, 46)], open=False, foot=0)
    face = ellipse(0, -46, 122, 122 * TILT, c.fade((0, WALNUT), (1, lighter(WALNUT, 0.35)), angle="slant"))
    hole = ellipse(-58, -42, 26, 8, darker(WALNUT, 0.75))
    return group(cup, sleeve, at(0, -400, body(c, top, GLAZES["wood"]), face, hole))


def glass(c: Canvas, form: Form, liquor: str) -> str:
    """A clear cup whose tea shows in its true colour."""
    edge, inner = outline(form), outline(form, 0.92)
    r, h = form.mouth
    level = h * 0.8
    at_level = form.radius(level) * 0.92
    tea = c.fade((0, lighter(liquor, 0.25), 0.95), (0.5, liquor, 0.95), (1, darker(liquor, 0.28), 0.97), angle="right")
    top = ellipse(
        0,
        -level,
        at_level,
        at_level * TILT,
        c.fade((0, darker(liquor, 0.12)), (1, lighter(liquor, 0.4)), angle="slant"),
    )
    below = f"M{number(-r)} {number(-level)}"
    below += f"A{number(at_level)} {number(at_level * TILT)} 0 0 0 {number(r)} {number(-level)}V60H{number(-r)}Z"
    white = "#fffdf5"
    return group(
        path(edge, white, opacity=0.28),
        group(group(path(below, tea), clip_path=c.clip(path(inner, "#000"))), clip_path=c.clip(path(edge, "#000"))),
        top,
        ellipse(0, -level, at_level, at_level * TILT, stroke=lighter(liquor, 0.7), stroke_width=3, opacity=0.7),
        path(crescent(form, -0.86, -0.7), white, opacity=0.5, filter=c.blur(3)),
        path(crescent(form, 0.8, 0.9), white, opacity=0.22, filter=c.blur(3)),
        path(edge, stroke=white, stroke_width=4, opacity=0.55),
        ellipse(0, -h, r, r * TILT, stroke=white, stroke_width=6, opacity=0.85),
    )


def _bamboo(colour: str) -> str:
    marks = [stroke("M-70 30C-62 -40 -66 -90 -44 -160", colour, 6), stroke("M-20 40C-6 -30 -2 -90 30 -150", colour, 4)]
    for x, y, turn, size in (
        (-62, -60, -28, 1),
        (-60, -50, -150, 0.8),
        (-50, -112, 12, 1),
        (-56, -120, -128, 0.7),
        (0, -56, -12, 0.9),
        (8, -92, 24, 1),
        (2, -80, -160, 0.7),
        (22, -132, -8, 0.8),
    ):
        marks.append(at(x, y, path(leaf(78, 19, 4), colour), turn=turn, scale=size))
    return group(*marks)
