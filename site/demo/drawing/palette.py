"""The house colours: paper, ink, celadon, rust, charcoal, sand, tea; and how glazes and moods use them."""

from dataclasses import dataclass

PAPER = "#f5ecdd"
CREAM = "#fbf6ea"
SAND = "#dcc49c"
OCHRE = "#cf9a4a"
AMBER = "#c47a2c"
RUST = "#b5532f"
BRICK = "#8c3d25"
BLUSH = "#e9c3a6"
CELADON = "#9fbaa3"
MIST = "#d3dfd0"
SAGE = "#71917a"
LEAF = "#6b8348"
MOSS = "#44603a"
PINE = "#2c4638"
MATCHA = "#96ad4c"
INK = "#27323b"
SLATE = "#46545c"
CLAY = "#b07d57"
WOOD = "#bd8c5b"
WALNUT = "#7b5236"
BAMBOO = "#dcc285"

_WARM_LIGHT = "#fff7e4"
_WARM_DARK = "#2a1c1a"


def mix(first: str, second: str, part: float) -> str:
    """The colour `part` of the way from `first` to `second`."""
    pairs = zip(_channels(first), _channels(second), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * part):02x}" for a, b in pairs)


def lighter(colour: str, part: float) -> str:
    """Towards warm light."""
    return mix(colour, _WARM_LIGHT, part)


def darker(colour: str, part: float) -> str:
    """Towards warm shade, never towards plain black."""
    return mix(colour, _WARM_DARK, part)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


@dataclass(frozen=True)
class Glaze:
    """How a fired surface looks: its colour, the bare clay below it, speckles and shine (0 to 1)."""

    base: str
    rim: str
    clay: str
    speckle: str
    speckles: float = 1.0
    shine: float = 0.5
    inside: str = ""
    streaks: bool = False

    @property
    def inner(self) -> str:
        """The colour inside the vessel."""
        return self.inside or self.base


GLAZES = {
    "celadon": Glaze("#9ebba4", "#c3d3bd", "#a8825f", "#5f7d68", 0.7, 0.75, "#b9cfb8"),
    "charcoal": Glaze("#47474a", "#77706a", "#4c3d35", "#8d857c", 0.8, 0.4, "#55534f"),
    "sand": Glaze("#d9c29b", "#ab7d4f", "#a9764c", "#8b5f3c", 1.3, 0.35, "#eadbbd"),
    "white": Glaze("#efe9dc", "#fbf7ee", "#d8c8ae", "#b9a98d", 0.25, 0.8, "#f8f3e8"),
    "rust": Glaze("#b4593a", "#d58d62", "#6d3524", "#6b2c1c", 1.0, 0.45, "#c07a55"),
    "tenmoku": Glaze("#33231f", "#a0602c", "#5b4334", "#b4772f", 0.0, 0.9, "#2b1d1b", True),
    "indigo": Glaze("#46586b", "#8fa0a8", "#a07a5a", "#2c3a48", 0.8, 0.6, "#dfe1d8"),
    "wood": Glaze("#b98a5a", "#cfa574", "#b98a5a", "#8a5f3a", 0.0, 0.25, "#a5774a"),
    "cork": Glaze("#c79a6a", "#d5ad80", "#c79a6a", "#8f6539", 1.6, 0.05),
    "bark": Glaze("#7c3b2a", "#a25a3e", "#7c3b2a", "#5a2a1f", 0.0, 0.8),
}


@dataclass(frozen=True)
class Mood:
    """The colours of a picture's room: top of the wall, wall, table and the shape behind the things."""

    sky: str
    wall: str
    table: str
    disc: str
    dark: bool = False

    @property
    def shade(self) -> str:
        """The colour of cast shadows on the table."""
        return darker(self.table, 0.72 if self.dark else 0.6)


MOODS = {
    "dawn": Mood("#e6b48d", "#f4e4cd", "#dbbd96", "#f0a577"),
    "mist": Mood("#a9c1ad", "#dfe7d9", "#bccbb6", "#f6f0df"),
    "spring": Mood("#c9d29a", "#eef0d8", "#cfd2a2", "#fbf3d0"),
    "paper": Mood("#e3cfae", "#f6eee0", "#e2cfb0", "#d98e64"),
    "honey": Mood("#d99a45", "#f0cb86", "#cf9a55", "#fbe9c0"),
    "clay": Mood("#9a4a2c", "#c8764f", "#a45735", "#f0c79c"),
    "rose": Mood("#cf9284", "#ecd0bf", "#d2a58d", "#b85b4e"),
    "night": Mood("#1b242d", "#34424b", "#20292f", "#e3b968", True),
    "smoke": Mood("#2c2a2b", "#57504b", "#332f2e", "#c5633a", True),
    "forest": Mood("#2b4338", "#557261", "#34493d", "#e9d9a4", True),
    "plum": Mood("#43182a", "#7d3547", "#4c1f30", "#e8b58c", True),
    "dusk": Mood("#5d7383", "#b9c2bd", "#8f9a96", "#f1c795"),
}
