"""Tags of the shop window: the main navigation, product cards and category tiles inside pages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django import template
from django.http import HttpRequest
from django.utils.encoding import escape_uri_path
from wagtail.images.models import AbstractImage

from catalog.cards import ProductCard, product_cards
from catalog.models import Category, Product
from catalog.tree import Node, load_tree, tree_of

register = template.Library()

FEATURED = 8


@dataclass(frozen=True)
class Entry:
    """A category in the navigation. `current`: "page" on its own page, "true" below it, else ""."""

    name: str
    url: str
    lang: str
    current: str
    below: list[Entry]


@dataclass(frozen=True)
class Tile:
    name: str
    url: str
    lang: str
    image: AbstractImage | None


def entry(node: Node, path: str) -> Entry:
    url = node.url()
    current = "page" if path == url else "true" if path.startswith(url) else ""
    return Entry(node.name, url, node.lang, current, [entry(child, path) for child in node.children])


@register.simple_tag(takes_context=True)
def navigation(context: template.Context) -> list[Entry]:
    """The top categories with what is below them."""
    request: HttpRequest | None = context.get("request")
    tree = tree_of(request) if request else load_tree()
    path = escape_uri_path(request.path) if request else ""
    return [entry(node, path) for node in tree.roots]


@register.simple_tag
def featured_cards(limit: int = FEATURED) -> list[ProductCard]:
    return product_cards(Product.objects.live().filter(featured=True).for_listing()[:limit])


@register.simple_tag
def cards_of(products: Iterable[Product]) -> list[ProductCard]:
    """Cards of the products that are live, in the given order."""
    wanted = [product.pk for product in products if product]
    found = {
        card.product.pk: card for card in product_cards(Product.objects.live().filter(pk__in=wanted).for_listing())
    }
    return [found[pk] for pk in wanted if pk in found]


@register.simple_tag(takes_context=True)
def category_tiles(context: template.Context, categories: Iterable[Category] = ()) -> list[Tile]:
    """Tiles of the given categories that are live; of all top ones when none is given."""
    request: HttpRequest | None = context.get("request")
    tree = tree_of(request) if request else load_tree()
    nodes = [tree.nodes.get(category.pk) for category in categories if category] or tree.roots
    shown = [node for node in nodes if node]
    images = {row.pk: row.image for row in Category.objects.filter(pk__in=[node.pk for node in shown]).for_tiles()}
    return [Tile(node.name, node.url(), node.lang, images.get(node.pk)) for node in shown]
