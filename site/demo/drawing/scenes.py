"""The category pictures: one wide scene for each branch of the catalogue."""

from collections.abc import Callable

from demo.drawing import extras, plants, stage, tools
from demo.drawing.canvas import Canvas
from demo.drawing.labels import Ink
from demo.drawing.leaves import mound
from demo.drawing.packets import box, jar, pouch, tin
from demo.drawing.palette import (
    AMBER,
    BRICK,
    CELADON,
    CREAM,
    GLAZES,
    LEAF,
    MATCHA,
    MIST,
    MOODS,
    MOSS,
    OCHRE,
    RUST,
    SAGE,
    SAND,
    SLATE,
    WOOD,
    Mood,
    darker,
    lighter,
    mix,
)
from demo.drawing.pots import BOWL, TENMOKU, YUNOMI, chawan, gaiwan, glass, kyusu, tasting_cup, teapot, travel_cup
from demo.drawing.shapes import hills
from demo.drawing.svg import at, circle, ellipse, group, number, path, polygon, rect, stroke
from demo.drawing.vessels import Form, body

GROUND = 600
GREEN_INK = Ink(CREAM, MIST, CELADON, SAGE)
WARM_INK = Ink(CREAM, "#f0c98a", OCHRE, "#b5532f")
VASE = Form([(52, 0), (92, 30), (106, 110), (60, 190), (34, 240), (46, 280)], wall=8, foot=0.08)
BOTTLE = Form([(70, 0), (96, 30), (98, 120), (50, 180), (30, 260), (40, 290)], wall=7)


def put(c: Canvas, mood: Mood, x: float, y: float, foot: float, thing: str, scale: float = 1) -> None:
    """Stand a thing on the table with its shadow."""
    c.add(stage.shadow(c, mood, x, y, foot * scale, 26 * scale + 8), at(x, y, thing, scale=scale))


def shelf(c: Canvas, mood: Mood, x: float, y: float, w: float, thick: float = 26) -> None:
    """A wooden shelf on the wall with its shadow below."""
    wood = mix(WOOD, mood.table, 0.3)
    c.add(
        path(
            polygon(
                [(x + 30, y + thick), (x + w + 20, y + thick), (x + w + 60, y + thick + 90), (x + 90, y + thick + 90)]
            ),
            c.fade((0, darker(mood.wall, 0.5), 0.45), (1, darker(mood.wall, 0.5), 0)),
            filter=c.blur(6),
        )
    )
    c.add(
        rect(x, y - 12, w, 14, lighter(wood, 0.45)),
        rect(x, y, w, thick, c.fade((0, lighter(wood, 0.1)), (1, darker(wood, 0.3)))),
    )


def _begin(c: Canvas, name: str, light: float = 0.4) -> Mood:
    mood = MOODS[name]
    stage.wall(c, mood)
    stage.window_light(c, mood, 60, light)
    return mood


def tea(c: Canvas) -> None:
    """All the ways tea is packed, in a row, with a cup."""
    mood = _begin(c, "dawn")
    stage.disc(c, mood, 640, 330, 250)
    stage.branch_shadow(c, mood, 1230, 40, 155)
    stage.table(c, mood, GROUND)
    put(c, mood, 190, 700, 150, tin(c, SAGE, "waves", "terraces", Ink(CREAM, "#e6c25e", "#b9c07a", MOSS)), 0.98)
    put(c, mood, 490, 690, 160, pouch(c, SAND, "mist_hills", GREEN_INK))
    put(c, mood, 780, 700, 150, box(c, BRICK, "river_sun", WARM_INK), 0.92)
    put(c, mood, 1045, 700, 150, jar(c, "jinxuan", "moon_needles", GREEN_INK), 0.86)
    put(c, mood, 620, 840, 110, extras.mug(c, GLAZES["white"], AMBER), 0.74)
    c.add(at(280, 840, mound(c, "darjeeling", 130, 76, 80, 0.58)), at(900, 830, plants.branch(c, 260, MOSS, 6, 0.8)))


