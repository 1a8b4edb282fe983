"""Tools of the tea table: whisk, scoop, cherry-bark caddy, kettle, sand timer, tongs; standing at the origin."""

from demo.drawing.canvas import Canvas
from demo.drawing.palette import BAMBOO, GLAZES, INK, WALNUT, WOOD, Glaze, darker, lighter, mix
from demo.drawing.pots import tube
from demo.drawing.svg import at, circle, ellipse, group, number, path, stroke
from demo.drawing.vessels import TILT, Form, body, outline, wrap

CADDY = Form([(150, 0), (150, 250)], open=False, foot=0)
KETTLE = Form([(150, 0), (196, 30), (236, 120), (220, 210), (160, 264), (110, 274)], open=False, foot=0)


def whisk(c: Canvas) -> str:
    """A bamboo whisk standing on its tines, about 230 wide and 400 high."""
    tines = []
    for i in range(58):
        s = -1 + i / 28.5
        spread = s * 112
        d = f"M{number(s * 42)} -212C{number(s * 60)} -150 {number(spread * 1.16)} -96 {number(spread)} -20"
        d += f"q{number(-s * 4)} 14 {number(-s * 22)} 8"
        colour = mix(lighter(BAMBOO, 0.35), darker(BAMBOO, 0.35), (s + 1) / 2)
        tines.append(stroke(d, darker(colour, 0.28 if i % 2 else 0.02), 2.6))
    core = path("M-34 -212C-40 -140 -64 -90 -58 -36Q0 -10 58 -36C64 -90 40 -140 34 -212Z", darker(BAMBOO, 0.42))
    inner = [
        stroke(
            f"M{number(s * 30)} -212C{number(s * 30)} -150 {number(s * 56)} -90 {number(s * 46)} -40",
            darker(BAMBOO, 0.15),
            2.2,
        )
        for s in (k / 9 - 1 for k in range(19))
    ]
    thread = [
        stroke(f"M{-47 - i * 1.5} {-206 + i * 8}Q0 {-192 + i * 8} {47 + i * 1.5} {-206 + i * 8}", darker(INK, 0.2), 4)
        for i in range(3)
    ]
    grip = Form([(44, 0), (42, 60), (43, 150), (47, 190)], wall=9, foot=0)
    skin = Glaze(BAMBOO, lighter(BAMBOO, 0.3), BAMBOO, darker(BAMBOO, 0.4), 0.2, 0.5, inside=darker(BAMBOO, 0.25))
    node = stroke("M-45 -276Q0 -262 45 -276", darker(BAMBOO, 0.35), 5)
    return group(core, *inner, *tines, at(0, -206, body(c, grip, skin)), node, *thread)


def scoop(c: Canvas, colour: str = WOOD) -> str:
    """A carved wooden tea scoop lying in front, about 560 wide."""
    shape = "M-280 -20C-280 -96 -150 -120 -60 -84C-6 -62 30 -52 90 -56L250 -76"
    shape += "C296 -80 300 -34 254 -30L96 -12C30 0 -8 20 -66 30C-160 44 -280 40 -280 -20Z"
    bowl = "M-254 -30C-250 -84 -150 -102 -76 -72C-40 -56 -40 -26 -84 -14C-150 4 -256 10 -254 -30Z"
    grain = "M40 -42Q140 -52 262 -64M30 -30Q140 -40 268 -52M60 -22Q150 -32 250 -42"
    return group(
        path(shape, darker(colour, 0.45), transform="translate(0 10)"),
        path(shape, c.fade((0, lighter(colour, 0.35)), (1, darker(colour, 0.22)))),
        path(bowl, c.fade((0, darker(colour, 0.55)), (1, darker(colour, 0.12)))),
        stroke(grain, darker(colour, 0.35), 2.6, opacity=0.55),
        stroke(
            "M-262 -40C-250 -92 -150 -110 -70 -78C-20 -58 20 -52 90 -52L240 -70", lighter(colour, 0.65), 3, opacity=0.6
        ),
    )


def cherry_caddy(c: Canvas, closed: bool = True) -> str:
    """A caddy covered in polished cherry bark with its silver lenticels."""
    bark = GLAZES["bark"]
    marks = []
    for _ in range(110):
        x, y, w = c.rng.uniform(-160, 160), -c.rng.uniform(-30, 420), c.rng.uniform(14, 70)
        tone = c.rng.choice(("#d9b08a", "#c48a63", "#4a1f16", "#a85f45"))
        marks.append(
            ellipse(
                x,
                y + 30 * (1 - (x / 160) ** 2),
                w / 2,
                c.rng.uniform(1.5, 4.5),
                tone,
                opacity=c.rng.uniform(0.35, 0.85),
            )
        )
    patches = [
        ellipse(
            c.rng.uniform(-150, 150),
            -c.rng.uniform(20, 380),
            60,
            26,
            c.rng.choice(("#93482f", "#5c2519")),
            opacity=0.5,
            filter=c.blur(14),
        )
        for _ in range(9)
    ]
    base = group(body(c, CADDY, bark), wrap(c, CADDY, 0, 250, bark.base, *patches, *marks), _gloss(c, -240))
    if not closed:
        neck = Form([(140, 0), (140, 52)], wall=7, foot=0)
        return group(
            base,
            at(0, -248, body(c, neck, Glaze("#d9b98a", "#efd6a8", "#d9b98a", "#a07c50", 0.3, 0.4, inside="#9a7444"))),
        )
    return group(base, at(0, -250, cherry_lid(c)))


