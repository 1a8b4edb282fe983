"""Which sizes a picture is offered in, by the place it is shown at; the browser chooses among them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wagtail.images.shortcuts import get_renditions_or_not_found

if TYPE_CHECKING:
    from wagtail.images.models import AbstractImage, AbstractRendition


@dataclass(frozen=True)
class Place:
    """`widths` in pixels of the files, `sizes` in CSS: how wide the picture stands there."""

    widths: tuple[int, ...]
    sizes: str

    @property
    def specs(self) -> list[str]:
        """Wagtail's rendition filters."""
        return [f"width-{width}|format-webp" for width in self.widths]


PLACES = {
    "thumb": Place((240,), "6rem"),
    "card": Place((400, 800), "(min-width: 62em) 20rem, (min-width: 30em) 45vw, 90vw"),
    "tile": Place((400, 800), "(min-width: 62em) 20rem, 45vw"),
    "gallery": Place((800, 1400), "(min-width: 56em) 50rem, 90vw"),
    "post": Place((800, 1400), "(min-width: 70em) 66rem, 95vw"),
    "wide": Place((800, 1400), "(min-width: 52em) 45rem, 95vw"),
}


def renditions(image: AbstractImage, place: str) -> list[AbstractRendition]:
    """The files for a place, narrow to wide, made when missing. None when the original file is lost."""
    found = get_renditions_or_not_found(image, PLACES[place].specs)
    return [rendition for rendition in found.values() if rendition.width]
