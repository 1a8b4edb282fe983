"""The order's page, and what its buyer does there. What it means: orders.py, withdrawal.py."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from commerce import cart as carts
from commerce import orders, refunds, transfers, withdrawal
from commerce.answers import VisitorRequest, private
from commerce.checkout_views import to_payment
from commerce.documents.papers import papers_of
from commerce.models import Order, Refund, Status
from commerce.payments.base import Unreachable
from commerce.suggestions.choosing import products_of, suggestions
from core import limits
from core.answers import see_other
from core.money import Money
from core.pages import view_alternates

ASK_EVERY = timedelta(seconds=3)  # how often a waiting page may ask the provider
STATES = {
    Status.PENDING: "pending",
    Status.AWAITING_FUNDS: "confirming",
    Status.PAID: "paid",
    Status.SHIPPED: "shipped",
    Status.PART_REFUNDED: "part_refunded",
    Status.REFUNDED: "refunded",
    Status.EXPIRED: "expired",
    Status.CANCELLED: "cancelled",
    Status.NEEDS_ATTENTION: "attention",
    Status.PAID_UNFULFILLABLE: "attention",
}
SETTLED = {"paid", "part_sent", "shipped"}  # nothing else is on the buyer's mind


@require_safe
def order(request: VisitorRequest, token: str) -> HttpResponse:
    """The order, for whoever knows its address."""
    shown = get_object_or_404(Order, token=token)
    returned = request.GET.get("session", "")
    if returned and shown.status in (Status.PENDING, Status.AWAITING_FUNDS):
        shown = ask_provider(shown, returned)
    carts.settle(request.session)
    due = transfers.due_of(shown)
    state = "transfer" if due else state_of(shown, bool(returned))
    may_cancel = state != "confirming" and withdrawal.possible(shown)
    context = {
        "order": shown,
        "lines": shown.lines.all(),
        "totals": shown.totals,
        "papers": papers_of(shown),
        "parcels": shown.shipments.prefetch_related("lines__line"),
        "refunded": refunded_of(shown),
        "state": state,
        "by_transfer": state == "refunding" and transfers.attempt_of(shown) is not None,
        "due": due,
        "again_url": reverse("commerce:order_again", args=[token]) if shown.status in carts.GIVEN_UP else "",
        "cancel_url": reverse("commerce:order_cancel", args=[token]) if may_cancel else "",
        "pay_url": reverse("commerce:order_pay", args=[token]) if state == "pending" else "",
        "found": suggestions(None, products_of(shown)) if state in SETTLED else None,
        "alternates": view_alternates("commerce:order", token),
    }
    response = private(render(request, "commerce/order.html", context))
    response.headers["Referrer-Policy"] = "no-referrer"  # the address is the key
    return response


def state_of(order: Order, returned: bool) -> str:
    """What the page says. Never "expired" before the provider has said that nobody paid."""
    state = STATES[Status(order.status)]
    if state == "pending" and (returned or order.expires_at <= timezone.now()):
        return "confirming"
    if state == "paid" and order.refunds.filter(state__in=refunds.UNANSWERED).exists():
        return "refunding"
    if state == "paid" and order.shipments.exists():
        return "part_sent"
    return state


def refunded_of(order: Order) -> Money | None:
    """What has gone back so far; None: nothing."""
    amounts = [refund.money for refund in order.refunds.filter(state=Refund.State.SUCCEEDED)]
    return sum(amounts[1:], amounts[0]) if amounts else None


def ask_provider(order: Order, session_id: str) -> Order:
    """The order after a look at the payment page the visitor comes from, if it is one of this order's."""
    for attempt in order.attempts.all():
        asked_lately = attempt.checked_at and attempt.checked_at > timezone.now() - ASK_EVERY
        if attempt.session_id == session_id and not asked_lately:
            try:
                return orders.fulfil(session_id) or order
            except Unreachable:
                return order
    return order


# No token: the page sends no referrer, so browsers send "Origin: null"; the address itself is what no other site knows.
@csrf_exempt
@require_POST
def order_pay(request: VisitorRequest, token: str) -> HttpResponse:
    """Pay again: the same payment page while it is open."""
    shown = get_object_or_404(Order, token=token)
    if not limits.allowed("order-pay-ip", limits.client_of(request)):
        messages.error(request, _("That was often in a short time. Please try again in a minute."))
        return private(see_other(shown.get_absolute_url()))
    return to_payment(request, shown)


# As with paying again: no token.
@csrf_exempt
@require_POST
def order_again(request: VisitorRequest, token: str) -> HttpResponse:
    """What was ordered and not paid goes into the cart again, at today's prices."""
    shown = get_object_or_404(Order, token=token)
    if shown.status in carts.GIVEN_UP:
        carts.put_again(request.session, shown)
    return see_other(reverse("commerce:cart"))


# As with paying again: no token.
@csrf_exempt
@require_POST
def order_cancel(request: VisitorRequest, token: str) -> HttpResponse:
    """The buyer does not want it any more, and it has not left yet."""
    shown = get_object_or_404(Order, token=token)
    try:
        withdrawal.withdraw(shown)
    except withdrawal.TooLate:
        messages.warning(request, _("This order cannot be cancelled here any more. Please write to us."))
    except Unreachable:
        messages.error(request, _("The payment service does not answer. Nothing was changed; please try again."))
    else:
        messages.success(request, _("Your order is cancelled."))
    return see_other(shown.get_absolute_url())
