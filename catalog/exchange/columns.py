"""The columns of a product file: Shopify's published names and ours for what Shopify lacks.

Shopify's names, old and new: https://help.shopify.com/en/manual/products/import-export/using-csv
A column that a file does not have leaves what is stored alone; an empty cell empties it.
"""

from __future__ import annotations

import re

from django.conf import settings

LANGUAGES = [code for code, _name in settings.LANGUAGES]
DEFAULT = settings.LANGUAGE_CODE
OTHERS = [code for code in LANGUAGES if code != DEFAULT]
OPTIONS = (1, 2, 3)

# Column -> field of a translation row. Each also exists per language: "Title (de)".
TEXTS = {
    "Title": "name",
    "Handle": "slug",
    "Summary": "summary",
    "Body (HTML)": "body",
    "SEO Title": "seo_title",
    "SEO Description": "search_description",
}
SIMPLE_FIELDS = {  # column -> field of the product, compared as it is
    "Vendor": "vendor",
    "Tax Class": "tax_class",
    "Featured": "featured",
    "Position": "position",
    "Goes Live": "go_live_at",
    "Expires": "expire_at",
}
OPTION_NAMES = [f"Option{number} {part}" for number in OPTIONS for part in ("Name", "Value")]
TRANSLATED = [*TEXTS, "Image Alt Text", *OPTION_NAMES]

SHOPIFY = [
    "Handle", "Title", "Body (HTML)", "Vendor", "Type", "Tags", "Published",
    *OPTION_NAMES,
    "Variant SKU", "Variant Grams", "Variant Inventory Tracker", "Variant Inventory Qty", "Variant Inventory Policy",
    "Variant Fulfillment Service", "Variant Price", "Variant Compare At Price", "Variant Requires Shipping",
    "Variant Taxable", "Variant Barcode", "Image Src", "Image Position", "Image Alt Text", "Gift Card", "SEO Title",
    "SEO Description", "Variant Image", "Variant Weight Unit", "Status",
]  # fmt: skip
# Shopify wants these in its own imports; we have nothing that they would say.
CONSTANT = {
    "Variant Inventory Tracker": "shopify",
    "Variant Inventory Policy": "deny",
    "Variant Fulfillment Service": "manual",
    "Variant Requires Shipping": "TRUE",
    "Variant Taxable": "TRUE",
    "Variant Weight Unit": "g",
}
PRODUCT_CONSTANT = {"Gift Card": "FALSE"}

OWN = [
    "Summary", "Type Key", "Category", "Tax Class", "Featured", "Position", "Accessories", "Similar",
    "Goes Live", "Expires", "Variant Sale From", "Variant Sale Until", "Variant Active",
    *[f"Option{number} {part}" for number in OPTIONS for part in ("Key", "Value Key", "Value Colour")],
]  # fmt: skip
ATTRIBUTE = "Attribute: "

NEWER_NAMES = {
    "URL handle": "Handle",
    "Description": "Body (HTML)",
    "Published on online store": "Published",
    "SKU": "Variant SKU",
    "Barcode": "Variant Barcode",
    "Price": "Variant Price",
    "Compare-at price": "Variant Compare At Price",
    "Weight value (grams)": "Variant Grams",
    "Inventory quantity": "Variant Inventory Qty",
    "Product image URL": "Image Src",
    "Variant image URL": "Variant Image",
}
NUMBERS = {
    "Variant Grams",
    "Variant Inventory Qty",
    "Variant Price",
    "Variant Compare At Price",
    "Image Position",
    "Position",
}


def translated(column: str, code: str) -> str:
    """The column in another language: "Title (de)". The default language has the plain name."""
    return column if code == DEFAULT else f"{column} ({code})"


KNOWN = [*SHOPIFY, *OWN, *(translated(column, code) for column in TRANSLATED for code in OTHERS)]
_SPELLINGS = {name.casefold(): name for name in KNOWN} | {
    name.casefold(): column for name, column in NEWER_NAMES.items()
}
_SPELLINGS |= {f"{column} ({DEFAULT})".casefold(): column for column in TRANSLATED}
_LANGUAGE = re.compile(rf"^(?P<base>.+) \((?P<code>{'|'.join(LANGUAGES)})\)$", re.IGNORECASE)


def canonical(heading: str) -> str | None:
    """Our name of a column, whatever its case or age; None when it says nothing to us.

    >>> canonical("url handle"), canonical("TITLE (DE)"), canonical("attribute: origin (en)"), canonical("Cost")
    ('Handle', 'Title (de)', 'Attribute: origin', None)
    """
    name = " ".join(heading.split())
    if name.casefold().startswith(ATTRIBUTE.casefold()):
        key, code = split_language(name[len(ATTRIBUTE) :])
        return translated(ATTRIBUTE + key, code)
    return _SPELLINGS.get(name.casefold())


def split_language(column: str) -> tuple[str, str]:
    """("Title", "de") of "Title (de)"; ("Title", default language) of "Title"."""
    found = _LANGUAGE.match(column)
    return (found["base"], found["code"].lower()) if found else (column, DEFAULT)


def header(attributes: list[tuple[str, bool]], everything: bool = True) -> list[str]:
    """The columns of an export. `attributes`: key of each, and whether it is a text with a column per language.

    Not `everything`: only what Shopify reads.
    """
    if not everything:
        return SHOPIFY
    own = [*OWN]
    for key, is_text in attributes:
        own += [translated(ATTRIBUTE + key, code) for code in (LANGUAGES if is_text else [DEFAULT])]
    return [*SHOPIFY, *own, *(translated(column, code) for code in OTHERS for column in TRANSLATED)]
