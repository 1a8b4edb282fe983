"""What ranking counts beside text: a factor for each product, from what sells and what can be sold."""

from __future__ import annotations

from django.db import connection, transaction
from django.db.models import Case, F, Value, When
from django.db.models.functions import Coalesce

from catalog.models import Product
from search.models import Boost

POPULAR = 0.15
SOLD_OUT = 0.7  # what cannot be bought stands lower, but keeps its place before what fits badly

# OFFSET: a factor would be computed twice, for the condition and for the row.
WRITE = """
    WITH now AS (SELECT * FROM ({products} OFFSET 0) AS live (product_id, factor) WHERE factor <> 1),
    gone AS (DELETE FROM search_boost WHERE NOT EXISTS (SELECT FROM now WHERE now.product_id = search_boost.product_id))
    INSERT INTO search_boost (product_id, factor)
    SELECT product_id, now.factor FROM now LEFT JOIN search_boost AS was USING (product_id)
    WHERE was.factor IS DISTINCT FROM now.factor
    ON CONFLICT (product_id) DO UPDATE SET factor = excluded.factor
"""


def boosts_of(product_ids: list[int]) -> dict[int, float]:
    """The factors that differ from 1, by product; one query."""
    return dict(Boost.objects.filter(pk__in=product_ids).values_list("pk", "factor"))


def refresh() -> int:
    """Writes what has changed since, in one statement: what was sold a moment ago is ranked by it a minute later, when
    the schedule comes round. Returns how many boosts are new or other ones."""
    popular = Value(1.0) + Value(POPULAR) * Coalesce(F("popularity__score"), Value(0.0))
    products = Product.objects.live().order_by()
    stock = Case(When(pk__in=products.in_stock().values("pk"), then=Value(1.0)), default=Value(SOLD_OUT))
    sql, params = products.values_list("pk", popular * stock).query.sql_with_params()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE search_boost IN SHARE ROW EXCLUSIVE MODE")  # one writer; searches read meanwhile
        cursor.execute(WRITE.format(products=sql), params)
        return cursor.rowcount
