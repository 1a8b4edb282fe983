"""Pictures of the ceramics: a portrait per colour, a first picture in use, a second from another side."""

from collections.abc import Callable

from demo.drawing import above, extras, plants, stage, tools
from demo.drawing.canvas import Canvas
from demo.drawing.leaves import mound
from demo.drawing.palette import (
    AMBER,
    BLUSH,
    GLAZES,
    INK,
    LEAF,
    MATCHA,
    MOODS,
    MOSS,
    OCHRE,
    PAPER,
    RUST,
    SAGE,
    SLATE,
    WALNUT,
    WOOD,
    Glaze,
    Mood,
    darker,
    lighter,
)
from demo.drawing.pots import TENMOKU, chawan, gaiwan, kyusu, tasting_cup, teapot, travel_cup
from demo.drawing.svg import at, circle, ellipse, group, path, polygon, rect, stroke
from demo.drawing.vessels import Form, body

Draw = Callable[[Canvas], None]
CUP = Form([(70, 0), (76, 14), (104, 70), (114, 140), (112, 178)], wall=10)
BRUSH = {"white": "#5d7d92", "celadon": SAGE}
# Wall, light and shape behind each colour, chosen so that the glaze stands out.
PORTRAIT_MOODS = {"celadon": "dawn", "charcoal": "paper", "rust": "mist", "white": "dusk", "sand": "clay"}


def _room(c: Canvas, mood: Mood, backdrop: str) -> None:
    stage.wall(c, mood)
    if backdrop == "disc":
        stage.disc(c, mood, 600, 440, 330)
    elif backdrop == "niche":
        stage.niche(c, mood, 600, 780, 700)
    elif backdrop == "ridges":
        stage.disc(c, mood, 850, 280, 140)
        stage.ridges(c, mood)
    elif backdrop == "screen":
        stage.screen(c, mood, 520, 80, 600, 580)
    stage.window_light(c, mood, c.rng.uniform(20, 240), 0.4)
    stage.branch_shadow(c, mood, 1230, 50, 152)
    stage.table(c, mood)


def portrait(c: Canvas, vessel: str, colour: str) -> None:
    """The vessel alone, large, in one colour."""
    mood = MOODS[PORTRAIT_MOODS[colour]]
    backdrop = {
        "kyusu": "disc",
        "gaiwan": "niche",
        "teapot": "disc",
        "cups": "plain",
        "chawan": "disc",
        "travel": "niche",
    }[vessel]
    _room(c, mood, backdrop)
    x, y, scale, foot = {
        "kyusu": (565, 960, 1.42, 150),
        "gaiwan": (600, 960, 1.55, 130),
        "teapot": (635, 980, 1.32, 160),
        "cups": (0, 0, 1, 0),
        "chawan": (600, 985, 1.62, 130),
        "travel": (600, 985, 1.62, 120),
    }[vessel]
    if vessel == "cups":
        _four_cups(c, mood, GLAZES[colour])
    else:
        c.add(stage.shadow(c, mood, x, y, foot * scale, 44), at(x, y, _vessel(c, vessel, colour), scale=scale))
    stage.finish(c)


def _vessel(c: Canvas, name: str, colour: str) -> str:
    glaze = GLAZES[colour]
    match name:
        case "kyusu":
            return kyusu(c, glaze)
        case "gaiwan":
            return gaiwan(c, glaze, BRUSH.get(colour, INK))
        case "teapot":
            return teapot(c, glaze)
        case "chawan":
            return chawan(c, glaze)
    return travel_cup(c, glaze)


def _four_cups(c: Canvas, mood: Mood, glaze: Glaze, liquors: tuple[str, ...] = ("", "", "", "")) -> None:
    stage.disc(c, mood, 600, 430, 260)
    for (x, y, scale), liquor in zip(
        ((310, 880, 1.5), (830, 870, 1.5), (500, 1060, 1.75), (960, 1090, 1.75)), liquors, strict=True
    ):
        c.add(stage.shadow(c, mood, x, y, 70 * scale, 28), at(x, y, tasting_cup(c, glaze, liquor), scale=scale))


def kyusu_in_use(c: Canvas) -> None:
    """The rust kyusu with two cups of sencha."""
    mood = MOODS["mist"]
    _room(c, mood, "ridges")
    c.add(stage.shadow(c, mood, 520, 910, 190, 40), at(520, 910, kyusu(c, GLAZES["rust"]), scale=1.3))
    for x, y in ((330, 1090), (640, 1110)):
        c.add(stage.shadow(c, mood, x, y, 80, 24), at(x, y, body(c, CUP, GLAZES["white"], "#c9cd6c")))
        c.add(stage.steam(c, x, y - 190, 150, 2))
    c.add(at(1080, 1120, plants.tea_sprig(c, LEAF), turn=-48))
    stage.finish(c)


