"""Cart, checkout and order pages. What they mean: cart.py, checkout.py, orders.py."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TypeVar
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import trigger_client_event
from django_htmx.middleware import HtmxDetails

from catalog.stock import OutOfStock
from commerce import cart as carts
from commerce import cart_memory as memory
from commerce import coupons, orders, placing, transfers, withdrawal
from commerce.addresses import COUNTRIES, HOME, country_choices
from commerce.cart import CannotAdd, CartView
from commerce.checkout import totals_of
from commerce.delivery import estimate, methods_for, ways_for
from commerce.documents.papers import papers_of
from commerce.forms import TOO_HEAVY, AddForm, CheckoutForm, CouponForm, RestoreForm, UpdateForm
from commerce.models import DeliveryMethod, Order, Refund, Status
from commerce.payments import offered
from commerce.payments.base import Refused, Unreachable
from commerce.refusals import AlreadyOrdered, NotPlaced
from commerce.suggestions.choosing import products_of, suggestions
from core import limits
from core.money import Money
from core.origin import late_token_allowed, same_origin_required
from core.pages import view_alternates
from core.sessions import SessionStore

log = logging.getLogger(__name__)

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
UNANSWERED = (Refund.State.REQUESTED, Refund.State.PENDING)


AnyResponse = TypeVar("AnyResponse", bound=HttpResponseBase)


class VisitorRequest(HttpRequest):
    """What the middleware adds."""

    htmx: HtmxDetails
    session: SessionStore


def see_other(url: str) -> HttpResponse:
    """After a POST: the browser gets `url` (303), and a reload does not send the form again."""
    response = HttpResponseRedirect(url)
    response.status_code = 303
    return response


def private(response: AnyResponse) -> AnyResponse:
    """Kept nowhere, found by no search engine."""
    add_never_cache_headers(response)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@require_safe
def cart(request: VisitorRequest) -> HttpResponse:
    """The cart at today's prices and stock."""
    return show_cart(request, CouponForm(auto_id="coupon_%s"))


def show_cart(request: VisitorRequest, form: CouponForm, *, status: int = 200) -> HttpResponse:
    cart = carts.tell(request.session, carts.load(request.session))
    country = country_of(request)
    inside = {line.product.pk for line in cart.lines}
    context = {
        "cart": cart,
        "coupon_form": form,
        "country": country,
        "countries": country_choices(),
        "estimate": estimate(country, cart.grams, cart.totals.goods_paid),
        "found": suggestions(request.session, inside, with_popular=not inside),
        "alternates": view_alternates("commerce:cart"),
    }
    return private(render(request, "commerce/cart.html", context, status=status))


def country_of(request: VisitorRequest) -> str:
    """Where the goods are likely to go: the country asked about, the one typed at the checkout, else where we are."""
    guesses = (request.GET.get("country", ""), memory.typed(request.session).get("country", ""))
    return next((country for country in guesses if country in COUNTRIES), HOME)


@same_origin_required
@require_POST
def cart_add(request: VisitorRequest) -> HttpResponse:
    """Puts units in; answers htmx with a fragment, everybody else with the cart."""
    form = AddForm(request.POST)
    if not form.is_valid():
        return not_added(request, _("Please choose a quantity from 1 to 99."))
    try:
        added = carts.add(request.session, form.cleaned_data["variant"], form.cleaned_data["quantity"])
    except CannotAdd as error:
        return not_added(request, str(error))
    if request.htmx:
        response = private(render(request, "commerce/cart_added.html", vars(added)))
        return trigger_client_event(response, "cart-changed", {"count": carts.count(request.session)})
    text = _("%(name)s is in your cart.") % {"name": added.line.name}
    messages.success(request, f"{text} {added.notice}".strip())
    return see_other(reverse("commerce:cart"))


def not_added(request: VisitorRequest, error: str) -> HttpResponse:
    if request.htmx:
        return private(render(request, "commerce/cart_added.html", {"line": None, "cart": None, "error": error}))
    messages.error(request, error)
    return see_other(reverse("commerce:cart"))


@require_POST
def cart_update(request: VisitorRequest) -> HttpResponse:
    """Sets the units of a line; 0 takes it out."""
    form = UpdateForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Please choose a quantity from 0 to 99."))
        return see_other(reverse("commerce:cart"))
    line = carts.change(request.session, form.cleaned_data["variant"], form.cleaned_data["quantity"])
    if line is None:
        return see_other(reverse("commerce:cart") + "#removed")  # says what was taken out, and offers it back
    if line.problem:
        messages.warning(request, f"{line.name}: {line.problem}")
    return see_other(reverse("commerce:cart"))


