"""Files as people and attackers send them end in rows, in broken rows that are named, or in one clear sentence."""

import csv
import io
import zipfile

import pytest
from openpyxl import Workbook

from catalog.exchange.read import MAX_CELL, FileProblem, plain, read
from catalog.exchange.write import csv_lines, neutral
from catalog.tests.exchange.helpers import table

HEAD = "Handle,Title,Body (HTML)\r\n"


def rows(data):
    return list(read(data if isinstance(data, bytes) else data.encode()).rows)


def test_it_works():
    found = read(HEAD.encode() + b'tea,"Green ""fine"" tea","<p>\r\nTwo lines</p>"\r\n\r\ncup,Cup,\r\n')

    first, second = found.rows
    assert found.columns == ["Handle", "Title", "Body (HTML)"]
    assert first.cells == {"Handle": "tea", "Title": 'Green "fine" tea', "Body (HTML)": "<p>\r\nTwo lines</p>"}
    assert (first.line, second.line, second.cells["Title"]) == (2, 5, "Cup")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_encodings_delimiters_and_line_ends(encoding, delimiter, newline):
    text = newline.join([delimiter.join(["Handle", "Title"]), delimiter.join(["tee", "Grüner Tee شاي"]), ""])

    assert [row.cells for row in rows(text.encode(encoding))] == [{"Handle": "tee", "Title": "Grüner Tee شاي"}]


def test_windows_1252_is_read_and_said():
    found = read("Handle,Title\ntee,Grüner Tee für 5 €\n".encode("cp1252"))

    assert next(found.rows).cells["Title"] == "Grüner Tee für 5 €"
    assert "Windows-1252" in found.notes[0]


def test_newer_names_unused_and_missing_columns():
    found = read(b"URL handle,title (EN),Cost per item,Price\ntea,Tea,3,8.90\nshort\n")

    assert found.columns == ["Handle", "Title", "Variant Price"] and found.unused == ["Cost per item"]
    assert [row.cells for row in found.rows] == [
        {"Handle": "tea", "Title": "Tea", "Variant Price": "8.90"},
        {"Handle": "short"},  # what a short row does not have it does not empty
    ]


def test_a_broken_row_is_named_and_the_next_one_is_read():
    data = HEAD + 'tea,"Tea\r\nwith <p>many\r\nlines</p>,\r\ncup,"Cup ""x""",ok\r\nlast,Last,"<p>\r\nfine</p>"\r\n'

    broken, cup, last = rows(data)

    assert (broken.line, broken.cells, broken.broken) == (
        2,
        {"Handle": "tea"},
        "The quotation marks of this row do not fit.",
    )
    assert "many" in broken.raw and "lines" in broken.raw
    assert cup.cells["Title"] == 'Cup "x"' and last.cells["Body (HTML)"] == "<p>\r\nfine</p>"


def test_an_unclosed_quotation_mark_at_the_end_does_not_swallow_the_file():
    data = HEAD + 'a,"A,\r\n' + "".join(f"b{number},B,x\r\n" for number in range(2000))

    first, *rest = rows(data)

    assert first.broken and len(rest) == 2000


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("tea,Tea,x,too,many", "more cells"),
        ("tea,T\0a,x", "characters that no text may have"),
        (f"tea,Tea,{'x' * (MAX_CELL + 1)}", "longer than"),
    ],
)
def test_rows_that_cannot_be_used(line, reason):
    bad, good = rows(HEAD + line + "\r\ncup,Cup,\r\n")

    assert reason in bad.broken and bad.cells["Handle"] == "tea" and "\0" not in bad.raw
    assert not good.broken