def kyusu_above(c: Canvas) -> None:
    """The celadon kyusu from above on a tray, lid off, leaf inside."""
    mood = MOODS["paper"]
    above.board(c, mood)
    glaze = GLAZES["celadon"]
    c.add(at(600, 620, above.tray(c, mood, 500)))
    spout, handle = "M-225 -40L-370 -20Q-392 0 -370 20L-225 40Z", "M40 225L24 470Q62 492 100 470L110 205Z"
    skin = c.fade((0, lighter(glaze.base, 0.3)), (1, darker(glaze.base, 0.3)), angle="slant")
    shade = stage.flat_shadow(c, mood, spout + handle, 20, 30, 10)
    c.add(
        at(
            560,
            520,
            shade,
            path(spout + handle, skin),
            ellipse(-372, 0, 10, 14, darker(glaze.base, 0.5)),
            above.cup(c, mood, 240, glaze),
        )
    )
    lid_top = group(
        circle(12, 18, 128, mood.shade, opacity=0.4, filter=c.blur(8)),
        circle(0, 0, 126, skin),
        circle(0, 0, 112, stroke=darker(glaze.base, 0.2), stroke_width=3, opacity=0.5),
        circle(6, 9, 36, darker(glaze.base, 0.45), opacity=0.5),
        circle(0, 0, 33, lighter(glaze.base, 0.2)),
    )
    c.add(at(560, 520, above.dish(c, mood, 172, glaze, "sencha", 60, 0.9)), at(870, 850, lid_top))
    c.add(
        at(300, 960, above.cup(c, mood, 118, GLAZES["white"], "#c9cd6c")), at(960, 220, extras.flat(c, mood, "sprig"))
    )
    above.light_bars(c, 0.14)
    stage.finish(c)


def gaiwan_in_use(c: Canvas) -> None:
    """The white gaiwan, lid beside it, golden oolong inside."""
    mood = MOODS["rose"]
    _room(c, mood, "disc")
    c.add(
        stage.shadow(c, mood, 480, 980, 170, 40),
        at(480, 980, gaiwan(c, GLAZES["white"], BRUSH["white"], True, "#d8a63f"), scale=1.42),
    )
    c.add(stage.steam(c, 480, 660, 300), at(240, 1120, mound(c, "tieguanyin", 150, 84, 70, 0.66)))
    stage.finish(c)


def gaiwan_above(c: Canvas) -> None:
    """Gaiwan, pitcher and small cups seen from above on a slab."""
    mood = MOODS["mist"]
    above.plain(c, mood)
    c.add(at(580, 620, above.slate(c, mood, 520, SLATE)))
    saucer = above.cup(c, mood, 270, GLAZES["celadon"])
    c.add(
        at(480, 520, saucer, above.cup(c, mood, 205, GLAZES["celadon"], "#d8b64a")),
        at(900, 800, above.cup(c, mood, 150, GLAZES["celadon"])),
    )
    c.add(at(900, 800, circle(0, 0, 60, stroke=SAGE, stroke_width=10, opacity=0.7)))
    c.add(
        at(340, 930, above.cup(c, mood, 100, GLAZES["white"], "#d8b64a")),
        at(580, 990, above.cup(c, mood, 100, GLAZES["white"], "#d8b64a")),
    )
    c.add(at(930, 260, extras.flat(c, mood, "reed")), above.pebbles(c, "jinxuan", ((160, 240, 90, 12),)))
    above.light_bars(c, 0.15)
    stage.finish(c)


def teapot_in_use(c: Canvas) -> None:
    """The sand teapot at breakfast with a mug and oranges."""
    mood = MOODS["dusk"]
    _room(c, mood, "niche")
    c.add(stage.shadow(c, mood, 520, 930, 200, 42), at(520, 930, teapot(c, GLAZES["sand"]), scale=1.2))
    c.add(
        stage.shadow(c, mood, 880, 1070, 120, 30),
        at(880, 1070, extras.mug(c, GLAZES["sand"], AMBER)),
        stage.steam(c, 880, 800, 200, 2),
    )
    c.add(
        at(230, 1030, plants.fruit(c, 88, extras.ORANGE)),
        at(360, 1100, group(plants.citrus(c, 84, extras.ORANGE, extras.ORANGE_FLESH), transform="scale(1 0.7)")),
    )
    stage.finish(c)


