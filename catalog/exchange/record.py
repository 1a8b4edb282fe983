"""A product as a file tells it, independent of any database: handles, keys, paths and addresses instead of ids."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from catalog.exchange.html import Block


@dataclass
class Problem:
    """What is wrong with a cell, a row (`column` "") or the product (`line` 0). `fatal`: nothing of it is imported."""

    text: str
    line: int = 0
    column: str = ""
    fatal: bool = True

    def as_json(self) -> dict[str, Any]:
        return {"text": self.text, "line": self.line, "column": self.column, "fatal": self.fatal}


@dataclass(frozen=True)
class Choice:
    """One option of a variant with its value. `names`, `labels`: per language, used only where a new one is made."""

    option: str
    value: str
    names: tuple[tuple[str, str], ...] = ()
    labels: tuple[tuple[str, str], ...] = ()
    option_key: str = ""
    value_key: str = ""
    colour: str = ""


@dataclass
class VariantRecord:
    """`fields`: of those columns only that the file has: price, sale_price (gross), sale_from, sale_until,
    weight_grams, active, gtin, image (address). `choices` None: the file has no options. `quantity`: units on hand."""

    sku: str
    line: int = 0
    choices: list[Choice] | None = None
    fields: dict[str, Any] = field(default_factory=dict)
    quantity: int | None = None


@dataclass
class PictureRecord:
    """`alt`: language -> text, of those languages only that the file has."""

    address: str
    alt: dict[str, str] = field(default_factory=dict)
    position: int | None = None
    line: int = 0


@dataclass
class ProductRecord:
    """What a file, or the database, says of one product. A missing key, None: nothing is said.

    `fields`: vendor, tags, type ((key, name)), category (path), tax_class, featured, position, accessories and similar
    (handles), go_live_at, expire_at. `texts`: language -> {name, slug, summary, body (blocks), seo_title,
    search_description}. `attributes`: (key, language) -> text.
    """

    handle: str
    line: int = 0
    fields: dict[str, Any] = field(default_factory=dict)
    texts: dict[str, dict[str, Any]] = field(default_factory=dict)
    variants: list[VariantRecord] | None = None
    pictures: list[PictureRecord] | None = None
    attributes: dict[tuple[str, str], str] = field(default_factory=dict)
    published: bool | None = None
    problems: list[Problem] = field(default_factory=list)

    @property
    def failed(self) -> bool:
        return any(problem.fatal for problem in self.problems)

    def body(self, code: str) -> list[Block]:
        return self.texts.get(code, {}).get("body") or []
