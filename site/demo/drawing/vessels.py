"""Turned vessels: a profile becomes a shaded, glazed body with mouth, foot, drips and speckles."""

from collections.abc import Sequence
from dataclasses import dataclass

from demo.drawing.canvas import Canvas
from demo.drawing.palette import Glaze, darker, lighter, mix
from demo.drawing.shapes import curve, ring
from demo.drawing.svg import Point, ellipse, group, number, path, stroke

TILT = 0.23


@dataclass(frozen=True)
class Form:
    """A profile as (radius, height) from foot to rim, in pixels; `wall` is the thickness of the rim."""

    profile: Sequence[Point]
    wall: float = 12
    open: bool = True
    foot: float = 0.12
    drips: bool = True
    shallow: bool = False
    tilt: float = TILT

    @property
    def mouth(self) -> Point:
        """Radius and height of the rim."""
        return self.profile[-1]

    @property
    def height(self) -> float:
        """Height of the rim above the table."""
        return self.profile[-1][1]

    @property
    def surface(self) -> float:
        """Height of the tea when the vessel is filled."""
        return self.height - max(6.0, self.height * 0.13)

    def radius(self, height: float) -> float:
        """Radius of the silhouette at a height, straight between the points of the profile."""
        for (r1, h1), (r2, h2) in zip(self.profile, self.profile[1:], strict=False):
            if h1 <= height <= h2 and h2 > h1:
                return r1 + (r2 - r1) * (height - h1) / (h2 - h1)
        return self.profile[-1][0]


def outline(form: Form, spread: float = 1) -> str:
    """The silhouette, foot centre at the origin; `spread` below 1 gives an inner line to shade along."""
    left = [(-r * spread, -h) for r, h in reversed(form.profile)]
    right = [(r * spread, -h) for r, h in form.profile]
    foot, rim = right[0][0], right[-1][0]
    bow = f"A{number(foot)} {number(foot * form.tilt)} 0 0 0 {number(foot)} 0"
    top = f"A{number(rim)} {number(rim * form.tilt)} 0 0 0 {number(-rim)} {number(right[-1][1])}Z"
    return curve(left) + bow + curve(right, start="L") + top


def crescent(form: Form, inner: float, outer: float) -> str:
    """A strip along the right side (negative numbers: left) between two shares of the radius."""
    a = [(r * inner, -h + abs(r) * form.tilt * 0.75) for r, h in form.profile]
    b = [(r * outer, -h + abs(r) * form.tilt * 0.3) for r, h in reversed(form.profile)]
    return curve(a) + curve(b, start="L") + "Z"


def body(c: Canvas, form: Form, glaze: Glaze, liquor: str = "") -> str:
    """The vessel with its foot centre at the origin, lit from the left."""
    edge = outline(form)
    skin = c.fade(
        (0, darker(glaze.base, 0.1)),
        (0.2, lighter(glaze.base, 0.24)),
        (0.46, glaze.base),
        (1, darker(glaze.base, 0.34)),
        angle="right",
    )
    inside = [
        path(edge, skin),
        path(
            edge,
            c.fade((0, glaze.rim, 0.55), (0.3, glaze.rim, 0), (0.6, glaze.base, 0), (1, darker(glaze.base, 0.5), 0.55)),
        ),
        _speckles(c, form, glaze),
        _rings(c, form, glaze),
        _streaks(c, form, glaze) if glaze.streaks else "",
        _foot(c, form, glaze) if form.foot else "",
        group(
            path(
                crescent(form, 0.38, 1.25),
                c.fade((0, "#000", 0), (0.55, "#000", 0.5), (1, "#000", 0.85), angle="right"),
                filter=c.stipple(darker(glaze.base, 0.5)),
            ),
            opacity=0.5,
        ),
        _shine(c, form, glaze),
    ]
    return group(c.clipped(path(edge), *inside), mouth(c, form, glaze, liquor) if form.open else "")


def mouth(c: Canvas, form: Form, glaze: Glaze, liquor: str = "") -> str:
    """The rim, the inside behind it and, if given, the tea in it."""
    r, h = form.mouth
    ri = r - form.wall
    ry, riy = r * form.tilt, ri * form.tilt
    hole = c.clip(ellipse(0, -h, ri, riy, "#000"))
    deep, half = (0.25, 0.05) if form.shallow else (0.52, 0.3)
    inner = c.fade(
        (0, darker(glaze.inner, deep)),
        (0.5, darker(glaze.inner, half)),
        (1, lighter(glaze.inner, 0.15)),
        angle="slant",
    )
    parts = [ellipse(0, -h, ri, riy, inner)]
    if liquor:
        tea = c.fade((0, darker(liquor, 0.3)), (0.45, liquor), (1, lighter(liquor, 0.28)), angle="slant")
        level, lr = -form.surface, (ri * 0.95)
        parts += [
            ellipse(0, level, lr, lr * form.tilt, tea),
            ellipse(0, level, lr, lr * form.tilt, stroke=lighter(liquor, 0.55), stroke_width=3, opacity=0.6),
            ellipse(-ri * 0.34, level + riy * 0.05, ri * 0.26, riy * 0.16, "#fffaf0", opacity=0.42),
        ]
    lip = c.fade((0, lighter(glaze.rim, 0.45)), (0.6, glaze.rim), (1, darker(glaze.rim, 0.25)), angle="right")
    lip_shape = ring(0, -h, r, ry) + ring(0, -h, ri, riy)
    return group(group(*parts, clip_path=hole), path(lip_shape, lip, fill_rule="evenodd"))


