"""Which products are suggested: bought together, alike; with Redis, without it, and with a hostile one."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation
from redis.exceptions import RedisError

from catalog.models import Association, Product
from catalog.tests.factories import make_category, make_image, make_product
from commerce import orders
from commerce.models import Pairing, Status
from commerce.suggestions import looks, together
from commerce.suggestions.choosing import associated, beside, suggestions
from commerce.tests.factories import make_order
from commerce.tests.suggestions import (
    buy,
    empty_redis,
    named,
    redis_is_gone,
)
from core import scores

__all__ = ["empty_redis", "redis_is_gone"]  # fixtures


class TestBoughtTogether:
    def test_it_works(self, db):
        tea, pot, cup = make_product("Tea"), make_product("Pot"), make_product("Cup")
        buy(tea, pot)
        buy(tea, pot, cup)

        assert together.rebuild() == 6

        assert together.partners([tea.pk]) == {pot.pk: pytest.approx(2, 0.01), cup.pk: pytest.approx(1, 0.01)}
        assert named(beside([tea.pk]).product_ids) == ["Pot", "Cup"]
        assert beside([tea.pk]).is_together

    def test_a_paid_order_is_learned_after_its_commit(self, db, django_capture_on_commit_callbacks):
        tea, pot = make_product("Tea"), make_product("Pot")
        together.rebuild()
        order = make_order({tea.variants.get().pk: 3, pot.variants.get().pk: 1})

        with django_capture_on_commit_callbacks() as later:
            assert orders.pay(order)
            assert together.partners([tea.pk]) == {}
        for callback in later:
            callback()

        assert together.partners([tea.pk]) == {pot.pk: 1}
        assert together.partners([pot.pk]) == {tea.pk: 1}

    def test_paying_does_not_need_redis(self, db, redis_is_gone, django_capture_on_commit_callbacks):
        order = make_order({make_product("Tea").variants.get().pk: 1, make_product("Pot").variants.get().pk: 1})

        with django_capture_on_commit_callbacks(execute=True):
            assert orders.pay(order)

        order.refresh_from_db()
        assert order.status == Status.PAID

    @pytest.mark.parametrize("status", [Status.PENDING, Status.EXPIRED, Status.CANCELLED, Status.REFUNDED])
    def test_only_orders_that_were_kept_count(self, db, status):
        buy(make_product("Tea"), make_product("Pot"), status=status)

        assert together.rebuild() == 0

    def test_old_orders_count_less_and_then_not_at_all(self, db):
        tea, pot, cup, jar = (make_product(name) for name in ("Tea", "Pot", "Cup", "Jar"))
        buy(tea, pot)
        buy(tea, cup, days=100)
        buy(tea, jar, days=together.DAYS + 1)
        together.rebuild()

        assert together.partners([tea.pk]) == {pot.pk: pytest.approx(1, 0.01), cup.pk: pytest.approx(0.1326, 0.01)}

    def test_a_night_passes(self, db):
        tea, pot = make_product("Tea"), make_product("Pot")
        buy(tea, pot)
        together.rebuild()
        before = together.partners([tea.pk])[pot.pk]

        assert together.decay() == 2
        assert together.partners([tea.pk])[pot.pk] == pytest.approx(before * together.DECAY)
        for _night in range(150):
            together.decay()
        assert together.partners([tea.pk]) == {}

    def test_a_product_keeps_its_best_partners(self, db, monkeypatch):
        monkeypatch.setattr(together, "KEPT", 2)
        tea, pot, cup, jar = (make_product(name) for name in ("Tea", "Pot", "Cup", "Jar"))
        for partners in ([pot], [pot, cup], [pot, cup, jar]):
            buy(tea, *partners)

        together.rebuild()

        assert set(together.partners([tea.pk])) == {pot.pk, cup.pk}

    def test_a_rebuild_leaves_only_its_own_generation(self, db):
        buy(make_product("Tea"), make_product("Pot"))
        together.rebuild()
        together.rebuild()

        assert len(list(scores.client().scan_iter(f"{together.POINTER}:*:*"))) == 2

    def test_one_rebuild_at_a_time(self, db):
        scores.client().set(together.BUILDING, "another", ex=5)

        with pytest.raises(together.AlreadyBuilding):
            together.rebuild()
        with pytest.raises(CommandError, match="Another rebuild"):
            call_command("rebuild_recommendations")

    def test_a_rebuild_that_fails_changes_nothing_and_does_not_stand_in_the_way(self, db, monkeypatch):
        tea, pot = make_product("Tea"), make_product("Pot")
        buy(tea, pot)
        together.rebuild()
        before = together.partners([tea.pk])

        def half() -> Iterator[list[tuple[int, int, float]]]:
            yield [(tea.pk, 99, 7.0)]
            raise RedisError("gone")

        monkeypatch.setattr(together, "_batches", half)
        with pytest.raises(RedisError):
            together.rebuild()
        assert together.partners([tea.pk]) == before

        monkeypatch.undo()
        assert together.rebuild() == 2
        assert len(list(scores.client().scan_iter(f"{together.POINTER}:*:*"))) == 2

    def test_what_redis_lost_comes_back_within_the_hour(self, db):
        tea, pot = make_product("Tea"), make_product("Pot")
        buy(tea, pot)
        together.rebuild()
        scores.client().delete(together.POINTER)
        assert together.partners([tea.pk]) == {}

        looks.hourly()

        assert set(together.partners([tea.pk])) == {pot.pk}

    def test_many_at_once_lose_nothing(self, committed_db):
        tea, pot = make_product("Tea", variants=[{"stock": 100}]), make_product("Pot", variants=[{"stock": 100}])
        together.rebuild()
        order = make_order({tea.variants.get().pk: 1, pot.variants.get().pk: 1})

        def learn(_number: int) -> None:
            try:
                together._learn(order.pk)
            finally:
                connection.close()

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(learn, range(40)))

        assert together.partners([tea.pk]) == {pot.pk: 40}

    def test_an_order_during_a_rebuild_counts_in_the_new_generation(self, db, monkeypatch):
        tea, pot = make_product("Tea"), make_product("Pot")
        together.rebuild()
        order = make_order({tea.variants.get().pk: 1, pot.variants.get().pk: 1})
        read = together._batches

        def meanwhile() -> Iterator[list[tuple[int, int, float]]]:
            yield from read()
            together._learn(order.pk)

        monkeypatch.setattr(together, "_batches", meanwhile)
        together.rebuild()

        assert together.partners([tea.pk]) == {pot.pk: 1}


class TestChosen:
    @pytest.fixture
    def tea(self, db: None) -> Product:
        return make_product("Tea", tags=["green", "japan"], category=make_category("Teas"))

    def test_only_what_is_shown_and_in_stock(self, tea):
        hidden, sold_out, fine = (
            make_product("Hidden"),
            make_product("Out", variants=[{"stock": 1}]),
            make_product("Pot"),
        )
        buy(tea, hidden, sold_out, fine)
        together.rebuild()
        Product.objects.filter(pk=hidden.pk).update(live=False)

        assert named(beside([tea.pk]).product_ids) == ["Pot"]

    def test_nothing_of_an_untranslated_product_where_those_are_hidden(self, tea, settings):
        settings.HIDE_UNTRANSLATED = ["product"]
        english = make_product("English", languages=["en"], tags=["green"])
        buy(tea, english)
        together.rebuild()

        with translation.override("de"):
            assert beside([tea.pk]).product_ids == []
        assert named(beside([tea.pk]).product_ids) == ["English"]

    def test_pinned_first_banned_never(self, tea):
        pot, cup, jar = make_product("Pot"), make_product("Cup", tags=["green"]), make_product("Jar")
        buy(tea, pot)
        together.rebuild()
        Pairing.objects.create(product=tea, partner=jar, kind=Pairing.Kind.PIN)
        assert named(beside([tea.pk]).product_ids) == ["Jar", "Pot", "Cup"]

        Pairing.objects.create(product=tea, partner=cup, kind=Pairing.Kind.BAN)
        Pairing.objects.create(product=tea, partner=pot, kind=Pairing.Kind.BAN)
        assert named(beside([tea.pk]).product_ids) == ["Jar"]

        Product.objects.filter(pk=jar.pk).update(live=False)
        assert beside([tea.pk]).product_ids == []

    @pytest.mark.parametrize("gone", [False, True])
    def test_tags_then_category_when_redis_knows_nothing(self, tea, request, gone):
        category = tea.category
        make_product("Neighbour", category=category)
        make_product("One tag", tags=["green"])
        make_product("Two tags", tags=["green", "japan"])
        make_product("Stranger")
        if gone:
            request.getfixturevalue("redis_is_gone")

        found = beside([tea.pk])

        assert named(found.product_ids) == ["Two tags", "One tag", "Neighbour"]
        assert not found.is_together

    def test_what_is_in_the_cart_already_is_left_out(self, tea):
        pot, cup = make_product("Pot"), make_product("Cup")
        buy(tea, pot, cup)
        together.rebuild()

        assert named(beside([tea.pk, pot.pk]).product_ids) == ["Cup"]

    def test_what_the_editor_shows_beside_it_anyway_is_left_out(self, tea):
        pot = make_product("Pot")
        buy(tea, pot)
        together.rebuild()
        Association.objects.create(product=tea, target=pot)

        assert beside([tea.pk], associated(tea.pk)).product_ids == []
        assert beside([tea.pk]).product_ids == [pot.pk]  # in a cart

    @pytest.mark.parametrize("number", [1, 12])
    def test_as_many_queries_for_many_as_for_few(self, tea, number):
        others = [make_product(f"Pot {place}", images=[make_image()]) for place in range(number)]
        make_product("Tagged", tags=["green"], images=[make_image()])
        for other in others:
            buy(tea, other)
        together.rebuild()
        suggestions(None, [tea.pk])

        with CaptureQueriesContext(connection) as captured:
            found = suggestions(None, [tea.pk])

        assert len(found.beside) == min(number + 1, 4)
        assert len(captured) == (8 if number == 1 else 7), captured.captured_queries  # enough: no need to ask for more


class TestHostileRedis:
    def test_of_another_shape(self, db):
        tea = make_product("Tea")
        redis = scores.client()
        redis.set(together.POINTER, "x")
        redis.set(together.key("x", tea.pk), "no sorted set")

        assert together.partners([tea.pk]) == {}
        assert beside([tea.pk]).product_ids == []

    def test_with_members_that_are_no_products(self, db):
        tea, pot = make_product("Tea"), make_product("Pot")
        redis = scores.client()
        redis.set(together.POINTER, "x")
        bad = {"<script>": 5, "-1": 5, "9" * 30: 5, b"\xff": 5, "": 5, "99999999": 5, str(tea.pk): 9, str(pot.pk): 1}
        redis.zadd(together.key("x", tea.pk), bad)
        redis.zadd(looks.VIEWS, {**bad, "7" * 18: 3})

        assert named(beside([tea.pk]).product_ids) == ["Pot"]
        assert looks.refresh() == 2

    def test_that_hangs_costs_one_short_wait(self, db, settings):
        tea = make_product("Tea")
        asked: list[socket.socket] = []
        with socket.create_server(("127.0.0.1", 0)) as server:
            threading.Thread(target=accept, args=(server, asked), daemon=True).start()
            settings.REDIS_URL = f"redis://127.0.0.1:{server.getsockname()[1]}/0"
            began = timezone.now()
            for _time in range(5):
                assert together.partners([tea.pk]) == {}
            assert timezone.now() - began < timedelta(seconds=1)
        assert len(asked) == 1
        for connected in asked:
            connected.close()

    def test_the_command_says_so(self, db, redis_is_gone):
        with pytest.raises(CommandError, match="Redis does not answer"):
            call_command("rebuild_recommendations")


def accept(server: socket.socket, connections: list[socket.socket]) -> None:
    try:
        while True:
            connections.append(server.accept()[0])
    except OSError:
        return
