"""What a person must look after: stuck orders, disputes, failed refunds, double payments, mails that do not leave."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import or_

from django.contrib.auth.decorators import permission_required
from django.db.models import Count, Exists, F, OuterRef, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from commerce import desk
from commerce.mails import NAMES
from commerce.models import Difference, Dispute, Order, PaymentAttempt, Refund, Status
from commerce.order_screen import StaffRequest
from commerce.payments import TRANSFER
from core.models import Outbox

MOST = 200  # of each kind
STUCK = timedelta(hours=2)
FRESH = timedelta(days=90)  # a failed refund that nobody made good by then was settled in another way


@dataclass(frozen=True)
class Problem:
    """`what` is wrong with the order since when, and what to do about it: `advice`."""

    order: Order
    what: str | Promise
    advice: str | Promise
    since: datetime


def problems() -> list[Problem]:
    """All of them, those that wait longest first, in a constant number of queries."""
    found = [problem for source in SOURCES for problem in source()]
    return sorted(found, key=lambda problem: problem.since)


def stuck_orders() -> Iterator[Problem]:
    for order in Order.objects.stuck()[:MOST]:
        yield Problem(
            order, order.get_status_display(), desk.ADVICE[Status(order.status)], order.paid_at or order.placed_at
        )


def endless_holds() -> Iterator[Problem]:
    """Unpaid, and the payment provider could not be asked to close the payment page."""
    late = Order.objects.filter(status=Status.PENDING, expires_at__lt=timezone.now() - STUCK)
    advice = _("The payment service has not answered for hours. Look whether it works; the shop keeps asking.")
    for order in late[:MOST]:
        yield Problem(order, _("Holds its units although its time is over"), advice, order.expires_at)


def disputes() -> Iterator[Problem]:
    advice = _("Answer at the payment provider before its deadline, with proof of delivery. Do not refund it as well.")
    for dispute in Dispute.objects.open().select_related("order")[:MOST]:
        what = gettext("The buyer's bank asks back %(amount)s: %(status)s")
        words = {"amount": dispute.money, "status": dispute.status_name}
        yield Problem(dispute.order, what % words, advice, dispute.opened_at)


def failed_refunds() -> Iterator[Problem]:
    """Unless another refund of the order was asked for since."""
    later = Refund.objects.filter(order=OuterRef("order"), pk__gt=OuterRef("pk")).exclude(state=Refund.State.FAILED)
    failed = Refund.objects.filter(state=Refund.State.FAILED, requested_at__gt=timezone.now() - FRESH)
    advice = _("Ask for the refund once more, or agree with the buyer on another way to send the money back.")
    failed = failed.exclude(payment__provider=TRANSFER, payment__paid_amount=None)  # its receipt was taken back
    for refund in failed.exclude(Exists(later)).select_related("order")[:MOST]:
        what = gettext("A refund of %(amount)s failed: %(why)s") % {"amount": refund.money, "why": refund.error or "–"}
        yield Problem(refund.order, what, advice, refund.settled_at or refund.requested_at)


def transfers_to_make() -> Iterator[Problem]:
    """Refunds that wait for a person to transfer them."""
    by_hand = Refund.objects.filter(state=Refund.State.PENDING, payment__provider=TRANSFER).select_related("order")
    advice = _("Transfer it at the bank to the account it came from; then say on the order's screen that it is done.")
    for refund in by_hand[:MOST]:
        what = gettext("A refund of %(amount)s is to be transferred by hand") % {"amount": refund.money}
        yield Problem(refund.order, what, advice, refund.requested_at)


def surplus_money() -> Iterator[Problem]:
    """More was paid than the order costs, a cancelled one nothing, and it was not given back."""
    paid = PaymentAttempt.objects.exclude(paid_amount=None).order_by()
    twice = paid.values("order").annotate(pages=Count("pk")).filter(pages__gt=1)
    ended = paid.filter(order__status=Status.CANCELLED)
    over = paid.filter(provider=TRANSFER, paid_amount__gt=F("order__total"))  # Stripe takes what was asked
    over = over.exclude(order__status=Status.NEEDS_ATTENTION)  # until somebody accepts it
    newest = (found.order_by("-order_id").values("order")[:MOST] for found in (twice, ended, over))
    for order in Order.objects.filter(reduce(or_, (Q(pk__in=some) for some in newest))).prefetch_related(
        "attempts", "refunds"
    ):
        came = [attempt.paid_amount for attempt in order.attempts.all() if attempt.paid_amount is not None]
        gone = sum(refund.amount for refund in order.refunds.all() if refund.state != Refund.State.FAILED)
        if sum(came) - gone > (0 if order.status == Status.CANCELLED else order.total):
            yield Problem(order, *surplus_of(order, len(came)), order.paid_at or order.placed_at)


def surplus_of(order: Order, payments: int) -> tuple[Promise, Promise]:
    """What is wrong, and what to do."""
    if order.status == Status.CANCELLED:
        return _("Cancelled, and its money is still with the shop"), _("Refund the payment.")
    if payments > 1:
        return _("Paid more than once"), _("Refund the second payment.")
    return _("More was paid than the order costs"), _("Refund what is too much.")


def failing_effects() -> Iterator[Problem]:
    """Mails and documents about orders that could not be made or sent."""
    failing = Outbox.objects.filter(~Q(error=""), sent_at=None, payload__has_key="order").order_by("pk")
    rows = list(failing[:MOST])
    orders = Order.objects.in_bulk({row.payload["order"] for row in rows})
    advice = _("The shop keeps trying. The order's screen shows the error; when its cause is gone, try at once there.")
    for row in rows:
        if (order := orders.get(row.payload["order"])) is not None:
            what = gettext("Not sent after %(tries)s tries: %(kind)s")
            words = {"tries": row.tries, "kind": NAMES.get(row.kind, row.kind)}
            yield Problem(order, what % words, advice, row.created_at)


SOURCES = (stuck_orders, endless_holds, disputes, failed_refunds, transfers_to_make, surplus_money, failing_effects)


@permission_required("commerce.view_order", raise_exception=True)
@require_safe
def problem_list(request: StaffRequest) -> HttpResponse:
    """Each problem with its order and what to do."""
    title = gettext("Problems with orders")
    items = [
        {"url": reverse("wagtailadmin_home"), "label": gettext("Home")},
        {"url": reverse("orders:index"), "label": gettext("Orders")},
        {"url": "", "label": title},
    ]
    context = {
        "problems": problems(),
        "differences": Difference.objects.filter(settled_at=None).count(),
        "header_title": title,
        "page_title": title,
        "header_icon": "warning",
        "breadcrumbs_items": items,
    }
    return render(request, "commerce/admin/problems.html", context)


urlpatterns: list[URLPattern] = [path("problems/", problem_list, name="problems")]
