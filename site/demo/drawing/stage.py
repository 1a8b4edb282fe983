"""The room around the things: wall, table, the shape behind, window light, shadows, paper grain."""

from demo.drawing.canvas import Canvas
from demo.drawing.palette import Mood, darker, lighter, mix
from demo.drawing.shapes import arch, hills, leaf
from demo.drawing.svg import at, circle, ellipse, group, number, path, polygon, rect, stroke

HORIZON = 790


def wall(c: Canvas, mood: Mood) -> None:
    """A wall whose colour deepens towards the top, as a hand-wiped woodblock does."""
    c.add(c.full(mood.wall))
    c.add(c.full(c.fade((0, mood.sky), (0.28, mood.sky, 0.55), (0.62, mood.wall, 0))))


def table(c: Canvas, mood: Mood, horizon: float = HORIZON) -> None:
    """The table from `horizon` down, brightest where the window reaches it."""
    height = c.height - horizon
    light = lighter(mood.table, 0.1 if mood.dark else 0.22)
    c.add(rect(0, horizon, c.width, height, c.fade((0, mood.table), (0.35, light), (1, darker(mood.table, 0.14)))))
    c.add(rect(0, horizon, c.width, 5, lighter(mood.table, 0.35), opacity=0.7))
    for i in range(9):
        y = horizon + 22 + i * i * 3.4 + c.rng.uniform(-5, 5)
        x, length = c.rng.uniform(-0.1, 0.7) * c.width, c.rng.uniform(0.2, 0.5) * c.width
        d = f"M{number(x)} {number(y)}q{number(length / 2)} {number(c.rng.uniform(-9, 9))} {number(length)} 0"
        c.add(stroke(d, darker(mood.table, 0.25), 2.2, opacity=0.35))


def disc(c: Canvas, mood: Mood, x: float, y: float, r: float) -> None:
    """Sun or moon, fading towards its foot."""
    c.add(circle(x, y, r, c.fade((0, mood.disc), (0.55, mood.disc, 0.92), (1, mood.disc, 0.3))))


def niche(c: Canvas, mood: Mood, x: float, width: float, height: float, horizon: float = HORIZON) -> None:
    """A round-topped niche in the wall, in shade on its left side."""
    shape = arch(x, horizon, width, height)
    fill = c.fade((0, mood.disc), (1, mix(mood.disc, mood.wall, 0.45)))
    edge = path(arch(x + 26, horizon, width, height - 18), fill)
    c.add(path(shape, mix(mood.disc, darker(mood.wall, 0.5), 0.35)), c.clipped(path(shape, "#000"), edge))


def ridges(c: Canvas, mood: Mood, horizon: float = HORIZON) -> None:
    """Far hills with mist between them."""
    for i, (height, part) in enumerate(((330, 0.18), (210, 0.34), (120, 0.52))):
        tops = [height * c.rng.uniform(0.45, 1.05) for _ in range(6)]
        colour = mix(mood.wall, mood.sky if mood.dark else darker(mood.sky, 0.15), part + 0.15)
        fill = c.fade((0, colour), (0.9, mix(colour, mood.wall, 0.8)))
        c.add(path(hills(c.width, horizon + 4, tops), fill, opacity=0.9 - i * 0.05))


def screen(c: Canvas, mood: Mood, x: float, y: float, w: float, h: float) -> None:
    """A paper screen window with wooden bars."""
    frame = mix(mood.table, darker(mood.table, 0.5), 0.55)
    c.add(rect(x, y, w, h, c.fade((0, lighter(mood.disc, 0.5)), (1, mood.disc), angle="slant")))
    bars = [rect(x + w * i / 4 - 4, y, 8, h, frame) for i in range(5)]
    bars += [rect(x, y + h * i / 3 - 4, w, 8, frame) for i in range(4)]
    c.add(group(*bars, opacity=0.72))


def window_light(c: Canvas, mood: Mood, x: float = 120, strength: float = 0.3) -> None:
    """Slanted panes of morning light from the top left."""
    panes = []
    for i in range(2):
        for j in range(2):
            left, top = x + i * 190 + j * 96, -40 + j * 330
            panes.append(polygon([(left, top), (left + 160, top), (left + 250, top + 300), (left + 90, top + 300)]))
    light = mix("#fff8e6", mood.disc, 0.3 if mood.dark else 0.08)
    c.add(group(*(path(d, light) for d in panes), opacity=strength * (0.45 if mood.dark else 1), filter=c.blur(5)))


