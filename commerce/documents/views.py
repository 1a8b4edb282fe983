"""Where documents are fetched: by the buyer who knows the order's address, and by staff in the admin."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib.auth.decorators import permission_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin import messages

from commerce import shipping
from commerce.answers import private
from commerce.documents import papers, printing
from commerce.documents.press import CannotPrint
from commerce.models import Document, DocumentFile, Kind, Order

VIEW_ORDER = "commerce.view_order"
VIEW_DOCUMENT = "commerce.view_document"
MOST_SLIPS = 100  # in one file


def pdf_response(content: bytes, name: str) -> HttpResponse:
    """Shown in the browser, kept by nobody in between."""
    response = HttpResponse(content, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    response.headers["Referrer-Policy"] = "no-referrer"
    return private(response)


def file_of(**which: object) -> DocumentFile | None:
    return DocumentFile.objects.select_related("document").filter(**which).first()


@require_safe
def order_invoice(request: HttpRequest, token: str) -> HttpResponse:
    """The invoice, for whoever knows the order's address."""
    file = file_of(document__order__token=token, document__kind=Kind.INVOICE)
    if file is None:
        raise Http404
    return pdf_response(bytes(file.content), file.document.filename)


@require_safe
def order_document(request: HttpRequest, token: str, number: str) -> HttpResponse:
    """A credit note (or the invoice) by its number, which alone opens nothing."""
    file = file_of(document__order__token=token, document__number=number)
    if file is None:
        raise Http404
    return pdf_response(bytes(file.content), file.document.filename)


# For staff


@permission_required(VIEW_ORDER, raise_exception=True)
@require_safe
def invoice(request: HttpRequest, pk: int) -> HttpResponse:
    return stored(request, get_object_or_404(Document, order=pk, kind=Kind.INVOICE))


@permission_required(VIEW_ORDER, raise_exception=True)
@require_safe
def document(request: HttpRequest, pk: int, number: str) -> HttpResponse:
    return stored(request, get_object_or_404(Document, order=pk, number=number))


def stored(request: HttpRequest, document: Document) -> HttpResponse:
    file = file_of(document=document)
    if file is None:
        messages.warning(request, _("The PDF of %(number)s is not made yet.") % {"number": document.number})
        return redirect("orders:order", document.order_id)
    return pdf_response(bytes(file.content), document.filename)


@permission_required(VIEW_ORDER, raise_exception=True)
@require_safe
def packing_slip(request: HttpRequest, pk: int) -> HttpResponse:
    """What to pack for one order, or with `?parcel=2` what was packed, in the language of whoever asks."""
    order = get_object_or_404(Order, pk=pk)
    if number := request.GET.get("parcel", ""):
        return parcel_slip(request, order, number)
    if order.status not in papers.SHIPPABLE:
        messages.warning(request, _("Only what is paid is packed."))
        return redirect("orders:order", pk)
    try:
        pdf = printing.pdf_of(printing.packing_slips_html([order], units_to_pack([order])))
    except CannotPrint as error:
        messages.error(request, str(error))
        return redirect("orders:order", pk)
    return pdf_response(pdf, f"packing-slip-{order.number}.pdf")


def units_to_pack(orders: Sequence[Order]) -> dict[int, int]:
    """Order line's id -> units on the slip: what is still to be sent, or, once nothing is, what was ordered."""
    left = shipping.remaining(*orders)
    units: dict[int, int] = {}
    for order in orders:
        lines = order.lines.all()
        is_done = not any(left[line.pk] for line in lines)
        units |= {line.pk: line.quantity if is_done else left[line.pk] for line in lines}
    return units


def parcel_slip(request: HttpRequest, order: Order, number: str) -> HttpResponse:
    """What is in a parcel that left."""
    known = number.isascii() and number.isdigit() and len(number) < 5
    shipment = order.shipments.filter(number=number).first() if known else None
    if shipment is None:
        messages.warning(request, _("There is no such parcel."))
        return redirect("orders:order", order.pk)
    units = dict(shipment.lines.values_list("line", "quantity"))
    try:
        pdf = printing.pdf_of(printing.packing_slips_html([order], units))
    except CannotPrint as error:
        messages.error(request, str(error))
        return redirect("orders:order", order.pk)
    return pdf_response(pdf, f"packing-slip-{order.number}-{shipment.number}.pdf")


@permission_required(VIEW_ORDER, raise_exception=True)
@require_safe
def packing_slips(request: HttpRequest) -> HttpResponse:
    """The slips of several orders (`?order=1&order=2`) in one file; what is not to be packed is left out."""
    numbers = [pk for pk in request.GET.getlist("order") if pk.isascii() and pk.isdigit() and len(pk) < 19]
    orders = list(
        Order.objects.filter(pk__in=numbers[:MOST_SLIPS], status__in=papers.SHIPPABLE).prefetch_related("lines")
    )
    if not orders:
        messages.warning(request, _("Only what is paid is packed."))
        return redirect("orders:index")
    try:
        pdf = printing.pdf_of(printing.packing_slips_html(orders, units_to_pack(orders)))
    except CannotPrint as error:
        messages.error(request, str(error))
        return redirect("orders:index")
    return pdf_response(pdf, "packing-slips.pdf")


@permission_required("commerce.handle_order", raise_exception=True)
@require_POST
def make(request: HttpRequest, pk: int) -> HttpResponse:
    """Tries now to make what is missing."""
    order = get_object_or_404(Order, pk=pk)
    if papers.make_now(order):
        messages.success(request, _("We are making it now. Please look again in a moment."))
    return redirect("orders:order", pk)


@permission_required(VIEW_DOCUMENT, raise_exception=True)
@require_safe
def months(request: HttpRequest) -> HttpResponse:
    """The months that have documents, newest first, each to be downloaded."""
    context = {
        "months": Document.objects.order_by().dates("issued_on", "month", order="DESC"),
        "header_title": _("Download a month"),
        "page_title": _("Download a month"),
        "header_icon": "download",
        "breadcrumbs_items": [
            {"url": reverse("wagtailadmin_home"), "label": _("Home")},
            {"url": reverse("invoices:index"), "label": _("Invoices")},
            {"url": "", "label": _("Download a month")},
        ],
    }
    return render(request, "commerce/admin/document_months.html", context)


@permission_required(VIEW_DOCUMENT, raise_exception=True)
@require_safe
def month(request: HttpRequest, year: int, number: int) -> HttpResponse | FileResponse:
    """All invoices and credit notes of a month as a ZIP file, with a table of them."""
    try:
        found = papers.month(year, number)
    except ValueError:
        raise Http404 from None
    if not found.exists():
        raise Http404
    name = f"invoices-{year}-{number:02}.zip"
    response = FileResponse(papers.archive(found), as_attachment=True, filename=name, content_type="application/zip")
    return private(response)


order_urlpatterns: list[URLPattern] = [
    path("packing-slips.pdf", packing_slips, name="packing_slips"),
    path("<int:pk>/invoice.pdf", invoice, name="invoice"),
    path("<int:pk>/packing-slip.pdf", packing_slip, name="packing_slip"),
    path("<int:pk>/documents/", make, name="make_documents"),
    path("<int:pk>/documents/<slug:number>.pdf", document, name="document"),
]
urlpatterns: list[URLPattern] = [
    path("months/", months, name="months"),
    path("<int:year>-<int:number>.zip", month, name="month"),
]
