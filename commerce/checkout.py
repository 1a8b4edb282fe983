"""From a filled-in checkout to the values an order freezes: totals, buyer, payment request. Writes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urljoin

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from commerce.cart import CartLine, CartView
from commerce.delivery import tax_rates
from commerce.models import DeliveryMethod, Order
from commerce.payments.base import Item, Purchase
from commerce.pricing import Totals


@dataclass(frozen=True)
class Buyer:
    """Who orders and where it goes. `address`: line1, line2, postcode, city, region, as checked for the country.

    `vat_id`: as its country writes it, or "". It is printed, and changes no price. `note`: may have several lines.
    """

    email: str
    name: str
    phone: str
    company: str
    country: str
    address: dict[str, str]
    vat_id: str = ""
    note: str = ""
    wants_newsletter: bool = False


def totals_of(cart: CartView, country: str, method: DeliveryMethod | None) -> Totals:
    """What the cart's buyable lines cost with this delivery; the tax is that of the country today.

    Raises ValueError when the method does not carry their weight: see delivery.ways_for.
    """
    return cart.priced(tax_rates(country), method.tariff if method else None)


def purchase_of(order: Order, expires_at: datetime, images: dict[int, str]) -> Purchase:
    """What the payment page is told about a saved order. `images`: variant id -> address."""
    totals = order.totals
    with translation.override(order.language):
        page = settings.BASE_URL + reverse("commerce:order", args=[order.token])
    return Purchase(
        reference=order.reference,
        email=order.email,
        language=order.language,
        items=tuple(
            Item(line.description, line.price, line.quantity, images.get(line.variant_id, ""))
            for line in order.lines.all()
        ),
        delivery_name=order.delivery_name,
        delivery=totals.delivery_paid,
        discount=totals.discount - totals.delivery_discount,
        discount_name=order.coupon_code,
        back_url=f"{page}?session={{session}}",
        cancel_url=page,
        expires_at=expires_at,
    )


def image_addresses(lines: list[CartLine]) -> dict[int, str]:
    """Variant id -> absolute address of a picture that exists already: a payment must not wait for one to be drawn."""
    addresses = {}
    for line in lines:
        if line.image:
            rendition = next(iter(line.image.image.renditions.all()), None)
            addresses[line.variant.pk] = urljoin(settings.BASE_URL, (rendition or line.image.image).file.url)
    return addresses
