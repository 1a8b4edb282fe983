"""Pictures of the accessories (whisk, caddy, scoop) and of the two gift boxes."""

from collections.abc import Callable

from demo.drawing import above, extras, plants, stage, tools
from demo.drawing.canvas import Canvas
from demo.drawing.labels import Ink, label
from demo.drawing.leaves import mound
from demo.drawing.packets import pouch, tin
from demo.drawing.palette import (
    BLUSH,
    CELADON,
    CREAM,
    GLAZES,
    INK,
    LEAF,
    MATCHA,
    MIST,
    MOODS,
    OCHRE,
    PAPER,
    PINE,
    RUST,
    SAGE,
    SAND,
    SLATE,
    WALNUT,
    WOOD,
    Mood,
    darker,
    lighter,
)
from demo.drawing.pots import chawan, tasting_cup
from demo.drawing.svg import at, circle, ellipse, group, path, polygon, rect, stroke

GREEN_INK = Ink(CREAM, MIST, MATCHA, PINE)
WARM_INK = Ink(CREAM, "#f0c98a", OCHRE, "#b5532f")
# The four teas of the first-steps box: paper, print and its inks.
FIRST_TEAS = (
    (SAND, "mist_hills", Ink(CREAM, MIST, CELADON, SAGE)),
    ("#d9b8a8", "peony_print", Ink(CREAM, "#f0d3c6", "#d59a8b", SAGE)),
    ("#b9c4a0", "milk_drop", GREEN_INK),
    ("#c9825c", "river_sun", WARM_INK),
)


def _room(c: Canvas, mood: Mood, light: float = 0.4) -> None:
    stage.window_light(c, mood, c.rng.uniform(40, 240), light)
    stage.branch_shadow(c, mood, 1230, 50, 152)
    stage.table(c, mood)


def whisk(c: Canvas) -> None:
    """The whisk standing on its tines before a round window."""
    mood = MOODS["mist"]
    stage.wall(c, mood)
    stage.disc(c, mood, 600, 420, 320)
    _room(c, mood)
    c.add(stage.shadow(c, mood, 590, 1010, 170, 42, 1.4), at(590, 1010, tools.whisk(c), scale=2.05))
    c.add(at(930, 1110, mound(c, "powder", 130, 70, 0)), at(200, 1110, plants.tea_sprig(c, LEAF), turn=-66, scale=0.9))
    stage.finish(c)


def whisk_above(c: Canvas) -> None:
    """The whisk across a bowl of matcha."""
    mood = MOODS["clay"]
    above.board(c, mood)
    c.add(at(500, 640, above.tray(c, mood, 470)), at(500, 640, above.cup(c, mood, 320, GLAZES["sand"], MATCHA, True)))
    c.add(
        at(
            640,
            800,
            group(
                path(
                    "M-60 -360L60 -360L110 0H-110Z",
                    mood.shade,
                    opacity=0.3,
                    filter=c.blur(16),
                    transform="translate(26 34)",
                ),
                tools.whisk(c),
            ),
            turn=48,
            scale=1.5,
        )
    )
    c.add(at(230, 200, tools.spoonful(c, MATCHA), turn=-24))
    above.light_bars(c, 0.12)
    stage.finish(c)


def caddy(c: Canvas) -> None:
    """The closed caddy, its bark shining."""
    mood = MOODS["dusk"]
    stage.wall(c, mood)
    stage.niche(c, mood, 600, 760, 700)
    _room(c, mood)
    c.add(stage.shadow(c, mood, 560, 990, 240, 48, 1.2), at(560, 990, tools.cherry_caddy(c), scale=1.55))
    c.add(at(980, 1090, _cherry_twig(c)))
    stage.finish(c)


def caddy_open(c: Canvas) -> None:
    """The caddy open, its lid beside it, a scoop of sencha in front."""
    mood = MOODS["rose"]
    stage.wall(c, mood)
    stage.disc(c, mood, 760, 380, 250)
    _room(c, mood)
    c.add(stage.shadow(c, mood, 440, 960, 220, 46), at(440, 960, tools.cherry_caddy(c, closed=False), scale=1.45))
    c.add(stage.shadow(c, mood, 880, 1000, 210, 42), at(880, 1000, tools.cherry_lid(c), scale=1.4))
    c.add(at(430, 1130, tools.scoop(c), scale=0.8), at(290, 1104, mound(c, "sencha", 62, 42, 46, 0.5)))
    stage.finish(c)


