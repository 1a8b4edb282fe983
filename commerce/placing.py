"""Placing an order: what the shopper saw is compared with the cart, frozen into an order, and its stock held.

What can happen to the order afterwards: orders.py.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from catalog import stock
from commerce import cart as carts
from commerce import coupons, notes
from commerce.cart import CartView
from commerce.checkout import Buyer, image_addresses, purchase_of, totals_of
from commerce.models import DeliveryMethod, Order, OrderEvent, OrderLine, PaymentAttempt, Status
from commerce.orders import pay
from commerce.payments import STRIPE, provider
from commerce.pricing import Totals
from commerce.refusals import (
    AlreadyOrdered,
    CartChanged,
    CouponGone,
    PartsChanged,
    TooBig,
    TooFine,
    TooHeavy,
    TooMany,
    TooSmall,
    TotalChanged,
)
from commerce.tariff import Quote
from core import limits
from core.money import Money
from core.sessions import SessionStore


@dataclass(frozen=True)
class Wish:
    """A checkout form that was filled in correctly. `shown_…` is compared with the cart, never believed.

    `client`: the network it came from, as core.limits names it; empty: not limited. `provider`: who takes the money.
    `shown_parts`: empty from a page of the release before; then only the total is compared.
    """

    attempt: UUID
    buyer: Buyer
    method: DeliveryMethod
    language: str
    shown_total: str
    shown_lines: str
    client: str = ""
    provider: str = STRIPE
    shown_parts: str = ""


def place_from(session: SessionStore, wish: Wish) -> Order:
    """Places what is in the visitor's cart and notes in the session that the cart waits for this order, at once:
    a visitor has one order that waits for payment.

    Raises AlreadyOrdered, and what `place` raises; then nothing was written, but a coupon that is gone is taken out.
    """
    try:
        return place_alone(session, wish)
    except CouponGone:
        carts.remove_coupon(session)
        raise


def place_alone(session: SessionStore, wish: Wish) -> Order:
    with session.alone():
        cart = carts.load(session)
        waiting = cart.open_order
        if waiting is not None and waiting.cart_attempt != wish.attempt:
            raise AlreadyOrdered(waiting)
        if waiting is None:
            if wish.client and not limits.allowed("checkout-units-ip", wish.client, cart.count):
                raise TooMany
            waiting = place(cart, wish)
            session[carts.ORDERED] = waiting.token
    return waiting


def place(cart: CartView, wish: Wish) -> Order:
    """Freezes the cart into an order and holds its stock, in one transaction; the same form again: the same order.

    Raises OutOfStock, NotPlaced; then nothing was written.
    """
    if (earlier := placed(wish.attempt)) is not None:
        return earlier
    if not wish.method.tariff.carries(cart.grams):
        raise TooHeavy
    totals = totals_of(cart, wish.buyer.country, wish.method)
    compare(cart, totals, wish)
    try:
        with transaction.atomic():
            return freeze(cart, wish, totals)
    except IntegrityError:
        # The other click of a double click was first: the unique form id made this one wait for it.
        if (earlier := placed(wish.attempt)) is None:
            raise
        return earlier


def compare(cart: CartView, totals: Totals, wish: Wish) -> None:
    """Raises NotPlaced unless this is what the shopper saw, and an amount that can be charged."""
    if not cart.buyable or plain_lines(cart) != wish.shown_lines:
        raise CartChanged
    if plain(totals.total) != wish.shown_total:
        raise TotalChanged(totals)
    if wish.shown_parts and plain_parts(totals) != wish.shown_parts:
        raise PartsChanged
    currency, taker = totals.total.currency, provider(wish.provider)
    if totals.total and totals.total < taker.minimum(currency):
        raise TooSmall(taker.minimum(currency))
    if taker.maximum(currency) < totals.total:
        raise TooBig(taker.maximum(currency))
    step = taker.step(currency).amount
    prices = [line.line.unit for line in totals.lines]
    prices += [totals.delivery_paid, totals.discount - totals.delivery_discount]
    if any(price.amount % step for price in prices):
        raise TooFine(currency)


def plain(total: Money) -> str:
    """A total as the checkout form carries it, only to be compared: "23.40"."""
    return f"{total.amount:f}"


def plain_lines(cart: CartView) -> str:
    """What would be ordered, as the checkout form carries it, only to be compared: "12x2 15x1" (variant x units)."""
    return " ".join(f"{pk}x{units}" for pk, units in sorted((line.variant.pk, line.quantity) for line in cart.buyable))


def plain_parts(totals: Totals) -> str:
    """What the total is made of, as the checkout form carries it, only to be compared: unit prices, delivery, discount,
    and the tax in it."""
    prices = sorted((entry.line.variant_id, plain(entry.line.unit)) for entry in totals.lines)
    parts = [f"{pk}:{price}" for pk, price in prices]
    parts += [f"{name}:{plain(part)}" for name, part in (("d", totals.delivery), ("c", totals.discount))]
    return " ".join([*parts, *(f"t{rate:f}:{plain(tax)}" for rate, tax in totals.taxes)])


def plain_quote(quote: Quote) -> dict[str, Any]:
    """How an order keeps where the price of delivery came from, read again by Order.quote."""
    free_from = None if quote.free_from is None else plain(quote.free_from)
    return {**asdict(quote), "listed": plain(quote.listed), "free_from": free_from}


def placed(attempt: UUID) -> Order | None:
    """The order that came from this checkout form. Its id is as hard to guess as the order's token."""
    return Order.objects.filter(cart_attempt=attempt).first()


