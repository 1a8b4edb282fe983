"""The blocks of a body as they are stored, and the same without ids, as files have them."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from wagtail import blocks

from catalog.exchange.html import Block, rich, to_html
from catalog.exchange.vocabulary import Image, References
from catalog.models import Product, ProductTranslation

Convert = Callable[[Any, Any], Any]  # (model, id or name) -> name or id


class Unusable(Exception):
    """A block of a file that our body cannot hold. `handles`: products it needs that do not exist."""

    def __init__(self, handles: list[str]) -> None:
        self.handles = handles


def stream() -> blocks.StreamBlock:
    return ProductTranslation._meta.get_field("body").stream_block


def portable(raw: str | None, references: References) -> list[Block]:
    """Blocks without ids. `raw`: the JSON text of a revision."""
    rows = json.loads(raw or "[]")
    kinds = stream().child_blocks
    return [
        (row["type"], _plain(kinds[row["type"]], row["value"], references.name_of))
        for row in rows
        if row["type"] in kinds
    ]


def html_of(raw: str | None, references: References) -> str:
    """The body as an export writes it, and as two bodies are compared."""
    return to_html(portable(raw, references))


def stored(wanted: list[Block], references: References, images: dict[str, int | None]) -> tuple[str, list[Unusable]]:
    """JSON text for the body, and the blocks that it had to leave out. `images`: address -> id, None: it failed."""
    rows, left_out = [], []
    for kind, value in wanted:
        try:
            rows.append({"type": kind, "value": _checked(kind, value, references, images), "id": str(uuid.uuid4())})
        except Unusable as error:
            left_out.append(error)
    return json.dumps(rows), left_out


def pictures_in(wanted: list[Block]) -> list[str]:
    """Addresses of the pictures that a body shows."""
    found: list[str] = []

    def note(model: Any, name: Any) -> Any:
        if model is Image and isinstance(name, str):
            found.append(name)
        return None

    kinds = stream().child_blocks
    for kind, value in wanted:
        if kind in kinds:
            _guarded(kinds[kind], value, note)
    return found


def _checked(kind: str, value: Any, references: References, images: dict[str, int | None]) -> Any:
    """The value with ids, as the block's own form would accept it. Raises Unusable."""
    block = stream().child_blocks.get(kind)
    missing: list[str] = []

    def to_id(model: Any, name: Any) -> int | None:
        if model is Image and isinstance(name, str) and name in images:
            return images[name]
        found = references.id_of(model, name) if name not in (None, "") else None
        if found is None and model is Product and isinstance(name, str):
            missing.append(name)
        return found

    if block is None:
        raise Unusable([])
    try:
        prepared = _plain(block, value, to_id)
        return block.get_prep_value(block.clean(block.to_python(prepared)))
    except (ValidationError, TypeError, ValueError, AttributeError, KeyError, LookupError) as error:
        raise Unusable(missing) from error


def _guarded(block: blocks.Block, value: Any, convert: Convert) -> None:
    try:
        _plain(block, value, convert)
    except (TypeError, ValueError, AttributeError, KeyError):
        return  # what it may hold is told when it is stored


def _plain(block: blocks.Block, value: Any, convert: Convert) -> Any:
    """The value with its references converted, items of lists without ids and rich text cleaned."""
    if isinstance(block, blocks.StructBlock):
        children = block.child_blocks.items()
        return {name: _plain(child, value.get(name, child.get_default()), convert) for name, child in children}
    if isinstance(block, blocks.ListBlock):
        return [_plain(block.child_block, _item(item), convert) for item in value or []]
    if isinstance(block, blocks.RichTextBlock):
        return rich(getattr(value, "source", value) or "")
    if isinstance(block, blocks.ChooserBlock):
        return convert(block.target_model, value)
    if isinstance(block, blocks.CharBlock | blocks.TextBlock):
        return value or ""
    return value


def _item(item: Any) -> Any:
    return item["value"] if isinstance(item, dict) and item.get("type") == "item" and "value" in item else item