def green_tea(c: Canvas) -> None:
    """Tea terraces in the morning behind a celadon cup."""
    mood = _begin(c, "spring", 0)
    stage.disc(c, mood, 860, 210, 120)
    for i, (base, high) in enumerate(((470, 190), (560, 170), (660, 150))):
        colour = mix("#c2d0a8", "#5d7d4a", i / 2.2)
        tops = [high * c.rng.uniform(0.5, 1.1) for _ in range(5)]
        c.add(path(hills(1200, base, tops), c.fade((0, colour), (1, lighter(colour, 0.4)))))
        line = path(hills(1200, base, tops), "#000")
        rows = [
            stroke(
                f"M-20 {number(base - k * 24 + 60)}"
                f"Q600 {number(base - high - k * 10)} 1220 {number(base - k * 20 + 50)}",
                darker(colour, 0.2),
                7,
                opacity=0.35,
            )
            for k in range(7)
        ]
        c.add(c.clipped(line, *rows))
    stage.table(c, mood, 640)
    put(c, mood, 400, 790, 180, kyusu(c, GLAZES["celadon"]), 0.95)
    put(c, mood, 960, 820, 100, body(c, YUNOMI, GLAZES["white"], "#cdd07a"), 0.95)
    c.add(
        stage.steam(c, 960, 560, 220),
        at(180, 860, mound(c, "sencha", 120, 66, 70, 0.6)),
        at(700, 880, plants.tea_sprig(c, LEAF), turn=-70, scale=0.7),
    )


def black_tea(c: Canvas) -> None:
    """A red sun over a river, a strong cup in front."""
    mood = _begin(c, "honey", 0.25)
    c.add(circle(330, 350, 210, "#c4512c"), rect(0, 430, 1200, 180, c.fade((0, "#d98d48"), (1, "#c77a38"))))
    for i in range(7):
        half = 260 - i * 28
        c.add(rect(330 - half, 446 + i * 20, half * 2, 6, "#f3c583", rx=3, opacity=0.8))
    stage.table(c, mood, GROUND)
    put(c, mood, 840, 740, 150, tin(c, BRICK, "stripes", "river_sun", Ink(CREAM, "#f0c98a", OCHRE, "#c4512c")), 1.12)
    put(c, mood, 440, 800, 120, extras.mug(c, GLAZES["white"], "#a8491f"), 1.1)
    c.add(
        stage.steam(c, 440, 500, 260),
        at(1060, 850, mound(c, "assam", 130, 90, 110, 0.6)),
        at(90, 830, plants.branch(c, 240, MOSS, 5, 0.8)),
    )


def oolong_tea(c: Canvas) -> None:
    """A gaiwan and three cups on a low table."""
    mood = _begin(c, "rose")
    stage.niche(c, mood, 600, 620, 540, GROUND)
    stage.branch_shadow(c, mood)
    stage.table(c, mood, GROUND)
    put(c, mood, 600, 720, 150, gaiwan(c, GLAZES["white"], "#5d7d92"), 1.12)
    for x, liquor in ((250, "#e2c46c"), (940, "#b8702c")):
        put(c, mood, x, 790, 70, tasting_cup(c, GLAZES["celadon"], liquor), 1.15)
        c.add(stage.steam(c, x, 600, 150, 2))
    c.add(at(600, 860, mound(c, "tieguanyin", 170, 86, 80, 0.66)))
    c.add(at(1080, 850, plants.blossom(c, 74, "#e9b8a8", "#dca644", 9, 3), scale=0.9))


def white_tea(c: Canvas) -> None:
    """A moonlit table, a jar of silver buds, a pale glass."""
    mood = _begin(c, "dusk", 0.2)
    stage.disc(c, mood, 350, 270, 170)
    stage.ridges(c, mood, GROUND)
    stage.table(c, mood, GROUND)
    ink = Ink("#eef0ea", "#c6d0d0", "#8ea1a5", SLATE)
    put(c, mood, 780, 740, 150, jar(c, "silver", "moon_needles", ink), 1.2)
    put(c, mood, 350, 800, 100, glass(c, BOWL, "#e8d898"), 1.05)
    c.add(
        stage.steam(c, 350, 560, 220),
        at(1060, 850, mound(c, "peony", 120, 76, 50, 0.55)),
        at(80, 860, plants.tea_sprig(c, LEAF), turn=52, scale=0.85),
    )


def herbal_tea(c: Canvas) -> None:
    """Three glasses, yellow, green and red, in a summer meadow."""
    mood = _begin(c, "mist", 0.5)
    stage.disc(c, mood, 900, 240, 140)
    stage.table(c, mood, GROUND)
    c.add(at(120, 640, plants.grasses(c, 220, 300, LEAF)), at(1090, 640, plants.grasses(c, 220, 340, SAGE)))
    for x, y, r, stem in ((90, 330, 56, 320), (200, 400, 46, 250), (1040, 360, 50, 290), (1140, 290, 60, 360)):
        c.add(at(x, y, plants.daisy(c, r, stem)))
    for x, liquor, form in ((300, "#e6b53c", YUNOMI), (610, "#b9b552", YUNOMI), (920, "#a3203f", YUNOMI)):
        put(c, mood, x, 740, 100, glass(c, form, liquor), 0.98)
        c.add(stage.steam(c, x, 460, 170, 2))
    c.add(
        at(280, 830, plants.daisy(c, 60)),
        at(390, 850, plants.daisy(c, 44)),
        at(620, 880, plants.mint_sprig(c), turn=78, scale=0.62),
        at(960, 820, plants.hibiscus_flower(c, 86)),
    )


