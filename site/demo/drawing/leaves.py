"""Dry tea and herbs, piece by piece, in heaps and on dishes."""

from collections.abc import Callable
from random import Random

from demo.drawing.canvas import Canvas
from demo.drawing.palette import darker, lighter, mix
from demo.drawing.shapes import around, blob, curve, leaf, midrib, petal
from demo.drawing.svg import at, circle, ellipse, group, number, path, rect, stroke

Piece = Callable[[Random], str]


def _tone(rng: Random, *colours: str) -> str:
    base = rng.choice(colours)
    return mix(base, rng.choice(("#fff2cf", "#1f1a14")), rng.uniform(0, 0.16))


def _sliver(rng: Random, colours: tuple[str, ...], length: float, width: float) -> str:
    colour = _tone(rng, *colours)
    size, bend = length * rng.uniform(0.7, 1.15), rng.uniform(-9, 9)
    shape = at(
        -size / 2, 0, path(leaf(size, width, bend), colour), stroke(midrib(size, bend), lighter(colour, 0.35), 1.6)
    )
    return (
        group(at(3, 5, at(-size / 2, 0, path(leaf(size, width, bend), "#1d1712")), scale=1), shape)
        if width > 12
        else shape
    )


def sencha(rng: Random) -> str:
    """Fine green needles."""
    return _sliver(rng, ("#55713c", "#3d5a33", "#7a9150"), 78, 11)


def gyokuro(rng: Random) -> str:
    """Deep blue-green needles."""
    return _sliver(rng, ("#24463a", "#1d3a30", "#3b6450"), 74, 10)


def longjing(rng: Random) -> str:
    """Flat pressed blades."""
    return _sliver(rng, ("#8d9a4b", "#a8ad5f", "#72853f"), 88, 22)


def powder(rng: Random) -> str:
    """A crumb of matcha."""
    return path(blob(rng, rng.uniform(6, 15), 0.25), _tone(rng, "#8fab43", "#9fb955", "#7b9838"))


def _twisted(rng: Random, colours: tuple[str, ...], tip: str, share: float) -> str:
    colour = tip if rng.random() < share else _tone(rng, *colours)
    w, t, s = rng.uniform(70, 105), rng.uniform(8, 13), rng.choice((-1, 1)) * rng.uniform(4, 15)
    spine = [(-0.5, 0, 0.1), (-0.28, -s, 0.8), (0, s * 0.4, 1.0), (0.26, s, 0.75), (0.5, -s * 0.2, 0.08)]
    upper = [(x * w, y - t * k * 0.6) for x, y, k in spine]
    lower = [(x * w, y + t * k * 0.6) for x, y, k in spine]
    shape = curve(upper) + curve(lower[::-1], start="L") + "Z"
    return group(
        path(shape, darker(colour, 0.5), transform="translate(1 4)"),
        path(shape, colour),
        stroke(curve([(x * w, y - t * k * 0.25) for x, y, k in spine[:4]]), lighter(colour, 0.4), 2.4, opacity=0.8),
    )


def assam(rng: Random) -> str:
    """Dark twists with golden tips."""
    return _twisted(rng, ("#3a2820", "#4d3326", "#2c201c"), "#c8923f", 0.2)


def darjeeling(rng: Random) -> str:
    """Greenish-brown twists with silver tips."""
    return _twisted(rng, ("#6b5a35", "#55603a", "#7d5c38"), "#cfc6a0", 0.18)


def black(rng: Random) -> str:
    """Dark twists with a cornflower or peel here and there."""
    return _twisted(rng, ("#35271f", "#46302a", "#2a1f1b"), "#d9a83e", 0.12)


def smoked(rng: Random) -> str:
    """Nearly black, large twists."""
    return _twisted(rng, ("#2a2423", "#3a302c", "#201c1c"), "#5a4a40", 0.25)


def beauty(rng: Random) -> str:
    """Five colours: brown, red, green, yellow and white tips."""
    return _twisted(rng, ("#5e3b28", "#8a4a2e", "#5f6538", "#3d2c24"), "#e6dcc0", 0.25)


