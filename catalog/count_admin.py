"""Counting the shelf in the admin: a list to count by, the upload, what it would change, and the yes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.template.defaultfilters import filesizeformat
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from wagtail.admin import messages
from wagtail.admin.widgets.button import HeaderButton

from catalog import counting
from catalog.exchange.read import MAX_BYTES, FileProblem
from catalog.exchange.views import XLSX, AuthenticatedRequest, attached, csv_file
from catalog.exchange.write import csv_lines, xlsx
from catalog.models import Stock, StockCount

COUNT = "catalog.change_stock"
SHOWN = 500
RECENT = 20


class CountForm(forms.Form):
    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "CSV or XLSX with the columns sku and counted; reason if you like. Rows without a count are skipped."
        ),
    )

    def clean_file(self) -> UploadedFile:
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise ValidationError(_("The file is larger than %(limit)s."), params={"limit": filesizeformat(MAX_BYTES)})
        return file


@permission_required(COUNT, raise_exception=True)
@require_http_methods(["GET", "HEAD", "POST"])
def counts(request: AuthenticatedRequest) -> HttpResponse:
    """Uploads a count; nothing changes yet."""
    form = CountForm(request.POST, request.FILES) if request.method == "POST" else CountForm()
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            made = counting.start(file.name, file.read(), request.user)
        except FileProblem as problem:
            form.add_error("file", str(problem))
        else:
            return redirect("stock:count", made.pk)
    recent = StockCount.objects.defer("rows").select_related("user")[:RECENT]
    context = {"form": form, "recent": recent, **heading(gettext("Count the stock"))}
    return render(request, "catalog/admin/counts.html", context, status=422 if form.errors else 200)


@permission_required(COUNT, raise_exception=True)
@require_safe
def count(request: HttpRequest, pk: int) -> HttpResponse:
    """Each row with its difference, or its problem."""
    made = get_object_or_404(StockCount.objects.select_related("user"), pk=pk)
    planned = counting.plan(made)
    good = [one for one in planned if not one.problem]
    changed = [one for one in good if one.row.difference]
    context = {
        "made": made,
        "shown": [one for one in planned if one.problem or one.row.difference][:SHOWN],
        "most": SHOWN,
        "problems": len(planned) - len(good),
        "changes": len(changed),
        "same": len(good) - len(changed),
        "units": sum(one.row.difference for one in changed),
        **heading(made.name, (reverse("stock:counts"), gettext("Count the stock"))),
    }
    return render(request, "catalog/admin/count.html", context)


@permission_required(COUNT, raise_exception=True)
@require_POST
def decide(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Takes the count over, or throws it away."""
    if "discard" in request.POST:
        gone, _models = StockCount.objects.filter(pk=pk, applied_at=None).delete()
        if gone:
            messages.success(request, gettext("The count is thrown away. The stock is as it was."))
        return redirect("stock:counts")
    made = counting.apply(pk, request.user)
    if made is None:
        messages.warning(request, gettext("Nothing was changed: this count was applied or thrown away already."))
        return redirect("stock:counts")
    refused = sum(bool(row["problem"]) for row in made.rows)
    messages.success(request, gettext("The stock is as counted."))
    if refused:
        text = ngettext("%(number)s row was refused.", "%(number)s rows were refused.", refused)
        messages.warning(request, text % {"number": refused})
    return redirect("stock:count", pk)


@permission_required(COUNT, raise_exception=True)
@require_safe
def report(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Every row, also those that the page leaves out."""
    planned = counting.plan(get_object_or_404(StockCount, pk=pk))
    columns = ["row", "sku", "counted", "reason", "on_hand_then", "difference", "on_hand_now", "problem"]
    return csv_file(f"count-{pk}.csv", csv_lines(columns, counting.report(planned)))


@permission_required(COUNT, raise_exception=True)
@require_safe
def sheet(request: HttpRequest, kind: str) -> HttpResponseBase:
    """The list to count by: all active variants."""
    rows = Stock.objects.filter(variant__active=True).order_by("variant__sku")
    name = f"stock-{timezone.localdate().isoformat()}.{kind}"
    if kind == "csv":
        return csv_file(name, csv_lines(counting.EXPORTED, counting.sheet(rows)))
    data = xlsx(counting.EXPORTED, counting.sheet(rows), counting.NUMBERS)
    return HttpResponse(data, content_type=XLSX, headers=attached(name))


def heading(title: str, *between: tuple[str, str]) -> dict[str, Any]:
    steps = [(reverse("wagtailadmin_home"), gettext("Home")), (reverse("stock:index"), gettext("Stock")), *between]
    return {
        "header_title": title,
        "page_title": title,
        "header_icon": "clipboard-list",
        "breadcrumbs_items": [{"url": url, "label": label} for url, label in [*steps, ("", title)]],
    }


def buttons(request: HttpRequest) -> list[HeaderButton]:
    """For the stock list."""
    if not request.user.has_perm(COUNT):
        return []
    return [HeaderButton(gettext("Count"), url=reverse("stock:counts"), icon_name="upload", priority=80)]


urlpatterns: list[URLPattern] = [
    path("counts/", counts, name="counts"),
    path("counts/<int:pk>/", count, name="count"),
    path("counts/<int:pk>/decide/", decide, name="decide"),
    path("counts/<int:pk>/report.csv", report, name="count_report"),
    path("sheet.csv", sheet, {"kind": "csv"}, name="sheet_csv"),
    path("sheet.xlsx", sheet, {"kind": "xlsx"}, name="sheet_xlsx"),
]
