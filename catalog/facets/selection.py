"""What a visitor has chosen: read from an address, written into one, and applied to products."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Case, DecimalField, Exists, F, Func, OuterRef, Q, QuerySet, Subquery, When
from django.db.models import Value as Constant
from django.db.models.functions import Coalesce, Lower, Round
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy

from catalog.facets.vocabulary import YES, Facet, Kind, Value, facets, tags_of
from catalog.models import Attribute, AttributeValue, ProductTag, ProductTranslation, Variant
from catalog.prices import on_sale_at
from catalog.querysets import ProductQuerySet
from catalog.tree import Node
from core.money import exponent

MOST_FACETS = 40  # at once: each is a bit of a number when they are counted
MOST_VALUES = 20  # of one facet that an address may choose; the rest is not read
TAG = re.compile(r"[-\w]{1,100}")
RANGE = re.compile(r"([0-9]{0,7})-([0-9]{0,7})")
NUMBER = re.compile(r"-?[0-9]{1,10}(\.[0-9]{1,4})?")


class Sort(StrEnum):
    POSITION = "position"
    NEWEST = "newest"
    POPULAR = "popular"
    PRICE = "price"
    PRICE_DOWN = "-price"
    NAME = "name"

    @property
    def label(self) -> str:
        return str(SORT_NAMES[self])


SORT_NAMES = {
    Sort.POSITION: pgettext_lazy("order of products", "Our choice"),
    Sort.NEWEST: pgettext_lazy("order of products", "Newest first"),
    Sort.POPULAR: pgettext_lazy("order of products", "Most popular first"),
    Sort.PRICE: gettext_lazy("Price, low to high"),
    Sort.PRICE_DOWN: gettext_lazy("Price, high to low"),
    Sort.NAME: pgettext_lazy("order of products", "Name"),
}


@dataclass(frozen=True)
class Selection:
    """`chosen`: values by the facet's key, only known ones. `at`: the moment whose prices count."""

    facets: tuple[Facet, ...]
    chosen: dict[str, tuple[str, ...]]
    sort: Sort
    at: datetime
    keep: tuple[tuple[str, str], ...] = ()  # what else stands in the address: the words of a search

    @property
    def size(self) -> int:
        """How many values are chosen."""
        return sum(len(values) for values in self.chosen.values())

    def chosen_facets(self, *, of_variants: bool) -> list[Facet]:
        return [facet for facet in self.facets if facet.key in self.chosen and facet.kind.of_variants == of_variants]

    def without(self, facet: str, value: str | None = None) -> Selection:
        """With a value less; with a facet less when no value is given."""
        left = {
            key: tuple(one for one in values if key != facet or (value is not None and one != value))
            for key, values in self.chosen.items()
        }
        return replace(self, chosen={key: values for key, values in left.items() if values})

    def cleared(self) -> Selection:
        return replace(self, chosen={})

    def query(self, *, sort: bool = True, page: int = 1) -> str:
        """As it stands in an address, always in the same order; "" when nothing is chosen."""
        pairs = [*self.keep, *((key, value) for key in self.chosen for value in self.chosen[key])]
        pairs += [("sort", str(self.sort))] if sort and self.sort is not Sort.POSITION else []
        pairs += [("page", str(page))] if page > 1 else []
        return urlencode(pairs)

    # What it means

    def products(self) -> list[tuple[Facet, Q]]:
        """The conditions on products, one for each chosen facet of theirs."""
        return [(facet, self.condition(facet)) for facet in self.chosen_facets(of_variants=False)]

    def variants(self) -> list[tuple[Facet, Q]]:
        """The conditions on rows of `offered()`, one for each chosen facet of theirs."""
        return [(facet, self.condition(facet)) for facet in self.chosen_facets(of_variants=True)]

    def condition(self, facet: Facet) -> Q:
        keys = self.chosen[facet.key]
        ids = [pk for value in facet.values if value.key in keys for pk in value.ids]
        match facet.kind:
            case Kind.CATEGORY:
                return Q(category__in=ids)
            case Kind.TAG:
                return Q(pk__in=ProductTag.objects.filter(tag__in=ids).values("content_object"))
            case Kind.ATTRIBUTE:
                return Q(pk__in=attribute_rows(facet, keys, ids).values("product"))
            case Kind.OPTION:
                return Q(option_1__in=ids) | Q(option_2__in=ids) | Q(option_3__in=ids)
            case Kind.PRICE:
                return within(keys)
            case Kind.SALE:
                return on_sale_at(self.at)
            case Kind.STOCK:
                return buyable()

    def narrowed(self, products: ProductQuerySet) -> ProductQuerySet:
        """Those that have all of it: one variant everything that is chosen about variants."""
        products = products.filter(*(condition for _facet, condition in self.products()))
        wanted = [condition for _facet, condition in self.variants()]
        if not wanted:
            return products
        return products.filter(Exists(offered(self.at).filter(*wanted, product=OuterRef("pk"))))

    def ordered(self, products: ProductQuerySet) -> ProductQuerySet:
        match self.sort:
            case Sort.NEWEST:
                return products.order_by(F("first_published_at").desc(nulls_last=True), "-pk")
            case Sort.POPULAR:
                return products.most_popular_first()
            case Sort.PRICE:
                return products.annotate(shown_price=shown_price(self.at)).order_by(
                    F("shown_price").asc(nulls_last=True), "position", "pk"
                )
            case Sort.PRICE_DOWN:
                return products.annotate(shown_price=shown_price(self.at)).order_by(
                    F("shown_price").desc(nulls_last=True), "position", "pk"
                )
            case Sort.NAME:
                return products.annotate(shown_name=shown_name()).order_by("shown_name", "pk")
            case _:
                return products


