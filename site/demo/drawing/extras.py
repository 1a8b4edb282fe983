"""What accompanies a tea: its plant or kitchen companion, standing beside the packet or lying flat."""

from demo.drawing import plants, tools
from demo.drawing.canvas import Canvas
from demo.drawing.palette import GLAZES, LEAF, MOSS, SAGE, Glaze, Mood, darker, lighter
from demo.drawing.pots import SAUCER, YUNOMI
from demo.drawing.svg import at, circle, ellipse, group, number, path, rect, stroke
from demo.drawing.vessels import Form, body

BERGAMOT, BERGAMOT_FLESH = "#d3b23a", "#e8d67c"
ORANGE, ORANGE_FLESH = "#dd8128", "#eda64a"
JUG = Form([(70, 0), (92, 20), (112, 90), (96, 160), (78, 190), (90, 220)], wall=8, drips=False)


def mug(c: Canvas, glaze: Glaze, liquor: str) -> str:
    """A handled cup on its saucer."""
    ear = "M128 -190C220 -214 236 -70 118 -78"
    handle = group(
        stroke(ear, darker(glaze.base, 0.42), 34),
        stroke(ear, darker(glaze.base, 0.08), 25),
        stroke(ear, lighter(glaze.base, 0.4), 6, transform="translate(-3 -6)", opacity=0.6),
    )
    return group(body(c, SAUCER, glaze), at(0, -20, handle, body(c, YUNOMI, glaze, liquor), scale=0.92))


def side(c: Canvas, name: str) -> tuple[str, str]:
    """Markup behind the packet and in front of everything, both around the plant's foot at the origin."""
    match name:
        case "sprig":
            return "", at(0, 0, plants.tea_sprig(c, LEAF), turn=-68, scale=0.95)
        case "branch":
            return "", at(-150, -10, plants.branch(c, 330, MOSS, 6, 0.95), turn=6)
        case "reed":
            return group(at(-60, 90, plants.reed(c, 640, SAGE)), at(20, 110, plants.reed(c, 520, LEAF))), ""
        case "whisk":
            return "", group(_spot(c), at(0, 0, tools.whisk(c), scale=0.8))
        case "bergamot":
            return "", group(
                _spot(c),
                at(-40, -84, plants.fruit(c, 100, BERGAMOT)),
                at(110, -30, _lying(plants.citrus(c, 96, BERGAMOT, BERGAMOT_FLESH))),
            )
        case "pine":
            return "", at(-170, -10, plants.pine(c, 380), turn=-8)
        case "jug":
            return "", group(_spot(c), at(40, 0, _jug(c), scale=0.86))
        case "spices":
            return "", group(
                at(-90, -40, plants.cinnamon(c, 220), turn=-10),
                at(60, 20, plants.anise(c, 74)),
                at(-90, 44, plants.anise(c, 50)),
                at(110, -66, _lying(plants.citrus(c, 76, ORANGE, ORANGE_FLESH))),
            )
    return _flower_beside(c, name)


def _flower_beside(c: Canvas, name: str) -> tuple[str, str]:
    match name:
        case "lotus":
            return "", group(_spot(c), at(0, -56, _lying(plants.blossom(c, 132, "#e9b8a8", "#dca644", 9, 3))))
        case "peony":
            return "", group(
                at(0, -70, _lying(plants.blossom(c, 146, "#efcfc4", "#dca644", 9, 4))),
                at(60, -10, plants.blade(c, 160, 60, SAGE, 6), turn=24),
            )
        case "daisies":
            return group(
                at(-110, 60, plants.grasses(c, 160, 300, LEAF)),
                at(-120, -300, plants.daisy(c, 62, 360)),
                at(-20, -230, plants.daisy(c, 52, 300)),
            ), at(40, -60, plants.daisy(c, 74, 0))
        case "mint":
            return "", group(
                at(20, 20, plants.mint_sprig(c), turn=-12, scale=0.8),
                at(50, 30, plants.mint_sprig(c), turn=38, scale=0.7),
                at(30, 20, plants.mint_sprig(c), turn=-58, scale=0.62),
            )
        case "hibiscus":
            return "", group(
                at(-60, -40, plants.blade(c, 190, 80, MOSS, 8), turn=-150), at(0, -76, plants.hibiscus_flower(c, 142))
            )
        case "orange":
            return "", group(
                _spot(c),
                at(-30, -92, plants.fruit(c, 106, ORANGE)),
                at(120, -34, _lying(plants.citrus(c, 100, ORANGE, ORANGE_FLESH))),
            )
    raise KeyError(name)