def freeze(cart: CartView, wish: Wish, totals: Totals) -> Order:
    """Writes the order and holds the stock last: its rows stay locked until the commit."""
    order = new_order(wish, totals, cart.coupon.code if cart.coupon and cart.coupon.applied else "")
    OrderLine.objects.bulk_create(
        OrderLine(
            order=order,
            variant_id=entry.line.variant_id,
            sku=line.variant.sku,
            name=line.name,
            options=line.options,
            unit_price=entry.line.unit.amount,
            quantity=entry.line.quantity,
            line_total=entry.total.amount,
            discount=entry.discount.amount,
            tax_rate=entry.line.tax_rate,
            tax=entry.tax.amount,
        )
        for line, entry in zip(cart.buyable, totals.lines, strict=True)
    )
    OrderEvent.objects.create(order=order, to_status=Status.PENDING)
    if totals.total:
        wanted = purchase_of(order, order.expires_at, image_addresses(cart.buyable))
        values = {"provider": wish.provider, "request": provider(wish.provider).prepare(wanted)}
        PaymentAttempt.objects.create(order=order, number=1, expires_at=order.expires_at, **values)
    if order.coupon_code:
        take_coupon(order)
    stock.hold([(line.variant.pk, line.quantity) for line in cart.buyable], order.reference)
    if not totals.total:
        pay(order, notes.of("nothing_to_pay"))
    return order


def take_coupon(order: Order) -> None:
    try:
        coupons.take(order)
    except coupons.Refused as reason:
        raise CouponGone(reason) from reason


def new_order(wish: Wish, totals: Totals, coupon_code: str) -> Order:
    now = timezone.now()
    buyer, method = wish.buyer, wish.method
    return Order.objects.create(
        cart_attempt=wish.attempt,
        language=wish.language,
        email=buyer.email,
        name=buyer.name,
        phone=buyer.phone,
        company=buyer.company,
        vat_id=buyer.vat_id,
        country=buyer.country,
        address=buyer.address,
        note=buyer.note,
        wants_newsletter=buyer.wants_newsletter,
        currency=totals.total.currency,
        goods_total=totals.goods.amount,
        delivery_method=method,
        delivery_name=str(method.name),
        delivery_gross=totals.delivery.amount,
        delivery_tax_rate=totals.delivery_rate,
        delivery_tax=totals.delivery_tax.amount,
        delivery_basis=plain_quote(totals.quote) if totals.quote else {},
        coupon_code=coupon_code,
        discount=totals.discount.amount,
        delivery_discount=totals.delivery_discount.amount,
        min_days=method.min_days,
        max_days=method.max_days,
        tax_total=totals.tax.amount,
        total=totals.total.amount,
        placed_at=now,
        expires_at=now + provider(wish.provider).hold,
    )
