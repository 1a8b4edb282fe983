"""One picture in the making: its layers, its shared gradients, clips and filters, its own random numbers."""

from random import Random

from demo.drawing.svg import group, number, rect, tag

Stop = tuple[float, str] | tuple[float, str, float]


class Canvas:
    """Collects markup; equal definitions are kept once; the name seeds the randomness."""

    def __init__(self, name: str, width: int, height: int) -> None:
        self.name, self.width, self.height = name, width, height
        self.rng = Random(name)
        self._definitions: dict[str, str] = {}
        self._layers: list[str] = []

    def add(self, *markup: str) -> None:
        """Draw on top of what is there."""
        self._layers.extend(markup)

    def define(self, markup: str) -> str:
        """Keep a definition (with `{id}` where its id goes) and answer `url(#id)`."""
        key = self._definitions.setdefault(markup, f"d{len(self._definitions)}")
        return f"url(#{key})"

    def fade(self, *stops: Stop, angle: str = "down") -> str:
        """A straight gradient over the shape's box: `down`, `right` or `slant` (top left to bottom right)."""
        x2, y2 = {"down": ("0", "1"), "right": ("1", "0"), "slant": ("1", "1")}[angle]
        inner = "".join(_stop(*stop) for stop in stops)
        return self.define(f'<linearGradient id="{{id}}" x1="0" y1="0" x2="{x2}" y2="{y2}">{inner}</linearGradient>')

    def glow(self, *stops: Stop, cx: float = 0.5, cy: float = 0.5, r: float = 0.5) -> str:
        """A round gradient over the shape's box."""
        inner = "".join(_stop(*stop) for stop in stops)
        place = f'cx="{number(cx)}" cy="{number(cy)}" r="{number(r)}"'
        return self.define(f'<radialGradient id="{{id}}" {place}>{inner}</radialGradient>')

    def clip(self, *shapes: str) -> str:
        """A clip made of shapes."""
        return self.define(f'<clipPath id="{{id}}">{"".join(shapes)}</clipPath>')

    def blur(self, radius: float) -> str:
        """A soft edge."""
        return self.define(
            '<filter id="{id}" x="-0.5" y="-0.5" width="2" height="2">'
            f'<feGaussianBlur stdDeviation="{number(radius)}"/></filter>'
        )

    def stipple(self, colour: str, grain: float = 0.55) -> str:
        """Turns the transparency of a shape into printed grain of one colour."""
        return self.define(
            '<filter id="{id}" x="0" y="0" width="1" height="1" color-interpolation-filters="sRGB">'
            f'<feTurbulence type="fractalNoise" baseFrequency="{number(grain)}" numOctaves="1" seed="7" result="n"/>'
            '<feColorMatrix in="n" values="0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 2.6 0 0 0 -0.8" result="m"/>'
            '<feComposite in="SourceAlpha" in2="m" operator="arithmetic" k2="1" k3="1" k4="-1" result="s"/>'
            '<feComponentTransfer in="s" result="t"><feFuncA type="linear" slope="2.4"/></feComponentTransfer>'
            f'<feFlood flood-color="{colour}"/><feComposite in2="t" operator="in"/></filter>'
        )

    def svg(self) -> str:
        """The whole picture."""
        definitions = [markup.replace("{id}", key) for markup, key in self._definitions.items()]
        return tag(
            "svg",
            tag("defs", *definitions) if definitions else "",
            *self._layers,
            xmlns="http://www.w3.org/2000/svg",
            width=self.width,
            height=self.height,
            viewBox=f"0 0 {self.width} {self.height}",
        )

    def full(self, fill: str, **attributes: str | float) -> str:
        """A rectangle over the whole picture."""
        return rect(0, 0, self.width, self.height, fill, **attributes)

    def clipped(self, shape: str, *children: str) -> str:
        """Children inside the outline of one shape."""
        return group(*children, clip_path=self.clip(shape))


def _stop(offset: float, colour: str, opacity: float = 1) -> str:
    return tag("stop", offset=offset, stop_color=colour, stop_opacity=None if opacity == 1 else opacity)
