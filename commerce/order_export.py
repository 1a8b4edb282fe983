"""Exporting the filtered list of orders, large ones in the background. What stands in it: order_rows.py."""

from __future__ import annotations

from tempfile import TemporaryFile

from django.conf import settings
from django.contrib.auth.decorators import permission_required
from django.http import FileResponse, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.formats import number_format
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe
from wagtail.admin import messages

from commerce import export_files, order_rows
from commerce.export_files import EXPORT
from commerce.models import OrderExport
from commerce.order_screen import StaffRequest
from commerce.querysets import OrderQuerySet
from core.proof import proof_required

MOST_IN_WORKBOOK = 200_000  # 100,000 took 37 s on a core that others used, too; a task must end within 300 s
RECENT = 20
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@permission_required(EXPORT, raise_exception=True)
@require_http_methods(["GET", "HEAD", "POST"])
@proof_required
def export(request: StaffRequest) -> HttpResponseBase:
    """Says what the file holds; a POST fetches it, or has it made. The address carries the list's own filters."""
    filters = order_rows.chosen(request.GET, request)
    if not filters.is_valid():
        messages.error(request, gettext("These filters are not valid. Please choose them again."))
        return redirect("orders:index")
    number = filters.qs.count()
    if request.method != "POST":
        return show(request, number)
    kind = "xlsx" if request.POST.get("format") == "xlsx" else "csv"
    if kind == "xlsx" and number > MOST_IN_WORKBOOK:
        return show(request, number, status=422)
    query = request.GET.urlencode()
    if number > settings.EXPORT_ROWS_AT_ONCE:
        export_files.start(request.user, query, kind, number)
        say_when(request)
        return redirect(request.get_full_path())
    made = export_files.note(request.user, query, kind, number)
    return attached(at_once(filters.qs, kind), made)


def at_once(orders: OrderQuerySet, kind: str) -> StreamingHttpResponse:
    if kind == "csv":
        return StreamingHttpResponse(order_rows.csv_lines(orders), content_type=TYPES[kind])
    file = TemporaryFile()  # noqa: SIM115  (the response closes it)
    order_rows.write_xlsx(file, orders)
    file.seek(0)
    return FileResponse(file, content_type=TYPES[kind])


def too_much() -> str:
    text = gettext("A workbook holds at most %(most)s orders. Please take the CSV file, or filter by a shorter period.")
    return text % {"most": number_format(MOST_IN_WORKBOOK)}


def say_when(request: StaffRequest) -> None:
    if request.user.email:
        text = gettext("The file is being made. A mail to %(email)s leads you to it when it is ready.")
        messages.success(request, text % {"email": request.user.email})
    else:
        messages.success(request, gettext("The file is being made. Look here again in a minute."))


@permission_required(EXPORT, raise_exception=True)
@require_safe
def export_file(request: StaffRequest, pk: int) -> HttpResponseBase:
    """A file that the worker made: for whoever asked for it, until its time is over."""
    made = get_object_or_404(OrderExport, pk=pk, actor=request.user)
    if not made.can_be_fetched or not hasattr(made, "file"):
        messages.warning(request, gettext("This file cannot be fetched any more. Please export once more."))
        return redirect("orders:export")
    return attached(HttpResponse(bytes(made.file.content), content_type=TYPES[made.kind]), made)


def attached(response: HttpResponseBase, made: OrderExport) -> HttpResponseBase:
    response.headers["Content-Disposition"] = f'attachment; filename="{made.filename}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


def show(request: StaffRequest, number: int, *, status: int = 200) -> HttpResponse:
    title = gettext("Export orders")
    breadcrumbs = [
        {"url": reverse("wagtailadmin_home"), "label": gettext("Home")},
        {"url": reverse("orders:index"), "label": gettext("Orders")},
        {"url": "", "label": title},
    ]
    context = {
        "number": number,
        "columns": [(name, meaning) for name, (meaning, _read) in order_rows.COLUMNS.items()],
        "later": number > settings.EXPORT_ROWS_AT_ONCE,
        "recent": OrderExport.objects.all()[:RECENT],
        "no_workbook": too_much() if number > MOST_IN_WORKBOOK else "",
        "header_title": title,
        "page_title": title,
        "header_icon": "download",
        "breadcrumbs_items": breadcrumbs,
    }
    return render(request, "commerce/admin/export.html", context, status=status)


urlpatterns: list[URLPattern] = [
    path("export/", export, name="export"),
    path("export/<int:pk>/", export_file, name="export_file"),
]
