"""The cart's page and what is done there. What it means: cart.py."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from commerce import cart as carts
from commerce import cart_memory as memory
from commerce import coupons
from commerce.addresses import COUNTRIES, HOME, country_choices
from commerce.answers import VisitorRequest, private
from commerce.cart import CannotAdd
from commerce.delivery import estimate
from commerce.forms import AddForm, CouponForm, RestoreForm, UpdateForm
from commerce.suggestions.choosing import suggestions
from core import limits
from core.answers import see_other
from core.origin import same_origin_required
from core.pages import view_alternates


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
