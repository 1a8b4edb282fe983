"""Rows of one product to its record, with what is wrong in which cell. Pure: asks no database."""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.text import slugify
from django.utils.translation import gettext

from catalog.exchange.columns import ATTRIBUTE, DEFAULT, LANGUAGES, OPTIONS, TEXTS, split_language, translated
from catalog.exchange.html import parse_html
from catalog.exchange.record import Choice, PictureRecord, Problem, ProductRecord, VariantRecord
from catalog.gtin import read_gtin
from catalog.models import TaxClass

Cells = dict[str, str]
YES, NO = {"true", "yes", "1", "wahr", "ja"}, {"false", "no", "0", "falsch", "nein"}
LIMITS = {"name": 200, "slug": 200, "summary": 300}  # longer ones are refused
CUT = {"seo_title": 70, "search_description": 170}  # longer ones are shortened, and the report says so
MAX_SKU, MAX_VENDOR, MAX_TAG, MAX_ALT, MAX_LABEL = 40, 100, 100, 200, 200
MAX_VARIANTS, MAX_PICTURES = 500, 100
MAX_UNITS = 1_000_000
# What spreadsheets make of a GTIN: 4.00638E+12, 4006381333931.0, and 4006380000000 when only six digits were kept.
CHANGED = re.compile(r"[0-9][.,][0-9]+E\+?[0-9]+|[0-9]{7,14}[.,][0-9]+|[1-9][0-9]{4,6}0{7}", re.IGNORECASE)


def handle_of(cells: Cells) -> str:
    """The handle of a row as our addresses have it; made from the title where the file has none."""
    return slugify(cells.get("Handle", "") or cells.get("Title", ""), allow_unicode=True)[:200]


class Reader:
    """Reads cells of one row and notes what is wrong with them."""

    def __init__(self, record: ProductRecord, line: int, cells: Cells) -> None:
        self.record, self.line, self.cells = record, line, cells

    def has(self, column: str) -> bool:
        return column in self.cells

    def text(self, column: str) -> str:
        return self.cells.get(column, "").strip()

    def problem(self, column: str, text: str, fatal: bool = True) -> None:
        self.record.problems.append(Problem(text, self.line, column, fatal))

    def limited(self, column: str, limit: int, cut: bool = False) -> str:
        """A text of at most `limit` characters; a longer one is refused or, if told so, shortened."""
        text = self.text(column)
        if len(text) <= limit:
            return text
        if cut:
            self.problem(column, gettext("Shortened to %(limit)s characters.") % {"limit": limit}, fatal=False)
            return text[:limit].rsplit(" ", 1)[0].strip() if " " in text[:limit] else text[:limit]
        self.problem(column, gettext("Longer than %(limit)s characters.") % {"limit": limit})
        return ""

    def value(self, column: str, read: Callable[[str], Any], empty: Any) -> Any:
        """What the cell says, or `empty`. `read` raises ValueError with the reason."""
        text = self.text(column)
        if not text:
            return empty
        try:
            return read(text)
        except ValueError as error:
            self.problem(column, str(error))
            return empty


def parse(handle: str, rows: Sequence[tuple[int, Cells]]) -> ProductRecord:
    """The record of the rows of one handle, as (line, cells). Its first row speaks for the product."""
    line, cells = rows[0]
    record = ProductRecord(handle, line)
    readers = [Reader(record, number, row) for number, row in rows]
    first = readers[0]
    if not handle:
        first.problem("Handle", gettext("There is neither a handle nor a title."))
        return record
    _texts(first, record)
    _fields(first, record)
    _attributes(first, record)
    record.variants = _variants(readers, record)
    record.pictures = _pictures(readers)
    _warn_of_other_titles(readers)
    return record


def _texts(first: Reader, record: ProductRecord) -> None:
    for code in LANGUAGES:
        texts: dict[str, Any] = {}
        for base, name in TEXTS.items():
            column = translated(base, code)
            if not first.has(column):
                continue
            if name == "body":
                texts[name] = parse_html(first.cells[column])
            elif name == "slug":
                texts[name] = slugify(first.text(column), allow_unicode=True)[:200]
            else:
                texts[name] = first.limited(column, CUT.get(name) or LIMITS[name], cut=name in CUT)
        if not any(text for name, text in texts.items() if name != "slug"):
            continue  # an empty language is none; one that exists is left alone
        if code == DEFAULT:
            texts["slug"] = record.handle
        if not texts.get("name") and "name" in texts:
            first.problem(translated("Title", code), gettext("The title is missing."))
        if not texts.get("slug"):
            texts.pop("slug", None)
        record.texts[code] = texts


