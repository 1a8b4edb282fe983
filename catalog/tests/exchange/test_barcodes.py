"""GTINs in files: in both directions, and never a wrong one for what a spreadsheet made of them."""

import csv
import io

import pytest
from openpyxl import Workbook, load_workbook

from catalog.exchange.report import report_rows
from catalog.exchange.write import Export, xlsx
from catalog.models import Product, Variant
from catalog.tests.exchange.helpers import drafted, dry, exported, load, outcomes, problems, row, table
from catalog.tests.factories import make_product

pytestmark = pytest.mark.django_db

UPC = "012345678905"
SHORTENED = "A spreadsheet has changed this number: make the column text and write it again."
DIGITS = "Write the 8, 12, 13 or 14 digits that stand under the barcode."
MISTYPED = "The last digit does not fit the others: is one of them mistyped?"


def gtins(handle: str = "sencha") -> list[str]:
    return [variant.gtin for variant in drafted(handle).variants.order_by("sort_order")]


def workbook(*cells) -> bytes:
    """A variant per cell, just as it is: a number is a number."""
    book, buffer = Workbook(), io.BytesIO()
    book.active.append(["Handle", "Title", "Variant SKU", "Variant Price", "Variant Barcode"])
    for number, cell in enumerate(cells):
        book.active.append(["sencha", "Sencha", f"S-{number}", 8.9, cell])
    book.save(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("column", ["Variant Barcode", "Barcode"])
def test_it_works(column):
    load(table([row(**{column: UPC}), row(sku="S-2", **{column: "'4 006381-333931"}), row(sku="S-3")]))

    assert gtins() == [UPC, "4006381333931", ""]


@pytest.mark.parametrize("write", [lambda export: exported(), lambda export: xlsx(export.columns, export.rows())])
def test_an_export_comes_back_as_it_was(write):
    make_product(variants=[{"sku": "S-1", "gtin": UPC}, {"sku": "S-2"}])
    data = write(Export(Product.objects.all()))

    assert set(outcomes(load(data)).values()) == {"unchanged"}

    Variant.objects.update(gtin="")
    made = load(data)
    assert made.entries.get().changes == ["Variant Barcode"]
    assert gtins() == [UPC, ""]


def test_zeros_before_it_stay_in_both_kinds_of_file():
    make_product(variants=[{"sku": "S-1", "gtin": UPC}])
    export = Export(Product.objects.all(), everything=False)

    [line] = csv.DictReader(io.StringIO(exported(everything=False).decode("utf-8-sig")))
    sheet = load_workbook(io.BytesIO(xlsx(export.columns, export.rows()))).active
    cell = sheet.cell(2, export.columns.index("Variant Barcode") + 1)

    assert line["Variant Barcode"] == UPC
    assert (cell.value, cell.data_type) == (UPC, "s")


def test_a_revision_from_before_there_were_any():
    product = make_product(variants=[{"sku": "S-1"}])
    revision = product.save_revision()
    del revision.content["variants"][0]["gtin"]
    revision.save()

    data = exported()

    assert set(outcomes(load(data)).values()) == {"unchanged"}
    load(table([row(**{"Variant Barcode": UPC})]), overwrite_drafts=True)
    assert gtins() == [UPC]


def test_number_cells_that_say_all_digits_are_read():
    load(workbook(4006381333931.0, 96385074))

    assert gtins() == ["4006381333931", "96385074"]


@pytest.mark.parametrize("cell", [4006380000000.0, 4006381333931.5, "4.00638E+12", "4,00638E+12", "4006381333931.0"])
def test_the_report_names_what_a_spreadsheet_has_changed(cell):
    made = dry(workbook("4006381333931", cell))

    [line] = list(report_rows(made)[1])
    assert list(line.values()) == ["3", "sencha", "Not imported", "", "Variant Barcode", SHORTENED]


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        (4006381333932.0, MISTYPED),
        (12345678905, DIGITS),  # its zero is gone
        ("not known", DIGITS),
        ("0000000000000", DIGITS),
        ("12E45", DIGITS),
    ],
)
def test_what_is_none_is_left_out_and_told(cell, reason):
    make_product("Sencha", variants=[{"sku": "S-0", "gtin": "96385074"}, {"sku": "S-1"}]).save_revision()

    made = load(workbook(cell, UPC), overwrite_drafts=True)

    assert gtins() == ["96385074", UPC]
    assert problems(made) == [f"This is no GTIN and was left out. {reason}"]


def test_a_number_that_ends_in_many_zeros_may_be_one():
    load(workbook("4006350000000"))

    assert gtins() == ["4006350000000"]


def test_a_variant_that_comes_back_with_a_number_taken_meanwhile():
    make_product("Old", variants=[{"sku": "O-1", "gtin": UPC, "active": False}]).save_revision()
    make_product("New", variants=[{"sku": "N-1", "gtin": UPC}]).save_revision()

    made = load(table([row("old", "Old", "O-1", **{"Variant Active": "TRUE"})]))

    assert outcomes(made) == {"old": "failed"}
    assert problems(made) == [f"The GTIN {UPC} belongs to “New”."]


def test_one_number_is_one_variant():
    whisk = make_product("Whisk", variants=[{"sku": "W-1", "gtin": UPC}])
    whisk.save_revision()
    old = make_product("Old", variants=[{"sku": "O-1", "gtin": "96385074", "active": False}])
    old.save_revision()
    other = {"Variant Barcode": "4006381333931"}
    rows = [
        row("a", "A", "A-1", **{"Variant Barcode": f"0{UPC}"}),
        *(row("b", "B", sku, **other) for sku in ("B-1", "B-2")),
        row("c", "C", "C-1", **{"Variant Barcode": "96385074"}),
        row("whisk", "Whisk", "W-2", **{"Variant Barcode": UPC}),  # W-1 is not in the file and keeps it
    ]

    made = load(table(rows))

    assert outcomes(made) == {"a": "failed", "b": "failed", "c": "created", "whisk": "failed"}
    assert problems(made) == [
        f"The GTIN 0{UPC} belongs to “Whisk”.",
        "This GTIN stands twice in this product.",
        "This GTIN stands twice in this product.",
    ]
