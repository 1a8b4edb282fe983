"""The pages on which a step of an order is confirmed and done: cancel, accept, send a parcel, send a mail again.

Bank transfers have theirs in transfer_screen.py.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST
from wagtail.admin import messages

from catalog.stock import OutOfStock
from commerce import desk, shipping
from commerce.desk_mails import Letter, shipped_letter
from commerce.models import Order
from commerce.order_screen import HANDLE, StaffRequest, heading, lines_as_sold
from commerce.payments.base import Unreachable
from core.models import Outbox

page = require_http_methods(["GET", "HEAD", "POST"])


class SeenForm(forms.Form):
    """Which version of the screen somebody acts on."""

    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


class ParcelForm(forms.Form):
    """One parcel: units per line, each at most what is left, and how it can be followed."""

    carrier = forms.CharField(label=_("Carrier"), max_length=60, required=False)
    tracking_code = forms.CharField(label=_("Tracking number"), max_length=100, required=False)
    tracking_url = forms.URLField(
        label=_("Tracking link"),
        max_length=500,
        required=False,
        assume_scheme="https",
        help_text=_("The page on which the buyer can follow the parcel, beginning with https://"),
    )

    def __init__(self, order: Order, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.left = shipping.remaining(order)
        for pk, units in sorted(self.left.items()):
            self.fields[f"line_{pk}"] = forms.IntegerField(
                min_value=0, max_value=units, initial=units, label=_("Units in this parcel"), required=False
            )

    def clean_tracking_url(self) -> str:
        url: str = self.cleaned_data["tracking_url"]
        if url and not url.lower().startswith(("https://", "http://")):
            raise forms.ValidationError(_("Enter a link that begins with https://"))
        return url

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not self.errors and not any(data.get(f"line_{pk}") for pk in self.left):
            raise forms.ValidationError(_("There is nothing in this parcel."))
        return data

    def parcel(self) -> shipping.Parcel:
        data = self.cleaned_data
        units = {pk: data.get(f"line_{pk}") or 0 for pk in self.left}
        return shipping.Parcel(units, data["carrier"], data["tracking_code"], data["tracking_url"])

    def field_of(self, line_id: int) -> forms.BoundField | None:
        return self[f"line_{line_id}"] if line_id in self.left else None


@permission_required(HANDLE, raise_exception=True)
@page
def cancel(request: StaffRequest, pk: int) -> HttpResponse:
    """Asks once more, then ends an order that is not carried out."""
    shown = get_object_or_404(Order, pk=pk)
    if request.method != "POST":
        return confirm(request, shown, desk.CANCEL.key)
    try:
        desk.cancel(shown, request.user, seen_by(request))
    except Unreachable:
        messages.error(
            request, gettext("The payment service does not answer. Nothing was changed; please try again in a moment.")
        )
    except (desk.Outdated, desk.NotPossible) as error:
        say_no(request, error)
    else:
        messages.success(request, gettext("Order %(number)s is cancelled.") % {"number": shown.number})
    return redirect("orders:order", pk)


@permission_required(HANDLE, raise_exception=True)
@page
def accept(request: StaffRequest, pk: int) -> HttpResponse:
    """Asks once more, then lets an order that is stuck go on as a paid one."""
    shown = get_object_or_404(Order, pk=pk)
    if request.method != "POST":
        return confirm(request, shown, desk.ACCEPT.key)
    try:
        desk.accept(pk, request.user, seen_by(request))
    except OutOfStock:
        messages.warning(request, gettext("There are not enough units to take. Nothing was changed."))
    except (desk.Outdated, desk.NotPossible) as error:
        say_no(request, error)
    else:
        messages.success(request, gettext("Order %(number)s can be packed.") % {"number": shown.number})
    return redirect("orders:order", pk)


@permission_required(HANDLE, raise_exception=True)
@page
def ship(request: StaffRequest, pk: int) -> HttpResponse:
    """First the parcel, then its mail as the buyer will read it, then off it goes."""
    shown = get_object_or_404(Order, pk=pk)
    if (answer := not_now(request, shown, desk.SHIP.key)) is not None:
        return answer
    form = ParcelForm(shown, request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return show_parcel(request, shown, form, status=422 if form.errors else 200)
    if "send" not in request.POST:
        return show_parcel(request, shown, form, shipped_letter(shown, shipping.contents(shown, form.parcel())))
    try:
        shipment = desk.ship(pk, form.parcel(), request.user, seen_by(request))
    except (desk.Outdated, desk.NotPossible, shipping.TooMany, shipping.Empty):
        messages.warning(request, gettext("This order has changed since you opened it. Please check the parcel again."))
        return show_parcel(request, shown, ParcelForm(shown, request.POST), status=409)
    text = gettext("Parcel %(number)s is on its way, and so is its mail.") % {"number": shipment.number}
    messages.success(request, text)
    return redirect("orders:order", pk)


def show_parcel(
    request: StaffRequest, shown: Order, form: ParcelForm, letter: Letter | None = None, *, status: int = 200
) -> HttpResponse:
    sold = lines_as_sold(shown)
    context = {
        "order": shown,
        "form": form,
        "rows": [(entry, form.field_of(entry.line.pk)) for entry in sold],
        "letter": letter,
        "move": desk.SHIP,
        "seen": desk.version(shown),
        **heading(shown, str(desk.SHIP.label)),
    }
    return render(request, "commerce/admin/order/ship.html", context, status=status)


@permission_required(HANDLE, raise_exception=True)
@require_POST
def send_again(request: StaffRequest, pk: int, mail: int) -> HttpResponse:
    """One more copy of a mail; a mail that has not left yet is tried at once."""
    try:
        desk.send_again(pk, mail, request.user, seen_by(request))
    except (Order.DoesNotExist, Outbox.DoesNotExist):
        messages.warning(request, gettext("There is no such mail."))
    except desk.Outdated as error:
        say_no(request, error)
    else:
        messages.success(request, gettext("The mail is on its way again."))
    return redirect("orders:order", pk)


def seen_by(request: HttpRequest) -> int:
    """The version of the screen that was sent; 0, which no order has, when it is missing or no number."""
    form = SeenForm(request.POST)
    return form.cleaned_data["seen"] if form.is_valid() else 0


def say_no(request: HttpRequest, error: desk.Outdated | desk.NotPossible) -> None:
    if isinstance(error, desk.Outdated):
        text = gettext("This order has changed since you opened it. Nothing was done; please look again.")
    else:
        text = gettext("This cannot be done with the order as it stands now. Nothing was changed.")
    messages.warning(request, text)


def not_now(request: StaffRequest, shown: Order, key: str) -> HttpResponse | None:
    """The way back, when the order cannot take this step now."""
    try:
        desk.move_named(shown, key)
    except desk.NotPossible as error:
        say_no(request, error)
        return redirect("orders:order", shown.pk)
    return None


def confirm(request: StaffRequest, shown: Order, key: str) -> HttpResponse:
    """The page that names the consequence and asks once more."""
    if (answer := not_now(request, shown, key)) is not None:
        return answer
    move = desk.move_named(shown, key)
    context = {"order": shown, "move": move, "seen": desk.version(shown), **heading(shown, str(move.label))}
    return render(request, "commerce/admin/order/confirm.html", context)


urlpatterns: list[URLPattern] = [
    path("<int:pk>/cancel/", cancel, name="cancel"),
    path("<int:pk>/accept/", accept, name="accept"),
    path("<int:pk>/ship/", ship, name="ship"),
    path("<int:pk>/mails/<int:mail>/", send_again, name="send_again"),
]
