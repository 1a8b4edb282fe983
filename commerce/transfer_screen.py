"""The pages on which staff write down what they read in the bank's statements. What follows from it: transfers.py."""

from __future__ import annotations

from dataclasses import dataclass
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
from core.forms import AmountInput
from core.money import Money
from core.proof import proof_required


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
        self.fields["amount"].widget = AmountInput(currency=order.currency)

    def clean_amount(self) -> Money:
        amount = Money(self.cleaned_data["amount"], self.order.currency)
        if amount.amount <= 0 or amount != amount.rounded():
            text = gettext("Please write an amount such as %(example)s.")
            raise forms.ValidationError(text % {"example": self.order.grand_total})
        return amount


class BackForm(forms.Form):
    """Why a transfer back was not made, or was returned."""

    why = forms.CharField(max_length=200, required=False)


@permission_required(desk.RECEIVE.permission, raise_exception=True)
@page
@proof_required
def receive(request: StaffRequest, pk: int) -> HttpResponse:
    """Asks how much has come, then whether that is meant, and lets the order follow."""
    shown = get_object_or_404(Order, pk=pk)
    if request.method != "POST" and (answer := not_now(request, shown, desk.RECEIVE.key)) is not None:
        return answer
    form = ReceiptForm(shown, request.POST or None)
    if request.method != "POST" or not form.is_valid() or "change" in request.POST:
        return ask(request, shown, form, "receive", desk.version(shown), status=422 if form.errors else 200)
    amount: Money = form.cleaned_data["amount"]
    if request.POST.get("confirm") != amount.plain():  # another amount is shown, and asked about, again
        return ask(request, shown, form, "receive_confirm", seen_by(request), facts=Facts.of(shown, amount))
    try:
        order = desk.receive(pk, amount, request.user, seen_by(request))
    except (desk.Outdated, desk.NotPossible) as error:
        say_no(request, error)
    else:
        say(request, order)
    return redirect("orders:order", pk)


@dataclass(frozen=True)
class Facts:
    """What is compared with the bank's statement before a receipt is written. `before`: what had come; `rest`: what is
    missing after it, below nothing when it is too much.
    """

    amount: Money
    before: Money
    rest: Money
    purpose: str

    @classmethod
    def of(cls, order: Order, amount: Money) -> Facts:
        standing = [receipt for receipt in transfers.receipts(order) if receipt.taken_back_at is None]
        before = sum((receipt.money for receipt in standing), amount * 0)
        return cls(amount, before, order.grand_total - before - amount, order.number)

    @property
    def surplus(self) -> Money:
        return self.rest * -1


def ask(
    request: StaffRequest, shown: Order, form: ReceiptForm, template: str, seen: int, *, status: int = 200, **more: Any
) -> HttpResponse:
    move = desk.RECEIVE
    context = {"order": shown, "form": form, "move": move, "seen": seen, **more, **heading(shown, str(move.label))}
    return render(request, f"commerce/admin/order/{template}.html", context, status=status)


@permission_required(desk.RECEIVE.permission, raise_exception=True)
@page
@proof_required
def take_back(request: StaffRequest, pk: int, receipt: int) -> HttpResponse:
    """Asks once more, then undoes a receipt that was a mistake; or says why that cannot be, and what to do instead."""
    shown = get_object_or_404(Order, pk=pk)
    newest = transfers.newest(shown)
    if request.method != "POST" and newest is not None and newest.pk == receipt:
        title = gettext("Take back a receipt")
        context = {"order": shown, "receipt": newest, "refusal": transfers.finality(shown)}
        context |= {"seen": desk.version(shown), **heading(shown, title)}
        return render(request, "commerce/admin/order/take_back.html", context)
    try:
        if request.method != "POST":
            raise desk.NotPossible
        order = desk.take_back(pk, receipt, request.user, seen_by(request))
    except transfers.Final as error:
        messages.error(request, str(error))
    except (desk.Outdated, desk.NotPossible) as error:
        say_no(request, error)
    else:
        text = gettext("The receipt is taken back. The order stands where it stood before: %(state)s.")
        messages.success(request, text % {"state": order.get_status_display()})
    return redirect("orders:order", pk)


def say(request: StaffRequest, order: Order) -> None:
    if order.status == Status.PAID:
        messages.success(request, gettext("Order %(number)s is paid.") % {"number": order.number})
    else:
        text = gettext("The amount is written down. The order is not paid by it: %(state)s.")
        messages.warning(request, text % {"state": order.get_status_display()})


@permission_required(REFUND, raise_exception=True)
@require_POST
@proof_required
def sent_back(request: StaffRequest, pk: int, refund: int) -> HttpResponse:
    """Somebody has made the transfer of a refund, or says why it could not be made."""
    form = BackForm(request.POST)
    why = form.cleaned_data["why"].strip() if form.is_valid() else ""
    try:
        if failed := request.POST.get("failed"):
            transfers.came_back(pk, refund, why, request.user, was_sent=failed == "returned")
            messages.warning(request, gettext("Written down. The money is still to be given back."))
        else:
            transfers.sent_back(pk, refund, request.user)
            messages.success(request, gettext("Written down. The buyer gets a mail about the refund."))
    except (Order.DoesNotExist, transfers.NotNow):
        messages.warning(request, gettext("Somebody else has written this down already. Nothing was changed."))
    return redirect("orders:order", pk)


urlpatterns: list[URLPattern] = [
    path("<int:pk>/receive/", receive, name="receive"),
    path("<int:pk>/receipts/<int:receipt>/take-back/", take_back, name="take_back"),
    path("<int:pk>/refunds/<int:refund>/sent/", sent_back, name="sent_back"),
]
