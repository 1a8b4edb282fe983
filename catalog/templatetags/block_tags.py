"""Tags that render a stream of blocks, with all its products loaded at once."""

from __future__ import annotations

from typing import Any

from django import template
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from wagtail.blocks import StreamValue, StructValue

from catalog.blocks import (
    Comparison,
    Shelf,
    Shown,
    compared,
    grid_cards,
    load_shelf,
    product_blocks,
    shown_product,
)
from catalog.cards import ProductCard

register = template.Library()


@register.simple_tag(takes_context=True)
def stream(context: template.Context, blocks: StreamValue | None) -> SafeString:
    """All blocks of a stream, in order. Every page shows its streams with this."""
    if not blocks:
        return SafeString("")
    shelf = load_shelf(product_blocks(blocks), context.get("request"))
    inside = {**context.flatten(), "shelf": shelf}
    return format_html_join("", "{}", ((block.render(inside),) for block in blocks))


@register.simple_tag
def sells(blocks: StreamValue | None) -> bool:
    """Does the stream hold a product block, whose button wants htmx?"""
    return any(block["type"] == "product" for block in blocks.raw_data) if blocks else False


@register.simple_tag
def plays(blocks: StreamValue | None) -> bool:
    """Does the stream hold a video?"""
    return any(block["type"] == "video" for block in blocks.raw_data) if blocks else False


def shelf_of(context: template.Context, kind: str, value: StructValue) -> Shelf:
    """The stream's shelf; a block shown alone (preview of a block) loads its own."""
    held: Any = context.get("shelf")
    request: HttpRequest | None = context.get("request")
    return held if isinstance(held, Shelf) else load_shelf([(kind, value)], request)


@register.simple_tag(takes_context=True)
def block_product(context: template.Context, value: StructValue) -> Shown | None:
    return shown_product(value, shelf_of(context, "product", value))


@register.simple_tag(takes_context=True)
def block_cards(context: template.Context, value: StructValue) -> list[ProductCard]:
    return grid_cards(value, shelf_of(context, "products", value))


@register.simple_tag(takes_context=True)
def block_comparison(context: template.Context, value: StructValue) -> Comparison | None:
    return compared(value, shelf_of(context, "comparison", value))