def _fields(first: Reader, record: ProductRecord) -> None:
    fields = record.fields
    if first.has("Vendor"):
        fields["vendor"] = first.limited("Vendor", MAX_VENDOR)
    if first.has("Tags"):
        fields["tags"] = tags(first)
    if first.has("Type") or first.has("Type Key"):
        key, name = first.text("Type Key"), first.limited("Type", MAX_LABEL)
        fields["type"] = (key or slugify(name)[:50] or slugify(name, allow_unicode=True)[:50], name or key)
    if first.has("Category"):
        fields["category"] = first.text("Category").strip("/")
    for column, name, read, empty in SIMPLE:
        if first.has(column):
            fields[name] = first.value(column, read, empty)
    for column, name in (("Accessories", "accessories"), ("Similar", "similar")):
        if first.has(column):
            fields[name] = [handle for handle in re.split(r"[,\s]+", first.text(column)) if handle]
    published = first.value("Published", yes_no, True) if first.has("Published") else None
    if first.text("Status").casefold() in ("draft", "archived", "unlisted"):
        published = False
    record.published = published


def tags(first: Reader) -> list[str]:
    """Sorted, each once whatever its case; a tag with a comma stands in quotation marks."""
    names: dict[str, str] = {}
    for name in next(csv.reader([first.text("Tags").replace("\n", " ")], skipinitialspace=True), []):
        name = " ".join(name.split())
        if len(name) > MAX_TAG:
            first.problem("Tags", gettext("Longer than %(limit)s characters.") % {"limit": MAX_TAG})
        elif name:
            names.setdefault(name.casefold(), name)
    return [names[key] for key in sorted(names)]


def yes_no(text: str) -> bool:
    word = text.casefold()
    if word not in YES | NO:
        raise ValueError(gettext("Write TRUE or FALSE."))
    return word in YES


def whole(limit: int) -> Callable[[str], int]:
    """Reads a whole number from 0 to the limit."""

    def read(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,10}(?:[.,]0+)?", text) or int(re.split(r"[.,]", text)[0]) > limit:
            raise ValueError(gettext("Write a whole number from 0 to %(limit)s.") % {"limit": limit})
        return int(re.split(r"[.,]", text)[0])

    return read


def amount(text: str) -> Decimal:
    """A gross price: 8.90, 8,90, 1.234,50 or 1,234.50. Never guessed: 1,234 could be both.

    >>> amount("8,90"), amount("1.234,50"), amount("1,234.5")
    (Decimal('8.90'), Decimal('1234.50'), Decimal('1234.5'))
    """
    plain = text.replace("\u00a0", "").replace(" ", "")
    if not re.fullmatch(r"[0-9][0-9.,']*", plain):
        raise ValueError(gettext("Write a price as a number without currency, for example 8.90."))
    separators = [character for character in plain if character in ".,"]
    if set(separators) == {","} and re.fullmatch(r"[0-9]{1,3}(,[0-9]{3})+", plain):
        raise ValueError(gettext("Is this %(text)s a thousand or a fraction? Write it with a point.") % {"text": text})
    decimal = separators[-1] if separators and separators.count(separators[-1]) == 1 else ""
    thousands = "".join({".", ",", "'"} - {decimal})
    plain = re.sub(f"[{re.escape(thousands)}]", "", plain).replace(decimal or ".", ".")
    try:
        price = Decimal(plain)
    except InvalidOperation as error:
        raise ValueError(gettext("Write a price as a number without currency, for example 8.90.")) from error
    if price >= 10**9 or -int(price.as_tuple().exponent) > 3 and price != price.quantize(Decimal("0.001")):
        raise ValueError(gettext("A price has at most nine digits before the point and three after it."))
    return price


def moment(text: str) -> datetime:
    """A date or a date with time; in the shop's time zone unless it names one."""
    try:
        found = parse_datetime(text)
        day = None if found else parse_date(text)
    except ValueError:
        found = day = None
    if day:
        found = datetime(day.year, day.month, day.day)
    if not found:
        raise ValueError(gettext("Write a date like 2026-11-27 or 2026-11-27 09:00."))
    return timezone.make_aware(found) if timezone.is_naive(found) else found


def tax_class(text: str) -> str:
    if text.casefold() not in TaxClass.values:
        raise ValueError(gettext("Write one of: %(choices)s.") % {"choices": ", ".join(TaxClass.values)})
    return text.casefold()