def branch_shadow(c: Canvas, mood: Mood, x: float = 1210, y: float = 40, turn: float = 155) -> None:
    """The soft shadow of a branch outside the window."""
    colour = darker(mood.wall, 0.45)
    marks = [stroke("M0 0C130 -40 300 -30 520 30", colour, 9)]
    for i in range(11):
        side = -1 if i % 2 else 1
        angle = side * c.rng.uniform(28, 62)
        marks.append(at(40 + i * 44, -18 + i * 3.2, path(leaf(c.rng.uniform(95, 150), 44), colour), turn=angle))
    c.add(group(at(x, y, *marks, turn=turn), opacity=0.2, filter=c.blur(7)))


def shadow(c: Canvas, mood: Mood, x: float, y: float, rx: float, ry: float, reach: float = 1.0) -> str:
    """A thing's shadow on the table: dark where it stands, long and soft towards the bottom right."""
    colour = mood.shade
    far = f"M{number(x - rx * 0.9)} {number(y)}"
    far += f"Q{number(x)} {number(y + ry * 1.5)} {number(x + rx)} {number(y + ry * 0.9)}"
    far += f"L{number(x + rx * (1 + 1.25 * reach))} {number(y + ry * 0.55)}"
    far += (
        f"Q{number(x + rx * (1.1 + 1.3 * reach))} {number(y - ry * 0.5)} {number(x + rx * 0.8)} {number(y - ry * 0.8)}Z"
    )
    return group(
        path(far, colour, opacity=0.34, filter=c.blur(9)),
        ellipse(x + rx * 0.06, y + ry * 0.16, rx * 1.04, ry * 1.05, colour, opacity=0.5, filter=c.blur(5)),
    )


def flat_shadow(c: Canvas, mood: Mood, shape: str, dx: float = 18, dy: float = 26, soft: float = 10) -> str:
    """The shadow of something that lies on the table, seen from above."""
    return group(at(dx, dy, path(shape, mood.shade)), opacity=0.42, filter=c.blur(soft))


def steam(c: Canvas, x: float, y: float, height: float = 260, strands: int = 3, colour: str = "#fffaf0") -> str:
    """Curling steam above (x, y)."""
    marks = []
    for i in range(strands):
        px = x + (i - (strands - 1) / 2) * 44
        h = height * (0.75 + 0.25 * ((i * 7 + 3) % 5) / 4)
        sway = 34 if i % 2 else -34
        d = f"M{number(px)} {number(y)}c{sway} {number(-h * 0.28)} {-sway} {number(-h * 0.46)} 0 {number(-h * 0.7)}"
        d += f"s{number(sway * 0.6)} {number(-h * 0.2)} 0 {number(-h * 0.3)}"
        marks.append(stroke(d, c.fade((0, colour, 0), (0.45, colour, 0.75), (1, colour, 0.55)), 15 - i * 2))
    return group(*marks, opacity=0.75, filter=c.blur(4))


def finish(c: Canvas) -> None:
    """Paper grain and a little more light at the top left, over everything."""
    c.add(c.full(c.glow((0, "#fff3d6", 0.2), (1, "#fff3d6", 0), cx=0.15, cy=0.05, r=0.8)))
    c.add(c.full(c.glow((0.55, "#2a1c1a", 0), (1, "#2a1c1a", 0.17), cx=0.42, cy=0.4, r=0.85)))
    fibre = c.define(
        '<filter id="{id}" x="0" y="0" width="1" height="1" color-interpolation-filters="sRGB">'
        '<feTurbulence type="fractalNoise" baseFrequency="0.32 0.42" numOctaves="2" seed="11"/>'
        '<feColorMatrix values="0 0 0 0 0.25 0 0 0 0 0.17 0 0 0 0 0.12 1.5 0 0 0 -0.66"/></filter>'
    )
    c.add(c.full("#000", filter=fibre, opacity=0.11))