def teapot_pour(c: Canvas) -> None:
    """The charcoal teapot tilted, tea running into a cup."""
    mood = MOODS["honey"]
    _room(c, mood, "disc")
    stream = "M372 552C338 572 316 660 316 862"
    cup = Form([(95, 0), (105, 20), (142, 90), (156, 170), (156, 230)])
    c.add(at(850, 740, teapot(c, GLAZES["charcoal"]), turn=-18, scale=1.15))
    c.add(stage.shadow(c, mood, 316, 1060, 110, 32), at(316, 1060, body(c, cup, GLAZES["charcoal"], AMBER), scale=1.1))
    c.add(stroke(stream, darker(AMBER, 0.1), 17), stroke(stream, lighter(AMBER, 0.4), 5, transform="translate(-3 0)"))
    c.add(ellipse(316, 862, 46, 10, lighter(AMBER, 0.5), opacity=0.75))
    c.add(stage.steam(c, 240, 790, 180, 2), at(880, 1120, mound(c, "assam", 150, 80, 80, 0.6)))
    stage.finish(c)


def cups_in_use(c: Canvas) -> None:
    """Four celadon cups with four teas from pale to dark."""
    mood = MOODS["clay"]
    _room(c, mood, "plain")
    _four_cups(c, mood, GLAZES["celadon"], ("#dfd794", "#d8a63f", "#c0702b", "#8f3a1c"))
    for x, y in ((310, 660), (830, 650)):
        c.add(stage.steam(c, x, y, 190, 2))
    stage.finish(c)


def cups_above(c: Canvas) -> None:
    """The set from above in its wooden box."""
    mood = MOODS["dusk"]
    above.plain(c, mood)
    shape = "M120 140H1080V1080H120Z"
    c.add(
        stage.flat_shadow(c, mood, shape, 22, 32, 16),
        path(shape, c.fade((0, lighter(WOOD, 0.4)), (1, darker(WOOD, 0.2)), angle="slant")),
    )
    c.add(rect(158, 178, 884, 864, darker(WOOD, 0.5)), rect(164, 186, 878, 856, lighter(WOOD, 0.1)))
    c.add(rect(590, 180, 20, 860, lighter(WOOD, 0.25)), rect(160, 600, 884, 20, lighter(WOOD, 0.25)))
    for x, y, liquor in ((380, 395, ""), (822, 395, OCHRE), (380, 832, ""), (822, 832, "")):
        c.add(at(x, y, above.cup(c, mood, 172, GLAZES["celadon"], liquor)))
    above.light_bars(c, 0.15)
    stage.finish(c)


def chawan_in_use(c: Canvas) -> None:
    """The rust bowl full of whisked matcha beside the whisk."""
    mood = MOODS["forest"]
    _room(c, mood, "screen")
    c.add(
        stage.shadow(c, mood, 500, 1010, 190, 44),
        at(500, 1010, chawan(c, GLAZES["rust"], MATCHA), scale=1.5),
        stage.steam(c, 480, 600, 260),
    )
    c.add(stage.shadow(c, mood, 960, 1060, 90, 26), at(960, 1060, tools.whisk(c), scale=1.1))
    stage.finish(c)


def chawan_above(c: Canvas) -> None:
    """Matcha from straight above in the charcoal bowl."""
    mood = MOODS["spring"]
    above.plain(c, mood)
    c.add(
        at(640, 600, above.cloth(c, mood, 800, 900, PAPER, RUST), turn=-9),
        at(560, 560, above.cup(c, mood, 360, GLAZES["charcoal"], MATCHA, True)),
    )
    c.add(at(990, 880, extras.flat(c, mood, "whisk"), scale=1.15), at(360, 1080, tools.spoonful(c, MATCHA), turn=-6))
    above.light_bars(c, 0.14)
    stage.finish(c)


def tenmoku_bowl(c: Canvas) -> None:
    """The hare's-fur bowl by itself against a red sun."""
    mood = MOODS["paper"]
    _room(c, mood, "disc")
    c.add(stage.shadow(c, mood, 590, 970, 120, 36, 1.6), at(590, 970, body(c, TENMOKU, GLAZES["tenmoku"]), scale=1.7))
    stage.finish(c)


def tenmoku_above(c: Canvas) -> None:
    """Looking down into the bowl: golden lines run to a pool of tea."""
    mood = MOODS["clay"]
    above.board(c, mood)
    c.add(at(600, 600, above.slate(c, mood, 540, "#4c4641")), at(590, 590, above.cup(c, mood, 430, GLAZES["tenmoku"])))
    pool = c.glow((0, lighter(AMBER, 0.2)), (0.8, "#8a4a1e"), (1, "#4d2814"), cx=0.6, cy=0.6, r=0.6)
    c.add(
        circle(590, 590, 212, pool),
        circle(590, 590, 206, stroke="#e2b070", stroke_width=4, opacity=0.6),
        at(500, 490, ellipse(0, 0, 66, 28, "#fff3df", opacity=0.4), turn=-42),
    )
    above.light_bars(c, 0.1)
    stage.finish(c)


