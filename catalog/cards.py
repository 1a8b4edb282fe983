"""What a product card and a product page show, computed from loaded rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from catalog.models import Product, ProductImage, ProductTranslation, Variant
from catalog.prices import Price, variant_price

LOW_STOCK = 5


class Availability(StrEnum):
    IN_STOCK = "in-stock"
    LOW = "low"
    SOLD_OUT = "sold-out"


def availability(units: int) -> Availability:
    if units <= 0:
        return Availability.SOLD_OUT
    return Availability.LOW if units <= LOW_STOCK else Availability.IN_STOCK


@dataclass(frozen=True)
class Offer:
    """A variant as it is offered: price and units that can be bought now."""

    variant: Variant
    price: Price
    available: int

    @property
    def availability(self) -> Availability:
        return availability(self.available)


@dataclass(frozen=True)
class ProductCard:
    """A product in a listing. `price` is the lowest; `from_price`: others cost more. None: nothing to buy."""

    product: Product
    text: ProductTranslation
    url: str
    image: ProductImage | None
    price: Price | None
    from_price: bool
    available: int

    @property
    def availability(self) -> Availability:
        return availability(self.available)


def available_units(variant: Variant) -> int:
    """Units not held by anybody; 0 when the variant has no stock row yet."""
    stock = getattr(variant, "stock", None)
    return stock.available if stock else 0


def offers(product: Product) -> list[Offer]:
    """Active variants in the editor's order."""
    return [
        Offer(variant, variant_price(variant), available_units(variant))
        for variant in product.variants.all()
        if variant.active
    ]


def product_card(product: Product) -> ProductCard:
    """From a product of `for_listing()`; runs no query."""
    offered = offers(product)
    buyable = [offer for offer in offered if offer.available > 0] or offered
    cheapest = min(buyable, key=lambda offer: offer.price.now.amount, default=None)
    return ProductCard(
        product=product,
        text=product.text,
        url=product.get_absolute_url(),
        image=next(iter(product.images.all()), None),
        price=cheapest.price if cheapest else None,
        from_price=len({offer.price.now.amount for offer in buyable}) > 1,
        available=sum(max(offer.available, 0) for offer in offered),
    )


def product_cards(products: Iterable[Product]) -> list[ProductCard]:
    """Products without any text are left out: there is nothing to show."""
    return [product_card(product) for product in products if product.text]
