from collections import Counter

import pytest
from django.db import IntegrityError, transaction

from catalog import stock
from catalog.models import Stock, StockMove, Variant
from catalog.tests.factories import make_product, make_variant
from tests.together import at_once, done_at_once


def numbers(variant):
    row = Stock.objects.get(pk=variant.pk)
    return row.on_hand, row.reserved


def ledger(variant):
    """What the moves add up to: must always be what the row says."""
    moves = StockMove.objects.filter(stock=variant.pk)
    return sum(move.on_hand_change for move in moves), sum(move.reserved_change for move in moves)


@pytest.fixture
def variant(db):
    return make_variant(stock=10)


@pytest.fixture
def pair(db):
    return list(make_product(variants=[{"stock": 5}, {"stock": 2}]).variants.order_by("pk"))


def test_it_works(variant):
    stock.hold([(variant.pk, 3)], "order-1")
    assert numbers(variant) == (10, 3)

    assert stock.sell("order-1") == [(variant.pk, 3)]
    assert numbers(variant) == ledger(variant) == (7, 0)


def test_a_hold_is_all_lines_or_none_and_names_every_short_variant(pair):
    first, second = pair

    with pytest.raises(stock.OutOfStock) as error:
        stock.hold([(second.pk, 3), (first.pk, 1)], "order-1")

    assert error.value.variant_ids == [second.pk]
    assert numbers(first) == (5, 0)
    assert numbers(second) == (2, 0)
    assert not StockMove.objects.filter(kind="hold").exists()


def test_two_lines_of_one_variant_count_together(variant):
    with pytest.raises(stock.OutOfStock):
        stock.hold([(variant.pk, 6), (variant.pk, 5)], "order-1")

    stock.hold([(variant.pk, 6), (variant.pk, 4)], "order-1")
    assert numbers(variant) == (10, 10)


def test_a_variant_without_a_row_is_out_of_stock(variant):
    StockMove.objects.all().delete()
    Stock.objects.all().delete()

    with pytest.raises(stock.OutOfStock):
        stock.hold([(variant.pk, 1)], "order-1")


@pytest.mark.parametrize("quantity", [0, -1])
def test_a_line_below_one_unit_is_refused(variant, quantity):
    with pytest.raises(ValueError, match="at least one"):
        stock.hold([(variant.pk, quantity)], "order-1")
    assert numbers(variant) == (10, 0)


@pytest.mark.parametrize(("end", "after"), [(stock.release, (10, 0)), (stock.sell, (6, 0))])
def test_ending_a_hold_twice_counts_once(variant, end, after):
    stock.hold([(variant.pk, 4)], "order-1")

    assert end("order-1") == [(variant.pk, 4)]
    assert end("order-1") == []
    assert numbers(variant) == ledger(variant) == after


def test_a_sold_hold_cannot_be_released_nor_a_released_one_sold(variant):
    stock.hold([(variant.pk, 1)], "order-1")
    stock.hold([(variant.pk, 1)], "order-2")

    stock.sell("order-1")
    stock.release("order-2")

    assert stock.release("order-1") == stock.sell("order-2") == []
    assert numbers(variant) == (9, 0)


def test_only_the_named_hold_ends(variant):
    stock.hold([(variant.pk, 2)], "order-1")
    stock.hold([(variant.pk, 3)], "order-2")

    stock.release("order-1")

    assert numbers(variant) == (10, 3)
    assert stock.held("order-2") == [(variant.pk, 3)]


def test_released_units_can_be_held_again_under_the_same_reference(variant):
    stock.hold([(variant.pk, 2)], "order-1")
    stock.release("order-1")
    stock.hold([(variant.pk, 2)], "order-1")

    assert stock.sell("order-1") == [(variant.pk, 2)]
    assert numbers(variant) == (8, 0)


def test_restock_counts_once_per_reference(variant):
    assert stock.restock([(variant.pk, 2)], "refund-1", "returned") == [(variant.pk, 2)]
    assert stock.restock([(variant.pk, 2)], "refund-1", "returned") == []
    stock.restock([(variant.pk, 1)], "refund-2")

    assert numbers(variant) == ledger(variant) == (13, 0)


def test_adjust_by_change_and_by_count_writes_who_and_why(variant, admin_user):
    stock.adjust(variant, change=-2, reason="broken", actor=admin_user)
    row = stock.adjust(variant, count=20, reason="counted", actor=admin_user)

    assert row.on_hand == 20
    assert numbers(variant) == ledger(variant) == (20, 0)
    assert list(StockMove.objects.values_list("on_hand_change", "reason", "actor")[:2]) == [
        (12, "counted", admin_user.pk),
        (-2, "broken", admin_user.pk),
    ]


@pytest.mark.parametrize("asked", [{"change": -8}, {"count": 2}, {"count": -1}])
def test_adjust_never_goes_below_what_is_held(variant, asked):
    stock.hold([(variant.pk, 3)], "order-1")

    with pytest.raises(stock.BelowHeld) as error:
        stock.adjust(variant, reason="counted", **asked)

    assert error.value.held == 3
    assert numbers(variant) == ledger(variant) == (10, 3)


@pytest.mark.parametrize("asked", [{}, {"change": 1, "count": 1}])
def test_adjust_wants_exactly_one_of_change_and_count(variant, asked):
    with pytest.raises(ValueError, match="either"):
        stock.adjust(variant, reason="counted", **asked)


def test_the_database_itself_refuses_to_oversell(variant):
    with pytest.raises(IntegrityError), transaction.atomic():
        Stock.objects.filter(pk=variant.pk).update(reserved=11)


def test_sixty_four_buyers_of_the_last_ten(committed_db):
    variant = make_variant(stock=10)

    results = at_once([lambda number=number: stock.hold([(variant.pk, 1)], f"order-{number}") for number in range(64)])

    assert Counter(map(type, results)) == {type(None): 10, stock.OutOfStock: 54}
    assert numbers(variant) == ledger(variant) == (10, 10)


def test_carts_in_opposite_order_do_not_deadlock(committed_db):
    first, second = make_product(variants=[{"stock": 1000}, {"stock": 1000}]).variants.order_by("pk")

    def buy(number):
        lines = [(first.pk, 1), (second.pk, 1)]
        for turn in range(10):
            stock.hold(lines if number % 2 else reversed(lines), f"order-{number}-{turn}")

    done_at_once([lambda number=number: buy(number) for number in range(16)])

    assert numbers(first) == numbers(second) == (1000, 160)


def test_paid_and_expired_at_the_same_moment_end_the_hold_once(committed_db):
    variants = Variant.objects.filter(pk__in=[make_variant(stock=1).pk for _ in range(10)])
    for variant in variants:
        stock.hold([(variant.pk, 1)], f"order-{variant.pk}")

    for variant in variants:
        reference = f"order-{variant.pk}"
        ended = done_at_once([lambda r=reference: stock.sell(r), lambda r=reference: stock.release(r)] * 4)
        assert sum(bool(lines) for lines in ended) == 1
        assert numbers(variant) == ledger(variant)
        assert numbers(variant)[1] == 0