SIMPLE: list[tuple[str, str, Callable[[str], Any], Any]] = [
    ("Tax Class", "tax_class", tax_class, TaxClass.STANDARD.value),
    ("Featured", "featured", yes_no, False),
    ("Position", "position", whole(2_000_000_000), 0),
    ("Goes Live", "go_live_at", moment, None),
    ("Expires", "expire_at", moment, None),
]


def _attributes(first: Reader, record: ProductRecord) -> None:
    for column in first.cells:
        if column.startswith(ATTRIBUTE):
            key, code = split_language(column[len(ATTRIBUTE) :])
            record.attributes[key, code] = first.limited(column, MAX_LABEL)


def _variants(readers: Sequence[Reader], record: ProductRecord) -> list[VariantRecord] | None:
    """One per row that says something of a variant; rows that bring only a picture are none."""
    if not any(reader.has("Variant SKU") or reader.has("Variant Price") for reader in readers):
        return None
    names = {number: _option_name(readers[0], number) for number in OPTIONS}
    found: list[VariantRecord] = []
    for reader in readers:
        is_variant = any(
            reader.text(column) for column in ("Variant SKU", "Variant Price", *(f"Option{n} Value" for n in OPTIONS))
        )
        if is_variant:
            found.append(_variant(reader, record.handle, names))
    if len(found) > MAX_VARIANTS:
        readers[0].problem("", gettext("More than %(limit)s variants.") % {"limit": MAX_VARIANTS})
    skus: dict[str, VariantRecord] = {}
    for variant in found:
        if variant.sku in skus:
            text = gettext("The SKU %(sku)s stands twice in this product.") % {"sku": variant.sku}
            record.problems.append(Problem(text, variant.line, "Variant SKU"))
        skus[variant.sku] = variant
    return found


def _option_name(first: Reader, number: int) -> Cells:
    """Cells of the first row that say which option this is; later rows may leave them out."""
    return {column: text for column, text in first.cells.items() if re.match(rf"Option{number} (Name|Key)\b", column)}


def _variant(reader: Reader, handle: str, names: dict[int, Cells]) -> VariantRecord:
    variant = VariantRecord("", reader.line, choices=_choices(reader, names))
    variant.sku = reader.limited("Variant SKU", MAX_SKU) or made_sku(handle, variant.choices or [])
    if not reader.text("Variant SKU"):
        made = gettext("The file has no SKU: %(sku)s was made.") % {"sku": variant.sku}
        reader.problem("Variant SKU", made, fatal=False)
    fields = variant.fields
    if reader.has("Variant Price"):
        _prices(reader, fields)
    for column, name, read, empty in (
        ("Variant Grams", "weight_grams", grams, 0),
        ("Variant Active", "active", yes_no, True),
        ("Variant Sale From", "sale_from", moment, None),
        ("Variant Sale Until", "sale_until", moment, None),
    ):
        if reader.has(column):
            fields[name] = reader.value(column, read, empty)
    if reader.has("Variant Barcode"):
        _gtin(reader, fields)
    if reader.has("Variant Image"):
        fields["image"] = reader.text("Variant Image")
    start, end = fields.get("sale_from"), fields.get("sale_until")
    if start and end and end <= start:
        reader.problem("Variant Sale Until", gettext("The sale must end after it starts."))
    variant.quantity = _quantity(reader)
    return variant


def _gtin(reader: Reader, fields: dict[str, Any]) -> None:
    """Other shops take any code for a barcode: what is no GTIN holds no product back, and what is stored stays. A
    number that a spreadsheet has changed does, for it can be mended."""
    number = reader.text("Variant Barcode").removeprefix("'")  # which keeps it a text in spreadsheets
    try:
        fields["gtin"] = read_gtin(number) if number else ""
    except ValueError as error:
        if CHANGED.fullmatch(number):
            text = gettext("A spreadsheet has changed this number: make the column text and write it again.")
            reader.problem("Variant Barcode", text)
        else:
            text = gettext("This is no GTIN and was left out. %(reason)s") % {"reason": error}
            reader.problem("Variant Barcode", text, fatal=False)


def grams(text: str) -> int:
    """Whole grams; Shopify writes 250.0, and fractions are rounded."""
    if not re.fullmatch(r"[0-9]{1,7}([.,][0-9]{1,6})?", text):
        raise ValueError(gettext("Write the weight in grams, for example 250."))
    return int(Decimal(text.replace(",", ".")).to_integral_value())


def _quantity(reader: Reader) -> int | None:
    text = reader.text("Variant Inventory Qty")
    if text.startswith("-"):  # Shopify oversells; a shelf cannot
        reader.problem("Variant Inventory Qty", gettext("A negative count is read as 0."), fatal=False)
        return 0
    return reader.value("Variant Inventory Qty", whole(MAX_UNITS), None)


