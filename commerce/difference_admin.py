"""Payment differences in the admin: all that were ever found, what to do about each, and a note when it is done."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.contrib.auth.decorators import permission_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.admin.viewsets.model import ModelViewSet

from commerce.models import Difference
from commerce.order_screen import StaffRequest

SETTLE = "commerce.settle_difference"
Kind = Difference.Kind
ADVICE = {
    Kind.PAID_THERE: _(
        "The buyer has paid and the order does not know. Asking again did not help: look at the order's problem, then "
        "refund the payment at the payment service, or carry the order out."
    ),
    Kind.UNKNOWN_PAYMENT: _(
        "Somebody paid for an order that this shop does not have: perhaps an older backup was brought back. Look the "
        "buyer up at the payment service, and refund the payment there or write the order anew."
    ),
    Kind.AMOUNT: _(
        "Do not send the goods before this is clear. Refund what was paid too much, or ask the buyer for the rest."
    ),
    Kind.PAID_HERE: _(
        "The shop believes that it was paid and the payment service knows nothing of it. Check that keys and account "
        "are the right ones; do not send the goods before the money is found."
    ),
    Kind.REFUND_THERE: _(
        "Money went back that the order does not know of. Write a note on the order, and check its invoice."
    ),
    Kind.REFUND_DIFFERS: _(
        "Compare the refund on both sides. What the payment service says has happened to the money."
    ),
    Kind.REFUND_HERE: _(
        "The buyer may still wait for this money. Look at the payment service, and refund it there if it never went."
    ),
}


class DifferenceFilters(WagtailFilterSet):
    kind = django_filters.ChoiceFilter(label=_("Difference"), choices=Kind.choices)
    open = django_filters.BooleanFilter(
        label=_("Open"), field_name="settled_at", lookup_expr="isnull", widget=django_filters.widgets.BooleanWidget
    )

    class Meta:
        model = Difference
        fields: list[str] = []


class SettleForm(forms.Form):
    note = forms.CharField(
        label=_("How it was settled"), max_length=500, help_text=_("For colleagues, and for whoever checks the books.")
    )


def difference_url(difference: Difference) -> str:
    return reverse("payment-differences:difference", args=[difference.pk])


def order_number(difference: Difference) -> str:
    return difference.order.number if difference.order else "–"


@permission_required("commerce.view_difference", raise_exception=True)
@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """One difference: both sides, and what to do."""
    return page(
        request, get_object_or_404(Difference.objects.select_related("order", "settled_by"), pk=pk), SettleForm()
    )


def page(request: HttpRequest, difference: Difference, form: SettleForm, status: int = 200) -> HttpResponse:
    title = difference.get_kind_display()
    context = {
        "difference": difference,
        "advice": ADVICE[Kind(difference.kind)],
        "form": form,
        "may_settle": difference.settled_at is None and request.user.has_perm(SETTLE),
        "header_title": title,
        "page_title": title,
        "header_icon": "warning",
        "breadcrumbs_items": [
            {"url": reverse("wagtailadmin_home"), "label": gettext("Home")},
            {"url": reverse("payment-differences:index"), "label": gettext("Payment differences")},
            {"url": "", "label": title},
        ],
    }
    return render(request, "commerce/admin/difference.html", context, status=status)


@permission_required(SETTLE, raise_exception=True)
@require_POST
def settle(request: StaffRequest, pk: int) -> HttpResponse:
    """Dealt with, by whom and how. It stays in the list, and is not opened again by the next comparison."""
    difference = get_object_or_404(Difference, pk=pk)
    form = SettleForm(request.POST)
    if not form.is_valid():
        return page(request, difference, form, 422)
    changes = {"settled_at": timezone.now(), "settled_by": request.user, "note": form.cleaned_data["note"]}
    if Difference.objects.filter(pk=pk, settled_at=None).update(**changes):
        messages.success(request, gettext("Noted as settled."))
    else:
        messages.warning(request, gettext("Somebody else has settled it already."))
    return redirect("payment-differences:difference", pk)


class DifferenceViewSet(ModelViewSet):
    """The list; nobody adds, changes or deletes a difference."""

    model = Difference
    name = "payment-differences"
    icon = "warning"
    menu_label = _("Payment differences")
    add_to_reference_index = False
    copy_view_enabled = False
    filterset_class = DifferenceFilters
    list_per_page = 50
    form_fields = ["note"]
    search_fields = ["about"]
    ordering = ["-found_at"]
    list_display = [
        TitleColumn("kind", label=_("Difference"), accessor="get_kind_display", get_url=difference_url),
        Column("order", label=_("Order"), accessor=order_number),
        Column("there", label=_("At the payment service"), accessor="there_text"),
        Column("here", label=_("Here"), accessor="here_text"),
        DateColumn("found_at", label=_("Found"), sort_key="found_at"),
        DateColumn("settled_at", label=_("Settled"), sort_key="settled_at"),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return Difference.objects.select_related("order")

    def get_index_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_index_view_kwargs(add_url_name=None, edit_url_name=None, delete_url_name=None, **kwargs)

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            path("", self.index_view, name="index"),
            path("results/", self.index_results_view, name="index_results"),
            path("<int:pk>/", show, name="difference"),
            path("<int:pk>/settle/", settle, name="settle"),
        ]
