"""The wide pictures of the content pages: shop window, workshop, brewing corner."""

from collections.abc import Callable

from demo.drawing import extras, plants, stage, tools
from demo.drawing.canvas import Canvas
from demo.drawing.labels import Ink
from demo.drawing.leaves import mound
from demo.drawing.packets import box, jar, tin
from demo.drawing.palette import (
    AMBER,
    BRICK,
    CELADON,
    CLAY,
    CREAM,
    GLAZES,
    LEAF,
    MATCHA,
    MIST,
    MOODS,
    MOSS,
    OCHRE,
    SAGE,
    SAND,
    WALNUT,
    WOOD,
    Glaze,
    Mood,
    darker,
    lighter,
    mix,
)
from demo.drawing.pots import BOWL, TENMOKU, YUNOMI, chawan, gaiwan, glass, kyusu, tasting_cup, teapot
from demo.drawing.scenes import BOTTLE, VASE, put, shelf
from demo.drawing.shapes import arch, hills
from demo.drawing.svg import at, circle, ellipse, group, path, polygon, rect, stroke
from demo.drawing.vessels import Form, body

GREEN_INK = Ink(CREAM, MIST, CELADON, SAGE)
WARM_INK = Ink(CREAM, "#f0c98a", OCHRE, "#b5532f")
CROCK = Form([(96, 0), (108, 20), (116, 150), (104, 196), (108, 210)], wall=9)
BISQUE = Glaze("#d9a987", "#e8c4a6", "#d9a987", "#a87a5c", 0.5, 0.1)
WET = Glaze("#9b6d52", "#b78a6c", "#9b6d52", "#6e4a38", 0.0, 0.6)


def hero(c: Canvas) -> None:
    """A shop shelf at sunrise: calm wall and window on the left, vessels and teas on the right."""
    mood = MOODS["dawn"]
    stage.wall(c, mood)
    _view(c, mood, 110, 120, 560, 560)
    c.add(circle(1330, 520, 360, c.fade((0, mood.disc), (0.6, mood.disc, 0.85), (1, mood.disc, 0.25))))
    stage.window_light(c, mood, 760, 0.4)
    shelf(c, mood, 880, 362, 940, 28)
    _hero_shelf(c, mood)
    stage.table(c, mood, 760)
    _hero_counter(c, mood)
    stage.finish(c)


def _hero_shelf(c: Canvas, mood: Mood) -> None:
    things = (
        (965, 80, body(c, BOTTLE, GLAZES["sand"]), 0.74),
        (1130, 150, tin(c, SAGE, "waves", "mist_hills", GREEN_INK), 0.5),
        (1310, 80, body(c, BOWL, GLAZES["indigo"]), 0.44),
        (1485, 150, box(c, BRICK, "river_sun", WARM_INK), 0.5),
        (1645, 150, jar(c, "silver", "moon_needles", GREEN_INK), 0.47),
        (1765, 70, body(c, VASE, GLAZES["charcoal"]), 0.5),
    )
    for x, foot, thing, scale in things:
        c.add(stage.shadow(c, mood, x, 355, foot * scale, 12), at(x, 355, thing, scale=scale))


def _hero_counter(c: Canvas, mood: Mood) -> None:
    c.add(
        at(345, 555, plants.branch(c, 300, MOSS, 7, 0.9), turn=-62),
        at(352, 560, plants.branch(c, 250, LEAF, 6, 0.9), turn=-108),
    )
    put(c, mood, 340, 860, 90, body(c, VASE, GLAZES["celadon"]), 1.05)
    put(c, mood, 860, 850, 170, teapot(c, GLAZES["sand"]), 0.7)
    put(c, mood, 1370, 850, 180, kyusu(c, GLAZES["rust"]), 0.8)
    put(c, mood, 1760, 960, 130, chawan(c, GLAZES["charcoal"], MATCHA), 0.62)
    for x, y, liquor in ((1080, 960, "#d8a63f"), (1270, 1000, "#c9cd6c")):
        put(c, mood, x, y, 66, tasting_cup(c, GLAZES["white"], liquor), 0.74)
        c.add(stage.steam(c, x, y - 126, 130, 2))
    c.add(
        stage.steam(c, 1760, 780, 200),
        at(660, 1000, mound(c, "darjeeling", 120, 66, 80, 0.5)),
        at(1440, 1010, plants.branch(c, 220, MOSS, 6, 0.7)),
    )


