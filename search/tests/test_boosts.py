"""What ranking counts beside text."""

import pytest
from django.db import connection

from catalog import popularity
from catalog.models import Stock
from catalog.tests.factories import make_product
from search import boosts
from search.models import Boost
from tests.together import done_at_once


def factors() -> dict[int, float]:
    return dict(Boost.objects.values_list("pk", "factor"))


def rows() -> list[tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT product_id::text, ctid::text, xmin::text, xmax::text FROM search_boost ORDER BY 1")
        return cursor.fetchall()


def sell_out(product) -> None:
    Stock.objects.filter(variant__product=product).update(on_hand=0)


def test_what_sells_counts_more_and_what_is_sold_out_less(db, django_assert_num_queries):
    liked, gone, liked_and_gone, _plain = (make_product(name) for name in ("Liked", "Gone", "Both", "Plain"))
    popularity.write({liked.pk: 3, liked_and_gone.pk: 3}, {})
    sell_out(gone)
    sell_out(liked_and_gone)

    with django_assert_num_queries(4):  # with two savepoints of the test
        assert boosts.refresh() == 3

    assert factors() == pytest.approx({liked.pk: 1.15, gone.pk: 0.7, liked_and_gone.pk: 0.805})


def test_only_what_has_changed_is_written(db):
    first, second = make_product("First"), make_product("Second")
    sell_out(first)
    sell_out(second)
    assert boosts.refresh() == 2
    before = rows()
    assert boosts.refresh() == 0
    assert rows() == before  # not even locked, which would be written, too

    Stock.objects.filter(variant__product=first).update(on_hand=3)
    second.unpublish()
    boosts.refresh()

    assert factors() == {}


def test_a_variant_that_is_not_offered_is_no_stock(db):
    product = make_product("Tea", variants=[{"sku": "A1", "stock": 0}, {"sku": "A2", "stock": 5, "active": False}])
    boosts.refresh()

    assert factors() == {product.pk: 0.7}


def test_eight_at_once_write_the_same(committed_db):
    products = [make_product(f"Tea {number}") for number in range(30)]
    for product in products:
        sell_out(product)

    written = done_at_once([boosts.refresh] * 8)

    assert sum(written) == 30
    assert factors() == {product.pk: 0.7 for product in products}