def _prices(reader: Reader, fields: dict[str, Any]) -> None:
    """Shopify's price is what is paid now, and the price to compare with is the crossed-out one above it."""
    price = reader.value("Variant Price", amount, None)
    compare = reader.value("Variant Compare At Price", amount, None)
    if price is None:
        if not reader.text("Variant Price"):
            reader.problem("Variant Price", gettext("The price is missing."))
        return
    fields["price"] = price
    if reader.has("Variant Compare At Price"):
        fields["sale_price"] = None
        if compare is not None and compare > price:
            fields.update(price=compare, sale_price=price)
        elif compare and compare < price:
            reader.problem("Variant Compare At Price", gettext("Below the price, so it is not used."), fatal=False)


def _choices(reader: Reader, names: dict[int, Cells]) -> list[Choice] | None:
    """Its options with their values. Shopify's "Title: Default Title" says: none."""
    if not any(reader.has(f"Option{number} Value") for number in OPTIONS):
        return None
    found = []
    for number in OPTIONS:
        cells = {**reader.cells, **names[number]}
        name, value = cells.get(f"Option{number} Name", "").strip(), reader.text(f"Option{number} Value")
        if not value or (name.casefold(), value.casefold()) == ("title", "default title"):
            continue
        if not name:
            reader.problem(f"Option{number} Name", gettext("The option has a value but no name."))
            continue
        if max(len(name), len(value)) > MAX_LABEL:
            reader.problem(f"Option{number} Value", gettext("Longer than %(limit)s characters.") % {"limit": MAX_LABEL})
            continue
        found.append(
            Choice(
                name,
                value,
                _per_language(cells, f"Option{number} Name"),
                _per_language(cells, f"Option{number} Value"),
                cells.get(f"Option{number} Key", "").strip(),
                reader.text(f"Option{number} Value Key"),
                _colour(reader, number),
            )
        )
    return found


def _colour(reader: Reader, number: int) -> str:
    column = f"Option{number} Value Colour"
    colour = reader.text(column)
    if colour and not re.fullmatch(r"#[0-9a-fA-F]{6}", colour):
        reader.problem(column, gettext("Write it like #8fa998."))
    return colour


def _per_language(cells: Cells, column: str) -> tuple[tuple[str, str], ...]:
    pairs = ((code, cells.get(translated(column, code), "").strip()[:MAX_LABEL]) for code in LANGUAGES)
    return tuple((code, text) for code, text in pairs if text)


def made_sku(handle: str, choices: Sequence[Choice]) -> str:
    """The same SKU each time for a variant that has none: SENCHA-100-G.

    >>> made_sku("sencha", [Choice("Size", "100 g")])
    'SENCHA-100-G'
    """
    parts = [handle, *(slugify(choice.value_key or choice.value, allow_unicode=True) for choice in choices)]
    sku = "-".join(part for part in parts if part).upper()
    if len(sku) <= MAX_SKU:
        return sku
    return f"{sku[: MAX_SKU - 9]}-{hashlib.sha256(sku.encode()).hexdigest()[:8].upper()}"


def _pictures(readers: Sequence[Reader]) -> list[PictureRecord] | None:
    """The gallery in its order; the same address counts once."""
    if not any(reader.has("Image Src") for reader in readers):
        return None
    found: dict[str, PictureRecord] = {}
    for reader in readers:
        address = reader.text("Image Src")
        if not address or address in found:
            continue
        alt = {
            code: reader.limited(translated("Image Alt Text", code), MAX_ALT, cut=True)
            for code in LANGUAGES
            if reader.has(translated("Image Alt Text", code))
        }
        position = reader.value("Image Position", whole(100_000), None)
        found[address] = PictureRecord(address, alt, position, reader.line)
    if len(found) > MAX_PICTURES:
        readers[0].problem("Image Src", gettext("More than %(limit)s pictures.") % {"limit": MAX_PICTURES})
    numbered = list(enumerate(found.values(), start=1))
    return [picture for _at, picture in sorted(numbered, key=lambda pair: (pair[1].position or pair[0], pair[0]))]


def _warn_of_other_titles(readers: Sequence[Reader]) -> None:
    title = readers[0].text("Title")
    for reader in readers[1:]:
        if reader.text("Title") not in ("", title):
            text = gettext("Another title than in the first row of this handle; it is not used.")
            reader.problem("Title", text, fatal=False)
