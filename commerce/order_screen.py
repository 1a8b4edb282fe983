"""The screen of one order in the admin. Each section is a template of its own in templates/commerce/admin/order/."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib.auth.decorators import permission_required
from django.contrib.auth.models import User
from django.db.models import Prefetch, prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin import messages

from catalog.models import ProductImage
from commerce import desk, transfers
from commerce.cart import line_image
from commerce.documents.papers import papers_of
from commerce.mails import NAMES
from commerce.models import Order, OrderEvent, OrderLine, PaymentAttempt, Receipt
from commerce.notes import readable
from commerce.payments import TRANSFER, provider
from core.models import Outbox

HANDLE = "commerce.handle_order"


class StaffRequest(HttpRequest):
    """What a view gets behind a permission check."""

    user: User


class NoteForm(forms.Form):
    text = forms.CharField(label=_("Note"), max_length=2000, widget=forms.Textarea({"rows": 3}))


@permission_required("commerce.view_order", raise_exception=True)
@require_safe
def order(request: StaffRequest, pk: int) -> HttpResponse:
    """All there is to know about one order, and what can be done with it."""
    return show(request, get_object_or_404(Order, pk=pk), NoteForm())


@permission_required(HANDLE, raise_exception=True)
@require_POST
def note(request: StaffRequest, pk: int) -> HttpResponse:
    """Adds a note, whatever else happened meanwhile."""
    shown = get_object_or_404(Order, pk=pk)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return show(request, shown, form, status=422)
    desk.add_note(shown, form.cleaned_data["text"], request.user)
    messages.success(request, gettext("The note is saved."))
    return redirect("orders:order", pk)


@permission_required("commerce.view_order", raise_exception=True)
@require_safe
def of_stock(request: StaffRequest, reference: str) -> HttpResponse:
    """The order behind a row of the stock's ledger: its units were held, sold, or came back by a refund."""
    kind, _colon, value = reference.rpartition(":")
    try:
        name = UUID(value)
    except ValueError:
        name = None
    if name and kind == "refund":
        found = Order.objects.filter(refunds__uuid=name).first()
    else:
        found = Order.objects.filter(uuid=name).first() if name else None
    if found is None:
        messages.warning(request, gettext("There is no such order."))
        return redirect("orders:index")
    return redirect("orders:order", found.pk)


def show(request: StaffRequest, shown: Order, note_form: NoteForm, *, status: int = 200) -> HttpResponse:
    may_handle = request.user.has_perm(HANDLE)
    context = {
        "order": shown,
        "lines": lines_as_sold(shown),
        "totals": shown.totals,
        "attempts": payment_pages(shown),
        "events": happenings(shown),
        "mails": mails_about(shown),
        "shipments": shown.shipments.select_related("actor").prefetch_related("lines__line"),
        "advice": desk.ADVICE.get(shown.status, ""),
        "papers": papers_of(shown),
        "moves": [move for move in desk.moves(shown) if request.user.has_perm(move.permission)],
        "transfers": transfers.by_hand(shown),
        "may_handle": may_handle,
        "note_form": note_form,
        "seen": desk.version(shown),
        **heading(shown),
    }
    return render(request, "commerce/admin/order/order.html", context, status=status)


def heading(shown: Order, step: str = "") -> dict[str, Any]:
    """Title and breadcrumbs of a page about this order, and whether the shop takes real money."""
    title = gettext("Order %(number)s") % {"number": shown.number}
    items = [
        {"url": reverse("wagtailadmin_home"), "label": gettext("Home")},
        {"url": reverse("orders:index"), "label": gettext("Orders")},
        {"url": reverse("orders:order", args=[shown.pk]) if step else "", "label": shown.number},
    ]
    if step:
        items.append({"url": "", "label": step})
    return {
        "header_title": step or title,
        "page_title": title,
        "header_icon": "form",
        "breadcrumbs_items": items,
        "test_mode": not provider().live,
    }


@dataclass(frozen=True)
class SoldLine:
    """A frozen line beside what the catalogue knows of it today: `today`, the product's name for the reader."""

    line: OrderLine
    picture: ProductImage | None
    today: str


def lines_as_sold(shown: Order) -> list[SoldLine]:
    """The frozen lines, with the product as it is called today and its picture, in a constant number of queries."""
    pictures = ProductImage.objects.order_by("sort_order").select_related("image")
    lines = list(
        shown.lines.select_related("order", "variant__product", "variant__image").prefetch_related(
            "variant__product__translations", Prefetch("variant__product__images", queryset=pictures)
        )
    )
    sold = [SoldLine(line, line_image(line.variant), line.variant.product.text.name) for line in lines]
    prefetch_related_objects([entry.picture.image for entry in sold if entry.picture], "renditions")
    return sold


@dataclass(frozen=True)
class PaymentPage:
    """A payment page that was asked for, and where its payment is shown at the provider; "" before there is one.

    `receipts`: of a bank transfer, with the newest one that stands: it can be taken back.
    """

    attempt: PaymentAttempt
    desk_url: str
    receipts: list[Receipt]

    @property
    def newest(self) -> Receipt | None:
        return next((receipt for receipt in reversed(self.receipts) if receipt.taken_back_at is None), None)


def payment_pages(shown: Order) -> list[PaymentPage]:
    attempts = list(shown.attempts.all())
    told = [attempt.session_id for attempt in attempts if attempt.provider == TRANSFER]
    receipts = Receipt.objects.filter(transfer__in=told).select_related("transfer", "actor") if told else ()
    return [
        PaymentPage(attempt, desk_url(attempt), [row for row in receipts if row.transfer_id == attempt.session_id])
        for attempt in attempts
    ]


def desk_url(attempt: PaymentAttempt) -> str:
    return provider(attempt.provider).desk_url(attempt.payment_id, attempt.url) if attempt.payment_id else ""


@dataclass(frozen=True)
class Happening:
    """An event and what it says to its reader."""

    event: OrderEvent
    text: str


def happenings(shown: Order) -> list[Happening]:
    """Newest first."""
    return [Happening(event, text_of(event)) for event in shown.events.select_related("actor").order_by("-pk")]


def text_of(event: OrderEvent) -> str:
    """In the reader's language. The words of staff, and of rows from before there were codes, stay as they are."""
    return readable(event.code, event.facts, event.note, {"kind": NAMES})


@dataclass(frozen=True)
class MailSent:
    """A mail that left or shall leave, and what staff call it."""

    row: Outbox
    label: str


def mails_about(shown: Order) -> list[MailSent]:
    """Every mail because of this order, oldest first."""
    rows = Outbox.objects.filter(payload__order=shown.pk, kind__in=NAMES).order_by("pk")
    return [MailSent(row, str(NAMES[row.kind])) for row in rows]


urlpatterns: list[URLPattern] = [
    path("<int:pk>/", order, name="order"),
    path("<int:pk>/note/", note, name="note"),
    path("of-stock/<path:reference>/", of_stock, name="of_stock"),
]
