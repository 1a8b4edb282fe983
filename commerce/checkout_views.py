"""The checkout's page, and the way from it to the payment. What it means: checkout.py, placing.py, orders.py."""

from __future__ import annotations

import logging
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from catalog.stock import OutOfStock
from commerce import cart as carts
from commerce import cart_memory as memory
from commerce import orders, placing
from commerce.answers import VisitorRequest, private
from commerce.cart import CartView
from commerce.cart_views import country_of
from commerce.checkout import totals_of
from commerce.delivery import methods_for, ways_for
from commerce.forms import TOO_HEAVY, CheckoutForm
from commerce.models import DeliveryMethod, Order, Status
from commerce.payments import offered
from commerce.payments.base import Refused, Unreachable
from commerce.refusals import AlreadyOrdered, NotPlaced
from core import limits
from core.answers import see_other
from core.localized import listed
from core.origin import late_token_allowed
from core.pages import view_alternates

log = logging.getLogger(__name__)


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
    messages.warning(request, text % {"names": listed(names)})
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
