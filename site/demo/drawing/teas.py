"""The eighteen teas of `teas.toml`, each pictured twice: in a room, and from above."""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from demo.drawing import above, extras, stage
from demo.drawing.canvas import Canvas
from demo.drawing.labels import Ink
from demo.drawing.leaves import DRY, mound
from demo.drawing.packets import box, jar, pouch, tin
from demo.drawing.palette import GLAZES, MOODS, SAGE, SLATE, WALNUT, WOOD, Mood, lighter
from demo.drawing.pots import BOWL, CHAWAN, SAUCER, YUNOMI, chawan, gaiwan, glass, tasting_cup
from demo.drawing.shapes import around
from demo.drawing.svg import at, group
from demo.drawing.vessels import body


@dataclass(frozen=True)
class Tea:
    """One tea as the pictures show it; the fields are those of `teas.toml`."""

    mood: str
    backdrop: str
    pack: str
    colour: str
    motif: str
    ink: Ink
    liquor: str
    cup: str
    leaf: str
    companion: str
    layout: int
    cloth: str
    view: str
    board: bool


def _teas() -> dict[str, Tea]:
    rows = tomllib.loads(Path(__file__).with_name("teas.toml").read_text(encoding="utf-8"))
    return {key: Tea(**{**row, "ink": Ink(*row["ink"])}) for key, row in rows.items()}


TEAS = _teas()

Side = Callable[[float], float]
Places = tuple[tuple[float, float, float], tuple[float, float, float], tuple[float, float, float], tuple[float, float]]
# Where (x, y, scale) packet, cup and plant stand, and where (x, y) the heap of tea lies.
LAYOUTS: tuple[Places, ...] = (
    ((420, 965, 1.4), (880, 1035, 1.12), (205, 1090, 1.05), (580, 1120)),
    ((820, 955, 1.4), (350, 1020, 1.12), (1010, 1090, 1.0), (690, 1115)),
    ((510, 950, 1.42), (915, 1070, 1.02), (185, 1085, 1.05), (510, 1125)),
    ((740, 945, 1.4), (310, 1060, 1.08), (1050, 1080, 1.0), (680, 1125)),
)


def front(c: Canvas, tea: Tea) -> None:
    """Packet, a filled cup, the plant and a heap of leaf in a room."""
    mood = MOODS[tea.mood]
    stage.wall(c, mood)
    BACKDROPS[tea.backdrop](c, mood, tea.layout)
    stage.table(c, mood)
    (px, py, ps), (cx, cy, cs), (ex, ey, es), (mx, my) = LAYOUTS[tea.layout]
    behind, before = extras.side(c, tea.companion)
    if behind:
        c.add(at(ex, ey - 150, behind, scale=es))
    c.add(stage.shadow(c, mood, px + 10, py, 172 * ps, 40), at(px, py, _pack(c, tea), scale=ps))
    cup, width, height = _cup(c, tea)
    c.add(stage.shadow(c, mood, cx, cy, width * cs, 30), at(cx, cy, cup, scale=cs))
    c.add(stage.steam(c, cx, cy - height * cs - 16, 250, 3, lighter(mood.wall, 0.75)))
    c.add(stage.shadow(c, mood, mx, my + 2, 130, 22, 0.5), at(mx, my, mound(c, tea.leaf, 160, 100, 95, 0.66)))
    c.add(at(ex, ey, before, scale=es))
    stage.finish(c)


def detail(c: Canvas, tea: Tea) -> None:
    """The same tea from above: dry leaf, liquor, cloth or tray, and the plant."""
    mood = MOODS[tea.mood]
    (above.board if tea.board else above.plain)(c, mood)
    VIEWS[tea.view](c, tea, mood, _mirror if tea.layout % 2 else _same)
    above.light_bars(c, 0.08 if mood.dark else 0.15)
    stage.finish(c)


def _same(x: float) -> float:
    return x


def _mirror(x: float) -> float:
    return 1200 - x


def _tray(c: Canvas, tea: Tea, mood: Mood, x: Side) -> None:
    c.add(at(x(640), 640, above.tray(c, mood, 440)), at(x(750), 550, _full_cup(c, tea, mood, 225)))
    c.add(at(x(440), 850, above.dish(c, mood, 185, GLAZES["sand"], tea.leaf, 64, 0.8)))
    c.add(at(x(300), 330, extras.flat(c, mood, tea.companion)))
    c.add(above.pebbles(c, tea.leaf, ((x(190), 1020, 90, 9), (x(1050), 1080, 80, 7))))


def _cloth(c: Canvas, tea: Tea, mood: Mood, x: Side) -> None:
    fabric = above.cloth(c, mood, 640, 820, tea.cloth, lighter(tea.cloth, 0.7))
    c.add(at(x(770), 520, fabric, turn=14 if x(0) == 0 else -11), at(x(790), 440, _full_cup(c, tea, mood, 245)))
    c.add(at(x(350), 840, above.dish(c, mood, 270, GLAZES["sand"], tea.leaf, 120)))
    c.add(at(x(930), 960, extras.flat(c, mood, tea.companion)), above.pebbles(c, tea.leaf, ((x(300), 380, 110, 9),)))


def _close(c: Canvas, tea: Tea, mood: Mood, x: Side) -> None:
    c.add(at(x(880), 270, _full_cup(c, tea, mood, 310)))
    c.add(at(x(330), 960, above.pebbles(c, tea.leaf, ((0, 0, 480, 130), (-60, -20, 300, 60)))))
    c.add(at(x(560) - 60, 800, above.scoop(c, mood, tea.leaf, WOOD), turn=-18, scale=1.25))
    c.add(at(x(270), 300, extras.flat(c, mood, tea.companion)))