def scoop(c: Canvas) -> None:
    """The scoop laid on a heap of black tea."""
    mood = MOODS["honey"]
    stage.wall(c, mood)
    stage.disc(c, mood, 420, 400, 270)
    _room(c, mood)
    c.add(stage.shadow(c, mood, 380, 1060, 300, 44, 0.6), at(380, 1060, mound(c, "assam", 340, 250, 330, 0.95)))
    c.add(
        at(
            690,
            930,
            group(ellipse(20, 60, 290, 30, mood.shade, opacity=0.35, filter=c.blur(12)), tools.scoop(c, WALNUT)),
            turn=16,
            scale=1.5,
        )
    )
    c.add(at(450, 880, mound(c, "assam", 130, 70, 70, 0.85)))
    stage.finish(c)


def scoop_above(c: Canvas) -> None:
    """Three scoops of three woods with three teas."""
    mood = MOODS["paper"]
    above.board(c, mood)
    c.add(at(600, 600, above.cloth(c, mood, 900, 980, BLUSH, RUST), turn=6))
    for y, kind, colour in ((300, "gyokuro", WALNUT), (600, "chamomile", WOOD), (900, "hibiscus", "#8f4f37")):
        c.add(at(430, y, above.scoop(c, mood, kind, colour, 34), turn=-6, scale=1.35))
    above.light_bars(c, 0.15)
    stage.finish(c)


def first_steps(c: Canvas) -> None:
    """The open gift box: four teas, two cups, a scoop, tissue and a ribbon."""
    mood = MOODS["dawn"]
    stage.wall(c, mood)
    stage.disc(c, mood, 600, 430, 330)
    _room(c, mood)
    c.add(stage.shadow(c, mood, 590, 1010, 400, 60))
    for i, (paper, motif, ink) in enumerate(FIRST_TEAS):
        c.add(at(292 + i * 190, 790 - (i % 2) * 34, pouch(c, paper, motif, ink), scale=0.6))
    c.add(at(590, 790, tasting_cup(c, GLAZES["white"])), *_tissue(c))
    c.add(_carton(c, 190, 780, 800, 260, "#b5532f"))
    c.add(_ribbon(c, 590, 780, 260))
    c.add(stage.shadow(c, mood, 960, 1120, 80, 26))
    c.add(at(960, 1120, tasting_cup(c, GLAZES["celadon"], "#c9cd6c"), scale=1.15))
    c.add(
        at(300, 1130, ellipse(0, 24, 250, 16, mood.shade, opacity=0.35, filter=c.blur(8)), tools.scoop(c), scale=0.66)
    )
    stage.finish(c)


def first_steps_above(c: Canvas) -> None:
    """The same box from above."""
    mood = MOODS["mist"]
    above.plain(c, mood)
    _case(c, mood, RUST)
    for i, (paper, motif, ink) in enumerate(FIRST_TEAS):
        c.add(at(192 + i * 212, 216, _packet_flat(c, paper, motif, ink), scale=0.64, turn=(-2, 1, 2, -1)[i]))
    c.add(
        at(350, 760, above.cup(c, mood, 152, GLAZES["white"])), at(690, 690, above.cup(c, mood, 148, GLAZES["celadon"]))
    )
    c.add(at(530, 960, extras.flat(c, mood, "sprig"), scale=0.62))
    c.add(at(780, 930, above.scoop(c, mood, "jinxuan", WOOD, 14), turn=-52, scale=0.74))
    above.light_bars(c, 0.15)
    stage.finish(c)


