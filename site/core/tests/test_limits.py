from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import RequestFactory

from core import limits, retention
from core.models import RateCount


def test_it_works(db, settings):
    settings.RATE_LIMITS = {"knock": (2, 3600)}

    assert [limits.allowed("knock", "1.2.3.4") for _ in range(3)] == [True, True, False]
    assert limits.allowed("knock", "5.6.7.8")


def test_a_new_window_begins_anew(db, settings):
    settings.RATE_LIMITS = {"knock": (1, 0)}

    assert [limits.allowed("knock", "1.2.3.4"), limits.allowed("knock", "1.2.3.4")] == [True, True]


def test_nobody_is_named(db, settings):
    settings.RATE_LIMITS = {"knock": (1, 3600)}

    limits.allowed("knock", "ada@example.com")

    assert "example" not in RateCount.objects.get().key


def test_what_has_no_number_is_not_limited(db, settings):
    settings.RATE_LIMITS = {}

    assert all(limits.allowed("knock", "1.2.3.4") for _ in range(20))
    assert not RateCount.objects.exists()


def test_what_is_over_is_forgotten(db, settings):
    settings.RATE_LIMITS = {"knock": (1, 0), "ring": (1, 3600)}
    limits.allowed("knock", "1.2.3.4")
    limits.allowed("ring", "1.2.3.4")

    retention.forget()

    assert [row.key.split(":")[0] for row in RateCount.objects.all()] == ["ring"]


def test_many_at_once_get_no_more_than_one_after_the_other(committed_db, settings):
    settings.RATE_LIMITS = {"knock": (5, 3600)}

    def knock(_number: int) -> bool:
        try:
            return limits.allowed("knock", "1.2.3.4")
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(knock, range(40)))

    assert answers.count(True) == 5


@pytest.mark.parametrize(
    ("address", "who"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:bbbb::2", "2001:db8:1:2::/64"),
        ("", ""),
    ],
)
def test_a_client_is_its_address_or_its_network(address, who):
    assert limits.client_of(RequestFactory().get("/", REMOTE_ADDR=address)) == who


def test_several_at_a_time_count_as_many(db, settings):
    settings.RATE_LIMITS = {"knock": (5, 3600)}

    assert limits.allowed("knock", "1.2.3.4", 3)
    assert not limits.allowed("knock", "1.2.3.4", 3)
    assert limits.allowed("knock", "5.6.7.8", 5)
