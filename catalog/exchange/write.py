"""Products to CSV and XLSX files that import again without loss, and whose cells no spreadsheet runs as formulas."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from catalog.exchange import content as stored_content
from catalog.exchange.bodies import html_of
from catalog.exchange.columns import (
    ATTRIBUTE,
    CONSTANT,
    DEFAULT,
    LANGUAGES,
    NUMBERS,
    OPTIONS,
    PRODUCT_CONSTANT,
    SIMPLE_FIELDS,
    TEXTS,
    header,
    translated,
)
from catalog.exchange.content import Content
from catalog.exchange.vocabulary import References, Vocabulary
from catalog.forms import without_zeros
from catalog.models import Attribute, Product, Stock

RISKY = re.compile(r"^'*[=+\-@\t\r\n＝＋－＠]")
BATCH = 200
MAX_SHEET_CELL = 32_767


class TooLong(Exception):
    """A text is longer than a cell of a workbook can be: it would be cut. The message names the column."""


def neutral(text: str) -> str:
    """The text with an apostrophe before it where a spreadsheet would take it for a formula; `read.plain` takes it off.

    >>> neutral("=1+1"), neutral("'=1"), neutral("tea")
    ("'=1+1", "''=1", 'tea')
    """
    return f"'{text}" if RISKY.match(text) else text


class Export:
    """The rows of products in the columns of `columns.header`. `everything`: our own columns too, else Shopify's only.

    `published`: what the shop shows, else the latest draft of each.
    """

    def __init__(self, products: QuerySet[Product], *, everything: bool = True, published: bool = False) -> None:
        self.everything, self.published = everything, published
        self.products = products.filter(live=True) if published else products
        self.vocabulary = Vocabulary()
        self.references = References(self.vocabulary)
        attributes = sorted(self.vocabulary.attributes.values(), key=lambda row: row.key)
        self.columns = header([(row.key, row.kind == Attribute.Kind.TEXT) for row in attributes], everything)

    def rows(self) -> Iterator[dict[str, str]]:
        """Column -> cell, product by product in the order of their ids."""
        self.references.load_all()
        pks = list(self.products.order_by("pk").values_list("pk", flat=True))
        for at in range(0, len(pks), BATCH):
            yield from self._rows_of(pks[at : at + BATCH])

    def _rows_of(self, pks: Sequence[int]) -> Iterator[dict[str, str]]:
        products = Product.objects.filter(pk__in=pks).select_related("latest_revision").order_by("pk")
        contents = [(product, stored_content.content_of(product, self.published)) for product in products]
        tags = stored_content.tag_names(content for _product, content in contents)
        units = dict(Stock.objects.filter(variant__product__in=pks).values_list("variant__sku", "on_hand"))
        for product, content in contents:
            if handle := stored_content.handle_of_content(content):
                yield from self._product(product, content, handle, tags, units)

    def _product(
        self, product: Product, content: Content, handle: str, tags: dict[int, str], units: dict[str, int]
    ) -> Iterator[dict[str, str]]:
        """A row per variant or picture, whatever are more; the first one also tells of the product."""
        variants = [self._variant(row, units) for row in stored_content.ordered(content, "variants")]
        pictures = [self._picture(row, at) for at, row in enumerate(stored_content.ordered(content, "images"), 1)]
        first = self._first(product, content, tags)
        for number in range(max(len(variants), len(pictures), 1)):
            yield {
                **(first if number == 0 else {}),
                **(variants[number] if number < len(variants) else {}),
                **(pictures[number] if number < len(pictures) else {}),
                "Handle": handle,
            }

    def _first(self, product: Product, content: Content, tags: dict[int, str]) -> dict[str, str]:
        kind = self.vocabulary.type_of_pk.get(content.get("product_type") or 0)
        names = sorted((tags[row["tag"]] for row in content["tagged_items"] if row["tag"] in tags), key=str.casefold)
        cells = {
            "Type": kind.name.in_language(DEFAULT)[0] if kind else "",
            "Type Key": kind.key if kind else "",
            "Tags": listed(names),
            "Category": self.vocabulary.paths.get(content.get("category") or 0, ""),
            "Published": said(product.live),
            "Status": "active" if product.live else "draft",
            "Accessories": self._handles(content, "accessory"),
            "Similar": self._handles(content, "similar"),
            **PRODUCT_CONSTANT,
        }
        for column, name in SIMPLE_FIELDS.items():
            moment = stored_content.moment(content.get(name)) if name in ("go_live_at", "expire_at") else None
            cells[column] = said(moment or content.get(name))
        for code, row in stored_content.texts(content).items():
            for base, name in TEXTS.items():
                text = html_of(row["body"], self.references) if name == "body" else row[name]
                cells[translated(base, code)] = text or ""
        for key, values in stored_content.attribute_values(content, self.vocabulary.attributes.values()).items():
            cells |= {translated(ATTRIBUTE + key, code): text for code, text in values.items()}
        return cells

    def _handles(self, content: Content, kind: str) -> str:
        handles = (self.references.handle(pk) for pk in stored_content.association_targets(content, kind))
        return ", ".join(handle for handle in handles if handle)

    def _variant(self, row: dict[str, Any], units: dict[str, int]) -> dict[str, str]:
        price, compare = self._prices(row)
        cells = {
            **CONSTANT,
            "Variant SKU": row["sku"],
            "Variant Barcode": row.get("gtin", ""),  # revisions from before there were any lack it
            "Variant Grams": said(row["weight_grams"]),
            "Variant Inventory Qty": said(units.get(row["sku"], 0)),
            "Variant Price": said(price),
            "Variant Compare At Price": said(compare),
            "Variant Image": self.references.address(row["image"]) if row["image"] else "",
            "Variant Sale From": said(stored_content.moment(row["sale_from"])),
            "Variant Sale Until": said(stored_content.moment(row["sale_until"])),
            "Variant Active": said(row["active"]),
        }
        chosen = [row[name] for name in ("option_1", "option_2", "option_3") if row[name] in self.vocabulary.values]
        for number, pk in zip(OPTIONS, chosen, strict=False):
            cells |= self._option(number, pk)
        return (
            cells if chosen or self.everything else {**cells, "Option1 Name": "Title", "Option1 Value": "Default Title"}
        )

    def _prices(self, row: dict[str, Any]) -> tuple[Decimal | None, Decimal | None]:
        """Shopify's price and the one to compare with. In a full export a sale of another time counts as well: its
        window stands in our columns."""
        price, sale = stored_content.price(row["price"]), stored_content.price(row["sale_price"])
        if price is None or sale is None or sale >= price:
            return price, None
        start, end = stored_content.moment(row["sale_from"]), stored_content.moment(row["sale_until"])
        now = timezone.now()
        on = (start is None or start <= now) and (end is None or now < end)
        return (sale, price) if on or self.everything else (price, None)

    def _option(self, number: int, pk: int) -> dict[str, str]:
        option, value = self.vocabulary.values[pk]
        cells = {
            f"Option{number} Key": option.key,
            f"Option{number} Value Key": value.key,
            f"Option{number} Value Colour": value.colour,
        }
        for code in LANGUAGES:
            name = option.name.in_language(code)[0] if code == DEFAULT else option.name.get(code, "")
            label = value.label.in_language(code)[0] if code == DEFAULT else value.label.get(code, "")
            cells[translated(f"Option{number} Name", code)] = name
            cells[translated(f"Option{number} Value", code)] = label
        return cells

    def _picture(self, row: dict[str, Any], position: int) -> dict[str, str]:
        alt = stored_content.localized(row["alt"])
        return {
            "Image Src": self.references.address(row["image"]),
            "Image Position": said(position),
            **{translated("Image Alt Text", code): alt.get(code, "") for code in LANGUAGES},
        }


def said(value: Any) -> str:
    """A value as a cell: TRUE, 8.90, 2026-11-27T09:00:00+01:00; empty for nothing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        return timezone.localtime(value).isoformat()
    return str(without_zeros(value)) if isinstance(value, Decimal) else str(value)


