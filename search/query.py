"""Finds: from typed text to ranked objects that are public at this moment. What is meant: `search/reading.py`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from math import log1p
from typing import Any

from django.db import connection, transaction
from django.db.models import Case, Exists, FloatField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.db.utils import OperationalError

from catalog.models import Product, Variant
from catalog.querysets import ProductQuerySet
from core.prepared import prepared
from search import languages
from search.candidates import OneOf
from search.desk.models import key_of
from search.desk.rules import Placed, placements
from search.meaning import Reading
from search.models import Boost, Entry, Kind
from search.querysets import EntryQuerySet, Has, Lexemes, Once, Rank, Unpacked
from search.reading import clean, product_codes, read

TIMEOUT = "2s"
LIMITS = """
    SET LOCAL statement_timeout = '{timeout}';
    SET LOCAL pg_trgm.similarity_threshold = 0.2;
    SET LOCAL plan_cache_mode = force_generic_plan  -- of what is prepared
"""
MOST = 72  # three pages of products: so many of each kind are found
MANY = 5_000  # entries that have a word
FEW = 3  # with fewer hits than this, other languages are asked as well
IN_TITLE = 0.4  # what it is worth that all words, in some form, stand in the title

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
    placed: str = ""  # "pinned" or "buried" by the search desk

    @property
    def rank(self) -> tuple[int, float]:
        """Small ones first: what is pinned, as it is ordered already; everything else by score; what is buried."""
        return {"pinned": (0, 0.0), "buried": (2, -self.score)}.get(self.placed, (1, -self.score))


@dataclass
class Found:
    """All that one search has found. `hits`: the best of each kind, best first; `totals`: how many of each kind there
    are, up to MOST."""

    text: str
    language: str
    reading: Reading
    where: list[Where] = field(default_factory=list)
    asked: list[Reading] = field(default_factory=list)  # how the text was read each time
    hits: dict[Kind, list[Hit]] = field(default_factory=lambda: {kind: [] for kind in Kind})
    totals: dict[Kind, int] = field(default_factory=lambda: dict.fromkeys(Kind, 0))
    pinned: list[int] = field(default_factory=list)  # products that are here whatever words they have
    partly: bool = False  # no product has all the words: these have some
    literal: bool = False  # no word was taken for a slip, because the visitor wants it so

    @property
    def total(self) -> int:
        return sum(self.totals.values())

    @property
    def corrected(self) -> str:
        return self.reading.corrected if self.total else ""

    @property
    def many(self) -> bool:
        """May there be so many that reading whole tables is quicker? PostgreSQL expects a ninth of what two words find
        that often stand together: it takes them for independent, and languages for mixed."""
        counts = [term.entries for reading in self.asked for term in reading.wanted if not term.replaced]
        return bool(counts) and (max(counts) if self.partly else min(counts)) >= MANY

    def product_ids(self) -> QuerySet:
        """Ids of all matching products, as a subquery: for counting facets and for other orders than relevance.
        Not yet narrowed to what is shown: filter `Product.objects.shown()` by it."""
        asked = Q(object_id__in=self.pinned)
        for language, query in self.where:
            asked |= Q(language=language, vector__has=Lexemes(query))
        return Entry.objects.filter(asked, kind=Kind.PRODUCT).values("object_id")


@contextmanager
def limited() -> Iterator[None]:
    """One transaction whose statements end after two seconds. Raises TookTooLong."""
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(LIMITS.format(timeout=TIMEOUT))
            yield
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") == "57014":  # cancelled by statement_timeout
            raise TookTooLong from error
        raise


def search(text: str, language: str, *, products: ProductQuerySet | None = None, literal: bool = False) -> Found:
    """`find` by itself. Raises TookTooLong."""
    with limited():
        return find(text, language, products=products, literal=literal)


def find(text: str, language: str, *, products: ProductQuerySet | None = None, literal: bool = False) -> Found:
    """What the text finds in this language, which must be the active one; in other languages when that is next to
    nothing; by some of its words when no product has all of them and nothing else is called by them. To be called
    inside `limited()`.

    `products`: only these (shown ones, filtered by facets) among the products; what is searched, and where, is decided
    as if there were no filter. `literal`: the words as they are typed, no slip put right.
    """
    found = Found(text, language, read(text, language, literal=literal), literal=literal)
    ask(found, language, found.reading.query())
    if found.total < FEW:
        ask_other_languages(found, found.reading.others)
    if not found.totals[Kind.PRODUCT]:
        ask_again(found)
    if not found.totals[Kind.PRODUCT] and not is_named(found):
        ask_for_fewer(found)
    if products is not None:
        narrow(found, products)
    arrange(found, products)
    return found


def ask_other_languages(found: Found, codes: Collection[str]) -> None:
    """Names of other languages: a shopper may know the product by one of them."""
    for code in languages.codes():
        if code == found.language or code not in codes:
            continue
        before, reading = found.total, read(found.text, code, literal=found.literal)
        ask(found, code, reading.query(), reading)
        if before == 0 and found.total:
            found.reading = reading


def ask_again(found: Found) -> None:
    """No product: the words may be slips although they are words of some text, or those of another language."""
    before, loose = found.total, read(found.text, found.language, loose=True, literal=found.literal)
    ask(found, found.language, loose.query(), loose)
    if found.total > before:
        found.reading = loose
    if not found.total:
        ask_other_languages(found, languages.codes())


def is_named(found: Found) -> bool:
    """Is a category, a post or a page called by all of the words? Then it is what was meant."""
    return any(hit.score >= IN_TITLE for hits in found.hits.values() for hit in hits)


def ask_for_fewer(found: Found) -> None:
    """No product has all the words: what has the rarest of them, and what has any."""
    before, found.partly = found.total, True
    language, some = found.reading.language, found.reading.some
    for query in found.reading.fewer:
        ask(found, language, query)
        if found.totals[Kind.PRODUCT]:
            break
    if some not in {found.reading.query(), *(query for _language, query in found.where)}:
        ask(found, language, some)
    found.hits[Kind.PRODUCT].sort(key=best_first)
    found.partly = found.total > before


def best_first(hit: Hit) -> tuple[float, int]:
    return -hit.score, hit.object_id


def ask(found: Found, language: str, query: str, reading: Reading | None = None) -> None:
    """Adds what one query finds in one language, without what has been found already."""
    if not query:
        return
    found.where.append((language, query))
    reading = reading or found.reading
    found.asked.append(reading)
    entries = Entry.objects.candidates(language, query, reading.title, MOST)
    with nullcontext() if found.partly else prepared():  # when words may be missing, each number of them is a statement
        take(found, ranked(entries, reading, foreign=language != found.language, partly=found.partly))


def take(found: Found, ranked_hits: Iterable[tuple[Kind, list[Hit]]]) -> None:
    """Adds hits behind those that are there, each object once."""
    for kind, hits in ranked_hits:
        present = {hit.object_id for hit in found.hits[kind]}
        found.hits[kind] += [hit for hit in hits if hit.object_id not in present]
        del found.hits[kind][MOST:]
        found.totals[kind] = len(found.hits[kind])


def narrow(found: Found, products: ProductQuerySet) -> None:
    """Products only from these, with their own count."""
    found.hits[Kind.PRODUCT], found.totals[Kind.PRODUCT] = [], 0
    for language, query in found.where:
        entries = Entry.objects.candidates(language, query, found.reading.title, MOST, among=products)
        take(found, ranked(entries, found.reading, foreign=language != found.language, partly=found.partly))
    if found.partly:
        found.hits[Kind.PRODUCT].sort(key=best_first)


def ranked(
    entries: EntryQuerySet, reading: Reading, *, foreign: bool, partly: bool = False
) -> Iterator[tuple[Kind, list[Hit]]]:
    """Each kind with its hits among these entries, best first, only what is public at this moment. One query, two when
    there is more than products."""
    scored = entries.annotate(score=score(reading, partly=partly) * boost())
    rows = scored.values_list("kind", "object_id", "language", "title", "score", "pk")
    shown = [row for row in rows if row[4] is not None]
    others = public([row[5] for row in shown if row[0] != Kind.PRODUCT])
    for kind in Kind:
        hits = [Hit(kind, pk, code, title, text, foreign) for of, pk, code, title, text, _entry in shown if of == kind]
        if kind != Kind.PRODUCT:
            hits = [hit for hit in hits if (kind, hit.object_id) in others]
        if hits:
            yield kind, sorted(hits, key=best_first)


def public(pks: list[int]) -> set[tuple[str, int]]:
    """(kind, object) of those of these entries whose objects are public."""
    return set(Entry.objects.filter(pk__in=OneOf(pks)).shown().values_list("kind", "object_id")) if pks else set()


def boost() -> Case:
    """What the text of an entry is multiplied by; NULL for a product that is not shown at this moment."""
    known = Boost.objects.filter(pk=OuterRef("pk")).values("factor")
    products = Product.objects.shown().filter(pk=OuterRef("object_id")).order_by()
    factor = Subquery(products.values(factor=Coalesce(Subquery(known), Value(1.0))))
    return Case(When(kind=Kind.PRODUCT, then=factor), default=Value(1.0))


def score(reading: Reading, *, partly: bool = False) -> Combinable:
    """How well an entry fits: where the words stand, how exactly, and whether it is called just so. `partly`: it need
    not have all of them, and a rare one says more than a common one."""
    exact, stems, wide = reading.ranks()
    total: Combinable = Value(0.001, FloatField())
    for query, worth in summed([(exact, 1.0), (stems, 0.5), (wide, 0.3)]):
        total = total + Value(worth) * Rank(query)
    in_title = [(reading.query("A", exactly=True), 0.6), (reading.query("A"), IN_TITLE)]
    for query, bonus in summed([*in_title, (reading.query("AB"), 0.15)]):
        total = total + worth_if(Has(Unpacked(), Lexemes(query)), bonus)
    for term in reading.wanted if partly else ():
        if query := reading.alternatives(term, "", exactly=False):
            total = total + worth_if(Has(Unpacked(), Lexemes(query)), 1 / (1 + log1p(term.entries)))
    if reading.title:
        total = total + worth_if(Q(folded=reading.title), 1.0)
        total = total + worth_if(Q(folded__startswith=reading.title), 0.2)
    return Once(total, output_field=FloatField())


def summed(parts: Iterable[tuple[str, float]]) -> list[tuple[str, float]]:
    """Each query once, with all that it is worth: a word that is its own stem need not be looked for twice.

    >>> summed([("'tea'", 1.0), ("'tea'", 0.5), ("", 0.3)])
    [("'tea'", 1.5)]
    """
    worth: dict[str, float] = {}
    for query, value in parts:
        worth[query] = worth.get(query, 0.0) + value
    return [(query, value) for query, value in worth.items() if query]


def worth_if(condition: Any, bonus: float) -> Case:
    return Case(When(condition, then=Value(bonus)), default=Value(0.0), output_field=FloatField())


def product_of_code(text: str) -> Product | None:
    """The shown product that has a variant with this SKU or GTIN, however it is typed. Of several that differ in their
    signs only (A-11, A1-1) the one whose SKU is typed just so, or none."""
    wanted = product_codes(text)
    if not wanted:
        return None
    ids = Entry.objects.filter(kind=Kind.PRODUCT, codes__overlap=wanted).values("object_id")
    literal = Exists(Variant.objects.filter(product=OuterRef("pk"), active=True, sku__iexact=clean(text)))
    products = Product.objects.shown().filter(pk__in=ids).annotate(literal=literal).order_by("-literal", "pk")
    found = list(products.with_translations()[:2])
    return found[0] if len(found) == 1 or (found and found[0].literal) else None


def arrange(found: Found, products: ProductQuerySet | None) -> None:
    """Puts what the search desk has pinned where it belongs, and what it has buried to the end."""
    placed = placements(key_of(found.text), found.language)
    if not placed:
        return
    pins = pinned_hits(found, [each for each in placed if each.pinned], products)
    low = {(each.sort, each.object_id) for each in placed if not each.pinned}
    for kind in Kind:
        mine = [(hit, position) for hit, position in pins if hit.kind == kind]
        present = {hit.object_id for hit, _position in mine}
        others = [hit for hit in found.hits[kind] if hit.object_id not in present]
        found.totals[kind] += len(mine) - (len(found.hits[kind]) - len(others))
        best = [hit for hit in others if (sort_of(kind), hit.object_id) not in low]
        last = [replace(hit, placed="buried") for hit in others if (sort_of(kind), hit.object_id) in low]
        for hit, position in mine:
            best.insert(position - 1, hit)
        found.hits[kind] = best + last
    found.pinned = [hit.object_id for hit, _position in pins if hit.kind == Kind.PRODUCT]


def sort_of(kind: Kind) -> str:
    """What the search desk calls it: posts are pages."""
    return "page" if kind == Kind.POST else kind.value


def pinned_hits(found: Found, pins: list[Placed], products: ProductQuerySet | None) -> list[tuple[Hit, int]]:
    """(hit, position) of those that are public now and among `products`, in the order of their positions; one query."""
    if not pins:
        return []
    asked = Q(pk__in=[])
    for sort in {pin.sort for pin in pins}:
        kinds = [kind for kind in Kind if sort_of(kind) == sort]
        asked |= Q(kind__in=kinds, object_id__in=[pin.object_id for pin in pins if pin.sort == sort])
    if products is not None:
        asked &= ~Q(kind=Kind.PRODUCT) | Q(object_id__in=products.order_by().values("pk"))
    entries = Entry.objects.filter(asked).shown().order_by("language")
    texts: dict[tuple[str, int], Hit] = {}
    for name, pk, language, title in entries.values_list("kind", "object_id", "language", "title"):
        kind, foreign = Kind(name), language != found.language
        if not foreign or (sort_of(kind), pk) not in texts:
            texts[sort_of(kind), pk] = Hit(kind, pk, language, title, 0.0, foreign)
    scores = {(sort_of(hit.kind), hit.object_id): hit.score for hits in found.hits.values() for hit in hits}
    hits = []
    for pin in pins:
        place = (pin.sort, pin.object_id)
        if place in texts:
            hits.append((replace(texts.pop(place), placed="pinned", score=scores.get(place, 0.0)), pin.position))
    return hits