def flat(c: Canvas, mood: Mood, name: str) -> str:
    """The same companion lying on the table, seen from above, around the origin."""
    shade = ellipse(14, 22, 120, 96, mood.shade, opacity=0.3, filter=c.blur(16))
    match name:
        case "sprig":
            return group(shade, at(-60, 130, plants.tea_sprig(c, LEAF), turn=24))
        case "branch":
            return group(shade, at(-190, 40, plants.branch(c, 400, MOSS, 8, 1.1), turn=-16))
        case "reed":
            return group(shade, at(-60, 230, plants.reed(c, 460, SAGE), turn=24))
        case "whisk":
            return group(shade, at(0, 130, tools.whisk(c), turn=-34))
        case "bergamot":
            return group(
                shade,
                at(-70, -20, plants.citrus(c, 128, BERGAMOT, BERGAMOT_FLESH)),
                at(90, 70, plants.citrus(c, 92, BERGAMOT, BERGAMOT_FLESH), turn=14),
            )
        case "pine":
            return group(shade, at(-200, 20, plants.pine(c, 430), turn=12))
        case "jug":
            return group(shade, at(0, 0, _jug_above(c)))
        case "spices":
            return group(
                shade,
                at(-130, -60, plants.cinnamon(c, 260), turn=24),
                at(60, 90, plants.anise(c, 84)),
                at(-110, 110, plants.anise(c, 60)),
                at(130, -70, plants.citrus(c, 84, ORANGE, ORANGE_FLESH)),
            )
    return _flower_flat(c, name, shade)


def _flower_flat(c: Canvas, name: str, shade: str) -> str:
    match name:
        case "lotus":
            return group(shade, plants.blossom(c, 165, "#e9b8a8", "#dca644", 9, 3))
        case "peony":
            return group(
                shade,
                at(60, 60, plants.blade(c, 190, 74, SAGE, 6), turn=32),
                plants.blossom(c, 175, "#efcfc4", "#dca644", 9, 4),
            )
        case "daisies":
            return group(
                shade,
                at(-80, -50, plants.daisy(c, 92, 250)),
                at(70, -10, plants.daisy(c, 78, 210)),
                at(-10, 80, plants.daisy(c, 66, 0)),
            )
        case "mint":
            return group(
                shade,
                at(-30, 170, plants.mint_sprig(c), turn=18),
                at(60, 160, plants.mint_sprig(c), turn=62, scale=0.7),
            )
        case "hibiscus":
            return group(
                shade, at(-40, 20, plants.blade(c, 230, 96, MOSS, 8), turn=148), plants.hibiscus_flower(c, 180)
            )
        case "orange":
            return group(
                shade,
                at(-60, -10, plants.citrus(c, 135, ORANGE, ORANGE_FLESH)),
                at(112, 80, plants.citrus(c, 90, ORANGE, ORANGE_FLESH), turn=20),
            )
    raise KeyError(name)


def snow_window(c: Canvas, mood: Mood, x: float, y: float) -> None:
    """A window on a blue evening with falling snow, its sill deep in white."""
    w, h = 480, 560
    pane = rect(x, y, w, h, "#000")
    flakes = [
        circle(
            x + c.rng.uniform(0, w),
            y + c.rng.uniform(0, h),
            c.rng.uniform(3, 9),
            "#f3efe6",
            opacity=c.rng.uniform(0.5, 0.95),
        )
        for _ in range(70)
    ]
    drift = path(f"M{x} {y + h}v-70q{w * 0.3} -60 {w * 0.55} -10t{w * 0.45} -20v110Z", "#f0ebe0")
    bars = group(
        rect(x - 12, y - 12, w + 24, h + 24, stroke="#5a4032", stroke_width=24),
        rect(x + w / 2 - 6, y, 12, h, "#5a4032"),
        rect(x, y + h * 0.46, w, 12, "#5a4032"),
    )
    c.add(
        c.clipped(pane, rect(x, y, w, h, c.fade((0, "#41566a"), (1, "#8fa3ad"))), *flakes, drift),
        bars,
        rect(x - 40, y + h + 12, w + 80, 22, "#6b4d3b"),
    )
    c.add(circle(x + w * 0.2, y + h * 0.6, 420, c.glow((0, mood.disc, 0.3), (1, mood.disc, 0))))


def _spot(c: Canvas) -> str:
    return ellipse(40, 4, 150, 26, "#2a1c1a", opacity=0.3, filter=c.blur(8))


def _lying(slice_: str) -> str:
    """A round slice leaning back on the table."""
    return group(slice_, transform="rotate(-8) scale(1 0.72)")


def _jug(c: Canvas) -> str:
    glaze = GLAZES["white"]
    ear = "M84 -176C168 -190 172 -60 100 -56"
    handle = group(stroke(ear, darker(glaze.base, 0.4), 22), stroke(ear, glaze.base, 15))
    lip = path("M-88 -222C-112 -230 -122 -222 -112 -204L-76 -168Z", glaze.base)
    return group(handle, lip, body(c, JUG, glaze, "#fdf8ea"))


def _jug_above(c: Canvas) -> str:
    glaze = GLAZES["white"]
    ear = stroke("M90 -30C190 -40 190 40 90 34", darker(glaze.base, 0.12), 24)
    rim = f"M-150 0Q-110 -70 -60 -96A{number(112)} 112 0 1 1 -60 96Q-110 70 -150 0Z"
    return group(
        ear,
        path(rim, c.fade((0, lighter(glaze.base, 0.5)), (1, darker(glaze.base, 0.2)), angle="slant")),
        circle(0, 0, 96, darker(glaze.base, 0.2)),
        circle(4, 6, 88, "#fdf8ea"),
    )