def read(
    asked: QueryDict, categories: Iterable[Node] = (), *, keep: Iterable[str] = (), sort: Sort = Sort.POSITION
) -> Selection:
    """From an address. What is unknown, malformed or too much is left out; nothing here raises.

    `categories`: those to choose between. `keep`: parameters of the page itself that its links carry on.
    """
    known = [with_asked_values(facet, given(asked, facet.key)) for facet in facets(categories)]
    chosen = {}
    for facet in known:
        keys = [value.key for value in facet.values]
        wanted = set(given(asked, facet.key))
        if values := tuple(dict.fromkeys(key for key in keys if key in wanted)):
            chosen[facet.key] = values
    return Selection(
        facets=tuple(known),
        chosen=dict(list(chosen.items())[:MOST_FACETS]),
        sort=next((one for one in Sort if one == asked.get("sort")), sort),
        at=timezone.now(),
        keep=tuple((name, value) for name in keep if (value := asked.get(name, ""))),
    )


def given(asked: QueryDict, key: str) -> list[str]:
    return list(dict.fromkeys(asked.getlist(key)))[:MOST_VALUES]


def with_asked_values(facet: Facet, asked: list[str]) -> Facet:
    """Prices, numbers and tags are known only from the address, and from counting."""
    if facet.kind == Kind.PRICE:
        return replace(facet, values=tuple(Value(key, key) for key in asked if bounds(key)))
    if facet.kind == Kind.TAG:
        return replace(facet, values=tags_of(slug for slug in asked if TAG.fullmatch(slug)))
    if facet.of == Attribute.Kind.NUMBER:
        numbers = {plain(Decimal(text)): Decimal(text) for text in asked if NUMBER.fullmatch(text)}
        return replace(facet, values=tuple(Value(key, key) for key in sorted(numbers, key=lambda key: numbers[key])))
    return facet


def plain(number: Decimal) -> str:
    """As it stands in an address.

    >>> plain(Decimal("350.0000")), plain(Decimal("0.50")), plain(Decimal("-0"))
    ('350', '0.5', '0')
    """
    return f"{number.normalize() + 0:f}"


def bounds(key: str) -> tuple[int | None, int | None] | None:
    """(from, below) of a range of prices in whole units of the currency; None for what is no range.

    >>> bounds("10-20"), bounds("-5"), bounds("100-"), bounds("20-10"), bounds("-")
    ((10, 20), (None, 5), (100, None), None, None)
    """
    found = RANGE.fullmatch(key)
    if found is None or key == "-":
        return None
    low, high = (int(part) if part else None for part in found.groups())
    return None if low is not None and high is not None and low >= high else (low, high)


def within(keys: Iterable[str]) -> Q:
    """In any of these ranges of prices."""
    wanted = Q(pk__in=[])
    for key in keys:
        low, high = bounds(key) or (None, None)
        inside = Q(now__gte=low or 0)
        wanted |= inside if high is None else inside & Q(now__lt=high)
    return wanted


def attribute_rows(facet: Facet, keys: Iterable[str], ids: list[int]) -> QuerySet[AttributeValue]:
    rows = AttributeValue.objects.filter(attribute=facet.pk)
    if facet.of == Attribute.Kind.YES_NO:
        return rows.filter(yes_no__in=[key == YES for key in keys])
    if facet.of == Attribute.Kind.NUMBER:
        return rows.filter(number__in=[Decimal(key) for key in keys])
    return rows.filter(choice__in=ids)


def buyable() -> Q:
    """Variants of which a unit can be bought now."""
    return Q(stock__on_hand__gt=F("stock__reserved"))


def offered(at: datetime) -> QuerySet[Variant]:
    """Active variants with their price at that moment as `now`: `variant_price` in SQL."""
    price = Case(When(on_sale_at(at), then=F("sale_price")), default=F("price"))
    decimals = exponent(settings.SHOP_CURRENCY)
    field = DecimalField(max_digits=12, decimal_places=3)
    return Variant.objects.filter(active=True).annotate(now=Round(price, precision=decimals, output_field=field))


def shown_price(at: datetime) -> Subquery:
    """The price on the card: the lowest of what can be bought, of all when nothing can."""
    rows = offered(at).filter(product=OuterRef("pk"))
    rows = rows.annotate(sold_out=Case(When(buyable(), then=Constant(0)), default=Constant(1)))
    return Subquery(rows.order_by("sold_out", "now").values("now")[:1])


class Decomposed(Func):
    """An accented letter as the letter and its accent: it then sorts beside the bare one in any collation."""

    template = "normalize(%(expressions)s, NFD)"
    arity = 1


def shown_name() -> Lower:
    """The name in the active language, else the default language's, as names are sorted."""
    rows = ProductTranslation.objects.filter(master=OuterRef("pk"))
    codes = dict.fromkeys([get_language() or settings.LANGUAGE_CODE, settings.LANGUAGE_CODE])
    names = [Subquery(rows.filter(language_code=code).values("name")[:1]) for code in codes]
    return Lower(Decomposed(Coalesce(*names, Constant(""))))