def _bowls(c: Canvas, tea: Tea, mood: Mood, x: Side) -> None:
    """Three infusions, each a little deeper in colour."""
    c.add(at(x(590), 640, above.slate(c, mood, 500, WALNUT if mood.dark else SLATE)))
    for cx, y, r, part in ((360, 420, 165, 0.45), (690, 560, 185, 0.2), (880, 900, 205, 0.0)):
        c.add(at(x(cx), y, above.cup(c, mood, r, GLAZES[_glaze(tea)], lighter(tea.liquor, part))))
    c.add(at(x(400), 850, above.pebbles(c, tea.leaf, ((0, 0, 180, 50),))))
    c.add(at(x(930), 260, extras.flat(c, mood, tea.companion)))


def _wreath(c: Canvas, tea: Tea, mood: Mood, x: Side) -> None:
    """The cup in the middle of a ring of leaf."""
    piece, _ = DRY[tea.leaf]
    for _ in range(150):
        dx, dy = around(c.rng.uniform(0, 360), c.rng.gauss(440, 34))
        c.add(at(600 + dx, 610 + dy, piece(c.rng), turn=c.rng.uniform(0, 360), scale=1.05))
    c.add(at(600, 610, _full_cup(c, tea, mood, 300)))
    c.add(
        at(x(250), 270, extras.flat(c, mood, tea.companion)),
        at(x(985), 985, extras.flat(c, mood, tea.companion), turn=170, scale=0.8),
    )


def _full_cup(c: Canvas, tea: Tea, mood: Mood, r: float) -> str:
    return above.cup(c, mood, r, GLAZES[_glaze(tea)], tea.liquor, tea.leaf == "powder")


def _glaze(tea: Tea) -> str:
    return tea.cup.partition(":")[2] or "white"


def _pack(c: Canvas, tea: Tea) -> str:
    kind, _, pattern = tea.pack.partition(":")
    if kind == "pouch":
        return pouch(c, tea.colour, tea.motif, tea.ink)
    if kind == "tin":
        return tin(c, tea.colour, pattern, tea.motif, tea.ink)
    if kind == "box":
        return box(c, tea.colour, tea.motif, tea.ink)
    return jar(c, tea.leaf, tea.motif, tea.ink)


def _cup(c: Canvas, tea: Tea) -> tuple[str, float, float]:
    """The filled cup with the radius of its foot and its height."""
    kind, _, name = tea.cup.partition(":")
    if kind == "glass":
        form = BOWL if tea.layout == 1 else YUNOMI
        return glass(c, form, tea.liquor), 100, form.height
    glaze = GLAZES[name]
    if kind == "chawan":
        return chawan(c, glaze, tea.liquor), 120, CHAWAN.height
    if kind == "gaiwan":
        return gaiwan(c, glaze, SAGE if name == "celadon" else "#5d7d92", False, tea.liquor, bare=True), 150, 240
    if kind == "tasting":
        pair = group(
            at(-130, -40, tasting_cup(c, glaze, lighter(tea.liquor, 0.2)), scale=1.15),
            at(70, 20, tasting_cup(c, glaze, tea.liquor), scale=1.3),
        )
        return pair, 150, 200
    if kind == "bowl":
        return group(body(c, SAUCER, glaze), at(0, -22, body(c, BOWL, glaze, tea.liquor))), 130, BOWL.height
    return extras.mug(c, glaze, tea.liquor), 110, YUNOMI.height


def _disc(c: Canvas, mood: Mood, layout: int) -> None:
    stage.disc(c, mood, (800, 360, 640, 420)[layout], 400, 290)
    stage.branch_shadow(c, mood)


def _moon(c: Canvas, mood: Mood, layout: int) -> None:
    stage.disc(c, mood, (860, 380, 860, 370)[layout], 300, 190)
    stage.window_light(c, mood, 300, 0.25)


def _ridges(c: Canvas, mood: Mood, layout: int) -> None:
    stage.disc(c, mood, (860, 340, 860, 340)[layout], 300, 150)
    stage.ridges(c, mood)


def _niche(c: Canvas, mood: Mood, layout: int) -> None:
    stage.niche(c, mood, (560, 660, 560, 620)[layout], 720, 690)
    stage.window_light(c, mood, 60, 0.22)


def _screen(c: Canvas, mood: Mood, layout: int) -> None:
    stage.screen(c, mood, 560 if layout in (0, 2) else 80, 90, 560, 560)
    stage.branch_shadow(c, mood, 1180, 120, 160)


def _window(c: Canvas, mood: Mood, layout: int) -> None:
    stage.window_light(c, mood, 380 if layout in (0, 2) else 60, 0.85)
    stage.branch_shadow(c, mood, 1230, 60, 150)


def _smoke(c: Canvas, mood: Mood, layout: int) -> None:
    stage.disc(c, mood, 820, 330, 190)
    c.add(stage.steam(c, 620, 800, 900, 5, "#a79c90"))


def _snow(c: Canvas, mood: Mood, layout: int) -> None:
    extras.snow_window(c, mood, 640, 60)


BACKDROPS: dict[str, Callable[[Canvas, Mood, int], None]] = {
    "disc": _disc,
    "moon": _moon,
    "ridges": _ridges,
    "niche": _niche,
    "screen": _screen,
    "window": _window,
    "smoke": _smoke,
    "snow": _snow,
}
VIEWS: dict[str, Callable[[Canvas, Tea, Mood, Side], None]] = {
    "tray": _tray,
    "cloth": _cloth,
    "close": _close,
    "bowls": _bowls,
    "wreath": _wreath,
}
