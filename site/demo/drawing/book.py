"""Every picture of the demo shop by file name: its size and the function that draws it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from demo.drawing import ceramics, gifts, pages, scenes, teas
from demo.drawing.canvas import Canvas

SQUARE, SCENE, PAGE, HERO = (1200, 1200), (1200, 900), (1600, 900), (1920, 1080)


@dataclass(frozen=True)
class Picture:
    """One picture: file name without suffix, width and height in pixels, how it is drawn."""

    name: str
    size: tuple[int, int]
    draw: Callable[[Canvas], None]

    def svg(self) -> str:
        """The picture as SVG; the same text every time, because its name seeds the randomness."""
        canvas = Canvas(self.name, *self.size)
        self.draw(canvas)
        return canvas.svg()


def _book() -> dict[str, Picture]:
    found: list[Picture] = []
    for key, tea in teas.TEAS.items():
        found.append(Picture(f"{key}-1", SQUARE, partial(teas.front, tea=tea)))
        found.append(Picture(f"{key}-2", SQUARE, partial(teas.detail, tea=tea)))
    for name, draw in (*ceramics.pictures().items(), *gifts.pictures().items()):
        found.append(Picture(name, SQUARE, draw))
    found += [Picture(name, SCENE, draw) for name, draw in scenes.pictures().items()]
    found += [Picture(name, HERO if name == "home-hero" else PAGE, draw) for name, draw in pages.pictures().items()]
    return {picture.name: picture for picture in found}


PICTURES = _book()
