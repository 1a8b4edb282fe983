"""The most telling faults in a few seconds each; all of them, and more of each: `make faults` and `make soak`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.faults.buyers import crowd
from tests.faults.figures import Figures
from tests.faults.proofs import unpaid
from tests.faults.services import postgres_killed, worker_killed_mid_mail
from tests.faults.shop import Shop
from tests.faults.soak import Storm, soak


@pytest.fixture(scope="module")
def shop(django_db_setup: None, django_db_blocker: Any) -> Iterator[Shop]:
    with django_db_blocker.unblock(), Shop(sweep_seconds=2) as running:
        yield running


@pytest.fixture
def figures() -> Iterator[Figures]:
    found = Figures()
    yield found
    assert not found.broken, found.table()


def test_orders_in_a_storm_of_kills_and_of_events_repeated_and_reordered(shop: Shop, figures: Figures) -> None:
    soak(shop, figures, Storm(orders=10, seed=3, every=(2, 4), lost=0, leaving=0))


def test_a_worker_killed_mid_mail(shop: Shop, figures: Figures) -> None:
    worker_killed_mid_mail(shop, figures, kills=1)


def test_postgres_killed_under_load(shop: Shop, figures: Figures) -> None:
    postgres_killed(shop, figures)


def test_the_proof_can_fail(shop: Shop) -> None:
    """A payment of which the shop never hears is found missing."""
    shop.kill("scheduler")
    shop.gateway.courier.plan = lambda _kind: []

    purchases = crowd(shop, 1, comes_back=False)

    assert unpaid(shop, purchases) == [purchases[0].email]
