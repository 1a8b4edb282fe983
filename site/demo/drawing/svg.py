"""The few SVG elements the pictures are made of, as functions that return markup."""

from collections.abc import Sequence

Point = tuple[float, float]
Attribute = str | float | None


def number(value: float) -> str:
    """Shortest decimal text with at most two places: `3.0` becomes `3`."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in ("", "-0") else text


def tag(name: str, *children: str, **attributes: Attribute) -> str:
    """One element; `stroke_width` becomes `stroke-width`, `None` drops the attribute."""
    parts = [name]
    for key, value in attributes.items():
        if value is None:
            continue
        text = value if isinstance(value, str) else number(value)
        parts.append(f'{key.rstrip("_").replace("_", "-")}="{text}"')
    head = " ".join(parts)
    return f"<{head}>{''.join(children)}</{name}>" if children else f"<{head}/>"


def path(d: str, fill: str = "none", **attributes: Attribute) -> str:
    """A path, filled or stroked."""
    return tag("path", d=d, fill=fill, **attributes)


def stroke(d: str, colour: str, width: float, **attributes: Attribute) -> str:
    """An open path with round ends."""
    return tag(
        "path",
        d=d,
        fill="none",
        stroke=colour,
        stroke_width=width,
        stroke_linecap="round",
        stroke_linejoin="round",
        **attributes,
    )


def circle(x: float, y: float, r: float, fill: str = "none", **attributes: Attribute) -> str:
    """A circle around (x, y)."""
    return tag("circle", cx=x, cy=y, r=r, fill=fill, **attributes)


def ellipse(x: float, y: float, rx: float, ry: float, fill: str = "none", **attributes: Attribute) -> str:
    """An upright ellipse around (x, y)."""
    return tag("ellipse", cx=x, cy=y, rx=rx, ry=ry, fill=fill, **attributes)


def rect(x: float, y: float, w: float, h: float, fill: str = "none", **attributes: Attribute) -> str:
    """A rectangle from its top left corner."""
    return tag("rect", x=x, y=y, width=w, height=h, fill=fill, **attributes)


def group(*children: str, **attributes: Attribute) -> str:
    """Children under shared attributes."""
    return tag("g", *children, **attributes) if children else ""


def at(x: float, y: float, *children: str, scale: float = 1, turn: float = 0, flip: bool = False) -> str:
    """Children moved to (x, y), then turned by degrees and scaled around that point."""
    steps = [f"translate({number(x)} {number(y)})"]
    if turn:
        steps.append(f"rotate({number(turn)})")
    if scale != 1 or flip:
        steps.append(f"scale({number(-scale if flip else scale)} {number(scale)})")
    return group(*children, transform=" ".join(steps))


def polygon(points: Sequence[Point]) -> str:
    """Path data of a closed polygon."""
    return "M" + "L".join(f"{number(x)} {number(y)}" for x, y in points) + "Z"
