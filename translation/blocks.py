"""The texts inside a StreamField, block by block: source beside target, and back into a body of the source's shape.

Works on the stored JSON. A text is named by the ids of the blocks around it: names survive moving and inserting.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from wagtail import blocks

OWN = "own-"  # begins the key of what stands in the translation only
RICH, LINE, TEXT = "rich", "line", "text"


@dataclass(frozen=True)
class BlockText:
    path: str
    label: str
    kind: str
    source: str
    target: str
    block: blocks.FieldBlock


@dataclass(frozen=True)
class Pair:
    """One child on both sides. `item`: the stored wrapper with type and id, whose value is the child's."""

    key: str
    block: blocks.Block
    source: Any
    target: Any
    item: Any = None


def kind_of(block: blocks.Block) -> str | None:
    """How a block's text is written; None when it holds no words (a picture, a product, a number, an address)."""
    if isinstance(block, blocks.RichTextBlock):
        return RICH
    if isinstance(block, blocks.TextBlock):
        return TEXT
    return LINE if isinstance(block, blocks.CharBlock) else None


def stored(value: Any) -> list[dict[str, Any]]:
    """The JSON of a StreamField as it was saved: ids that are missing there stay missing."""
    return [dict(item) for item in value.raw_data] if value else []


def texts(block: blocks.Block, source: Any, target: Any, path: str, label: str = "") -> Iterator[BlockText]:
    """Every text of either side, in the source's order, with its counterpart."""
    kind = kind_of(block)
    if kind:
        if source or target:
            yield BlockText(path, label, kind, source or "", target or "", block)
        return
    for pair in pairs(block, source, target):
        name = str(pair.block.label or "")
        inner = f"{label} · {name}" if label and name and name != label else label or name
        yield from texts(pair.block, pair.source, pair.target, f"{path}.{pair.key}", inner)


def merged(block: blocks.Block, source: Any, target: Any, path: str, written: Mapping[str, str]) -> Any:
    """The target's value with the structure of the source and the texts written; what only the target has is kept."""
    if kind_of(block):
        return written.get(path, target or "")
    if isinstance(block, blocks.StructBlock):
        return {
            pair.key: merged(pair.block, pair.source, pair.target, f"{path}.{pair.key}", written)
            for pair in pairs(block, source, target)
        }
    if isinstance(block, blocks.ListBlock | blocks.StreamBlock):
        return [
            {**pair.item, "value": merged(pair.block, pair.source, pair.target, f"{path}.{pair.key}", written)}
            for pair in pairs(block, source, target)
        ]
    own_link = isinstance(block, blocks.PageChooserBlock) and target  # the page in the translation's language
    return target if own_link or source is None else source


def merged_stream(block: blocks.StreamBlock, source: Any, target: Any, path: str, written: Mapping[str, str]) -> Any:
    """As `merged`, without the blocks of which no word is translated yet: a shopper must not see them empty."""
    kept = []
    for pair in pairs(block, source, target):
        value = merged(pair.block, pair.source, pair.target, f"{path}.{pair.key}", written)
        wordless = not has_words(pair.block, pair.source)
        if has_words(pair.block, value) or (wordless and pair.source is not None):
            kept.append((wordless, {**pair.item, "value": value}))
    any_word = any(not wordless for wordless, _item in kept) or not has_words(block, source)
    return [item for _wordless, item in kept] if any_word else []


def has_words(block: blocks.Block, value: Any) -> bool:
    return any(text.source.strip() for text in texts(block, value, None, "x"))


def pairs(block: blocks.Block, source: Any, target: Any) -> Iterator[Pair]:
    """The children of a block on both sides; a missing side is None."""
    if isinstance(block, blocks.StructBlock):
        before, after = source or {}, target or {}
        for name, child in block.child_blocks.items():
            yield Pair(name, child, before.get(name), after.get(name))
    elif isinstance(block, blocks.ListBlock | blocks.StreamBlock):
        yield from _item_pairs(block, _items(block, source), _items(block, target))


def _item_pairs(block: Any, sources: list[dict[str, Any]], targets: list[dict[str, Any]]) -> Iterator[Pair]:
    counterpart = _counterparts(sources, targets)
    used = {id(item) for item in counterpart.values()}
    for number, item in enumerate(sources):
        child, other = _child(block, item), counterpart.get(number)
        if child:
            key = item.get("id") or str(number)
            yield Pair(key, child, item["value"], other["value"] if other else None, item)
    for number, item in enumerate(targets):
        child = _child(block, item)
        if child and id(item) not in used:
            yield Pair(f"{OWN}{item.get('id') or number}", child, None, item["value"], item)


def _counterparts(sources: list[dict[str, Any]], targets: list[dict[str, Any]]) -> dict[int, dict[str, Any]]:
    """Index in the source -> item of the target: by id, or where no id is shared, the n-th of a type to the n-th."""
    by_id = {item["id"]: item for item in targets if item.get("id")}
    found = {number: by_id[item["id"]] for number, item in enumerate(sources) if item.get("id") in by_id}
    if found:
        return found
    waiting: dict[str, list[dict[str, Any]]] = {}
    for item in targets:
        waiting.setdefault(item["type"], []).append(item)
    return {number: waiting[item["type"]].pop(0) for number, item in enumerate(sources) if waiting.get(item["type"])}


def _items(block: Any, value: Any) -> list[dict[str, Any]]:
    """Stored items; lists of Wagtail's older format hold bare values."""
    if isinstance(block, blocks.StreamBlock):
        return list(value or [])
    wrapped = (isinstance(item, dict) and item.get("type") == "item" and "value" in item for item in value or [])
    return [
        item if is_wrapped else {"type": "item", "value": item}
        for item, is_wrapped in zip(value or [], wrapped, strict=True)
    ]


def _child(block: Any, item: dict[str, Any]) -> blocks.Block | None:
    return block.child_block if isinstance(block, blocks.ListBlock) else block.child_blocks.get(item["type"])