def ceremony(c: Canvas, colour: str, evening: bool = False) -> None:
    """Bowl, whisk, tin and ladle of the matcha set before their box."""
    mood = MOODS["forest" if evening else "mist" if colour == "rust" else "dawn"]
    stage.wall(c, mood)
    if evening:
        stage.disc(c, mood, 330, 280, 180)
        stage.screen(c, mood, 620, 60, 520, 520)
    else:
        stage.niche(c, mood, 600, 860, 700)
    _room(c, mood)
    c.add(stage.shadow(c, mood, 600, 900, 330, 46), at(600, 900, _lidded_box(c)))
    c.add(
        stage.shadow(c, mood, 820, 960, 110, 30),
        at(820, 960, tin(c, "#5f7a3a", "dots", "millstone", GREEN_INK), scale=0.72),
    )
    c.add(stage.shadow(c, mood, 380, 1030, 140, 36), at(380, 1030, chawan(c, GLAZES[colour], MATCHA), scale=1.2))
    c.add(stage.shadow(c, mood, 1010, 1070, 80, 24), at(1010, 1070, tools.whisk(c), scale=0.95))
    c.add(
        at(
            690,
            1120,
            group(ellipse(0, 16, 200, 12, mood.shade, opacity=0.4, filter=c.blur(6)), tools.spoonful(c, MATCHA)),
        )
    )
    stage.finish(c)


def ceremony_above(c: Canvas) -> None:
    """The set in its wooden case from above."""
    mood = MOODS["forest"]
    above.board(c, mood)
    _case(c, mood, WOOD)
    c.add(
        at(420, 440, above.cup(c, mood, 260, GLAZES["rust"], MATCHA, True)), at(880, 330, _tin_top(c, "#5f7a3a", 140))
    )
    c.add(
        at(850, 900, tools.whisk(c), turn=-16, scale=1.05), at(420, 900, tools.spoonful(c, MATCHA), turn=6, scale=1.2)
    )
    above.light_bars(c, 0.1)
    stage.finish(c)


def _packet_flat(c: Canvas, paper: str, motif: str, ink: Ink) -> str:
    """A paper packet lying in the box, its label up."""
    return group(
        rect(14, 20, 290, 370, INK, rx=6, opacity=0.35, filter=c.blur(10)),
        rect(0, 0, 290, 370, c.fade((0, lighter(paper, 0.4)), (1, paper), angle="slant"), rx=6),
        rect(0, 34, 290, 5, darker(paper, 0.3), opacity=0.5),
        at(45, 66, label(c, motif, 200, 270, ink)),
    )


def _cherry_twig(c: Canvas) -> str:
    twig = stroke("M150 30C60 0 -20 -30 -110 -40M20 -12C10 -60 30 -90 60 -110", "#5a3427", 10)
    flowers = [
        at(x, y, plants.blossom(c, r, "#f0cfc6", "#c46a5a", 5, 1))
        for x, y, r in ((-110, -46, 44), (-34, -44, 34), (60, -116, 40), (70, -14, 30))
    ]
    return group(ellipse(0, 30, 150, 18, "#2a1c1a", opacity=0.25, filter=c.blur(8)), twig, *flowers)


def _tissue(c: Canvas) -> list[str]:
    sheets = []
    for i in range(6):
        x = 232 + i * 118
        top = 690 + c.rng.uniform(-30, 30)
        d = polygon(
            [(x - 40, 800), (x + c.rng.uniform(-10, 30), top), (x + 90, 740 + c.rng.uniform(-20, 30)), (x + 150, 800)]
        )
        sheets.append(path(d, (CREAM, PAPER, lighter(BLUSH, 0.5))[i % 3], opacity=0.97))
    return sheets


def _carton(c: Canvas, x: float, y: float, w: float, h: float, colour: str) -> str:
    front = c.fade((0, lighter(colour, 0.22)), (0.5, colour), (1, darker(colour, 0.22)), angle="slant")
    return group(
        rect(x, y, w, h, front, rx=4),
        rect(x, y, w, 12, lighter(colour, 0.45), opacity=0.7),
        group(
            path(
                f"M{x} {y}H{x + w}V{y + h}H{x}Z",
                c.fade((0.4, "#000", 0), (1, "#000", 0.6), angle="slant"),
                filter=c.stipple(darker(colour, 0.5)),
            ),
            opacity=0.5,
        ),
    )


