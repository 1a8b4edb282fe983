"""What a page of results shows: cards of products, categories, posts and pages, each as it is at this moment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page as ResultPage
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from wagtail.models import Page

from catalog.cards import ProductCard, product_cards
from catalog.facets.counts import counted
from catalog.facets.listing import Listing, page_of, told
from catalog.facets.selection import Selection, Sort
from catalog.models import Product
from catalog.tree import Node, tree_of
from search.models import Entry, Kind
from search.query import Found, Hit
from search.snippets import snippet
from search.texts import readable

PER_PAGE = 24
MOST_CATEGORIES = 8
MOST_READING = 8  # posts and pages


@dataclass(frozen=True)
class ProductResult:
    """`note`: the passage that answers the query, when the name does not. `foreign`: found by its name in another
    language, which is `language`, as `title`."""

    card: ProductCard
    note: SafeString
    foreign: bool
    title: str
    language: str


@dataclass(frozen=True)
class ReadingResult:
    """A post or a page. `language`: of its title and note."""

    kind: Kind
    title: str
    url: str
    note: SafeString
    language: str


@dataclass(frozen=True)
class Results:
    """`rest`: there are more products than these, which other orders and filters show."""

    listing: Listing
    products: list[ProductResult]
    categories: list[Node]
    reading: list[ReadingResult]
    rest: bool


def results(request: HttpRequest, found: Found, selection: Selection) -> Results:
    """In a constant number of queries, to be asked inside `query.limited()`. An odd or too large page number gives the
    nearest page."""
    matching = Product.objects.shown().filter(pk__in=found.product_ids())
    counts = counted(matching, selection, many=found.many)
    articles = sorted([*found.hits[Kind.POST], *found.hits[Kind.PAGE]], key=lambda hit: hit.rank)[:MOST_READING]
    page: ResultPage
    if selection.sort is Sort.POSITION:
        page = Paginator(found.hits[Kind.PRODUCT], PER_PAGE).get_page(request.GET.get("page"))
        notes = notes_of([*page.object_list, *articles], found.reading.marks)
        products = product_results(page.object_list, notes)
    else:
        page = page_of(request, selection.ordered(selection.narrowed(matching)), counts.total)
        notes = notes_of(articles, found.reading.marks)
        products = plain_results(page.object_list)
    nodes = tree_of(request).nodes
    categories = [nodes[hit.object_id] for hit in found.hits[Kind.CATEGORY][:MOST_CATEGORIES] if hit.object_id in nodes]
    first = page.number == 1
    return Results(
        listing=told(request, selection, counts, page, [], gettext("Best match")),
        products=products,
        categories=categories if first else [],
        reading=reading_results(request, articles, notes) if first else [],
        rest=selection.sort is Sort.POSITION and counts.total > len(found.hits[Kind.PRODUCT]),
    )


def plain_results(products: Iterable[Product]) -> list[ProductResult]:
    """In another order than that of the best match, which their notes explain."""
    cards = product_cards(products)
    return [ProductResult(card, SafeString(""), False, card.text.name, card.text.language_code) for card in cards]


def notes_of(hits: Iterable[Hit], words: set[str]) -> dict[Hit, SafeString]:
    """The marked passages of these hits; one query."""
    by_place = {(hit.kind, hit.object_id, hit.language): hit for hit in hits}
    entries = Entry.objects.filter(
        object_id__in={hit.object_id for hit in by_place.values()},
        language__in={hit.language for hit in by_place.values()},  # a passage lies beside the table: each is fetched
    )
    rows = entries.values_list("kind", "object_id", "language", "body")
    places = (((Kind(kind), pk, language), body) for kind, pk, language, body in rows)
    return {by_place[place]: snippet(body, words) for place, body in places if place in by_place}


def product_results(hits: Iterable[Hit], notes: dict[Hit, SafeString]) -> list[ProductResult]:
    by_pk = {hit.object_id: hit for hit in hits}
    cards = {
        card.product.pk: card for card in product_cards(Product.objects.shown().filter(pk__in=by_pk).for_listing())
    }
    return [
        ProductResult(cards[pk], notes.get(hit, SafeString("")), hit.foreign, hit.title, hit.language)
        for pk, hit in by_pk.items()
        if pk in cards
    ]


def pages_of(**chosen: list[Any]) -> Iterable[Page]:
    """Those with one of these values, which everybody may read."""
    wanted = {f"{name}__in": values for name, values in chosen.items()}
    return readable().filter(**wanted).select_related("locale") if all(chosen.values()) else ()


def reading_results(request: HttpRequest, hits: list[Hit], notes: dict[Hit, SafeString]) -> list[ReadingResult]:
    """Posts and pages in the order of the hits; one found in another language is shown in the visitor's where everybody
    may read it there. No query without hits, two more when some are foreign."""
    pages = {page.pk: page for page in pages_of(pk=[hit.object_id for hit in hits])}
    keys = [pages[hit.object_id].translation_key for hit in hits if hit.foreign and hit.object_id in pages]
    here = {page.translation_key: page for page in pages_of(translation_key=keys) if page.locale.is_active}
    shown: dict[int, ReadingResult] = {}
    for hit in hits:
        found = pages.get(hit.object_id)
        if found is None:
            continue
        page = here.get(found.translation_key, found) if hit.foreign else found
        if page.pk in shown:
            continue
        note = notes.get(hit, SafeString("")) if page.pk == hit.object_id else SafeString("")
        code = page.locale.language_code
        shown[page.pk] = ReadingResult(hit.kind, page.title, page.get_url(request) or "", note, code)
    return [result for result in shown.values() if result.url]