def _view(c: Canvas, mood: Mood, x: float, y: float, w: float, h: float) -> None:
    """A wooden window onto tea hills at sunrise."""
    frame = darker(WOOD, 0.1)
    pane = rect(x, y, w, h, "#000")
    land = [
        rect(x, y, w, h, c.fade((0, "#f3c9a2"), (0.6, "#fbe9cf"))),
        circle(x + w * 0.62, y + h * 0.42, 74, "#e2754a"),
    ]
    for i, high in enumerate((0.46, 0.34, 0.2)):
        tops = [h * high * c.rng.uniform(0.7, 1.05) for _ in range(5)]
        colour = mix("#b9c9b0", "#5f8063", i / 2)
        land.append(at(x, y, path(hills(w, h, tops), c.fade((0, colour), (1, lighter(colour, 0.45))))))
    bars = [rect(x + w / 2 - 7, y, 14, h, frame), rect(x, y + h * 0.32, w, 12, frame)]
    c.add(
        c.clipped(pane, *land),
        rect(x, y, w, 20, "#2a1c1a", opacity=0.18),
        *bars,
        rect(x - 11, y - 11, w + 22, h + 22, stroke=frame, stroke_width=22),
    )
    c.add(
        rect(x - 50, y + h + 10, w + 100, 26, c.fade((0, lighter(WOOD, 0.35)), (1, darker(WOOD, 0.15)))),
        rect(x - 40, y + h + 36, w + 80, 16, "#2a1c1a", opacity=0.14),
    )


def about(c: Canvas) -> None:
    """The workshop: a glowing kiln, a rack of unfired pots, the wheel with a bowl still wet."""
    mood = MOODS["paper"]
    stage.wall(c, mood)
    stage.window_light(c, mood, 620, 0.6)
    stage.branch_shadow(c, mood, 1620, 30, 152)
    _kiln(c, mood)
    for y, names in ((270, "bcyv"), (500, "ybtc")):
        shelf(c, mood, 880, y, 640, 24)
        for i, name in enumerate(names):
            form, scale = {
                "b": (BOWL, 0.33),
                "c": (CROCK, 0.6),
                "y": (YUNOMI, 0.52),
                "v": (VASE, 0.56),
                "t": (TENMOKU, 0.29),
            }[name]
            glaze = BISQUE if (i + len(names) + y) % 3 else GLAZES["celadon"]
            c.add(
                stage.shadow(c, mood, 965 + i * 158, y - 6, 60 * scale + 20, 10),
                at(965 + i * 158, y - 6, body(c, form, glaze), scale=scale),
            )
    stage.table(c, mood, 640)
    _wheel(c, mood, 790, 800)
    _brushes(c, mood, 1320, 815)
    put(c, mood, 470, 830, 90, body(c, TENMOKU, GLAZES["tenmoku"]), 0.62)
    put(c, mood, 1505, 850, 100, body(c, CROCK, GLAZES["rust"]), 0.7)
    c.add(at(1080, 856, _tools(c)))
    stage.finish(c)


def _kiln(c: Canvas, mood: Mood) -> None:
    """A brick kiln with an arched mouth full of embers."""
    brick = "#a8694c"
    dome = arch(310, 650, 560, 560)
    rows = []
    for row in range(15):
        for i in range(8):
            tone = c.rng.choice((brick, lighter(brick, 0.14), darker(brick, 0.14), mix(brick, SAND, 0.3)))
            rows.append(rect(14 + i * 80 + (row % 2) * 40 - 40, 70 + row * 40, 76, 36, tone, rx=4))
    mouth_shape = arch(310, 650, 250, 300)
    fire = c.glow((0, "#ffe3a0"), (0.35, "#f2a13c"), (0.7, "#c4512c"), (1, "#4a1f16"), cx=0.5, cy=0.85, r=0.75)
    shade = c.fade((0, "#fff3d6", 0.25), (0.45, "#2a1c1a", 0), (1, "#2a1c1a", 0.5), angle="right")
    pots = [
        at(x, 640, body(c, form, Glaze("#8a3f22", "#f0a050", "#8a3f22", "#8a3f22", 0, 0.2)), scale=s)
        for x, form, s in ((250, CROCK, 0.5), (370, YUNOMI, 0.42), (310, VASE, 0.55))
    ]
    c.add(
        rect(250, -10, 120, 130, darker(brick, 0.25)),
        c.clipped(path(dome, "#000"), path(dome, darker(brick, 0.45)), *rows, path(dome, shade)),
    )
    c.add(
        path(arch(310, 650, 300, 330), darker(brick, 0.4)),
        c.clipped(path(mouth_shape, "#000"), path(mouth_shape, fire), *pots),
    )
    c.add(circle(310, 600, 420, c.glow((0, "#f2a13c", 0.35), (1, "#f2a13c", 0))))


