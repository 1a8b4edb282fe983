"""The rules of one language as a search needs them: remembered together, and read anew as soon as one is changed."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db import transaction

from core.cache import remember_window, renew_window
from search.desk.models import Placement, QueryRedirect, Synonym
from search.desk.synonyms import Rewriting, rewritings


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


def rules(language: str) -> Rules:
    """Without Redis three queries, four when there are synonyms, each time it is asked; none otherwise."""
    return remember_window(f"search-rules:{language}", lambda: load(language))


def renew(**_signal: object) -> None:
    """After commit: no search sees the rules of before. Takes whatever Django tells of a saved or deleted row."""
    transaction.on_commit(renew_window)


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
