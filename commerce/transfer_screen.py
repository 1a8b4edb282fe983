"""The pages on which staff write down what they read in the bank's statements. What follows from it: transfers.py."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from wagtail.admin import messages

from commerce import desk, transfers
from commerce.models import Order, Status
from commerce.order_moves import not_now, page, say_no, seen_by
from commerce.order_screen import StaffRequest, heading
from commerce.payments.transfer import LARGEST
from commerce.refund_screen import REFUND
from core.money import Money


class ReceiptForm(forms.Form):
    """So much has come in for this order."""

    amount = forms.DecimalField(
        label=_("Amount received"),
        max_value=LARGEST,
        max_digits=12,
        decimal_places=3,
        help_text=_("As it stands in the bank's statement, whether or not it is what the order costs."),
    )

    def __init__(self, order: Order, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order = order

    def clean_amount(self) -> Money:
        amount = Money(self.cleaned_data["amount"], self.order.currency)
        if amount.amount <= 0 or amount != amount.rounded():
            text = gettext("Please write an amount such as %(example)s.")
            raise forms.ValidationError(text % {"example": self.order.grand_total})
        return amount


class BackForm(forms.Form):
    """What became of a transfer back: `why` is empty when it was made."""

    why = forms.CharField(max_length=200, required=False)


@permission_required(desk.RECEIVE.permission, raise_exception=True)
@page
def receive(request: StaffRequest, pk: int) -> HttpResponse:
    """Asks how much has come, and lets the order follow."""
    shown = get_object_or_404(Order, pk=pk)
    if request.method != "POST" and (answer := not_now(request, shown, desk.RECEIVE.key)) is not None:
        return answer
    form = ReceiptForm(shown, request.POST or None)
    if request.method != "POST" or not form.is_valid():
        move = desk.RECEIVE
        context = {"order": shown, "form": form, "move": move, "seen": desk.version(shown)}
        context |= heading(shown, str(move.label))
        status = 422 if form.errors else 200
        return render(request, "commerce/admin/order/receive.html", context, status=status)
    try:
        order = desk.receive(pk, form.cleaned_data["amount"], request.user, seen_by(request))
    except (desk.Outdated, desk.NotPossible) as error:
        say_no(request, error)
    else:
        say(request, order)
    return redirect("orders:order", pk)


def say(request: StaffRequest, order: Order) -> None:
    if order.status == Status.PAID:
        messages.success(request, gettext("Order %(number)s is paid.") % {"number": order.number})
    else:
        text = gettext("The amount is written down. The order is not paid by it: %(state)s.")
        messages.warning(request, text % {"state": order.get_status_display()})


@permission_required(REFUND, raise_exception=True)
@require_POST
def sent_back(request: StaffRequest, pk: int, refund: int) -> HttpResponse:
    """Somebody has made the transfer of a refund, or says why it could not be made."""
    form = BackForm(request.POST)
    why = form.cleaned_data["why"].strip() if form.is_valid() else ""
    try:
        if "failed" in request.POST:
            transfers.came_back(pk, refund, why or gettext("no reason given"), request.user)
            messages.warning(request, gettext("Written down. The money is still to be given back."))
        else:
            transfers.sent_back(pk, refund, request.user)
            messages.success(request, gettext("Written down. The buyer gets a mail about the refund."))
    except (Order.DoesNotExist, transfers.NotNow):
        messages.warning(request, gettext("Somebody else has written this down already. Nothing was changed."))
    return redirect("orders:order", pk)


urlpatterns: list[URLPattern] = [
    path("<int:pk>/receive/", receive, name="receive"),
    path("<int:pk>/refunds/<int:refund>/sent/", sent_back, name="sent_back"),
]
