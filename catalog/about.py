"""What search engines and shared links are told about products and categories.

A product with one variant is a schema.org Product; with several, a ProductGroup whose variants each have their offer
(developers.google.com/search/docs/appearance/structured-data/product-variants).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.images.models import AbstractImage

from catalog.cards import Availability, Choices, GalleryPicture, Offer
from catalog.models import Category, CategoryTranslation, Product, ProductTranslation
from catalog.tree import Node
from core.about import About, absolute, described, first_words, shared_picture, trail
from core.feeds import feeds_of
from core.localized import listed

STOCK = {
    Availability.IN_STOCK: "https://schema.org/InStock",
    Availability.LOW: "https://schema.org/LimitedAvailability",
    Availability.SOLD_OUT: "https://schema.org/OutOfStock",
}
Crumbs = Sequence[tuple[str, str, str]]
Told = dict[str, Any]


def shop_about(categories: Iterable[Node]) -> About:
    """`categories`: what it has."""
    feeds = feeds_of(_("New products"), reverse("catalog:feed"))
    return About(_("All products"), described(listed(node.name for node in categories)), feeds=feeds)


def category_about(category: Category, text: CategoryTranslation, crumbs: Crumbs, address: str) -> About:
    """`address`: path of the page; "": a draft that has none yet."""
    feeds = feeds_of(_("New in %(category)s") % {"category": text.name}, f"{address}feed/") if address else []
    return About(
        title=text.seo_title or text.name,
        description=described(text.search_description, text.intro, first_words(text.body)),
        picture=shared_picture(category.image),
        data=[way(crumbs)],
        feeds=feeds,
    )


def product_about(
    product: Product,
    text: ProductTranslation,
    address: str,
    pictures: Sequence[GalleryPicture],
    choices: Choices,
    crumbs: Crumbs,
) -> About:
    """`address`: path of the page; "": a draft that has none yet."""
    shown = pictures[0] if pictures else None
    picture = shared_picture(shown.image, shown.alt) if shown else None
    told = {
        "name": text.name,
        "description": described(text.summary, first_words(text.body)),
        "inLanguage": text.language_code,
        "brand": {"@type": "Brand", "name": product.vendor} if product.vendor else None,
        "image": picture.url if picture else None,
    }
    data = [way(crumbs)]
    if address and choices.price:
        known = {name: value for name, value in told.items() if value}
        data.append(product_data(known, choices, {each.image.pk: each.image for each in pictures}, address))
    return About(
        title=text.seo_title or text.name,
        description=described(text.search_description, text.summary, first_words(text.body)),
        picture=picture,
        kind="product",
        data=data,
    )


def product_data(told: Told, choices: Choices, images: dict[int, AbstractImage], address: str) -> Told:
    """`told`: of the product as a whole. `images`: by their ids, with the files that they have."""
    offers = [choice.offer for group in choices.groups for choice in group.choices]
    if len(offers) == 1:
        return {**told, "@type": "Product", **codes(offers[0]), "offers": offer_data(offers[0], address)}
    return {
        **told,
        "@type": "ProductGroup",
        "productGroupID": str(offers[0].variant.product_id),
        "url": absolute(address),
        "hasVariant": [variant_data(told, offer, images, address) for offer in offers],
    }


def variant_data(told: Told, offer: Offer, images: dict[int, AbstractImage], address: str) -> Told:
    """With a name and a picture of its own: neither is taken from the group."""
    picture = shared_picture(images.get(offer.variant.image_id or 0))
    image = picture.url if picture else told.get("image")
    return {
        "@type": "Product",
        **codes(offer),
        "name": f"{told['name']}, {offer.name}",
        **({"image": image} if image else {}),
        "offers": offer_data(offer, offer.url(address)),
    }


def codes(offer: Offer) -> Told:
    """What it is called by in shops, and everywhere: the latter stands on the page, too (schema.org/gtin)."""
    variant = offer.variant
    return {"sku": variant.sku, **({"gtin": variant.gtin} if variant.gtin else {})}


def offer_data(offer: Offer, address: str) -> Told:
    """At this moment. A sale that has an end says when, so that nobody quotes its price afterwards."""
    until = offer.variant.sale_until if offer.price.on_sale else None
    return {
        "@type": "Offer",
        "url": absolute(address),
        "price": str(offer.price.now.amount),
        "priceCurrency": offer.price.now.currency,
        "availability": STOCK[offer.availability],
        "itemCondition": "https://schema.org/NewCondition",
        **({"priceValidUntil": until.isoformat()} if until else {}),
    }


def way(crumbs: Crumbs) -> Told:
    return trail((name, path) for name, path, _language in crumbs)
