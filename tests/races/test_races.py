"""Every race once, with fewer buyers, over HTTP; two of them without their guard. In full: `make races`.

The same races inside one process, with all their buyers: commerce/tests/test_races.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from commerce.audit import audit
from tests.races.races import RACES, Race
from tests.races.shop import Shop

BY_NAME = {race.name: race for race in RACES}
FEWER = {64: 16, 40: 20, 16: 8, 10: 8, 8: 4, 4: 2}


@pytest.fixture(scope="module")
def shop(django_db_setup: None, django_db_blocker: Any) -> Iterator[Shop]:
    with django_db_blocker.unblock(), Shop() as shop:
        yield shop


@pytest.mark.parametrize("race", RACES, ids=lambda race: race.name.replace(" ", "-"))
def test_every_promise_is_kept(shop: Shop, race: Race) -> None:
    outcome = race.run(shop, FEWER[race.buyers])

    assert outcome.wrong == []
    assert [answer.text for answer in outcome.answers if answer.failed] == []
    assert shop.deadlocks() == 0
    assert audit()["violations"] == []


def test_without_the_guards_promises_are_broken(django_db_setup: None, django_db_blocker: Any) -> None:
    """Proves that the test above can fail."""
    races = [BY_NAME["last unit"], BY_NAME["same message five times"]]
    with django_db_blocker.unblock(), Shop([race.guard for race in races], worker=False) as shop:
        broken = [race.until_broken(shop) for race in races]

    assert all(broken), broken
