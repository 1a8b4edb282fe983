"""Which entries are worth ranking: a bounded number of each way to answer a query, each found by its own index."""

from __future__ import annotations

from typing import Any

from django.db import models
from psycopg.sql import Literal

from catalog.querysets import ProductQuerySet

FOUND = "SELECT ctid FROM search_entry WHERE language = {language} AND {where}"
AHEAD = "ts_filter(vector, '{a,b}') @@ %s::tsquery"  # in the title or the keywords
ANYWHERE = "vector @@ %s::tsquery"
# What sells best, of a word that more products have ahead than are ranked: each is looked up, whatever the words.
POPULAR = """
    SELECT entry.ctid
    FROM (SELECT product_id FROM catalog_popularity ORDER BY score DESC LIMIT {few}) AS best, LATERAL (
        SELECT ctid FROM search_entry WHERE language = {language} AND object_id = product_id AND {where} OFFSET 0
    ) AS entry
    WHERE EXISTS (SELECT FROM ahead OFFSET {most})"""
FILL_UP = """
    SELECT ctid FROM anywhere
    WHERE NOT EXISTS (SELECT FROM ahead OFFSET {most}) AND ctid NOT IN (SELECT ctid FROM ahead)
    LIMIT (SELECT {most} - count(*) FROM (SELECT FROM ahead LIMIT {most}) AS first)"""

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
    """Is the entry one of these? Of so many products (`most`), those that have the words ahead before those that
    have them anywhere; of as many of everything else; and some of what is called just so (`title`, folded).
    `ahead`: only what has the words in its title or keywords; `among`: only these products.

    Rows are named by where they lie (ctid), which no row changes within a statement: by id, each would be looked up
    once more. MATERIALIZED plans each way as if all its rows were read, although only the first ones are: PostgreSQL
    would take a LIMIT for a reason to read the table from its beginning instead of an index.
    """

    output_field = models.BooleanField()

    def __init__(
        self, language: str, query: str, title: str, most: int, *, ahead: bool, among: ProductQuerySet | None
    ) -> None:
        super().__init__()
        fixed = {"language": Literal(language).as_string(), "most": most, "few": most // 4}
        product, ids = "kind = 'product' AND ", ()
        if among is not None:
            sql, ids = among.order_by().values("pk").query.sql_with_params()
            product += f"object_id IN ({sql}) AND "
        self.ways: dict[str, Part] = {
            "ahead": (FOUND.format(**fixed, where=product + AHEAD), (*ids, query)),
            "popular": (POPULAR.format(**fixed, where=product + AHEAD), (*ids, query)),
        }
        self.taken = [f"SELECT ctid FROM ahead LIMIT {most}", "SELECT ctid FROM popular"]
        if not ahead:
            self.ways["anywhere"] = (FOUND.format(**fixed, where=product + ANYWHERE), (*ids, query))
            self.taken.append(FILL_UP.format(**fixed))
        if among is None:
            there, asked = (f"{ANYWHERE} AND {AHEAD}", (query, query)) if ahead else (ANYWHERE, (query,))
            self.ways["others"] = (FOUND.format(**fixed, where=f"kind <> 'product' AND {there}"), asked)
            self.taken.append(f"SELECT ctid FROM others LIMIT {most}")
        if title:
            where = f"{product if among is not None else ''}folded = %s AND {ANYWHERE}"
            self.ways["called"] = (FOUND.format(**fixed, where=where), (*ids, title, query))
            self.taken.append(f"SELECT ctid FROM called LIMIT {fixed['few']}")

    def as_sql(self, compiler: Any, connection: Any) -> Part:
        asked = ", ".join(f"{name} AS MATERIALIZED ({sql})" for name, (sql, _params) in self.ways.items())
        taken = " UNION ALL ".join(f"({sql})" for sql in self.taken)
        params = tuple(param for _sql, params in self.ways.values() for param in params)
        return f"search_entry.ctid = ANY(ARRAY(WITH {asked} {taken}))", params
