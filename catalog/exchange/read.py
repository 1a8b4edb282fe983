"""Bytes of a CSV or XLSX file to rows of cells. Whatever somebody uploads ends in rows, broken rows or FileProblem."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from xml.etree.ElementTree import ParseError

import openpyxl
from django.utils.translation import gettext

from catalog.exchange.columns import canonical

MAX_BYTES = 20 * 1024 * 1024
MAX_UNPACKED = 64 * 1024 * 1024  # of an XLSX file, by the sizes it declares; zipfile reads no more than those
MAX_ROWS = 50_000
MAX_COLUMNS = 400
MAX_CELL = 131_072
MAX_RECORD = 4 * MAX_CELL  # a row that an unclosed quotation mark makes longer is broken
DELIMITERS = ",;\t"
NEUTRALISED = re.compile(r"^'+[=+\-@\t\r\n＝＋－＠]")


class FileProblem(Exception):
    """The file as a whole cannot be read; the message says what to do, in the user's language."""


@dataclass(frozen=True)
class Shape:
    """Which columns a kind of file has. `lacks`: what is wrong with a heading of these columns, or ""."""

    canonical: Callable[[str], str | None]
    lacks: Callable[[set[str]], str]


def lacks_product(columns: set[str]) -> str:
    return (
        ""
        if {"Handle", "Title"} & columns
        else gettext("The first row must name the columns, at least Handle or Title.")
    )


PRODUCTS = Shape(canonical, lacks_product)

Record = tuple[int, list[str], str]  # (line, cells, ""), or (line, [raw text], what is wrong)


@dataclass
class Row:
    """One row. `line`: where it stands in the file, from 1. `cells`: canonical column -> text; a short row lacks its
    last columns. `broken`: why it cannot be used; `raw` then holds its text."""

    line: int
    cells: dict[str, str] = field(default_factory=dict)
    broken: str = ""
    raw: str = ""


@dataclass
class Table:
    """`columns`: those we know, in the file's order. `unused`: headings that say nothing to us."""

    columns: list[str]
    unused: list[str]
    rows: Iterator[Row]
    notes: list[str] = field(default_factory=list)


