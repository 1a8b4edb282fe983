"""Tags of the shop window: the main navigation, product cards and category tiles inside pages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django import template
from django.http import HttpRequest
from django.utils.encoding import escape_uri_path
from wagtail.images.models import AbstractImage

from catalog.menus import Link, menu
from catalog.models import Category
from catalog.tree import load_tree, tree_of

register = template.Library()


@dataclass(frozen=True)
class Entry:
    """A link of a menu. `url` "": only a heading. `current`: "page" on its own page, "true" below it, else ""."""

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


def entry(link: Link, path: str) -> Entry:
    current = "page" if path == link.url else "true" if within(path, link.url) else ""
    return Entry(link.name, link.url, link.lang, current, [entry(below, path) for below in link.below])


def within(path: str, url: str) -> bool:
    """Is the path below the address? The front page has everything below it and is never marked so."""
    return url.count("/") > 2 and path.startswith(url)


@register.simple_tag(takes_context=True)
def menu_links(context: template.Context, place: str) -> list[Entry]:
    """The links of the header's or footer's menu."""
    request: HttpRequest | None = context.get("request")
    path = escape_uri_path(request.path) if request else ""
    return [entry(link, path) for link in menu(place)]


@register.simple_tag(takes_context=True)
def category_tiles(context: template.Context, categories: Iterable[Category] = ()) -> list[Tile]:
    """Tiles of the given categories that are live; of all top ones when none is given."""
    request: HttpRequest | None = context.get("request")
    tree = tree_of(request) if request else load_tree()
    nodes = [tree.nodes.get(category.pk) for category in categories if category] or tree.roots
    shown = [node for node in nodes if node]
    images = {row.pk: row.image for row in Category.objects.filter(pk__in=[node.pk for node in shown]).for_tiles()}
    return [Tile(node.name, node.url(), node.lang, images.get(node.pk)) for node in shown]
