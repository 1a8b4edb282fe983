"""A product or category as the unsaved start of a new one."""

from __future__ import annotations

from typing import TypeVar

from catalog.models import Category, Product

T = TypeVar("T", Product, Category)


def copy_of(source: T) -> T:
    """Everything but what must be unique (primary keys, SKUs, GTINs, slugs), and nothing of the publishing state."""
    content = source.serializable_data()
    for name in (
        "pk",
        "live_revision",
        "latest_revision",
        "first_published_at",
        "go_live_at",
        "expire_at",
        "locked_by",
    ):
        content[name] = None
    content.update(live=False, has_unpublished_changes=False, expired=False, locked=False)
    for relation in ("translations", "variants", "images", "tagged_items", "attribute_values", "associations"):
        for row in content.get(relation, []):
            row.update(pk=None, **{name: "" for name in ("slug", "sku", "gtin") if name in row})
    return type(source).from_serializable_data(content)
