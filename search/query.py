"""Finds: from typed text to ranked objects that are public at this moment. What is meant: `search/reading.py`."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.db.models import Case, Count, F, FloatField, Q, QuerySet, Value, When, Window
from django.db.models.expressions import Combinable
from django.db.models.functions import RowNumber
from django.db.utils import OperationalError

from catalog.models import Product, Stock
from catalog.querysets import ProductQuerySet
from search import languages
from search.models import Entry, Kind
from search.querysets import EntryQuerySet, Has, Lexemes, Rank
from search.reading import Reading, read, sku

TIMEOUT = "2s"
MOST_RANKED = 240  # of each kind: ten pages of products
FEW = 3  # with fewer hits than this, other languages are asked as well
SOLD_OUT = 0.7  # what cannot be bought stands lower, but keeps its place before what fits badly

Where = tuple[str, str]  # a language, and the tsquery that is asked in it


class TookTooLong(Exception):
    """The database gave up after TIMEOUT: the visitor is told to try fewer words."""


@dataclass(frozen=True)
class Hit:
    """A found object. `language`: of the text that was found; `foreign`: not the one that was searched in."""

    kind: Kind
    object_id: int
    language: str
    title: str
    score: float
    foreign: bool = False


@dataclass
class Found:
    """All that one search has found. `totals`: public hits by kind; `hits`: the best of each kind, best first."""

    text: str
    language: str
    reading: Reading
    where: list[Where] = field(default_factory=list)
    hits: dict[Kind, list[Hit]] = field(default_factory=lambda: {kind: [] for kind in Kind})
    totals: dict[Kind, int] = field(default_factory=lambda: dict.fromkeys(Kind, 0))
    partly: bool = False  # nothing has all the words: these have some

    @property
    def total(self) -> int:
        return sum(self.totals.values())

    @property
    def corrected(self) -> str:
        return self.reading.corrected if self.total else ""

    def product_ids(self) -> QuerySet:
        """Ids of all matching products, as a subquery: for counting facets and for other orders than relevance.
        Not yet narrowed to what is shown: filter `Product.objects.shown()` by it."""
        asked = Q(pk__in=[])
        for language, query in self.where:
            asked |= Q(language=language, vector__has=Lexemes(query))
        return Entry.objects.filter(asked, kind=Kind.PRODUCT).values("object_id")


@contextmanager
def limited() -> Iterator[None]:
    """One transaction whose statements end after two seconds. Raises TookTooLong."""
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT set_config('statement_timeout', %s, true),"
                    " set_config('pg_trgm.similarity_threshold', '0.2', true)",
                    [TIMEOUT],
                )
            yield
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") == "57014":  # cancelled by statement_timeout
            raise TookTooLong from error
        raise


def search(text: str, language: str, *, products: ProductQuerySet | None = None) -> Found:
    """What the text finds in this language, which must be the active one; in other languages when that is next to
    nothing; by some of its words when nothing has all of them.

    `products`: only these (shown ones, filtered by facets) among the products; what is searched, and where, is decided
    as if there were no filter. Raises TookTooLong.
    """
    with limited():
        found = Found(text, language, read(text, language))
        ask(found, language, found.reading.query())
        if found.total < FEW:
            ask_other_languages(found, found.reading.others)
        if not found.totals[Kind.PRODUCT]:
            ask_again(found)
        if not found.total and found.reading.some:
            found.partly = True
            ask(found, language, found.reading.some)
        if products is not None:
            narrow(found, products)
    return found


def ask_other_languages(found: Found, codes: Collection[str]) -> None:
    """Names of other languages: a shopper may know the product by one of them."""
    for code in languages.codes():
        if code == found.language or code not in codes:
            continue
        before, reading = found.total, read(found.text, code)
        ask(found, code, reading.query(), reading)
        if before == 0 and found.total:
            found.reading = reading


def ask_again(found: Found) -> None:
    """No product: the words may be slips although they are words of some text, or those of another language."""
    before, loose = found.total, read(found.text, found.language, loose=True)
    ask(found, found.language, loose.query(), loose)
    if found.total > before:
        found.reading = loose
    if not found.total:
        ask_other_languages(found, languages.codes())


def ask(found: Found, language: str, query: str, reading: Reading | None = None) -> None:
    """Adds what one query finds in one language, without what has been found already."""
    if not query:
        return
    found.where.append((language, query))
    entries = Entry.objects.written_in(language).having(query).shown()
    for kind, hits, total in ranked(entries, reading or found.reading, foreign=language != found.language):
        present = {hit.object_id for hit in found.hits[kind]}
        new = [hit for hit in hits if hit.object_id not in present]
        found.hits[kind] += new
        found.totals[kind] += total - (len(hits) - len(new))


def narrow(found: Found, products: ProductQuerySet) -> None:
    """Products only from these, with their own count."""
    found.hits[Kind.PRODUCT], found.totals[Kind.PRODUCT] = [], 0
    for language, query in found.where:
        entries = Entry.objects.written_in(language).filter(kind=Kind.PRODUCT).having(query)
        entries = entries.filter(object_id__in=products.order_by().values("pk"))
        for kind, hits, total in ranked(entries, found.reading, foreign=language != found.language):
            present = {hit.object_id for hit in found.hits[kind]}
            new = [hit for hit in hits if hit.object_id not in present]
            found.hits[kind] += new
            found.totals[kind] += total - (len(hits) - len(new))


def ranked(entries: EntryQuerySet, reading: Reading, *, foreign: bool) -> Iterator[tuple[Kind, list[Hit], int]]:
    """(kind, its best hits, how many there are) of these entries; two queries."""
    scored = entries.annotate(score=score(reading))
    best = scored.annotate(
        total=Window(Count("pk"), partition_by="kind"),
        place=Window(RowNumber(), partition_by="kind", order_by=[F("score").desc(), F("object_id").asc()]),
    ).filter(place__lte=MOST_RANKED)
    rows = list(best.values_list("kind", "object_id", "language", "title", "score", "total"))
    in_stock = buyable([object_id for kind, object_id, *_rest in rows if kind == Kind.PRODUCT])
    for kind in Kind:
        own = [row for row in rows if row[0] == kind]
        hits = [
            Hit(
                kind,
                row[1],
                row[2],
                row[3],
                mixed(row[4], in_stock=kind != Kind.PRODUCT or row[1] in in_stock),
                foreign,
            )
            for row in own
        ]
        if own:
            yield kind, sorted(hits, key=lambda hit: (-hit.score, hit.object_id)), own[0][5]


def mixed(score: float, *, in_stock: bool = True, popularity: float = 0) -> float:
    """Text first; popularity (units sold lately) moves what fits alike, and what is sold out stands lower.

    >>> mixed(1.0, popularity=100) > mixed(1.0) > mixed(1.0, in_stock=False) > mixed(0.5, popularity=100)
    True
    """
    return score * (1 + 0.05 * math.log1p(max(popularity, 0))) * (1 if in_stock else SOLD_OUT)


def buyable(pks: list[int]) -> set[int]:
    """Those of the products that have a unit left of some variant."""
    if not pks:
        return set()
    left = Stock.objects.filter(on_hand__gt=F("reserved"), variant__active=True, variant__product__in=pks)
    return set(left.values_list("variant__product_id", flat=True))


def score(reading: Reading) -> Combinable:
    """How well an entry fits: where the words stand, how exactly, and whether it is called just so."""
    exact, stems, wide = reading.ranks()
    parts = [(exact, 1.0), (stems, 0.5), (wide, 0.3)]
    total: Combinable = Value(0.001, FloatField())
    for query, worth in parts:
        if query:
            total = total + Value(worth) * Rank(query)
    for query, bonus in [
        (reading.query("A", exactly=True), 0.6),
        (reading.query("A"), 0.4),
        (reading.query("AB"), 0.15),
        (reading.query(exactly=True), 0.1),
    ]:
        if query:
            total = total + worth_if(Has(F("vector"), Lexemes(query)), bonus)
    if reading.title:
        total = total + worth_if(Q(folded=reading.title), 1.0)
        total = total + worth_if(Q(folded__startswith=reading.title), 0.2)
    return total


def worth_if(condition: Any, bonus: float) -> Case:
    return Case(When(condition, then=Value(bonus)), default=Value(0.0), output_field=FloatField())


def product_of_sku(text: str) -> Product | None:
    """The shown product that has a variant with exactly this SKU, however it is typed."""
    wanted = sku(text)
    if not wanted:
        return None
    ids = Entry.objects.filter(kind=Kind.PRODUCT, codes__contains=[wanted]).values("object_id")
    return Product.objects.shown().filter(pk__in=ids).with_translations().order_by("pk").first()
