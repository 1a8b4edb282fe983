"""The demo's pictures: drawn for everything the content names, light enough, and the same on every run."""

import tomllib
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from PIL import Image

from demo.drawing.book import PICTURES, Picture

DEMO = Path(__file__).parent.parent
HEAVIEST = 100_000
ALL_TOGETHER = 6_000_000


def toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def wanted() -> set[str]:
    """Names the content asks for: pages, categories, two views of each product, each colour of the ceramics."""
    names = {"home-hero", "about", "brewing-guide"}
    names |= {f"category-{row['key']}" for row in toml(DEMO / "content/categories.toml")["category"]}
    for file in (DEMO / "content/products").glob("*.toml"):
        product = toml(file)
        names |= {f"{product['key']}-1", f"{product['key']}-2"}
        options = (variant.get("options", {}) for variant in product["variant"])
        names |= {f"{product['key']}-{values['colour']}" for values in options if "colour" in values}
    return names


def test_the_script_draws_exactly_what_the_content_names():
    assert set(PICTURES) == wanted()


def test_no_picture_lies_around_that_nobody_draws():
    assert {file.stem for file in (DEMO / "pictures").iterdir()} == set(PICTURES)


@pytest.mark.parametrize("picture", PICTURES.values(), ids=lambda picture: picture.name)
def test_the_file_is_a_light_webp_of_the_drawn_size(picture: Picture):
    data = (DEMO / "pictures" / f"{picture.name}.webp").read_bytes()

    assert len(data) < HEAVIEST
    with Image.open(BytesIO(data)) as image:
        assert (image.format, image.size) == ("WEBP", picture.size)


def test_all_pictures_together_fit_a_clone():
    assert sum(file.stat().st_size for file in (DEMO / "pictures").iterdir()) < ALL_TOGETHER


@pytest.mark.parametrize("picture", PICTURES.values(), ids=lambda picture: picture.name)
def test_drawing_is_well_formed_repeatable_and_without_words(picture: Picture):
    drawn = picture.svg()

    root = ElementTree.fromstring(drawn)
    identifiers = [element.get("id") for element in root.iter() if element.get("id")]
    assert (root.get("width"), root.get("height")) == tuple(str(side) for side in picture.size)
    assert len(identifiers) == len(set(identifiers))
    assert all(f'"url(#{name})"' in drawn for name in identifiers)
    assert "nan" not in drawn and not list(root.iter("{http://www.w3.org/2000/svg}text"))
    assert picture.svg() == drawn
