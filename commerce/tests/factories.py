"""Rows and values of commerce for tests, as plain functions with harmless defaults."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.test import Client
from django.utils import timezone
from taggit.models import Tag

from catalog.models import Variant
from catalog.tests.factories import make_variant
from commerce import cart as carts
from commerce import placing
from commerce.checkout import Buyer, totals_of
from commerce.models import Coupon, CouponProduct, DeliveryMethod, Order
from core.sessions import SessionStore

ADDRESS = {"line1": "Hafenstraße 1", "line2": "", "postcode": "20457", "city": "Hamburg", "region": ""}
BUYER = Buyer("mina@example.org", "Mina Berg", "", "", "DE", ADDRESS)


def make_delivery(price: str = "4.90", **fields: Any) -> DeliveryMethod:
    method = DeliveryMethod.objects.create(name={"en": "Parcel", "de": "Paket"}, price=Decimal(price), **fields)
    return DeliveryMethod.objects.get(pk=method.pk)


def make_session(units: Mapping[int, int], coupon: str = "") -> SessionStore:
    """A visitor's session with a cart: {variant id: units}, and the code of a coupon."""
    session = SessionStore()
    carts.write(session, units)
    if coupon:
        session[carts.COUPON] = coupon
    return session


def make_order(units: Mapping[int, int] | None = None, *, language: str = "en", **wish: Any) -> Order:
    """A pending order, its stock held and no payment page opened; of one new variant when no units are given."""
    method = wish.pop("method", None) or DeliveryMethod.objects.first() or make_delivery()
    cart = carts.load(make_session(units or {make_variant().pk: 1}, wish.pop("coupon", "")))
    buyer = wish.pop("buyer", BUYER)
    total = placing.plain(totals_of(cart, buyer.country, method).total)
    wish = {"attempt": uuid4(), "shown_total": total, "shown_lines": placing.plain_lines(cart), **wish}
    return placing.place(cart, placing.Wish(buyer=buyer, method=method, language=language, **wish))


def checkout_form(visitor: Client, method: DeliveryMethod, shown_total: str, **changes: Any) -> dict[str, Any]:
    """What a browser sends for a correctly filled-in checkout of what is in this visitor's cart now."""
    contact = {"email": "mina@example.org", "name": "Mina Berg", "country": "DE"}
    shown = {"shown_total": shown_total, "shown_lines": placing.plain_lines(carts.load(visitor.session))}
    form = {"delivery": method.pk, "attempt": str(uuid4()), **shown}
    return {**contact, **ADDRESS, **form, **changes}


def stock_of(variant: Variant) -> tuple[int, int]:
    """(on hand, held)"""
    variant.stock.refresh_from_db()
    return variant.stock.on_hand, variant.stock.reserved


def make_coupon(code: str = "TEA10", gives: str = "percent", value: str | None = "10", **fields: Any) -> Coupon:
    """A live coupon of ten percent on everything, unless told otherwise. `tags`: names; the other scopes: rows."""
    chosen = {name: fields.pop(name, ()) for name in ("products", "categories", "tags")}
    amount = None if value is None else Decimal(value)
    coupon = Coupon(code=code, gives=gives, value=amount, first_published_at=timezone.now(), **fields)
    coupon.products = [CouponProduct(product=product) for product in chosen["products"]]
    coupon.categories = list(chosen["categories"])
    coupon.tags = list(Tag.objects.filter(name__in=chosen["tags"]))
    coupon.save()
    return Coupon.objects.get(pk=coupon.pk)
