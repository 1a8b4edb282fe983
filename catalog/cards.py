"""What a product card and a product page show, computed from loaded rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlencode

from django.db.models import prefetch_related_objects
from wagtail.images.models import AbstractImage

from catalog.models import Association, OptionValue, Product, ProductImage, ProductTranslation, Variant
from catalog.prices import Price, variant_price
from core.localized import LocalizedText, listed

LOW_STOCK = 5
VARIANT = "variant"  # in addresses of products: the SKU that is chosen at the start


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

    def url(self, product_url: str) -> str:
        """The address at which the product's page has it chosen."""
        return f"{product_url}?{urlencode({VARIANT: self.variant.sku})}"

    @property
    def name(self) -> str:
        """Its option values in the active language: "Sand, 0.6 l"; its SKU when it has none."""
        return listed(value.label for value in self.variant.option_values) or self.variant.sku


@dataclass(frozen=True)
class Choice:
    """An offer inside its group: `label` is what still tells it from its neighbours, `colour` its swatch or ""."""

    offer: Offer
    label: str
    colour: str


@dataclass(frozen=True)
class ChoiceGroup:
    """Offers that share the first of several option values (`value`); None: one group of all."""

    value: OptionValue | None
    choices: list[Choice]


@dataclass(frozen=True)
class Choices:
    """How the variants of a product are chosen from. `label`: the options' names; `first`: chosen at the start.

    Prices and units of all together, as on a ProductCard: shown until a script tells which one is chosen.
    """

    label: str
    groups: list[ChoiceGroup]
    first: Offer | None
    price: Price | None
    from_price: bool
    available: int

    @property
    def most(self) -> int:
        """The most units that any one offer has."""
        return max((choice.offer.available for group in self.groups for choice in group.choices), default=0)

    @property
    def with_gtin(self) -> list[Offer]:
        offered = (choice.offer for group in self.groups for choice in group.choices)
        return [offer for offer in offered if offer.variant.gtin]

    @property
    def single(self) -> bool:
        return sum(len(group.choices) for group in self.groups) == 1

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


def lowest_price(offered: list[Offer]) -> tuple[Price | None, bool]:
    """The lowest price of what can be bought (of all offers when nothing can), and whether others cost more."""
    buyable = [offer for offer in offered if offer.available > 0] or offered
    prices = sorted((offer.price for offer in buyable), key=lambda price: price.now.amount)
    return (prices[0], prices[0].now != prices[-1].now) if prices else (None, False)


def grouped(offered: list[Offer]) -> list[ChoiceGroup]:
    """By the first option where something is left to choose inside the groups (sand: 0.6 l, 1.0 l); else one group."""
    firsts = [offer.variant.option_values[0] for offer in offered if len(offer.variant.option_values) > 1]
    split = len(set(firsts)) < len(firsts) == len(offered)
    groups: dict[OptionValue | None, list[Choice]] = {}
    for offer in offered:
        values = offer.variant.option_values
        shared, own = (values[0], values[1:]) if split else (None, values)
        label = listed(value.label for value in own) or offer.variant.sku
        colour = next((value.colour for value in own if value.colour), "")
        groups.setdefault(shared, []).append(Choice(offer, label, colour))
    return [ChoiceGroup(value, inside) for value, inside in groups.items()]


def choices(offered: list[Offer], asked: str = "") -> Choices:
    """`asked`: the SKU of an offer that is to be chosen at the start, where it can be bought."""
    buyable = [offer for offer in offered if offer.available > 0]
    wanted = [offer for offer in buyable if offer.variant.sku == asked]
    names = dict.fromkeys(str(value.option.name) for offer in offered for value in offer.variant.option_values)
    price, from_price = lowest_price(offered)
    return Choices(
        label=listed(names),
        groups=grouped(offered),
        first=next(iter([*wanted, *buyable, *offered]), None),
        price=price,
        from_price=from_price,
        available=sum(max(offer.available, 0) for offer in offered),
    )


@dataclass(frozen=True)
class GalleryPicture:
    """`key` names it on the page: a variant says which picture is its own."""

    key: str
    image: AbstractImage
    alt: LocalizedText | str


def gallery(product: Product, offered: list[Offer]) -> list[GalleryPicture]:
    """The product's pictures, then those of its variants that are not among them; each picture once."""
    shown = {
        row.image_id: GalleryPicture(f"picture-{row.image_id}", row.image, row.alt) for row in product.images.all()
    }
    for offer in offered:
        image = offer.variant.image
        if image is not None and image.pk not in shown:
            shown[image.pk] = GalleryPicture(f"picture-{image.pk}", image, offer.name)
    prefetch_related_objects([picture.image for picture in shown.values()], "renditions")
    return list(shown.values())


def product_card(product: Product) -> ProductCard:
    """From a product of `for_listing()`; runs no query."""
    offered = offers(product)
    price, from_price = lowest_price(offered)
    return ProductCard(
        product=product,
        text=product.text,
        url=product.get_absolute_url(),
        image=next(iter(product.images.all()), None),
        price=price,
        from_price=from_price,
        available=sum(max(offer.available, 0) for offer in offered),
    )


def product_cards(products: Iterable[Product]) -> list[ProductCard]:
    """Products without any text are left out: there is nothing to show."""
    return [product_card(product) for product in products if product.text]


def cards_by_id(product_ids: Iterable[int]) -> dict[int, ProductCard]:
    """Cards of those that are shown, in five queries, whatever their number; none without ids."""
    wanted = set(product_ids)
    products = Product.objects.shown().filter(pk__in=wanted).for_listing() if wanted else []
    return {card.product.pk: card for card in product_cards(products)}


@dataclass(frozen=True)
class Neighbours:
    """What an editor shows beside a product."""

    accessories: list[ProductCard]
    similar: list[ProductCard]


def neighbours(product: Product) -> Neighbours:
    """Live products associated with this one, in the editor's order; four queries, none without associations."""
    rows = list(product.associations.all())
    wanted = {row.target_id for row in rows} - {product.pk}
    cards = cards_by_id(wanted)

    def of(kind: Association.Kind) -> list[ProductCard]:
        return [cards[row.target_id] for row in rows if row.kind == kind and row.target_id in cards]

    return Neighbours(of(Association.Kind.ACCESSORY), of(Association.Kind.SIMILAR))