def _pearl(rng: Random, colours: tuple[str, ...]) -> str:
    colour, r = _tone(rng, *colours), rng.uniform(17, 26)
    curl = f"M{number(-r * 0.5)} {number(r * 0.1)}"
    curl += f"C{number(-r * 0.3)} {number(-r * 0.7)}"
    curl += f" {number(r * 0.6)} {number(-r * 0.6)} {number(r * 0.5)} {number(r * 0.3)}"
    stem = stroke(
        f"M{number(r * 0.6)} 0q{number(r * 0.5)} {number(-r * 0.2)} {number(r * 0.8)} {number(r * 0.4)}",
        darker(colour, 0.2),
        5,
    )
    return group(
        stem,
        path(blob(rng, r, 0.16), darker(colour, 0.35)),
        at(-2, -3, path(blob(rng, r * 0.82, 0.16), colour)),
        stroke(curl, lighter(colour, 0.4), 3, opacity=0.8),
    )


def tieguanyin(rng: Random) -> str:
    """Tightly rolled dark green pearls."""
    return _pearl(rng, ("#4a6140", "#3b5038", "#617347"))


def jinxuan(rng: Random) -> str:
    """Lighter, jade rolled pearls."""
    return _pearl(rng, ("#7e9560", "#93a46c", "#6a8354"))


def silver(rng: Random) -> str:
    """Plump downy buds."""
    colour, size, bend = _tone(rng, "#d6d3b8", "#c3c6a6", "#e6e0cb"), rng.uniform(76, 104), rng.uniform(-8, 8)
    return at(
        -size / 2,
        0,
        path(leaf(size, 27, bend), darker(colour, 0.35)),
        path(leaf(size * 0.97, 20, bend + 3), colour),
        stroke(midrib(size, bend), "#fffaf0", 2.5, opacity=0.8),
        ellipse(3, 0, 8, 6, "#7d8350"),
    )


def peony(rng: Random) -> str:
    """Open leaves with silvery buds between."""
    if rng.random() < 0.3:
        return silver(rng)
    return _sliver(rng, ("#7c8458", "#5c6a45", "#8f7a50", "#a19a6a"), 104, 40)


def chamomile(rng: Random) -> str:
    """A small dried flower head."""
    petals = [at(0, 0, path(petal(27, 12), _tone(rng, "#f6efdc", "#efe5c8")), turn=i * 36) for i in range(10)]
    return group(
        ellipse(3, 5, 27, 25, "#6d5527", opacity=0.35),
        *petals,
        circle(0, 0, 12, "#d99f2e"),
        circle(-3, -3, 6, "#edc058"),
    )


def mint(rng: Random) -> str:
    """Crumbled leaves."""
    return _sliver(rng, ("#5e8550", "#48713f", "#86a56a"), 66, 36)


def hibiscus(rng: Random) -> str:
    """Leathery wine-red calyx pieces."""
    colour = _tone(rng, "#6d1f36", "#8d2c46", "#511527")
    size = rng.uniform(48, 76)
    return at(
        0,
        size / 2,
        path(petal(size, 40), darker(colour, 0.4)),
        at(-3, -4, path(petal(size * 0.92, 32), colour)),
        stroke(f"M0 -6V{number(-size * 0.8)}", lighter(colour, 0.35), 2.5, opacity=0.6),
    )


def rooibos(rng: Random) -> str:
    """Red needles with orange peel."""
    if rng.random() < 0.08:
        return rect(-17, -11, 34, 22, "#e08a2f", rx=6)
    colour, w = _tone(rng, "#a3502c", "#7f3a22", "#c06a38"), rng.uniform(30, 60)
    return stroke(f"M{number(-w / 2)} 0L{number(w / 2)} {number(rng.uniform(-4, 4))}", colour, rng.uniform(5, 9))