def ceramics(c: Canvas) -> None:
    """Shelves of pots, bowls and bottles in every glaze."""
    mood = _begin(c, "paper", 0.5)
    stage.branch_shadow(c, mood, 1230, 20, 150)
    shelf(c, mood, 90, 322, 1020)
    for x, name, form, scale in (
        (200, "sand", BOTTLE, 0.8),
        (400, "rust", BOWL, 0.62),
        (640, "celadon", YUNOMI, 0.8),
        (850, "white", TENMOKU, 0.55),
        (1020, "charcoal", VASE, 0.9),
    ):
        c.add(stage.shadow(c, mood, x, 314, 80 * scale, 14), at(x, 314, body(c, form, GLAZES[name]), scale=scale))
    stage.table(c, mood, 620)
    put(c, mood, 285, 800, 160, teapot(c, GLAZES["charcoal"]), 0.7)
    put(c, mood, 690, 790, 160, kyusu(c, GLAZES["celadon"]), 0.72)
    put(c, mood, 1030, 860, 110, chawan(c, GLAZES["rust"]), 0.68)
    put(c, mood, 480, 860, 60, tasting_cup(c, GLAZES["white"], AMBER), 0.72)


def teapots(c: Canvas) -> None:
    """Three pots, three characters."""
    mood = _begin(c, "dusk", 0.35)
    stage.disc(c, mood, 600, 330, 270)
    stage.branch_shadow(c, mood)
    stage.table(c, mood, GROUND)
    put(c, mood, 620, 700, 170, teapot(c, GLAZES["sand"]), 1.0)
    put(c, mood, 270, 820, 160, kyusu(c, GLAZES["rust"]), 0.82)
    put(c, mood, 970, 830, 130, gaiwan(c, GLAZES["celadon"], SAGE), 0.86)


def cups_and_bowls(c: Canvas) -> None:
    """Bowls and cups, some stacked."""
    mood = _begin(c, "clay", 0.35)
    stage.niche(c, mood, 600, 760, 560, GROUND)
    stage.table(c, mood, GROUND)
    put(c, mood, 330, 700, 110, travel_cup(c, GLAZES["white"]), 0.9)
    put(c, mood, 870, 650, 70, tasting_cup(c, GLAZES["charcoal"]), 0.95)
    put(c, mood, 1070, 660, 70, tasting_cup(c, GLAZES["white"]), 0.95)
    put(c, mood, 600, 740, 110, body(c, TENMOKU, GLAZES["tenmoku"]), 0.9)
    put(c, mood, 230, 840, 120, chawan(c, GLAZES["rust"], MATCHA), 0.72)
    put(c, mood, 820, 850, 100, body(c, YUNOMI, GLAZES["celadon"], OCHRE), 0.66)
    put(c, mood, 1040, 830, 90, body(c, BOWL, GLAZES["indigo"]), 0.74)


def accessories(c: Canvas) -> None:
    """Whisk, caddy, scoop, sand timer on the table."""
    mood = _begin(c, "mist")
    stage.disc(c, mood, 580, 330, 240)
    stage.branch_shadow(c, mood)
    stage.table(c, mood, GROUND)
    put(c, mood, 310, 720, 150, tools.cherry_caddy(c), 1.05)
    put(c, mood, 640, 740, 100, tools.whisk_stand(c, GLAZES["rust"]), 0.92)
    put(c, mood, 960, 720, 90, tools.sand_timer(c), 1.15)
    c.add(
        at(420, 850, ellipse(0, 26, 260, 18, mood.shade, opacity=0.35, filter=c.blur(8)), tools.scoop(c), scale=0.82),
        at(290, 836, mound(c, "sencha", 70, 40, 46, 0.46)),
    )
    c.add(at(860, 860, tools.spoonful(c, MATCHA), scale=0.9), at(1110, 850, mound(c, "powder", 70, 40, 0)))