def bomb(declared):
    """A workbook that unpacks to so many bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/workbook.xml", "w") as file:
        for _part in range(declared // 2**20):
            file.write(b" " * 2**20)
    return buffer.getvalue()


def entity_bomb():
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "x"}">' for n in range(12))
    book, buffer = Workbook(), io.BytesIO()
    book.active.append(["Handle", "Title"])
    book.save(buffer)
    out = io.BytesIO()
    with zipfile.ZipFile(buffer) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                data = f"<?xml version='1.0'?><!DOCTYPE x [{entities}]>".encode() + data.replace(
                    b"</row>", b"</row><row><c t='inlineStr'><is><t>&e11;</t></is></c></row>"
                )
            new.writestr(name, data)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "name the columns"),
        (b"\0\1\2\3" * 100, "name the columns"),
        (b"Handle,Title\n\x81\x8d\xff,x\n", "not readable text"),
        (b"\xff\xfe\x00", "not readable text"),
        (b"Sku;Preis\nx;1\n", "name the columns"),
        (b"Title,URL handle,Handle\nx,y,z\n", "a column twice: Handle"),
        (b'"Handle,Title\nx,y\n', "The first row"),
        (b"PK\x03\x04 not really", "not a readable XLSX"),
        (lambda: bomb(200 * 2**20), "too large when unpacked"),
        (b"x" * (20 * 2**20 + 1), "larger than 20 MB"),
        (("Handle," + "x," * 500 + "\n").encode(), "more than 400 columns"),
    ],
    ids=[
        "empty",
        "binary",
        "no-encoding",
        "half-utf-16",
        "foreign",
        "twice",
        "broken",
        "fake",
        "bomb",
        "large",
        "wide",
    ],
)
def test_files_that_are_refused(data, sentence):
    with pytest.raises(FileProblem, match=sentence):
        list(read(data() if callable(data) else data).rows)


def test_a_gigabyte_that_a_file_only_declares():
    """The size stands in the archive's directory; nothing is unpacked to find out."""
    small = bytearray(bomb(2**20))
    at = small.index(b"PK\x01\x02")
    small[at + 24 : at + 28] = (2**30).to_bytes(4, "little")

    with pytest.raises(FileProblem, match="too large"):
        read(bytes(small))


def test_an_entity_bomb_in_a_workbook():
    with pytest.raises(FileProblem, match="not a readable XLSX"):
        list(read(entity_bomb()).rows)


def test_too_many_rows(monkeypatch):
    monkeypatch.setattr("catalog.exchange.read.MAX_ROWS", 100)

    with pytest.raises(FileProblem, match="more than 100 rows"):
        rows("Handle,Title\n" + "a,b\n" * 101)


def test_cells_of_a_workbook():
    book, buffer = Workbook(), io.BytesIO()
    book.active.append(["Handle", "Title", "Variant Price", "Variant Grams", "Published", "Tags"])
    book.active.append(["tea", "Tea", 8.9, 250.0, True, None])
    book.active["F3"] = '=HYPERLINK("http://evil.example","x")'
    book.save(buffer)

    [row] = rows(buffer.getvalue())

    assert row.cells == {
        **{"Handle": "tea", "Title": "Tea", "Variant Price": "8.9", "Variant Grams": "250"},
        **{"Published": "TRUE", "Tags": ""},
    }


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "＝1", "'=1", "''@x", "tea", "'tea", ""]
)
def test_formulas_are_made_harmless_and_come_back(text):
    cell = neutral(text)

    assert cell[:1] not in list("=+-@\t\r＝") and plain(cell) == text
    lines = b"".join(csv_lines(["Handle", "Title"], [{"Handle": "x", "Title": text}]))
    assert next(read(lines).rows).cells["Title"] == text


def test_bom_and_crlf_in_what_we_write():
    data = b"".join(csv_lines(["Handle", "Title"], [{"Handle": "x", "Title": 'a\n"b"'}]))

    assert data == b'\xef\xbb\xbfHandle,Title\r\nx,"a\n""b"""\r\n'
    assert list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))[1] == ["x", 'a\n"b"']
    assert table([{"Handle": "x", "Title": 'a\n"b"'}]) == data