def spice(rng: Random) -> str:
    """Cloves, cardamom, peel, apple and bark."""
    kind = rng.randrange(5)
    if kind == 0:
        return group(stroke("M-24 0H12", "#4a2b20", 8), circle(18, 0, 11, "#603a2a"), circle(16, -3, 4, "#8a5a40"))
    if kind == 1:
        return group(path(leaf(56, 30, 0), "#9aa362"), stroke(midrib(52), "#6f7a42", 2.5))
    if kind == 2:
        return rect(-19, -13, 38, 26, _tone(rng, "#d97f2b", "#e59a45"), rx=7)
    if kind == 3:
        return rect(-34, -10, 68, 20, _tone(rng, "#8a4f2d", "#a3623a"), rx=10)
    return path(blob(rng, 20, 0.2), _tone(rng, "#a3402f", "#7d2c28"))


DRY: dict[str, tuple[Piece, str]] = {
    "sencha": (sencha, "#33482b"),
    "gyokuro": (gyokuro, "#172b24"),
    "longjing": (longjing, "#5f6b34"),
    "powder": (powder, "#8aa640"),
    "assam": (assam, "#211814"),
    "darjeeling": (darjeeling, "#3f3a24"),
    "black": (black, "#1f1714"),
    "smoked": (smoked, "#161313"),
    "beauty": (beauty, "#35241b"),
    "tieguanyin": (tieguanyin, "#2c3b2a"),
    "jinxuan": (jinxuan, "#4d6040"),
    "silver": (silver, "#8f9170"),
    "peony": (peony, "#474c33"),
    "chamomile": (chamomile, "#b98f3f"),
    "mint": (mint, "#38562f"),
    "hibiscus": (hibiscus, "#3b0f1d"),
    "rooibos": (rooibos, "#5f2a19"),
    "spice": (spice, "#5a2e20"),
}

# Thin pieces need more of them to read as a pile.
SLIM = {"rooibos": 2.4, "sencha": 1.6, "gyokuro": 1.6}


def spread(c: Canvas, kind: str, rx: float, ry: float, count: int, size: float = 1) -> str:
    """Loose pieces in an ellipse around the origin, denser in the middle."""
    piece, _ = DRY[kind]
    marks = []
    for _ in range(int(count * SLIM.get(kind, 1))):
        x, y = around(c.rng.uniform(0, 360), c.rng.random() ** 0.62)
        marks.append((y, at(x * rx, y * ry, piece(c.rng), turn=c.rng.uniform(0, 360), scale=size)))
    return group(*(markup for _, markup in sorted(marks)))


def mound(c: Canvas, kind: str, rx: float, height: float, count: int, size: float = 0.8) -> str:
    """A heap on the table seen from the side, its foot centre at the origin."""
    piece, ground = DRY[kind]
    d = f"M{number(-rx)} 0"
    d += f"C{number(-rx * 0.6)} {number(-height * 0.3)} {number(-rx * 0.3)} {number(-height)} 0 {number(-height)}"
    d += f"S{number(rx * 0.62)} {number(-height * 0.25)} {number(rx)} 0"
    d += f"C{number(rx * 0.6)} {number(rx * 0.2)} {number(-rx * 0.6)} {number(rx * 0.2)} {number(-rx)} 0Z"
    fill = c.fade((0, lighter(ground, 0.15)), (0.3, ground), (1, darker(ground, 0.45)), angle="right")
    if kind == "powder":
        shade = path(
            d, c.fade((0.3, "#000", 0), (1, "#000", 0.8), angle="right"), filter=c.stipple(darker(ground, 0.5))
        )
        light = path(d, c.fade((0, "#fff", 0.6), (0.4, "#fff", 0), angle="right"), filter=c.stipple("#c5d587"))
        return group(path(d, fill), shade, light)
    ground_shape = path(d, fill, transform=f"translate(0 {number(rx * 0.02)}) scale(0.86 0.9)")
    marks = []
    for _ in range(count):
        up = c.rng.random() ** 1.25
        x = c.rng.uniform(-1, 1) * rx * (1 - up**0.75) * 0.96
        y = rx * 0.11 * (1 - up) * c.rng.random() - height * up * 0.97
        marks.append((y, at(x, y, piece(c.rng), turn=c.rng.uniform(-40, 40), scale=size)))
    return group(ground_shape, *(markup for _, markup in sorted(marks)))