def _wheel(c: Canvas, mood: Mood, x: float, y: float) -> None:
    """A potter's wheel with a freshly thrown bowl."""
    plate = Form([(210, 0), (214, 26)], open=False, foot=0)
    stand = Form([(120, 0), (104, 40)], open=False, foot=0)
    wood = GLAZES["wood"]
    bowl = Form([(86, 0), (104, 30), (150, 110), (168, 170), (164, 186)], wall=14, foot=0)
    c.add(
        stage.shadow(c, mood, x, y + 30, 210, 34),
        at(x, y + 30, body(c, stand, wood)),
        at(x, y, body(c, plate, wood), ellipse(0, -26, 212, 49, lighter(wood.base, 0.2))),
    )
    c.add(at(x, y - 30, ellipse(0, 2, 110, 25, darker(CLAY, 0.4), opacity=0.5), body(c, bowl, WET)))


def _brushes(c: Canvas, mood: Mood, x: float, y: float) -> None:
    """Brushes and wooden ribs in a jar."""
    sticks = []
    for dx, turn, colour, tip in (
        (-36, -16, WOOD, "#3d2c24"),
        (-8, -4, WALNUT, "#efe5cf"),
        (22, 7, BRICK, "#3d2c24"),
        (44, 18, WOOD, "#efe5cf"),
    ):
        sticks.append(
            at(
                dx,
                -120,
                stroke("M0 0V-190", colour, 11),
                path("M-12 -186Q-16 -226 0 -262Q16 -226 12 -186Z", tip),
                rect(-9, -196, 18, 16, "#c9a25a"),
                turn=turn,
            )
        )
    c.add(
        stage.shadow(c, mood, x, y, 90, 24),
        at(x, y, *sticks, scale=0.72),
        at(x, y, body(c, CROCK, GLAZES["sand"]), scale=0.72),
    )


def _tools(c: Canvas) -> str:
    """A wire, a rib and a needle lying on the table."""
    rib = path("M-70 0C-70 -34 -20 -46 20 -34C50 -24 60 0 40 8C0 20 -60 22 -70 0Z", WOOD)
    return group(
        ellipse(0, 14, 120, 10, "#2a1c1a", opacity=0.25, filter=c.blur(5)),
        rib,
        at(120, -14, stroke("M-40 10L40 -6", WALNUT, 11), stroke("M40 -6L84 -15", "#8d8d88", 4)),
    )


def brewing(c: Canvas) -> None:
    """Kettle, sand timer, pot and cup: water, time and leaf."""
    mood = MOODS["mist"]
    stage.wall(c, mood)
    c.add(circle(560, 380, 290, c.fade((0, mood.disc), (1, mood.disc, 0.5))))
    stage.window_light(c, mood, 900, 0.55)
    stage.branch_shadow(c, mood, 1620, 30, 152)
    shelf(c, mood, 1040, 270, 470, 24)
    for x, name, form, scale in (
        (1130, "rust", YUNOMI, 0.5),
        (1275, "white", BOWL, 0.32),
        (1420, "charcoal", VASE, 0.54),
    ):
        c.add(stage.shadow(c, mood, x, 263, 70 * scale, 10), at(x, 263, body(c, form, GLAZES[name]), scale=scale))
    stage.table(c, mood, 640)
    c.add(at(560, 740, _burner(c, mood)), at(560, 650, tools.kettle(c), scale=0.95), stage.steam(c, 258, 380, 260, 3))
    put(c, mood, 1040, 730, 80, tools.sand_timer(c), 0.92)
    put(c, mood, 1320, 780, 130, gaiwan(c, GLAZES["celadon"], SAGE), 0.84)
    put(c, mood, 860, 850, 100, glass(c, YUNOMI, AMBER), 0.66)
    c.add(stage.steam(c, 860, 660, 150, 2), at(250, 830, mound(c, "tieguanyin", 140, 84, 90, 0.6)))
    c.add(
        at(1100, 860, ellipse(0, 18, 200, 12, mood.shade, opacity=0.3, filter=c.blur(6)), tools.scoop(c), scale=0.58),
        at(1450, 860, extras.side(c, "sprig")[1], scale=0.7),
    )
    stage.finish(c)


def _burner(c: Canvas, mood: Mood) -> str:
    """A clay stove with a small flame below the kettle."""
    form = Form([(170, 0), (186, 20), (190, 80), (176, 104)], wall=16, foot=0)
    hole = polygon([(-60, -58), (60, -58), (48, -8), (-48, -8)])
    glow = c.glow((0, "#ffe3a0"), (0.5, "#f2a13c"), (1, "#8c3d25"), cx=0.5, cy=0.9, r=0.8)
    return group(
        stage.shadow(c, mood, 0, 0, 200, 40),
        body(c, form, GLAZES["rust"]),
        path(hole, glow, stroke=darker(BRICK, 0.3), stroke_width=6, stroke_linejoin="round"),
    )


def pictures() -> dict[str, Callable[[Canvas], None]]:
    """Every page picture by name."""
    return {"home-hero": hero, "about": about, "brewing-guide": brewing}