@require_POST
def cart_restore(request: VisitorRequest) -> HttpResponse:
    """Puts back what was taken out."""
    form = RestoreForm(request.POST)
    try:
        line = carts.restore(request.session, form.cleaned_data["variant"]) if form.is_valid() else None
    except CannotAdd as error:
        messages.error(request, str(error))
        return see_other(reverse("commerce:cart"))
    if line is None:
        messages.error(request, _("This cannot be put back any more."))
    else:
        messages.success(request, _("%(name)s is in your cart again.") % {"name": line.full_name})
    return see_other(reverse("commerce:cart"))


@require_POST
def cart_coupon(request: VisitorRequest) -> HttpResponse:
    """Puts a coupon in by its code; with `remove`, takes it out."""
    if "remove" in request.POST:
        carts.remove_coupon(request.session)
        messages.success(request, _("The coupon is taken out of your cart."))
        return see_other(reverse("commerce:cart"))
    form = CouponForm(request.POST, auto_id="coupon_%s")
    if not form.is_valid():
        return show_cart(request, form)
    if not limits.allowed("coupon-ip", limits.client_of(request)):
        form.add_error("code", _("That was often in a short time. Please try again in a minute."))
        return show_cart(request, form, status=429)
    try:
        coupon = carts.enter_coupon(request.session, form.cleaned_data["code"])
    except coupons.Refused as reason:
        form.add_error("code", str(reason))
        return show_cart(request, form)
    if not coupon.problem:
        messages.success(request, _("The coupon %(code)s is in your cart.") % {"code": coupon.code})
    return see_other(reverse("commerce:cart"))


@require_safe
def cart_badge(request: VisitorRequest) -> HttpResponse:
    """How many units are in the cart: fetched by pages that are the same for everybody."""
    return private(render(request, "commerce/cart_badge.html", {"count": carts.count(request.session)}))


@require_http_methods(["GET", "HEAD", "POST"])
@late_token_allowed
def checkout(request: VisitorRequest, *, token_is_late: bool) -> HttpResponse:
    """Everything on one page. A POST with `update` only shows it again, for another country or delivery."""
    cart = carts.load(request.session)
    if request.method == "POST" and not token_is_late and (earlier := placing.placed(attempt_of(request))):
        carts.follow(request.session, earlier)
        return to_payment(request, earlier)
    if not cart.buyable:
        messages.info(request, _("There is nothing in your cart that can be ordered."))
        return to_cart(request)
    if request.method != "POST":
        known = {**memory.typed(request.session), "country": country_of(request)}
        return show_checkout(request, cart, CheckoutForm(initial=known))
    if token_is_late:
        messages.warning(request, _("This page was too old to order from. Please check everything and order again."))
        return show_checkout(request, cart, CheckoutForm(initial=typed(request)))
    if "to_cart" in request.POST:
        return to_cart(request)
    if "remove_coupon" in request.POST:
        carts.remove_coupon(request.session)
        return show_checkout(request, carts.load(request.session), CheckoutForm(initial=typed(request)))
    if "update" in request.POST:
        return show_checkout(request, cart, CheckoutForm(initial=typed(request)))
    form = CheckoutForm(request.POST, grams=cart.grams)
    if not form.is_valid():
        return show_checkout(request, cart, form)
    return order_and_pay(request, cart, form)


def typed(request: VisitorRequest) -> dict[str, str]:
    """What the checkout form brought, checked or not."""
    return {name: request.POST[name] for name in CheckoutForm.base_fields if name in request.POST}


def to_cart(request: VisitorRequest) -> HttpResponse:
    """What was typed is there again when the shopper comes back."""
    if request.method == "POST":
        memory.keep_typed(request.session, typed(request))
    return see_other(reverse("commerce:cart"))


def attempt_of(request: VisitorRequest) -> UUID:
    """The id of the checkout form: the one that was sent, else a new one."""
    try:
        return UUID(request.POST.get("attempt", ""))
    except ValueError:
        return uuid4()


