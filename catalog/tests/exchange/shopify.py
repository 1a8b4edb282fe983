"""A product export as Shopify writes one: 500 rows with all that real files bring. The same bytes each time.

`python -m catalog.tests.exchange.shopify > products_export.csv` shows it.
"""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterator

# As exported by a shop with one market; barcode, unit prices and tax codes are missing, as in many files.
COLUMNS = [
    "Handle", "Title", "Body (HTML)", "Vendor", "Product Category", "Type", "Tags", "Published",
    "Option1 Name", "Option1 Value", "Option1 Linked To", "Option2 Name", "Option2 Value", "Option2 Linked To",
    "Option3 Name", "Option3 Value", "Option3 Linked To", "Variant SKU", "Variant Grams", "Variant Inventory Tracker",
    "Variant Inventory Qty", "Variant Inventory Policy", "Variant Fulfillment Service", "Variant Price",
    "Variant Compare At Price", "Variant Requires Shipping", "Variant Taxable", "Image Src", "Image Position",
    "Image Alt Text", "Gift Card", "SEO Title", "SEO Description", "Google Shopping / Google Product Category",
    "Google Shopping / Condition", "Origin (product.metafields.custom.origin)", "Variant Image", "Variant Weight Unit",
    "Cost per item", "Included / International", "Price / International", "Status",
]  # fmt: skip
ROWS = 500
BROKEN = "broken-kettle"
CDN = "https://cdn.shopify.com/s/files/1/0001/0002/files"
BODY = """<meta charset="utf-8"><h2>About the {name}</h2>
<p data-mce-fragment="1">A <strong>"fine"</strong> thing,<br>made by hand; 5" high &amp; 100&nbsp;% honest.</p>
<ul>
<li>First</li>
<li><span style="color: #ff0000;">Second, with a comma</span></li>
</ul>
<table><tbody><tr><td>Weight</td><td>{grams} g</td></tr></tbody></table>
<script>alert("{name}")</script>"""
NAMES = [
    "Teapot",
    "Kännchen",
    "Tasse à thé",
    "شاي أخضر",
    'Mug 5" high',
    "Kyūsu",
    "Sencha",
    "=Formula tea",
    "Caddy, large",
]
VENDORS = ["Kiln & Co", "Blatt und Ton", "-Minus Ltd"]
TYPES = ["Teapots", "Cups", "Loose Tea", ""]
OPTIONS = [
    [],
    [("Size", ["S", "M", "L"])],
    [("Size", ["S", "M"]), ("Color", ["Red", "Blue/Green"])],
    [("Size", ["1/2 l", "12 l"]), ("Color", ["Red", "Natural"]), ("Material", ["Clay"])],
]


def shopify_export(rows: int = ROWS, cdn: str = CDN) -> bytes:
    """UTF-8 with BOM, CRLF between rows and LF within cells. One row is broken: its quotation marks do not fit."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(COLUMNS)
    for number, row in enumerate(all_rows(cdn)):
        if number == rows:
            break
        if row["Handle"] == BROKEN:
            buffer.write(f'{BROKEN},"A kettle "with" quotes,"<p>\n<b>broken</b>,Kiln\r\n')
        else:
            writer.writerow([row.get(column, "") for column in COLUMNS])
    return b"\xef\xbb\xbf" + buffer.getvalue().encode()


def all_rows(cdn: str) -> Iterator[dict[str, str]]:
    """Rows of one product after the other, without end; the 40th is the broken one."""
    number = 0
    while True:
        number += 1
        if number == 40:
            yield {"Handle": BROKEN}
        yield from product_rows(number, cdn)


def product_rows(number: int, cdn: str) -> list[dict[str, str]]:
    name = f"{NAMES[number % len(NAMES)]} {number}"
    options = OPTIONS[number % len(OPTIONS)]
    variants = combinations(options)
    pictures = [f"{cdn}/picture-{number}-{at}.png?v=16{number:04}" for at in range(number % 4)]
    rows = [{"Handle": f"product-{number}"} for _row in range(max(len(variants), len(pictures)))]
    rows[0] |= first_cells(number, name, options)
    for at, values in enumerate(variants):
        rows[at] |= variant_cells(number, at, values)
        if pictures and at == 1:
            rows[at]["Variant Image"] = pictures[-1]
    for at, picture in enumerate(pictures):
        alt = f"{name} from the side" if at == 0 else ""
        rows[at] |= {"Image Src": picture, "Image Position": str(at + 1), "Image Alt Text": alt}
    return rows


def combinations(options: list[tuple[str, list[str]]]) -> list[list[str]]:
    found: list[list[str]] = [[]]
    for _name, values in options:
        found = [[*row, value] for row in found for value in values]
    return found


def first_cells(number: int, name: str, options: list[tuple[str, list[str]]]) -> dict[str, str]:
    cells = {
        "Title": name,
        "Body (HTML)": BODY.format(name=name, grams=number) if number % 5 else "",
        "Vendor": VENDORS[number % len(VENDORS)],
        "Product Category": "Home & Garden > Kitchen & Dining > Tableware",
        "Type": TYPES[number % len(TYPES)],
        "Tags": ["", "tea", "tea, gift, New Arrival", '"pots, large", Tea'][number % 4],
        "Published": "false" if number % 7 == 0 else "true",
        "Gift Card": "false",
        "SEO Title": f"{name} | Kiln" if number % 3 == 0 else "",
        "SEO Description": "Words about it. " * 14 if number % 6 == 0 else "",
        "Google Shopping / Condition": "new",
        "Included / International": "true",
        "Status": ["active", "draft", "archived"][0 if number % 11 else 1],
    }
    for at, (option, _values) in enumerate(options or [("Title", [])], start=1):
        cells[f"Option{at} Name"] = option
    return cells


def variant_cells(number: int, at: int, values: list[str]) -> dict[str, str]:
    """The third product of four has no SKUs; some prices are on sale, some counts below zero."""
    price = 5 + number % 90 + at
    cells = {
        "Variant SKU": "" if number % 4 == 2 else f"P{number}-{at}",
        "Variant Grams": f"{number * 10 + at}.0",
        "Variant Inventory Tracker": "shopify",
        "Variant Inventory Qty": str(number % 9 - 1),
        "Variant Inventory Policy": "deny",
        "Variant Fulfillment Service": "manual",
        "Variant Price": f"{price}.90",
        "Variant Compare At Price": f"{price + 10}.00" if number % 5 == 0 else "0.00" if number % 5 == 1 else "",
        "Variant Requires Shipping": "true",
        "Variant Taxable": "true",
        "Variant Weight Unit": "kg",
        "Cost per item": "1.20",
    }
    for position, value in enumerate(values or ["Default Title"], start=1):
        cells[f"Option{position} Value"] = value
    return cells


if __name__ == "__main__":
    sys.stdout.buffer.write(shopify_export())
