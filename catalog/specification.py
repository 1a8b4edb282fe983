"""The specification table of a product page, and the attributes that lists can be narrowed by."""

from __future__ import annotations

from catalog.models import Product


def specification(product: Product) -> list[tuple[str, str]]:
    """(attribute, value with unit) in the active language, in the editor's order; blank ones are left out.

    Runs no query on a product of `for_page()`.
    """
    values = sorted(product.attribute_values.all(), key=lambda row: (row.attribute.position, row.attribute_id))
    return [(str(row.attribute), row.shown) for row in values if row.shown]