def cherry_lid(c: Canvas) -> str:
    """The caddy's lid with its edge on y = 0."""
    bark = GLAZES["bark"]
    form = Form([(151, 0), (151, 120)], open=False, foot=0)
    marks = [
        ellipse(
            c.rng.uniform(-150, 150),
            -c.rng.uniform(-20, 110),
            c.rng.uniform(8, 34),
            c.rng.uniform(1.5, 4),
            c.rng.choice(("#d9b08a", "#c48a63", "#4a1f16")),
            opacity=0.7,
        )
        for _ in range(44)
    ]
    top = c.fade((0, lighter(bark.base, 0.35)), (1, darker(bark.base, 0.1)), angle="slant")
    lines = [
        ellipse(
            c.rng.uniform(-90, 90), -120 + c.rng.uniform(-18, 18), c.rng.uniform(10, 34), 1.8, "#d9b08a", opacity=0.6
        )
        for _ in range(14)
    ]
    return group(
        body(c, form, bark),
        wrap(c, form, 0, 120, bark.base, *marks),
        _gloss(c, -110),
        ellipse(0, 0, 151, 151 * TILT, stroke=darker(bark.base, 0.6), stroke_width=3, opacity=0),
        ellipse(0, -120, 151, 151 * TILT, top),
        *lines,
        stroke("M-151 0A151 35 0 0 0 151 0", darker(bark.base, 0.6), 4, opacity=0.8),
    )


def _gloss(c: Canvas, top: float) -> str:
    return path(
        f"M-112 {number(top + 28)}L-80 {number(top + 36)}V14L-112 4Z", "#fff3df", opacity=0.32, filter=c.blur(4)
    )


def kettle(c: Canvas) -> str:
    """A cast iron kettle with dimpled sides, about 520 wide and 560 high."""
    iron = Glaze("#4a4643", "#6b635c", "#4a4643", "#6f6860", 0, 0.25)
    dots = [
        ellipse(x + (row % 2) * 15, -70 - row * 24, 6, 4.5, "#6a625b", opacity=0.7)
        for row in range(5)
        for x in range(-210, 211, 30)
    ]
    spout = tube(c, [(-170, -120, 46), (-246, -168, 32), (-286, -236, 22), (-318, -256, 20)], iron)
    tip = at(-319, -257, ellipse(0, 0, 21, 9, darker(iron.base, 0.6), stroke=iron.rim, stroke_width=5), turn=-60)
    bail = "M-170 -250C-190 -440 -110 -510 0 -510S190 -440 170 -250"
    handle = group(
        stroke(bail, darker(iron.base, 0.55), 24),
        stroke(bail, iron.base, 17),
        stroke(bail, lighter(iron.base, 0.4), 4, transform="translate(-4 -4)", opacity=0.6),
    )
    dome = Form([(114, 0), (108, 16), (64, 38), (14, 44)], open=False, foot=0)
    brass = Glaze("#c99b4b", "#e8c988", "#c99b4b", "#8d6728", 0, 0.8)
    button = Form([(16, 0), (13, 14), (27, 30), (22, 44), (2, 50)], open=False, foot=0)
    return group(
        spout,
        tip,
        body(c, KETTLE, iron),
        c.clipped(path(outline(KETTLE, 0.97), "#000"), *dots),
        at(
            0,
            -268,
            ellipse(0, 4, 118, 27, darker(iron.base, 0.6)),
            body(c, dome, iron),
            at(0, -42, body(c, button, brass)),
        ),
        handle,
    )


def sand_timer(c: Canvas, sand: str = "#c47a2c") -> str:
    """An hourglass in a wooden frame, about 190 wide and 330 high."""
    glass_shape = "M-62 -286C-62 -200 -10 -190 -10 -165S-62 -120 -62 -40H62C62 -120 10 -140 10 -165S62 -200 62 -286Z"
    plates = Form([(92, 0), (92, 24)], open=False, foot=0)
    wood = GLAZES["wood"]
    top = at(0, -292, body(c, plates, wood), ellipse(0, -24, 90, 90 * TILT, lighter(wood.base, 0.3)))
    posts = [stroke(f"M{x} -22V-292", colour, 11) for x, colour in ((-76, WOOD), (76, WALNUT))]
    grains = c.clipped(
        path(glass_shape, "#000"),
        path("M-70 -40C-50 -104 50 -104 70 -40V0H-70Z", sand),
        path("M-60 -232Q0 -216 60 -232L10 -165H-10Z", sand),
        stroke("M0 -170V-90", sand, 4),
    )
    return group(
        body(c, plates, wood),
        ellipse(0, -24, 90, 90 * TILT, lighter(wood.base, 0.3)),
        path(glass_shape, "#fffdf5", opacity=0.4),
        grains,
        path(glass_shape, stroke="#fffdf5", stroke_width=5, opacity=0.8),
        stroke("M-44 -270Q-40 -220 -22 -196", "#fffdf5", 6, opacity=0.7),
        *posts,
        top,
    )


def whisk_stand(c: Canvas, glaze: Glaze) -> str:
    """A whisk resting on its ceramic holder."""
    form = Form([(76, 0), (66, 16), (58, 60), (70, 104)], wall=10, foot=0)
    return group(body(c, form, glaze), at(0, -86, whisk(c), scale=0.9))


def spoonful(c: Canvas, colour: str) -> str:
    """A thin bamboo ladle for matcha, its tip heaped with powder, about 420 wide."""
    d = "M-190 6C-150 -26 -120 -10 -90 -6L210 10"
    return group(
        stroke(d, darker(BAMBOO, 0.45), 18, transform="translate(2 6)"),
        stroke(d, BAMBOO, 14),
        stroke(d, lighter(BAMBOO, 0.5), 3, transform="translate(0 -4)"),
        circle(60, 4, 8, darker(BAMBOO, 0.25)),
        ellipse(-168, -18, 44, 18, colour),
        ellipse(-176, -24, 22, 8, lighter(colour, 0.3)),
    )