def listed(names: Iterable[str]) -> str:
    """Tags as Shopify lists them; one with a comma or a quotation mark stands in quotation marks."""
    return ", ".join(f'"{name.replace(chr(34), chr(34) * 2)}"' if set(name) & {",", '"'} else name for name in names)


def csv_lines(columns: Sequence[str], rows: Iterable[dict[str, str]]) -> Iterator[bytes]:
    """UTF-8 with the mark that tells spreadsheets so, commas, CRLF; for a streamed answer."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    yield codecs.BOM_UTF8
    writer.writerow(columns)
    for row in rows:
        writer.writerow([neutral(row.get(column, "")) for column in columns])
        if buffer.tell() > 65536:
            yield _taken(buffer)
    yield _taken(buffer)


def _taken(buffer: io.StringIO) -> bytes:
    data = buffer.getvalue().encode()
    buffer.seek(0)
    buffer.truncate()
    return data


def xlsx(columns: Sequence[str], rows: Iterable[dict[str, str]], numbers: Collection[str] = NUMBERS) -> bytes:
    """One sheet. Texts are marked as texts, so nothing in them runs; numbers are numbers. Raises TooLong."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(settings.WAGTAIL_SITE_NAME)
    sheet.freeze_panes = "C2"
    sheet.append(list(columns))
    buffer = io.BytesIO()
    try:
        for row in rows:
            sheet.append([_cell(sheet, column in numbers, column, row.get(column, "")) for column in columns])
    finally:
        book.save(buffer)  # removes openpyxl's temporary file, too
    return buffer.getvalue()


def _cell(sheet: Any, number: bool, column: str, text: str) -> Any:
    if not text:
        return None
    if number:
        return float(text) if "." in text else int(text)
    text = ILLEGAL_CHARACTERS_RE.sub("", neutral(text))
    if len(text) > MAX_SHEET_CELL:
        raise TooLong(column)
    cell = WriteOnlyCell(sheet)
    cell.value = text
    cell.data_type = "s"
    return cell
