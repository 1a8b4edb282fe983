"""What a page with a list of products shows: one page of them, the choices with their counts, and the ways back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from babel import Locale
from babel.numbers import format_currency
from django.conf import settings
from django.core.paginator import Page, Paginator
from django.db.models import F
from django.http import HttpRequest
from django.utils.encoding import escape_uri_path
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, to_locale

from catalog.cards import ProductCard, product_cards
from catalog.facets.counts import Counts, counted
from catalog.facets.selection import Selection, Sort, bounds, read
from catalog.facets.vocabulary import Facet, Kind, Value
from catalog.models import Attribute, Product
from catalog.models.attribute import shown_number
from catalog.querysets import ProductQuerySet
from catalog.tree import Node
from core.localized import LocalizedText, listed

PER_PAGE = 24
SEEN_AT_ONCE = 8  # values of one facet; the others are folded away
NEW_ARRIVALS = 4


@dataclass(frozen=True)
class Choice:
    """One value with the number of products it leaves. `language`: of the label, where it is not the page's."""

    key: str
    label: str
    language: str
    count: int
    chosen: bool
    colour: str


@dataclass(frozen=True)
class Group:
    """A facet. `folded`: choices behind "more"."""

    key: str
    name: str
    choices: list[Choice]
    folded: list[Choice]


@dataclass(frozen=True)
class Way:
    """A link to the same list with something less. `count`: products there, when it is told."""

    name: str
    label: str
    address: str
    count: int = 0


@dataclass(frozen=True)
class Listing:
    """`since`: number of the first page on the screen, below which "show more" has put this one. `address`: path of the
    page; `query`: of its links to other pages, with "&" at its end or empty. `best`: what the
    first order is called here, else its usual name. `drop`: without which facet there would be most, when there is
    nothing. `arrivals`: shown where there is nothing to choose from."""

    page: Page
    since: int
    cards: list[ProductCard]
    groups: list[Group]
    chips: list[Way]
    total: int
    sort: Sort
    sorts: list[Sort]
    best: str
    address: str
    query: str
    keep: tuple[tuple[str, str], ...]
    drop: Way | None
    clear: str
    noindex: bool
    canonical_query: str
    arrivals: list[ProductCard]

    @property
    def begin(self) -> int:
        """Number of the first product on the screen."""
        return self.page.paginator.page(self.since).start_index()

    @property
    def more(self) -> int:
        """How many products the next page has."""
        return min(self.page.paginator.count - self.page.end_index(), self.page.paginator.per_page)

    @property
    def narrowed(self) -> bool:
        return bool(self.chips)


def listing(request: HttpRequest, products: ProductQuerySet, categories: Iterable[Node] = ()) -> Listing:
    """Of these products, which must be shown ones. `categories`: those that can be chosen. Seven queries, one more when
    tags are chosen; two more when options and attributes are not remembered."""
    selection = read(request.GET, categories)
    counts = counted(products, selection)
    page = page_of(request, selection.ordered(selection.narrowed(products)), counts.total)
    return told(request, selection, counts, page, product_cards(page.object_list))


def told(
    request: HttpRequest, selection: Selection, counts: Counts, page: Page, cards: list[ProductCard], best: str = ""
) -> Listing:
    """Of one page of what was selected and counted. `best`: the name of the order it has when none is asked for."""
    address = escape_uri_path(request.path)
    query = selection.query()
    return Listing(
        page=page,
        since=since(request, page),
        cards=cards,
        groups=groups(selection, counts),
        chips=chips(selection, counts, address),
        total=counts.total,
        sort=selection.sort,
        sorts=list(Sort),
        best=best,
        address=address,
        query=f"{query}&" if query else "",
        keep=selection.keep,
        drop=drop(selection, counts, address),
        clear=way(address, selection.cleared()),
        noindex=selection.size > 1
        or selection.sort is not Sort.POSITION
        or bool(selection.chosen and not counts.total),
        canonical_query=selection.query(sort=False, page=page.number),
        arrivals=[] if counts.total or selection.chosen else product_cards(new_arrivals()),
    )


def page_of(request: HttpRequest, products: ProductQuerySet, total: int) -> Page:
    """The asked-for page; an odd or too large number gives the nearest one."""
    paginator = Paginator(products.for_listing(), PER_PAGE)
    paginator.count = total  # known from counting the facets
    return paginator.get_page(request.GET.get("page"))


