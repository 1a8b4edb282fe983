"""The rows of an export of orders: one per order, numbers and moments written the same in every language.

Cells that a spreadsheet would take for a formula get an apostrophe in front (catalog.exchange.write.neutral).
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, BinaryIO

from django.db.models import Q, Sum
from django.http import HttpRequest, QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from catalog.exchange.write import neutral
from commerce.models import Order, Refund
from commerce.order_filters import OrderFilters
from commerce.querysets import OrderQuerySet
from core.money import Money

BATCH = 1000
HEADING_LINES = 2  # of csv_lines: the byte order mark, and the names of the columns

Cell = str | int | Decimal


def moment(when: datetime | None) -> str:
    """ISO 8601 in UTC; "" for never."""
    return when.astimezone(UTC).isoformat(timespec="seconds") if when else ""


def amount(value: Decimal | None, order: Order) -> Decimal:
    """In major units, with the decimals of the order's currency."""
    return Money(value or Decimal(0), order.currency).rounded().amount


def items(order: Order) -> str:
    return "; ".join(f"{line.quantity} x {line.sku}" for line in order.lines.all())


COLUMNS: dict[str, tuple[str | Promise, Callable[[Any], Cell]]] = {
    "number": (_("The order's number."), lambda order: order.number),
    "status": (_("Where it stands, in the shop's own word, the same in every language."), lambda order: order.status),
    "placed_at": (_("When it was placed, ISO 8601, UTC."), lambda order: moment(order.placed_at)),
    "paid_at": (_("When it was paid; empty when it was not."), lambda order: moment(order.paid_at)),
    "language": (_("The buyer's language."), lambda order: order.language),
    "name": (_("The buyer's name."), lambda order: order.name),
    "company": (_("The buyer's company."), lambda order: order.company),
    "vat_id": (_("The buyer's VAT number."), lambda order: order.vat_id),
    "email": (_("The buyer's e-mail address."), lambda order: order.email),
    "phone": (_("The buyer's phone."), lambda order: order.phone),
    "line1": (_("Street and house number."), lambda order: order.address.get("line1", "")),
    "line2": (_("Second line of the address."), lambda order: order.address.get("line2", "")),
    "postcode": (_("Postcode."), lambda order: order.address.get("postcode", "")),
    "city": (_("City."), lambda order: order.address.get("city", "")),
    "region": (_("Region."), lambda order: order.address.get("region", "")),
    "country": (_("Country, ISO 3166, two letters."), lambda order: order.country),
    "note": (_("What the buyer wrote to us."), lambda order: order.note),
    "items": (_("Units and SKUs: 2 x SIN-050; 1 x CHA-050."), items),
    "delivery_name": (_("The delivery, as it was called."), lambda order: order.delivery_name),
    "currency": (_("Currency of all amounts, ISO 4217."), lambda order: order.currency),
    "goods": (_("Goods, gross."), lambda order: amount(order.goods_total, order)),
    "delivery": (_("Delivery, gross."), lambda order: amount(order.delivery_gross, order)),
    "discount": (
        _("What the coupon took off: goods + delivery - discount = total."),
        lambda order: amount(order.discount, order),
    ),
    "coupon": (_("The coupon's code."), lambda order: order.coupon_code),
    "total": (_("What the buyer pays, gross."), lambda order: amount(order.total, order)),
    "tax": (_("Tax contained in the total."), lambda order: amount(order.tax_total, order)),
    "refunded": (_("What was given back."), lambda order: amount(order.given_back, order)),
}


def rows(orders: OrderQuerySet) -> Iterator[list[Cell]]:
    """A row per order, the newest first, never all of them in memory."""
    back = Sum("refunds__amount", filter=Q(refunds__state=Refund.State.SUCCEEDED))
    chosen = orders.order_by("-placed_at", "-pk").annotate(given_back=back).prefetch_related("lines")
    for order in chosen.iterator(chunk_size=BATCH):
        yield [read(order) for _meaning, read in COLUMNS.values()]


def as_text(cells: Iterable[Cell]) -> list[str]:
    return [neutral(cell) if isinstance(cell, str) else str(cell) for cell in cells]


class Echo:
    """What csv.writer writes to: it hands every line on."""

    def write(self, line: str) -> str:
        return line


def chosen(query: QueryDict, request: HttpRequest | None = None) -> OrderFilters:
    """The orders that the list shows at this address."""
    found = Order.objects.found_by(words) if (words := query.get("q", "").strip()[:100]) else Order.objects.all()
    return OrderFilters(query, queryset=found, request=request)


def csv_lines(orders: OrderQuerySet) -> Iterator[str]:
    """With a byte order mark, so that spreadsheets see that it is UTF-8."""
    writer = csv.writer(Echo())
    yield "\ufeff"
    yield writer.writerow(COLUMNS)
    for row in rows(orders):
        yield writer.writerow(as_text(row))


def write_xlsx(file: BinaryIO, orders: OrderQuerySet) -> int:
    """Returns how many orders were written."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("orders")
    sheet.append(list(COLUMNS))
    number = 0
    for row in rows(orders):
        number += 1
        sheet.append([ILLEGAL_CHARACTERS_RE.sub("", neutral(cell)) if isinstance(cell, str) else cell for cell in row])
    book.save(file)
    return number
