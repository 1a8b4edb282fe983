"""The page on which staff give money back. What a refund is and does: refunds.py."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.translation import get_language_info, gettext, ngettext
from django.views.decorators.http import require_http_methods
from wagtail.admin import messages

from commerce import refunds
from commerce.models import Order, Refund
from commerce.order_screen import StaffRequest, heading
from commerce.payments import TRANSFER
from commerce.payments.base import Unreachable
from commerce.refund_forms import RefundForm
from core.proof import proof_required

REFUND = "commerce.refund_order"


@permission_required(REFUND, raise_exception=True)
@require_http_methods(["GET", "HEAD", "POST"])
@proof_required
def refund(request: StaffRequest, pk: int) -> HttpResponse:
    """Asks what shall go back, then whether that is meant, then does it."""
    order = get_object_or_404(Order, pk=pk)
    if not order.refundable:
        messages.warning(request, gettext("This order has nothing to refund."))
        return redirect("orders:order", pk)
    try:
        refunds.learn_payments(order)
    except Unreachable:
        messages.error(
            request, gettext("The payment service does not answer. Nothing was changed; please try again in a moment.")
        )
        return redirect("orders:order", pk)
    form = RefundForm(order, request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid() or "change" in request.POST:
        return page(request, order, form, "refund", status=422 if form.errors else 200)
    wish = form.wish()
    confirm = wish.amount.plain()  # what was shown: another amount is shown, and asked about, again
    if request.POST.get("confirm") != confirm:
        shown: dict[str, Any] = {"wish": wish, "consequence": consequence(order, wish), "confirm": confirm}
        return page(request, order, form, "refund_confirm", **shown)
    return carry_out(request, order, form, wish)


def carry_out(request: StaffRequest, order: Order, form: RefundForm, wish: refunds.Wish) -> HttpResponse:
    try:
        done = refunds.send(refunds.ask(order, wish, request.user))
    except refunds.NotPossible as error:  # somebody else refunded a moment ago
        form.add_error(None, str(error))
        return page(request, order, form, "refund", status=409)
    say(request, done)
    return redirect("orders:order", order.pk)


def say(request: StaffRequest, done: Refund) -> None:
    """The provider's answer, in plain words."""
    values = {"amount": done.money, "why": done.error}
    if done.state == Refund.State.SUCCEEDED:
        messages.success(request, gettext("%(amount)s is refunded.") % values)
    elif done.state == Refund.State.PENDING and done.payment.provider == TRANSFER:
        text = gettext("Please transfer %(amount)s by hand now, and then say under Refunds that it is done.")
        messages.warning(request, text % values)
    elif done.state == Refund.State.PENDING:
        messages.success(request, gettext("%(amount)s is on its way. The order follows when it has arrived.") % values)
    elif done.state == Refund.State.REQUESTED:
        text = gettext("The payment service does not answer. The refund of %(amount)s is kept and asked for again.")
        messages.warning(request, text % values)
    else:
        messages.error(request, gettext("%(amount)s was not refunded. The payment service says: %(why)s") % values)


def consequence(order: Order, wish: refunds.Wish) -> list[str]:
    """What will happen, sentence by sentence."""
    values: dict[str, Any] = {
        "amount": wish.amount,
        "name": order.name,
        "email": order.email,
        "language": get_language_info(order.language)["name_translated"],
    }
    if wish.payment.provider == TRANSFER:
        texts = [
            gettext("%(amount)s is to go back to %(name)s, who paid by bank transfer.") % values,
            gettext(
                "The shop cannot send it: somebody has to transfer it by hand, to the account it came from, and then "
                "say on the order’s page that it is done. The order follows then."
            ),
        ]
    else:
        texts = [gettext("%(amount)s goes back to %(name)s, the way it was paid. This cannot be undone.") % values]
    shelf = refunds.shelvable(order)
    back = sum(min(units, shelf[pk]) for pk, units in wish.units.items() if pk in wish.restock)
    if back:
        one, many = "%(units)s unit goes back into stock.", "%(units)s units go back into stock."
        texts.append(ngettext(one, many, back) % {"units": back})
    else:
        texts.append(gettext("Nothing goes back into stock."))
    texts.append(gettext("%(email)s gets a mail about it, in this language: %(language)s.") % values)
    left = refunds.left_of(wish.payment) - wish.amount
    texts.append(gettext("After that, %(left)s is left of the payment.") % {"left": left})
    return texts


def page(
    request: StaffRequest, order: Order, form: RefundForm, template: str, *, status: int = 200, **more: Any
) -> HttpResponse:
    context = {"order": order, "form": form, **more}
    context |= heading(order, gettext("Refund"))
    return render(request, f"commerce/admin/{template}.html", context, status=status)


urlpatterns: list[URLPattern] = [path("<int:pk>/refund/", refund, name="refund")]