def gifts(c: Canvas) -> None:
    """Wrapped boxes with ribbons and a knotted cloth."""
    mood = _begin(c, "night", 0.4)
    stage.disc(c, mood, 820, 260, 150)
    stage.table(c, mood, GROUND)
    for _ in range(40):
        c.add(
            circle(
                c.rng.uniform(0, 1200),
                c.rng.uniform(0, 560),
                c.rng.uniform(2, 6),
                "#f3e3c0",
                opacity=c.rng.uniform(0.25, 0.7),
            )
        )
    put(c, mood, 360, 760, 230, _present(c, 440, 320, "#a33f2c", OCHRE))
    put(c, mood, 700, 720, 150, _present(c, 290, 230, "#7f9f88", CREAM, bow=False))
    put(c, mood, 700, 490, 1, _present(c, 190, 120, "#e2cfa6", RUST))
    put(c, mood, 980, 790, 150, _furoshiki(c))
    c.add(at(560, 860, plants.pine(c, 300), turn=-4, scale=0.8))


def _present(c: Canvas, w: float, h: float, colour: str, silk: str, bow: bool = True) -> str:
    front = c.fade((0, lighter(colour, 0.25)), (0.5, colour), (1, darker(colour, 0.25)), angle="slant")
    dots = [
        circle(-w / 2 + 22 + i * 44 + (row % 2) * 22, -h + 40 + row * 36, 5, lighter(colour, 0.4), opacity=0.45)
        for row in range(int(h / 36))
        for i in range(int(w / 44))
    ]
    ribbon = c.fade((0, lighter(silk, 0.3)), (1, darker(silk, 0.2)), angle="right")
    loop = "M0 0C-40 -80 -130 -80 -120 -30C-112 4 -40 12 0 0Z"
    knot = at(
        0,
        -h + 4,
        path(loop, lighter(silk, 0.15)),
        at(0, 0, path(loop, darker(silk, 0.14)), flip=True),
        ellipse(0, -6, 22, 18, silk),
    )
    return group(
        rect(-w / 2, -h, w, h, front, rx=4),
        *dots,
        rect(-w / 2, -h, w, h * 0.2, lighter(colour, 0.12), rx=4),
        rect(-w / 2, -h * 0.8, w, 7, darker(colour, 0.5), opacity=0.4),
        rect(-20, -h, 40, h, ribbon),
        knot if bow else "",
    )


def _furoshiki(c: Canvas) -> str:
    """A bundle tied in patterned cloth."""
    colour = "#3f6a6a"
    sack = "M-150 -6C-190 -90 -130 -180 -40 -206L40 -206C130 -180 190 -90 150 -6Q0 34 -150 -6Z"
    waves = [
        circle(-160 + i * 46 + (row % 2) * 23, -200 + row * 34 + 20, r, stroke=lighter(colour, 0.4), stroke_width=3)
        for row in range(7)
        for i in range(8)
        for r in (23, 13)
    ]
    knot = "M0 0C-30 -60 -110 -110 -150 -70C-110 -60 -50 -20 0 0C30 -60 110 -110 150 -70C110 -60 50 -20 0 0Z"
    cloth = c.fade((0, lighter(colour, 0.25)), (0.5, colour), (1, darker(colour, 0.35)), angle="slant")
    folds = stroke(
        "M-20 -200C-60 -150 -100 -90 -116 -10M20 -200C50 -140 80 -90 90 -6M0 -200Q-10 -120 4 14",
        darker(colour, 0.4),
        4,
        opacity=0.5,
    )
    return group(
        c.clipped(path(sack, "#000"), path(sack, cloth), group(*waves, opacity=0.45), folds),
        at(0, -196, path(knot, lighter(colour, 0.12)), ellipse(0, -4, 34, 28, colour)),
    )


def _finished(draw: Callable[[Canvas], None]) -> Callable[[Canvas], None]:
    def picture(c: Canvas) -> None:
        draw(c)
        stage.finish(c)

    return picture


def pictures() -> dict[str, Callable[[Canvas], None]]:
    """Every category picture by name."""
    scenes = {
        "tea": tea,
        "green-tea": green_tea,
        "black-tea": black_tea,
        "oolong-tea": oolong_tea,
        "white-tea": white_tea,
        "herbal-tea": herbal_tea,
        "ceramics": ceramics,
        "teapots": teapots,
        "cups-and-bowls": cups_and_bowls,
        "accessories": accessories,
        "gifts": gifts,
    }
    return {f"category-{key}": _finished(draw) for key, draw in scenes.items()}
