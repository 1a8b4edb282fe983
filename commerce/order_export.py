"""The filtered list of orders as a file: one row per order, numbers and moments written the same in every language.

Cells that a spreadsheet would take for a formula get an apostrophe in front (catalog.exchange.write.neutral).
"""

from __future__ import annotations

import csv
import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from tempfile import TemporaryFile
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.db.models import Q, Sum
from django.http import FileResponse, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from wagtail.admin import messages

from catalog.exchange.write import neutral
from commerce.models import Order, Refund
from commerce.order_filters import OrderFilters
from commerce.order_screen import StaffRequest
from commerce.querysets import OrderQuerySet
from core.money import Money
from core.proof import proof_required

log = logging.getLogger(__name__)

EXPORT = "commerce.export_order"
BATCH = 1000
MOST_IN_WORKBOOK = 10_000  # a workbook is made as a whole while the browser waits

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


def as_csv(orders: OrderQuerySet) -> StreamingHttpResponse:
    """Streamed, with a byte order mark, so that spreadsheets see that it is UTF-8."""
    writer = csv.writer(Echo())

    def lines() -> Iterator[str]:
        yield "\ufeff"
        yield writer.writerow(COLUMNS)
        for row in rows(orders):
            yield writer.writerow(as_text(row))

    return StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")


def as_xlsx(orders: OrderQuerySet) -> FileResponse:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("orders")
    sheet.append(list(COLUMNS))
    for row in rows(orders):
        sheet.append([ILLEGAL_CHARACTERS_RE.sub("", neutral(cell)) if isinstance(cell, str) else cell for cell in row])
    file = TemporaryFile()  # noqa: SIM115  (the response closes it)
    book.save(file)
    file.seek(0)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return FileResponse(file, content_type=kind)


@permission_required(EXPORT, raise_exception=True)
@require_http_methods(["GET", "HEAD", "POST"])
@proof_required
def export(request: StaffRequest) -> HttpResponseBase:
    """Says what the file holds; a POST fetches it. The address carries the list's own filters."""
    found = Order.objects.found_by(words) if (words := request.GET.get("q", "").strip()[:100]) else Order.objects.all()
    filters = OrderFilters(request.GET, queryset=found, request=request)
    if not filters.is_valid():
        messages.error(request, gettext("These filters are not valid. Please choose them again."))
        return redirect("orders:index")
    number = filters.qs.count()
    if request.method != "POST":
        return show(request, number)
    form = "xlsx" if request.POST.get("format") == "xlsx" else "csv"
    if form == "xlsx" and number > MOST_IN_WORKBOOK:
        messages.warning(request, gettext("That is too much for a workbook. Please take the CSV file."))
        return show(request, number)
    log.info("user %s exports %s orders as %s", request.user.pk, number, form)
    response: HttpResponseBase = as_xlsx(filters.qs) if form == "xlsx" else as_csv(filters.qs)
    name = f"orders-{timezone.localdate():%Y-%m-%d}.{form}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


def show(request: StaffRequest, number: int) -> HttpResponse:
    title = gettext("Export orders")
    breadcrumbs = [
        {"url": reverse("wagtailadmin_home"), "label": gettext("Home")},
        {"url": reverse("orders:index"), "label": gettext("Orders")},
        {"url": "", "label": title},
    ]
    context = {
        "number": number,
        "columns": [(name, meaning) for name, (meaning, _read) in COLUMNS.items()],
        "workbook": number <= MOST_IN_WORKBOOK,
        "header_title": title,
        "page_title": title,
        "header_icon": "download",
        "breadcrumbs_items": breadcrumbs,
    }
    return render(request, "commerce/admin/export.html", context)


urlpatterns: list[URLPattern] = [path("export/", export, name="export")]
