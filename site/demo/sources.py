"""Where the demo's texts and pictures come from, and how a list of blocks becomes a page's body."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.images import ImageFile
from wagtail.images import get_image_model
from wagtail.models import Locale, Page
from wagtail.rich_text import RichText

from catalog.models import Category, Product
from core.models import CallToAction, HomePage

CONTENT = Path(__file__).parent / "content"
PICTURES = Path(__file__).parent / "pictures"
LANGUAGES = [code for code, _name in settings.LANGUAGES]

Progress = Iterator[tuple[int, int]]


@functools.cache
def content(name: str) -> dict[str, Any]:
    return tomllib.loads((CONTENT / f"{name}.toml").read_text(encoding="utf-8"))


@functools.cache
def products_content() -> list[dict[str, Any]]:
    files = sorted((CONTENT / "products").glob("*.toml"))
    return sorted((content(f"products/{file.stem}") for file in files), key=lambda product: product["position"])


def picture(key: str) -> Any:
    """The picture of that name in Wagtail's library, or None when it has not been drawn."""
    Image = get_image_model()
    image = Image.objects.filter(title=key).first()
    file = PICTURES / f"{key}.webp"
    if image is None and file.exists():
        image = Image.objects.create(title=key, file=ImageFile(BytesIO(file.read_bytes()), name=file.name))
        image.get_file_hash()  # saves it: an import knows by it that the picture is here already
    return image


def homes(home: Page) -> Iterator[tuple[str, HomePage]]:
    for code in LANGUAGES:
        yield code, home.get_translation(Locale.objects.get(language_code=code)).specific


def category_of(key: str) -> Category | None:
    """The demo category of that key, found by its English slug."""
    slugs = {entry["key"]: entry["en"]["slug"] for entry in content("categories")["category"]}
    return Category.objects.filter(translations__language_code="en", translations__slug=slugs.get(key)).first()


def product_of(key: str) -> Product | None:
    """The demo product of that key, found by its first SKU."""
    entry = next(entry for entry in products_content() if entry["key"] == key)
    return Product.objects.filter(variants__sku=entry["variant"][0]["sku"]).first()


def call_of(key: str) -> CallToAction | None:
    return CallToAction.objects.filter(title__en=content("window")["call"][key]["title"]["en"]).first()


def body(blocks: list[dict[str, Any]]) -> list[tuple[str, Any]]:
    """Content blocks as Wagtail's StreamField takes them."""
    return [(block["type"], BLOCKS[block["type"]](block)) for block in blocks]


def faq(block: dict[str, Any]) -> dict[str, Any]:
    entries = [{"question": row["question"], "answer": RichText(row["answer"])} for row in block["questions"]]
    return {"heading": block["heading"], "questions": entries}


def gallery(block: dict[str, Any]) -> dict[str, Any]:
    shown = [{"image": picture(row["picture"]), "alt": row["alt"], "caption": ""} for row in block["pictures"]]
    return {"heading": block["heading"], "pictures": shown}


def product(block: dict[str, Any]) -> dict[str, Any]:
    return {
        "product": product_of(block["product"]),
        "note": block["note"],
        "when_gone": block["when_gone"],
        "substitute": product_of(block["substitute"]) if "substitute" in block else None,
    }


def grid(block: dict[str, Any]) -> dict[str, Any]:
    return {
        "heading": block["heading"],
        "intro": block["intro"],
        "source": block.get("source", "chosen"),
        "products": [product_of(key) for key in block.get("products", [])],
        "category": category_of(block["category"]) if "category" in block else None,
        "tag": "",
        "limit": block.get("limit", 8),
    }


BLOCKS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "heading": lambda block: block["text"],
    "paragraph": lambda block: RichText(block["text"]),
    "quote": lambda block: {"text": block["text"], "source": block.get("source", "")},
    "facts": lambda block: {
        "caption": block.get("caption", ""),
        "header": block.get("header", []),
        "rows": block["rows"],
    },
    "faq": faq,
    "gallery": gallery,
    "product": product,
    "products": grid,
    "comparison": lambda block: {
        "heading": block["heading"],
        "products": [product_of(key) for key in block["products"]],
    },
    "call_to_action": lambda block: {"chosen": call_of(block["chosen"])},
}
