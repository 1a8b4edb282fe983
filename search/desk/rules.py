"""The rules of one language as a search needs them: remembered together, and read anew as soon as one is changed."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from django.core.cache import cache
from django.db import transaction

from core.cache import REST_SECONDS, new_generation
from search.desk.models import Placement, QueryRedirect, Synonym
from search.desk.synonyms import Rewriting, rewritings

GENERATION = "search-rules"
DAY = 24 * 3600
KEPT = 600  # seconds


@dataclass(frozen=True)
class Placed:
    """`sort`: product, category or page. `words`: None when the query must be just `key`."""

    key: str
    words: frozenset[str] | None
    sort: str
    object_id: int
    pinned: bool
    position: int  # from 1

    def is_for(self, key: str) -> bool:
        return key == self.key if self.words is None else self.words <= set(key.split())


@dataclass(frozen=True)
class Goal:
    """Where a query leads: one of product, category or page with its id, or a path."""

    sort: str
    object_id: int = 0
    path: str = ""


@dataclass(frozen=True)
class Rules:
    synonyms: dict[str, list[Rewriting]] = field(default_factory=dict)  # by each form of their first word
    placements: tuple[Placed, ...] = ()
    goals: dict[str, Goal] = field(default_factory=dict)  # by the query's key


_known: dict[str, tuple[str, float, Rules]] = {}  # language: generation, when it was read (monotonic), the rules


def rules(language: str) -> Rules:
    """Kept by each process for as long as the generation in Redis is the same. Without Redis, or after a change that
    Django does not tell, they are read anew after a while. Three queries then, four with synonyms; none otherwise."""
    now, current = time.monotonic(), generation()
    known = _known.get(language)
    if known and known[0] == current and now - known[1] < (KEPT if current else REST_SECONDS):
        return known[2]
    found = load(language)
    _known[language] = (current, now, found)  # read before the rows: a change meanwhile is another generation
    return found


def generation() -> str:
    """The same for all processes until a rule changes; "" while Redis does not answer."""
    current = cache.get(GENERATION)
    if current is None:
        cache.add(GENERATION, new_generation(), DAY)
        current = cache.get(GENERATION)
    return current or ""


def forget() -> None:
    """No search that begins now sees the rules of before; without Redis, none of this process."""
    _known.clear()
    cache.set(GENERATION, new_generation(), DAY)


def renew(**_signal: object) -> None:
    """`forget` after commit. Takes whatever Django tells of a saved or deleted row."""
    transaction.on_commit(forget)


def load(language: str) -> Rules:
    redirects = QueryRedirect.objects.filter(language=language)
    return Rules(
        rewritings(language, list(Synonym.objects.filter(language=language))),
        tuple(placed(row) for row in Placement.objects.filter(language=language).order_by("position", "pk")),
        {row.key: goal(row) for row in redirects},
    )


def placed(row: Placement) -> Placed:
    words = frozenset(row.key.split()) if row.match == Placement.Match.WORDS else None
    pinned = row.action == Placement.Action.PIN
    return Placed(row.key, words, *sort_and_id(row), pinned=pinned, position=row.position)


def goal(row: QueryRedirect) -> Goal:
    return Goal("path", path=row.path) if row.path else Goal(*sort_and_id(row))


def sort_and_id(row: Placement | QueryRedirect) -> tuple[str, int]:
    ids = {"product": row.product_id, "category": row.category_id, "page": row.page_id}
    return next(((sort, pk) for sort, pk in ids.items() if pk), ("page", 0))


def placements(key: str, language: str) -> list[Placed]:
    """Those for this query, by position; what is pinned and buried at once is pinned."""
    mine = [each for each in rules(language).placements if each.is_for(key)]
    pinned = {(each.sort, each.object_id) for each in mine if each.pinned}
    return [each for each in mine if each.pinned or (each.sort, each.object_id) not in pinned]