def _ribbon(c: Canvas, x: float, y: float, h: float) -> str:
    silk, dark = lighter(OCHRE, 0.35), darker(OCHRE, 0.12)
    loop = "M0 0C-70 -110 -190 -90 -170 -20C-160 30 -60 30 0 0Z"
    tail = "M-10 0C-40 70 -70 110 -110 150L-70 150L-52 176C-20 120 6 60 14 4Z"
    return group(
        rect(x - 26, y, 52, h, c.fade((0, silk), (1, dark), angle="right")),
        rect(190, y + 96, 800, 40, c.fade((0, silk), (1, dark))),
        at(
            x,
            y + 112,
            path(tail, dark),
            at(0, 0, path(tail, silk), flip=True),
            path(loop, silk),
            at(0, 0, path(loop, dark), flip=True),
            ellipse(0, 0, 30, 26, lighter(OCHRE, 0.15)),
            path("M-20 -6C-60 -60 -120 -60 -130 -24C-100 -36 -60 -20 -20 -6Z", darker(OCHRE, 0.35), opacity=0.6),
        ),
    )


def _case(c: Canvas, mood: Mood, colour: str) -> None:
    shape = "M110 110H1090V1090H110Z"
    c.add(
        stage.flat_shadow(c, mood, shape, 24, 34, 16),
        path(shape, c.fade((0, lighter(colour, 0.4)), (1, darker(colour, 0.25)), angle="slant")),
        rect(146, 146, 908, 908, darker(colour, 0.5)),
    )
    c.add(rect(154, 158, 900, 896, c.fade((0, PAPER), (1, lighter(SAND, 0.2)), angle="slant")))
    for _ in range(170):
        x, y = c.rng.uniform(220, 980), c.rng.uniform(210, 990)
        bend = f"q{c.rng.uniform(-40, 40):.0f} {c.rng.uniform(-30, 30):.0f}"
        end = f"{c.rng.uniform(-60, 60):.0f} {c.rng.uniform(-40, 40):.0f}"
        c.add(
            stroke(
                f"M{x:.0f} {y:.0f}{bend} {end}",
                c.rng.choice((SAND, CREAM, "#c9b48d")),
                9,
                opacity=0.8,
            )
        )


def _tin_top(c: Canvas, colour: str, r: float) -> str:
    top = c.fade((0, lighter(colour, 0.4)), (1, darker(colour, 0.15)), angle="slant")
    rings = [circle(0, 0, r * k, stroke=darker(colour, 0.25), stroke_width=4, opacity=0.5) for k in (0.86, 0.5)]
    return group(
        circle(r * 0.12, r * 0.18, r, INK, opacity=0.35, filter=c.blur(12)),
        circle(0, 0, r, top),
        *rings,
        at(
            0,
            0,
            *(
                path(
                    "M0 0C-18 -30 -18 -60 0 -84C18 -60 18 -30 0 0Z", lighter(colour, 0.5), transform=f"rotate({i * 60})"
                )
                for i in range(6)
            ),
            scale=r / 190,
        ),
    )


def _lidded_box(c: Canvas) -> str:
    wood = c.fade((0, lighter(WOOD, 0.35)), (1, darker(WOOD, 0.2)), angle="slant")
    grain = [
        stroke(f"M-310 {-40 - i * 44}q160 {8 if i % 2 else -9} 320 0t300 0", darker(WOOD, 0.3), 2.5, opacity=0.4)
        for i in range(7)
    ]
    return group(
        rect(-320, -330, 640, 330, wood, rx=4),
        *grain,
        rect(-332, -392, 664, 70, c.fade((0, lighter(WOOD, 0.5)), (1, WOOD)), rx=4),
        rect(-320, -322, 640, 10, INK, opacity=0.25),
        rect(-26, -392, 52, 392, c.fade((0, lighter(SLATE, 0.15)), (1, darker(SLATE, 0.2)), angle="right")),
    )


def pictures() -> dict[str, Callable[[Canvas], None]]:
    """Every picture of accessories and gifts by name."""
    return {
        "bamboo-whisk-1": whisk,
        "bamboo-whisk-2": whisk_above,
        "cherry-bark-caddy-1": caddy,
        "cherry-bark-caddy-2": caddy_open,
        "wooden-scoop-1": scoop,
        "wooden-scoop-2": scoop_above,
        "first-steps-box-1": first_steps,
        "first-steps-box-2": first_steps_above,
        "matcha-ceremony-set-1": lambda c: ceremony(c, "rust", evening=True),
        "matcha-ceremony-set-2": ceremony_above,
        "matcha-ceremony-set-rust": lambda c: ceremony(c, "rust"),
        "matcha-ceremony-set-charcoal": lambda c: ceremony(c, "charcoal"),
    }