def band(form: Form, low: float, high: float, grow: float = 2) -> str:
    """Path data of a strip around the vessel between two heights, as seen from the front."""
    r1, r2 = form.radius(low) + grow, form.radius(high) + grow
    return (
        f"M{number(-r2)} {number(-high)}A{number(r2)} {number(r2 * form.tilt)} 0 0 0 {number(r2)} {number(-high)}"
        f"L{number(r1)} {number(-low)}A{number(r1)} {number(r1 * form.tilt)} 0 0 1 {number(-r1)} {number(-low)}Z"
    )


def wrap(c: Canvas, form: Form, low: float, high: float, colour: str, *marks: str) -> str:
    """A band of paper, cork or glaze around the vessel, shaded like it; marks are clipped to it."""
    shape = path(band(form, low, high), "#000")
    shade = c.fade(
        (0, darker(colour, 0.12)),
        (0.22, lighter(colour, 0.22)),
        (0.5, colour),
        (1, darker(colour, 0.36)),
        angle="right",
    )
    dim = c.fade((0.5, "#2a1c1a", 0), (1, "#2a1c1a", 0.4), angle="right")
    return group(c.clipped(shape, path(band(form, low, high), shade), *marks, path(band(form, low, high), dim)))


def _speckles(c: Canvas, form: Form, glaze: Glaze) -> str:
    width = max(r for r, _ in form.profile)
    marks = []
    for _ in range(int(glaze.speckles * min(90.0, width * form.height / 620))):
        x, y = c.rng.uniform(-width, width), -c.rng.uniform(0, form.height)
        size = c.rng.uniform(1.4, 3.2) if c.rng.random() < 0.85 else c.rng.uniform(3.5, 5.5)
        marks.append(ellipse(x, y, size, size * 0.85, glaze.speckle, opacity=c.rng.uniform(0.3, 0.75)))
    return group(*marks)


def _rings(c: Canvas, form: Form, glaze: Glaze) -> str:
    """The faint marks of the potter's fingers."""
    width = max(r for r, _ in form.profile)
    marks = []
    for i in range(1, 5):
        y = -form.height * (i / 5 + c.rng.uniform(-0.03, 0.03))
        bow = width * form.tilt * 0.8
        d = f"M{number(-width)} {number(y)}Q0 {number(y + 2 * bow)} {number(width)} {number(y)}"
        marks.append(stroke(d, darker(glaze.base, 0.3), 3, opacity=0.2))
    return group(*marks)


def _streaks(c: Canvas, form: Form, glaze: Glaze) -> str:
    """Hare's fur: fine golden lines running down from the rim."""
    rim, h = form.mouth
    foot = form.profile[0][0]
    marks = []
    for _ in range(90):
        s = c.rng.uniform(-1, 1)
        top = -h + (1 - s * s) ** 0.5 * rim * form.tilt
        run = c.rng.uniform(0.25, 0.8)
        x1 = s * (rim + (foot - rim) * run * 0.75)
        d = f"M{number(s * rim)} {number(top)}"
        d += f"Q{number((s * rim + x1) / 2 + s * 12)} {number(top + h * run * 0.45)}"
        d += f" {number(x1)} {number(top + h * run)}"
        colour = mix(glaze.rim, "#e0b060", c.rng.random() * 0.6)
        marks.append(stroke(d, colour, c.rng.uniform(1.5, 4), opacity=c.rng.uniform(0.25, 0.75)))
    return group(*marks)


def _foot(c: Canvas, form: Form, glaze: Glaze) -> str:
    """Bare clay below an uneven glaze line with drips."""
    width = max(r for r, _ in form.profile) + 6
    level = -form.height * form.foot
    bow = form.profile[0][0] * form.tilt
    points: list[Point] = []
    drops = {c.rng.randint(4, 9), c.rng.randint(10, 15)}
    for i in range(19):
        s = -1 + i / 9
        drop = c.rng.uniform(10, 24) if form.drips and i in drops else c.rng.uniform(-3, 3)
        points.append((s * width, level + (1 - s * s) ** 0.5 * bow + drop))
    line = curve(points)
    area = f"{line}L{number(width)} 200L{number(-width)} 200Z"
    clay = c.fade(
        (0, darker(glaze.clay, 0.2)), (0.25, lighter(glaze.clay, 0.15)), (1, darker(glaze.clay, 0.4)), angle="right"
    )
    return group(
        path(area, clay),
        stroke(line, darker(glaze.base, 0.3), 5, opacity=0.8),
        stroke(line, lighter(glaze.base, 0.4), 2, opacity=0.4, transform="translate(0 -5)"),
    )


def _shine(c: Canvas, form: Form, glaze: Glaze) -> str:
    """The reflection of the window on the left and a thin bounce of light on the right."""
    light = lighter(glaze.base, 0.85)
    return group(
        path(
            crescent(form, -0.8, -0.6),
            c.fade((0, light, 0), (0.2, light), (0.55, light, 0.75), (1, light, 0)),
            opacity=0.25 + glaze.shine * 0.45,
            filter=c.blur(3),
        ),
        path(
            crescent(form, 0.93, 1.0),
            c.fade((0, light, 0), (0.5, light, 0.9), (1, light, 0)),
            opacity=0.3,
            filter=c.blur(2),
        ),
    )