def read(data: bytes, shape: Shape = PRODUCTS) -> Table:
    """The table in a file, whose kind is known by its content. Raises FileProblem at once or while rows are read."""
    if len(data) > MAX_BYTES:
        raise FileProblem(gettext("The file is larger than %(limit)s MB.") % {"limit": MAX_BYTES // 1024 // 1024})
    return read_xlsx(data, shape) if data[:4] == b"PK\x03\x04" else read_csv(data, shape)


def read_csv(data: bytes, shape: Shape) -> Table:
    text, notes = decoded(data)
    lines = re.split(r"(?<=\n)" if "\n" in text else r"(?<=\r)", text)
    delimiter = _delimiter(lines, shape)
    records = _records(lines, delimiter)
    _line, heading, broken = next(records, (1, [], ""))
    if broken:
        raise FileProblem(gettext("The first row, with the names of the columns, is broken."))
    return _table(heading, records, notes, delimiter, shape)


def decoded(data: bytes) -> tuple[str, list[str]]:
    """The text, and a note when its encoding had to be guessed."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            return data.decode("utf-16"), []
        except UnicodeDecodeError as error:
            raise FileProblem(gettext("The file is not readable text. Save it as “CSV UTF-8”.")) from error
    try:
        return data.decode("utf-8-sig"), []
    except UnicodeDecodeError:
        note = gettext("The file is not UTF-8. It was read as Windows-1252: check letters like ä, é and ß.")
    try:
        return data.decode("cp1252"), [note]
    except UnicodeDecodeError as error:
        raise FileProblem(gettext("The file is not readable text. Save it as “CSV UTF-8”.")) from error


def _delimiter(lines: list[str], shape: Shape) -> str:
    """The one that splits the first line into the most columns we know."""

    def known(delimiter: str) -> int:
        return sum(shape.canonical(cell) is not None for cell in next(csv.reader(lines[:1], delimiter=delimiter), []))

    return max(DELIMITERS, key=known)


def _records(lines: list[str], delimiter: str) -> Iterator[Record]:
    """Each record; after a broken one reading goes on with the next line."""
    at = 0
    while at < len(lines):
        cells, taken, broken = _record(lines, at, delimiter)
        if broken:
            yield at + 1, [lines[at]], broken
        elif any(cell.strip() for cell in cells):
            yield at + 1, cells, ""
        at += taken


def _record(lines: list[str], at: int, delimiter: str) -> tuple[list[str], int, str]:
    """The record that begins at a line, how many lines it takes, and what is wrong with it."""
    taken = size = 0

    def counted() -> Iterator[str]:
        nonlocal taken, size
        while at + taken < len(lines) and size <= MAX_RECORD:
            size += len(lines[at + taken])
            taken += 1
            yield lines[at + taken - 1]

    try:
        cells = next(csv.reader(counted(), delimiter=delimiter, strict=True), [])
    except csv.Error as error:
        too_long = "field larger" in str(error)
        return [], 1, _too_long() if too_long else gettext("The quotation marks of this row do not fit.")
    return cells, max(taken, 1), ""


def _too_long() -> str:
    return gettext("A cell of this row is longer than %(limit)s characters.") % {"limit": MAX_CELL}


def read_xlsx(data: bytes, shape: Shape) -> Table:
    """The first sheet. Formulas count as what they showed when the file was saved."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            sizes = [info.file_size for info in archive.infolist()]
        if sum(sizes) > MAX_UNPACKED or len(sizes) > 1000:
            raise FileProblem(gettext("The file is too large when unpacked."))
        sheet = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False).worksheets[0]
        sheet.reset_dimensions()  # what a file says of its own size may be anything
        records = _sheet_rows(sheet)
        _line, heading, _broken = next(records, (1, [], ""))
    except FileProblem:
        raise
    except Exception as error:  # openpyxl raises whatever its parsers do
        raise FileProblem(gettext("The file is not a readable XLSX workbook.")) from error
    return _table(heading, records, [], "\t", shape)


def _sheet_rows(sheet: Any) -> Iterator[Record]:
    try:
        for line, values in enumerate(sheet.iter_rows(values_only=True, max_col=MAX_COLUMNS), start=1):
            if line > 2 * MAX_ROWS:
                raise FileProblem(gettext("The file has more than %(limit)s rows.") % {"limit": MAX_ROWS})
            cells = [shown(value) for value in values]
            if any(cell.strip() for cell in cells):
                yield line, cells, ""
    except (ParseError, zipfile.BadZipFile, KeyError, ValueError, EOFError) as error:
        raise FileProblem(gettext("The file is not a readable XLSX workbook.")) from error


def shown(value: Any) -> str:
    """A cell of a workbook as a CSV file would have it.

    >>> shown(8.9), shown(250.0), shown(True), shown(None)
    ('8.9', '250', 'TRUE', '')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value)


def _table(heading: list[str], records: Iterable[Record], notes: list[str], delimiter: str, shape: Shape) -> Table:
    if len(heading) > MAX_COLUMNS:
        raise FileProblem(gettext("The file has more than %(limit)s columns.") % {"limit": MAX_COLUMNS})
    names = [shape.canonical(name) for name in heading]
    columns = [name for name in names if name]
    twice = sorted({name for name in columns if columns.count(name) > 1})
    if twice:
        raise FileProblem(gettext("The file has a column twice: %(columns)s.") % {"columns": ", ".join(twice)})
    if lack := shape.lacks(set(columns)):
        raise FileProblem(lack)
    unused = [name for name, column in zip(heading, names, strict=True) if not column and name.strip()]
    return Table(columns, unused, _rows(names, records, delimiter), notes)


def _rows(names: list[str | None], records: Iterable[Record], delimiter: str) -> Iterator[Row]:
    """Rows with their cells named. What follows a broken row and has not as many cells as the heading belongs to it."""
    broken: Row | None = None
    for count, (line, cells, reason) in enumerate(records, start=1):
        if count > MAX_ROWS:
            raise FileProblem(gettext("The file has more than %(limit)s rows.") % {"limit": MAX_ROWS})
        if broken and (reason or len(cells) != len(names)):
            broken.raw = (broken.raw + delimiter.join(cells).rstrip("\n") + "\n")[:MAX_CELL]
            continue
        if broken:
            yield broken
            broken = None
        if reason:
            broken = _broken(names, line, cells[0], delimiter, reason)
        else:
            yield _named(names, line, cells, delimiter)
    if broken:
        yield broken


def _broken(names: list[str | None], line: int, raw: str, delimiter: str, reason: str) -> Row:
    """A row without usable cells. Its handle is still read, so that the rest of that product waits for it."""
    raw = raw.replace("\0", "\ufffd")
    first = raw.split(delimiter)[0].strip()
    cells = {"Handle": first} if names[:1] == ["Handle"] and '"' not in first else {}
    return Row(line, cells, reason, raw)


def _named(names: list[str | None], line: int, cells: list[str], delimiter: str) -> Row:
    row = Row(line, {name: plain(cell) for name, cell in zip(names, cells, strict=False) if name})
    if any(cell.strip() for cell in cells[len(names) :]):
        row.broken = gettext("This row has more cells than there are columns.")
    elif any("\0" in cell for cell in cells):
        row.broken = gettext("This row has characters that no text may have.")
    elif any(len(cell) > MAX_CELL for cell in cells):
        row.broken = _too_long()
    if row.broken:
        row.raw = delimiter.join(cells)[:MAX_CELL].replace("\0", "\ufffd")
        row.cells = {name: cell.replace("\0", "\ufffd")[:MAX_CELL] for name, cell in row.cells.items()}
    return row


def plain(cell: str) -> str:
    """Takes away what `write.neutral` put before a cell that a spreadsheet would run as a formula."""
    return cell[1:] if NEUTRALISED.match(cell) else cell
