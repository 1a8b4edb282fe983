"""Rows of the catalogue for tests, as plain functions with harmless defaults."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from decimal import Decimal
from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.files.images import ImageFile
from PIL import Image as Picture
from wagtail.images import get_image_model

from catalog import stock
from catalog.models import (
    Category,
    CategoryTranslation,
    Option,
    OptionValue,
    Product,
    ProductImage,
    ProductTranslation,
    Variant,
)

numbers = itertools.count(1)


def make_image(title: str = "Picture", size: tuple[int, int] = (64, 48)) -> Any:
    """A picture in Wagtail's library."""
    buffer = BytesIO()
    Picture.new("RGB", size, "#8fa998").save(buffer, "PNG")
    file = ImageFile(buffer, name=f"picture-{next(numbers)}.png")
    return get_image_model().objects.create(title=title, file=file)


def make_option(key: str = "size", values: Sequence[str] = ("50g", "100g")) -> Option:
    """An option with values; `option.values.all()` keeps their order."""
    option = Option.objects.create(key=key, name={"en": key.capitalize(), "de": f"{key} (de)"})
    for order, value in enumerate(values):
        OptionValue.objects.create(
            option=option, key=value, label={"en": value, "de": f"{value} (de)"}, sort_order=order
        )
    return option


def make_category(
    name: str = "Tea",
    *,
    parent: Category | None = None,
    languages: Sequence[str] = ("en", "de"),
    texts: dict[str, dict[str, Any]] | None = None,
    live: bool = True,
    **fields: Any,
) -> Category:
    """A category; its name in other languages than English ends in the language code."""
    category = Category(parent=parent, live=live, **fields)
    category.translations = [CategoryTranslation(**row) for row in _rows(name, languages, texts)]
    category.save()
    return category


def make_product(
    name: str = "Sencha",
    *,
    languages: Sequence[str] = ("en", "de"),
    texts: dict[str, dict[str, Any]] | None = None,
    variants: Sequence[dict[str, Any]] | None = None,
    images: Sequence[Any] = (),
    tags: Sequence[str] = (),
    live: bool = True,
    **fields: Any,
) -> Product:
    """A product. Names are "Sencha", "Sencha de", "Sencha ar"; slugs follow from them.

    `texts` adds to or overrides a language: {"de": {"name": "Grüner Tee"}}.
    `variants`: fields of each, and `stock`: units on hand (10 when not given). One variant of 8.90 when not given.
    `images`: rows of Wagtail's library, see make_image().
    """
    product = Product(live=live, **fields)
    product.translations = [ProductTranslation(**row) for row in _rows(name, languages, texts)]
    rows = [dict(row) for row in ([{}] if variants is None else variants)]
    units = [row.pop("stock", 10) for row in rows]
    product.variants = [
        Variant(**{"sku": f"SKU-{next(numbers)}", "price": Decimal("8.90"), "sort_order": order, **row})
        for order, row in enumerate(rows)
    ]
    alt = {code: f"Picture ({code})" for code, _name in settings.LANGUAGES}
    product.images = [ProductImage(image=image, sort_order=order, alt=alt) for order, image in enumerate(images)]
    product.save()
    if tags:
        product.tags.add(*tags)
        product.save()
    for variant, count in zip(product.variants.all(), units, strict=True):
        stock.adjust(variant, count=count, reason="test")
    return Product.objects.get(pk=product.pk)


def make_variant(*, stock: int = 10, **fields: Any) -> Variant:
    """The only variant of a new product."""
    return make_product(variants=[{"stock": stock, **fields}]).variants.get()


def _rows(name: str, languages: Sequence[str], texts: dict[str, dict[str, Any]] | None) -> list[dict[str, Any]]:
    texts = texts or {}
    return [
        {"language_code": code, "name": name if code == "en" else f"{name} {code}", **texts.get(code, {})}
        for code in dict.fromkeys([*languages, *texts])
    ]
