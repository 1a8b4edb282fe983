"""Which entries are worth ranking: a bounded number of each way to answer a query, each found by its own index."""

from __future__ import annotations

from typing import Any

from django.db import models

from catalog.querysets import ProductQuerySet

FOUND = "SELECT id FROM search_entry WHERE language = %s AND "
AHEAD = "ts_filter(vector, '{a,b}') @@ %s::tsquery"  # in the title or the keywords
ANYWHERE = "vector @@ %s::tsquery"
# What sells best, of a word that more products have ahead than are ranked.
POPULAR = """
    SELECT id FROM (SELECT product_id FROM catalog_popularity ORDER BY score DESC LIMIT %s) AS best
    JOIN search_entry ON object_id = product_id AND language = %s
    WHERE EXISTS (SELECT FROM ahead OFFSET %s) AND """
FILL_UP = """
    SELECT id FROM anywhere WHERE NOT EXISTS (SELECT FROM ahead OFFSET %s) AND id NOT IN (SELECT id FROM ahead)
    LIMIT (SELECT %s - count(*) FROM (SELECT FROM ahead LIMIT %s) AS first)"""

Part = tuple[str, tuple[Any, ...]]  # SQL, and its parameters


class OneOf(models.Expression):
    """The ids of a list, for `pk__in`: one parameter, however many they are."""

    output_field = models.BigIntegerField()

    def __init__(self, pks: list[int]) -> None:
        super().__init__()
        self.pks = pks

    def as_sql(self, compiler: Any, connection: Any) -> Part:
        return "(SELECT unnest(%s::bigint[]))", (self.pks,)


class Candidates(models.Expression):
    """Ids of entries, for `pk__in`: of so many products (`most`), those that have the words ahead before those that
    have them anywhere; of as many of everything else; and some of what is called just so (`title`, folded).
    `ahead`: only what has the words in its title or keywords; `among`: only these products.

    MATERIALIZED plans each way as if all its rows were read, although only the first ones are: PostgreSQL would take a
    LIMIT for a reason to read the table from its beginning instead of an index.
    """

    output_field = models.BigIntegerField()

    def __init__(
        self, language: str, query: str, title: str, most: int, *, ahead: bool, among: ProductQuerySet | None
    ) -> None:
        super().__init__()
        few = most // 4
        product, ids = "kind = 'product' AND ", ()
        if among is not None:
            sql, ids = among.order_by().values("pk").query.sql_with_params()
            product += f"object_id IN ({sql}) AND "
        self.ways: dict[str, Part] = {
            "ahead": (f"{FOUND}{product}{AHEAD}", (language, *ids, query)),
            "popular": (f"{POPULAR}{product}{AHEAD}", (few, language, most, *ids, query)),
        }
        self.taken: list[Part] = [("SELECT id FROM ahead LIMIT %s", (most,)), ("SELECT id FROM popular", ())]
        if not ahead:
            self.ways["anywhere"] = (f"{FOUND}{product}{ANYWHERE}", (language, *ids, query))
            self.taken.append((FILL_UP, (most, most, most)))
        if among is None:
            there, asked = (f"{ANYWHERE} AND {AHEAD}", (query, query)) if ahead else (ANYWHERE, (query,))
            self.ways["others"] = (f"{FOUND}kind <> 'product' AND {there}", (language, *asked))
            self.taken.append(("SELECT id FROM others LIMIT %s", (most,)))
        if title:
            where = product if among is not None else ""
            self.ways["called"] = (f"{FOUND}{where}folded = %s AND {ANYWHERE}", (language, *ids, title, query))
            self.taken.append(("SELECT id FROM called LIMIT %s", (few,)))

    def as_sql(self, compiler: Any, connection: Any) -> Part:
        asked = ", ".join(f"{name} AS MATERIALIZED ({sql})" for name, (sql, _params) in self.ways.items())
        taken = " UNION ALL ".join(f"({sql})" for sql, _params in self.taken)
        parts = [*self.ways.values(), *self.taken]
        return f"(WITH {asked} {taken})", tuple(param for _sql, params in parts for param in params)
