"""What is offered while somebody types: names of products, categories, posts and pages."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest

from catalog.models import Product
from catalog.tree import tree_of
from core.prepared import prepared
from search.models import Entry, Kind
from search.query import Found, Hit, arrange, limited, ranked
from search.reading import clean, read
from search.texts import readable

SHORTEST = 2  # letters before anything is offered
MOST_RANKED = 40  # of each sort: a beginning may be that of half the shop
MOST = {Kind.PRODUCT: 6, Kind.CATEGORY: 2, Kind.POST: 2, Kind.PAGE: 1}


@dataclass(frozen=True)
class Suggestion:
    title: str
    url: str
    language: str


@dataclass(frozen=True)
class Group:
    kind: Kind
    suggestions: list[Suggestion]


def suggest(request: HttpRequest, text: str, language: str) -> list[Group]:
    """Groups in the order of their best hit, what the search desk has pinned or buried for just this text in its place;
    empty for less than two letters. Raises TookTooLong."""
    if len(clean(text)) < SHORTEST:
        return []
    with limited():
        reading = read(text, language, typing=True)
        found = Found(text, language, reading)
        if query := reading.query():
            entries = Entry.objects.candidates(language, query, reading.title, MOST_RANKED, ahead=True)
            with prepared():
                found.hits |= dict(ranked(entries, reading, foreign=False))
        arrange(found, None)
    groups = [(kind, hits[: MOST[kind]]) for kind, hits in found.hits.items() if hits]
    groups.sort(key=lambda group: group[1][0].rank)
    filled = [Group(kind, suggestions(request, kind, hits)) for kind, hits in groups]
    return [group for group in filled if group.suggestions]


def suggestions(request: HttpRequest, kind: Kind, hits: list[Hit]) -> list[Suggestion]:
    urls = ADDRESSES[kind](request, [hit.object_id for hit in hits])
    return [Suggestion(hit.title, urls[hit.object_id], hit.language) for hit in hits if urls.get(hit.object_id)]


def product_urls(request: HttpRequest, pks: list[int]) -> dict[int, str]:
    products = Product.objects.shown().filter(pk__in=pks).with_translations()
    return {product.pk: product.get_absolute_url() for product in products if product.text}


def category_urls(request: HttpRequest, pks: list[int]) -> dict[int, str]:
    nodes = tree_of(request).nodes
    return {pk: nodes[pk].url() for pk in pks if pk in nodes}


def page_urls(request: HttpRequest, pks: list[int]) -> dict[int, str]:
    pages = readable().filter(pk__in=pks).select_related("locale")
    return {page.pk: page.get_url(request) or "" for page in pages}


ADDRESSES = {
    Kind.PRODUCT: product_urls,
    Kind.CATEGORY: category_urls,
    Kind.POST: page_urls,
    Kind.PAGE: page_urls,
}
