"""The links of header and footer in the active language, from the editors' menus, the category tree and the pages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import partial

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language, gettext
from wagtail.blocks import StreamValue, StructValue
from wagtail.models import Page

from catalog.tree import Node, Tree, load_tree
from core.cache import remember_window
from core.models import Menu

BLOG = {"content_type__app_label": "blog", "content_type__model": "blogindexpage"}


@dataclass(frozen=True)
class Link:
    """`url` "": a heading that leads nowhere itself. `lang`: language of the name."""

    name: str
    url: str
    lang: str
    below: list[Link] = field(default_factory=list)


def menu(place: str) -> list[Link]:
    """The links at a place; targets that are not published are left out."""
    return remember_window(f"menu:{place}:{get_language()}", partial(load_menu, place))


def load_menu(place: str) -> list[Link]:
    chosen = stored_menu(place)
    if chosen is None:
        return category_links(load_tree()) if place == Menu.Place.HEADER else starting_footer()
    return Resolver(chosen).links(chosen.items)


def stored_menu(place: str) -> Menu | None:
    """The published menu of the active language, else the default language's."""
    codes = [get_language() or settings.LANGUAGE_CODE, settings.LANGUAGE_CODE]
    found = Menu.objects.filter(live=True, place=place, locale__language_code__in=codes).select_related("locale")
    return min(found, key=lambda row: codes.index(row.locale.language_code), default=None)


def starting_footer() -> list[Link]:
    """Before anybody made a menu: the categories, and the pages that are marked for menus."""
    shop = Link(gettext("All products"), reverse("catalog:shop"), get_language() or "")
    columns = [Link(gettext("Shop"), "", get_language() or "", [*category_links(load_tree()), shop])]
    pages = Page.objects.live().public().in_menu().filter(depth=3, locale__language_code=get_language())
    links = [page_link(page) for page in pages.select_related("locale").order_by("path")]
    return [*columns, Link(gettext("The house"), "", get_language() or "", links)] if links else columns


def category_links(tree: Tree) -> list[Link]:
    return [category_link(node) for node in tree.roots]


def category_link(node: Node) -> Link:
    below = [Link(child.name, child.url(), child.lang) for child in node.children]
    return Link(node.name, node.url(), node.lang, below)


def page_link(page: Page) -> Link:
    return Link(page.title, page.url, page.locale.language_code)


class Resolver:
    """Turns a menu's items into links; asks once for all its pages and once for the tree."""

    def __init__(self, chosen: Menu) -> None:
        self.lang = chosen.locale.language_code
        self.tree = load_tree()
        self.pages = published_pages(chosen.items)
        self.here = get_language() or settings.LANGUAGE_CODE

    def links(self, items: StreamValue) -> list[Link]:
        return [link for item in items for link in self.resolve(item.block_type, item.value)]

    def resolve(self, kind: str, value: StructValue) -> list[Link]:
        if kind == "group":
            inside = self.links(value["links"])
            return [Link(value["heading"], "", self.lang, inside)] if inside else []
        if kind == "categories":
            return category_links(self.tree)
        found = self.target(kind, value)
        if found is None:
            return []
        return [replace(found, name=value["label"], lang=self.lang) if value["label"] else found]

    def target(self, kind: str, value: StructValue) -> Link | None:
        """What the item leads to under its own name; None when it is not published."""
        if kind == "page":
            return self.page(str(value["page"].translation_key)) if value["page"] else None
        if kind == "category":
            node = self.tree.nodes.get(value["category"].pk) if value["category"] else None
            return category_link(node) if node else None
        if value["place"] == "blog":
            return self.page("blog")
        names = {"home": gettext("Front page"), "shop": gettext("All products"), "cart": gettext("Cart")}
        views = {"home": "/", "shop": "catalog:shop", "cart": "commerce:cart"}
        name = views[value["place"]]
        return Link(names[value["place"]], f"/{self.here}/" if name == "/" else reverse(name), self.here)

    def page(self, key: str) -> Link | None:
        """The page in the active language, else in the default one, else in the menu's."""
        versions = self.pages.get(key, {})
        for code in (self.here, settings.LANGUAGE_CODE, self.lang):
            if code in versions:
                return page_link(versions[code])
        return None


def published_pages(items: StreamValue) -> dict[str, dict[str, Page]]:
    """Translation key (or "blog") -> language -> page, for every page that the menu may lead to."""
    chosen = [value["page"] for kind, value in flat(items) if kind == "page" and value["page"]]
    keys = {page.translation_key for page in chosen}
    wants_blog = any(kind == "place" and value["place"] == "blog" for kind, value in flat(items))
    versions: dict[str, dict[str, Page]] = {}
    pages = Page.objects.live().public().select_related("locale")
    for page in pages.filter(translation_key__in=keys):
        versions.setdefault(str(page.translation_key), {})[page.locale.language_code] = page
    if wants_blog:
        versions["blog"] = {page.locale.language_code: page for page in pages.filter(**BLOG)}
    return versions


def flat(items: StreamValue) -> Iterable[tuple[str, StructValue]]:
    """All links of a menu, those inside groups included."""
    for item in items:
        if item.block_type == "group":
            yield from flat(item.value["links"])
        else:
            yield item.block_type, item.value
