"""Import and export in the admin. Who may what is asked in every view; an import is decided on by who started it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import permission_required
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin import messages

from catalog.exchange import run
from catalog.exchange.forms import ExportForm, ImportForm, unpacked
from catalog.exchange.report import left_over, report_rows, summary
from catalog.exchange.write import Export, TooLong, csv_lines, xlsx
from catalog.models import Import, Product
from catalog.product_list import ProductFilters

RECENT, SHOWN = 20, 200
MAY_IMPORT = ("catalog.add_product", "catalog.change_product")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class AuthenticatedRequest(HttpRequest):
    """What a view gets behind a permission check."""

    user: User


def breadcrumbs(*steps: tuple[str, str]) -> list[dict[str, str]]:
    home = {"url": reverse("wagtailadmin_home"), "label": gettext("Home")}
    return [home, *({"url": url, "label": label} for url, label in steps)]


@permission_required(MAY_IMPORT, raise_exception=True)
def import_products(request: AuthenticatedRequest) -> HttpResponse:
    """The upload form, and what was imported lately."""
    form = ImportForm(request.POST or None, request.FILES or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        made = run.start(
            file.name,
            file.read(),
            request.user,
            get_language() or settings.LANGUAGE_CODE,
            unpacked(form.cleaned_data["pictures"]),
            **form.choices,
        )
        return redirect("exchange:report", made.pk)
    context = {
        "form": form,
        "recent": Import.objects.select_related("user")[:RECENT],
        "header_title": gettext("Import products"),
        "header_icon": "upload",
        "breadcrumbs_items": breadcrumbs(("", gettext("Import"))),
    }
    return render(request, "catalog/exchange/import.html", context)


@permission_required(MAY_IMPORT, raise_exception=True)
@require_safe
def report(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """What would happen or has happened, product by product; problems first."""
    made = get_object_or_404(Import.objects.select_related("user"), pk=pk)
    outcome = request.GET.get("outcome", "")
    found = summary(made)
    context = {
        "made": made,
        "summary": found,
        "outcome": outcome,
        "entries": found.entries(outcome)[:SHOWN],
        "shown": SHOWN,
        "may_decide": may_decide(request.user, made),
        "header_title": made.name,
        "header_icon": "upload",
        "breadcrumbs_items": breadcrumbs((reverse("exchange:import"), gettext("Import")), ("", made.name)),
    }
    return render(request, "catalog/exchange/report.html", context)


@permission_required(MAY_IMPORT, raise_exception=True)
@require_safe
def progress(request: HttpRequest, pk: int) -> JsonResponse:
    """How far it is, for the bar."""
    made = get_object_or_404(Import, pk=pk)
    found = summary(made)
    return JsonResponse({"state": made.state, "done": found.done, "total": found.total})


@permission_required(MAY_IMPORT, raise_exception=True)
@require_POST
def decide(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Begins to write, or stops. Only who started it: it runs with that person's rights."""
    made = get_object_or_404(Import, pk=pk)
    if not may_decide(request.user, made):
        raise PermissionDenied
    done = run.confirm(pk) if "confirm" in request.POST else run.cancel(pk)
    if not done:
        messages.warning(request, gettext("Nothing was changed: this import has moved on meanwhile."))
    return redirect("exchange:report", pk)


def may_decide(user: User, made: Import) -> bool:
    return user.is_superuser or made.user_id == user.pk


@permission_required(MAY_IMPORT, raise_exception=True)
@require_safe
def download(request: HttpRequest, pk: int, kind: str) -> HttpResponseBase:
    """The whole report, or the rows that were not imported, to be put right and imported again."""
    made = get_object_or_404(Import, pk=pk)
    columns, rows = report_rows(made) if kind == "report" else left_over(made)
    return csv_file(f"{kind}-{made.pk}.csv", csv_lines(columns, rows))


@permission_required("catalog.change_product", raise_exception=True)
@require_safe
def export_products(request: HttpRequest) -> HttpResponseBase:
    """The form; with its answers, the file. Takes over the filters of the product list."""
    form = ExportForm(request.GET if "format" in request.GET else None)
    chosen = ProductFilters(request.GET, queryset=Product.objects.all(), request=request)
    products = chosen.qs if chosen.is_valid() else Product.objects.all()
    if form.is_valid():
        try:
            return export_file(products, **form.cleaned_data)
        except TooLong as error:
            return too_long(request, error)
    context = {
        "form": form,
        "number": products.count(),
        "kept": [(name, value) for name, value in request.GET.items() if name in chosen.filters and value],
        "header_title": gettext("Export products"),
        "header_icon": "download",
        "breadcrumbs_items": breadcrumbs(("", gettext("Export"))),
    }
    return render(request, "catalog/exchange/export.html", context)


def export_file(products: Any, format: str, columns: str, version: str) -> HttpResponseBase:
    export = Export(products, everything=columns == "all", published=version == "published")
    name = f"products-{timezone.localdate().isoformat()}.{format}"
    if format == "csv":
        return csv_file(name, csv_lines(export.columns, export.rows()))
    return HttpResponse(xlsx(export.columns, export.rows()), content_type=XLSX, headers=attached(name))


def too_long(request: HttpRequest, error: TooLong) -> HttpResponse:
    """Back to the form: nothing is exported in part."""
    text = gettext("A text in the column %(column)s is too long for a workbook. Export CSV instead.")
    messages.error(request, text % {"column": error})
    return redirect("exchange:export")


def csv_file(name: str, lines: Iterator[bytes]) -> StreamingHttpResponse:
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=attached(name))


def attached(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