def since(request: HttpRequest, page: Page) -> int:
    """What the link to more products says, else this page's number."""
    asked = request.GET.get("from", "")[:9]
    return int(asked) if asked.isascii() and asked.isdecimal() and 0 < int(asked) < page.number else page.number


def new_arrivals() -> ProductQuerySet:
    newest = Product.objects.shown().order_by(F("first_published_at").desc(nulls_last=True), "-pk")
    return newest.for_listing()[:NEW_ARRIVALS]


def way(address: str, selection: Selection) -> str:
    query = selection.query()
    return f"{address}?{query}" if query else address


def groups(selection: Selection, counts: Counts) -> list[Group]:
    """Facets in which something can be chosen or has been."""
    found = (group_of(facet, selection, counts) for facet in selection.facets)
    return [group for group in found if worth_showing(group, selection)]


def worth_showing(group: Group, selection: Selection) -> bool:
    alone = group.key in {"sale", "stock"}  # a single box to tick
    return group.key in selection.chosen or len(group.choices) > (0 if alone else 1)


def group_of(facet: Facet, selection: Selection, counts: Counts) -> Group:
    chosen, numbers = selection.chosen.get(facet.key, ()), counts.values.get(facet.key, {})
    values = {value.key: value for value in facet.values}
    order = [*numbers, *(key for key in chosen if key not in numbers)] if is_open(facet) else list(values)
    choices = [
        choice_of(facet, values.get(key) or Value(key, counts.tags.get(key, key)), numbers.get(key, 0), key in chosen)
        for key in order
        if key in chosen or numbers.get(key)
    ]
    seen = [choice for place, choice in enumerate(choices) if place < SEEN_AT_ONCE or choice.chosen]
    return Group(facet.key, str(facet.name), seen, [choice for choice in choices if choice not in seen])


def is_open(facet: Facet) -> bool:
    """Are its values known from counting only?"""
    return facet.kind in {Kind.PRICE, Kind.TAG} or facet.of == Attribute.Kind.NUMBER


def choice_of(facet: Facet, value: Value, count: int, chosen: bool) -> Choice:
    label, language = label_of(facet, value)
    return Choice(value.key, label, language, count, chosen, value.colour)


def label_of(facet: Facet, value: Value) -> tuple[str, str]:
    """(text, its language)"""
    here = get_language() or settings.LANGUAGE_CODE
    if facet.kind == Kind.PRICE:
        return price_label(value.key), here
    if facet.of == Attribute.Kind.NUMBER:
        return shown_number(Decimal(value.key), facet.unit), here
    if isinstance(value.label, LocalizedText):
        return value.label.in_language(here)
    return str(value.label), value.language or (here if isinstance(value.label, Promise) else "")


def price_label(key: str) -> str:
    low, high = bounds(key) or (None, None)
    amounts = {name: whole(amount) for name, amount in (("low", low), ("high", high)) if amount is not None}
    if low is None:
        return gettext("under %(high)s") % amounts
    return (gettext("%(low)s and more") if high is None else gettext("%(low)s to %(high)s")) % amounts


def whole(amount: int) -> str:
    """In the shop's currency, without the decimals that it has none of."""
    locale = to_locale(get_language() or settings.LANGUAGE_CODE)
    pattern = Locale.parse(locale).currency_formats["standard"].pattern.replace(".00", "")
    return format_currency(amount, settings.SHOP_CURRENCY, format=pattern, locale=locale, currency_digits=False)


def chips(selection: Selection, counts: Counts, address: str) -> list[Way]:
    """What is chosen, each with the way to the list without it."""
    return [
        Way(
            str(facet.name),
            label_of(facet, named_value(facet, key, counts))[0],
            way(address, selection.without(facet.key, key)),
        )
        for facet in selection.facets
        for key in selection.chosen.get(facet.key, ())
    ]


def named_value(facet: Facet, key: str, counts: Counts) -> Value:
    return next((value for value in facet.values if value.key == key), Value(key, counts.tags.get(key, key)))


def drop(selection: Selection, counts: Counts, address: str) -> Way | None:
    """Where nothing fits: the facet whose removal gives most; None when that of no single one gives any."""
    best = max(counts.dropped, key=lambda key: counts.dropped[key], default="")
    if counts.total or not best or not counts.dropped[best]:
        return None
    facet = next(facet for facet in selection.facets if facet.key == best)
    labels = listed(label_of(facet, named_value(facet, key, counts))[0] for key in selection.chosen[best])
    return Way(str(facet.name), labels, way(address, selection.without(best)), counts.dropped[best])