def travel_in_use(c: Canvas) -> None:
    """The white cup on a sill with hills outside."""
    mood = MOODS["dawn"]
    _room(c, mood, "ridges")
    c.add(stage.shadow(c, mood, 470, 1010, 180, 40), at(470, 1010, travel_cup(c, GLAZES["white"]), scale=1.6))
    c.add(at(720, 1070, plants.branch(c, 340, MOSS, 6, 1.0), turn=-4))
    stage.finish(c)


def travel_cut(c: Canvas) -> None:
    """The cup in section: two walls, air between, warm tea inside."""
    mood = MOODS["mist"]
    _room(c, mood, "plain")
    shell = GLAZES["charcoal"]
    outer = polygon([(-240, -640), (240, -640), (184, 0), (-184, 0)])
    space = polygon([(-218, -640), (218, -640), (166, -26), (-166, -26)])
    inner = polygon([(-184, -640), (184, -640), (138, -66), (-138, -66)])
    well = polygon([(-162, -640), (162, -640), (120, -88), (-120, -88)])
    tea = polygon([(-154, -520), (154, -520), (120, -88), (-120, -88)])
    cut = [
        path(
            outer,
            c.fade((0, lighter(shell.base, 0.25)), (1, darker(shell.base, 0.3)), angle="right"),
            stroke=shell.base,
            stroke_width=16,
            stroke_linejoin="round",
        ),
        path(space, c.fade((0, BLUSH), (1, lighter(BLUSH, 0.5)), angle="right")),
        path(inner, shell.base, stroke=shell.base, stroke_width=10, stroke_linejoin="round"),
        path(well, "#efe6d4"),
        path(tea, c.fade((0, lighter(AMBER, 0.25)), (1, darker(AMBER, 0.25)))),
        rect(-154, -524, 308, 7, lighter(AMBER, 0.6), rx=3),
        *(ellipse(side * (184 - i * 6), -560 + i * 62, 5, 9, RUST, opacity=0.35) for side in (-1, 1) for i in range(8)),
    ]
    cork = [
        path(polygon([(s * 226, -450), (s * 252, -446), (s * 236, -226), (s * 208, -230)]), GLAZES["cork"].base)
        for s in (-1, 1)
    ]
    c.add(stage.shadow(c, mood, 560, 1010, 190, 36), at(560, 1010, *cut, *cork), stage.steam(c, 560, 330, 250, 3))
    top = at(
        970,
        1090,
        ellipse(0, -10, 130, 30, darker(WALNUT, 0.2)),
        ellipse(0, -26, 130, 30, lighter(WALNUT, 0.25)),
        ellipse(-50, -28, 22, 7, darker(WALNUT, 0.6)),
    )
    c.add(stage.shadow(c, mood, 970, 1086, 110, 22), top)
    stage.finish(c)


def pictures() -> dict[str, Draw]:
    """Every ceramics picture by name."""
    named: dict[str, Draw] = {
        "kyusu-side-handle-1": kyusu_in_use,
        "kyusu-side-handle-2": kyusu_above,
        "gaiwan-porcelain-1": gaiwan_in_use,
        "gaiwan-porcelain-2": gaiwan_above,
        "everyday-teapot-1": teapot_in_use,
        "everyday-teapot-2": teapot_pour,
        "tasting-cups-1": cups_in_use,
        "tasting-cups-2": cups_above,
        "chawan-matcha-bowl-1": chawan_in_use,
        "chawan-matcha-bowl-2": chawan_above,
        "tenmoku-bowl-1": tenmoku_bowl,
        "tenmoku-bowl-2": tenmoku_above,
        "travel-cup-1": travel_in_use,
        "travel-cup-2": travel_cut,
    }
    for key, vessel, colours in COLOURS:
        for colour in colours:
            named[f"{key}-{colour}"] = _portrait_of(vessel, colour)
    return named


COLOURS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("kyusu-side-handle", "kyusu", ("celadon", "charcoal", "rust")),
    ("gaiwan-porcelain", "gaiwan", ("white", "celadon")),
    ("everyday-teapot", "teapot", ("sand", "charcoal")),
    ("tasting-cups", "cups", ("white", "celadon", "charcoal")),
    ("chawan-matcha-bowl", "chawan", ("rust", "charcoal", "celadon")),
    ("travel-cup", "travel", ("white", "charcoal")),
)


def _portrait_of(vessel: str, colour: str) -> Draw:
    return lambda c: portrait(c, vessel, colour)