def show_checkout(request: VisitorRequest, cart: CartView, form: CheckoutForm, *, status: int = 200) -> HttpResponse:
    cart = carts.tell(request.session, cart)
    ways = ways_for(form.country_now, cart.grams, cart.totals.goods_paid)
    methods = [way.method for way in ways]
    method = chosen_of(methods, form)
    if method is not None and not form.is_bound:
        form.initial["delivery"] = method.pk
    totals = totals_of(cart, form.country_now, method)
    context = {
        "form": form,
        "cart": cart,
        "totals": totals,
        "delivery_methods": methods,
        "ways": ways,
        "too_heavy": TOO_HEAVY if not ways and methods_for(form.country_now) else "",
        "payments": offered(),
        "transfer_days": settings.BANK_TRANSFER_DAYS,
        "attempt": attempt_of(request),
        "shown_total": placing.plain(totals.total),
        "shown_lines": placing.plain_lines(cart),
        "shown_parts": placing.plain_parts(totals),
        "alternates": view_alternates("commerce:checkout"),
    }
    return private(render(request, "commerce/checkout.html", context, status=status))


def chosen_of(methods: list[DeliveryMethod], form: CheckoutForm) -> DeliveryMethod | None:
    """The chosen delivery if it is offered, else the first."""
    chosen = str(form["delivery"].value() or "")
    return next((method for method in methods if str(method.pk) == chosen), methods[0] if methods else None)


def order_and_pay(request: VisitorRequest, cart: CartView, form: CheckoutForm) -> HttpResponse:
    """Places the order of a filled-in form and leads to its payment page."""
    if not limits.allowed("checkout-ip", limits.client_of(request)):
        messages.error(request, _("That was often in a short time. Please try again in a minute."))
        return show_checkout(request, cart, form, status=429)
    memory.keep_typed(request.session, typed(request))
    if cart.open_order is not None and (answer := replace(request, cart.open_order)):
        return answer
    try:
        order = placing.place_from(request.session, wish_of(request, form))
    except NotPlaced as reason:
        messages.warning(request, str(reason))
        cart = carts.load(request.session)
        return show_checkout(request, cart, form) if cart.buyable else see_other(reverse("commerce:cart"))
    except AlreadyOrdered as first:
        messages.info(request, _("You have just ordered in another window. This is that order."))
        return see_other(first.order.get_absolute_url())
    except OutOfStock as error:
        return sold_out(request, cart, error)
    return to_payment(request, order)


def wish_of(request: VisitorRequest, form: CheckoutForm) -> placing.Wish:
    return placing.Wish(
        attempt=attempt_of(request),
        buyer=form.buyer(),
        method=form.cleaned_data["delivery"],
        language=get_language() or "",
        shown_total=request.POST.get("shown_total", ""),
        shown_lines=request.POST.get("shown_lines", ""),
        client=limits.client_of(request),
        provider=form.cleaned_data["payment"],
        shown_parts=request.POST.get("shown_parts", ""),
    )


def replace(request: VisitorRequest, earlier: Order) -> HttpResponse | None:
    """Gives up the unpaid order from the same cart: nobody holds stock twice. An answer: that was not possible."""
    try:
        earlier = orders.give_up(earlier, orders.REPLACED)
    except Unreachable:
        log.warning("order %s cannot be replaced now", earlier.number)
    if earlier.status in carts.GIVEN_UP:
        return None
    if earlier.status == Status.PENDING:
        messages.error(request, _("The payment service does not answer. Your order is kept; please try again."))
    else:
        messages.info(request, _("You have already paid for this order."))
    return see_other(earlier.get_absolute_url())


def sold_out(request: VisitorRequest, cart: CartView, error: OutOfStock) -> HttpResponse:
    names = [line.name for line in cart.lines if line.variant.pk in error.variant_ids]
    text = _("Somebody was faster: there is not enough left of %(names)s. Nothing was charged.")
    messages.warning(request, text % {"names": ", ".join(names)})
    return see_other(reverse("commerce:cart"))


def to_payment(request: VisitorRequest, order: Order) -> HttpResponse:
    """To the payment page; to the order page when there is nothing (more) to pay, or no page can be had now."""
    try:
        url = orders.payment_page(order)
    except Unreachable:
        log.warning("no payment page for order %s", order.number)
        messages.error(
            request, _("The payment service does not answer. Your order is kept; please try again in a moment.")
        )
        url = ""
    except Refused:
        url = refused(request, order)
    return private(see_other(url or order.get_absolute_url()))


def refused(request: VisitorRequest, order: Order) -> str:
    """Ends an order that the provider will not take; the cart's address, or "" when the order got further meanwhile."""
    if orders.refuse(order).status not in carts.GIVEN_UP:
        return ""
    messages.error(
        request, _("The payment service cannot accept this order. Nothing was charged, and your cart is kept.")
    )
    return reverse("commerce:cart")


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
    if state == "paid" and order.refunds.filter(state__in=UNANSWERED).exists():
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
