"""What is counted of queries, what never is, and what the desk shows of it."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from catalog.facets import counts
from catalog.tests.factories import make_product
from core import retention, scores
from search import query
from search.desk import querylog
from search.desk.models import QueryCount, QueryRedirect
from search.desk.reports import queries
from search.desk.rules import forget

pytestmark = pytest.mark.django_db
BROWSER = {"HTTP_USER_AGENT": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"}


@pytest.fixture(autouse=True)
def empty_log(monkeypatch):
    """Keys of this process's own."""
    for name in ("WAITING", "TAKEN"):
        monkeypatch.setattr(querylog, name, f"{getattr(querylog, name)}:{id(monkeypatch)}")
    yield
    scores.client().delete(querylog.WAITING, querylog.TAKEN)
    forget()


@pytest.fixture
def visitor():
    make_product("Sencha Morning Mist", texts={"de": {"name": "Sencha Morgennebel"}}, variants=[{"sku": "SEN-100"}])
    call_command("rebuild_search", stdout=StringIO())
    return Client(**BROWSER)


def counted() -> list[tuple]:
    querylog.store()
    return list(QueryCount.objects.order_by("query").values_list("language", "query", "searches", "empty", "results"))


def test_a_search_whose_page_takes_too_long_is_counted(visitor, monkeypatch):
    monkeypatch.setattr(query, "TIMEOUT", "300ms")
    monkeypatch.setattr(counts, "SQL", f"{counts.SQL} UNION ALL SELECT 'slow', 0, pg_sleep(2)::text, '', 0")

    assert "took too long" in visitor.get("/en/search/", {"q": "sencha"}).content.decode()
    assert counted() == [("en", "sencha", 1, 0, 1)]


def test_queries_are_counted_by_day_and_by_nothing_else(visitor):
    for typed in ("Sencha", "sencha!", "SÉNCHA", "zzzqqq"):
        visitor.get("/en/search/", {"q": typed})
    visitor.get("/de/suche/", {"q": "sencha"})
    rows = [("de", "sencha", 1, 0, 1), ("en", "sencha", 3, 0, 1), ("en", "zzzqqq", 1, 1, 0)]

    assert counted() == rows
    assert counted() == rows  # nothing is counted twice
    visitor.get("/en/search/", {"q": "zzzqqq"})
    assert counted()[-1] == ("en", "zzzqqq", 2, 2, 0)
    assert {field.name for field in QueryCount._meta.fields} == {
        "id", "day", "language", "query", "searches", "empty", "results"
    }  # fmt: skip


def test_what_leads_elsewhere_is_counted_but_found_no_nothing(visitor):
    QueryRedirect.objects.create(language="en", query="all", path="/en/shop/")
    forget()

    for typed in ("sen-100", "all"):
        visitor.get("/en/search/", {"q": typed})

    assert [row[1:] for row in counted()] == [("all", 1, 0, 0), ("sen 100", 1, 0, 0)]


def test_bots_further_pages_and_prefetches_are_not_counted(visitor):
    visitor.get("/en/search/", {"q": "sencha", "page": 2})
    visitor.head("/en/search/", {"q": "sencha"})
    visitor.get("/en/search/", {"q": "sencha"}, headers={"Sec-Purpose": "prefetch;prerender"})
    visitor.get("/en/search/", {"q": ""})
    visitor.get("/en/search/suggest/", {"q": "sencha"})
    for agent in ("Googlebot/2.1", "curl/8.0", ""):
        Client(HTTP_USER_AGENT=agent).get("/en/search/", {"q": "sencha"})

    assert counted() == []


PRIVATE = [
    "mia@example.com", "mia＠example.com", "mia (at) @ example", "+49 151 2345678", "0151/234-56-78", "(030) 12 34 56",
    "4242 4242 4242 4242", "4242424242424242", "K7F3-9QWM", "k7f39qwm", "order K7F3 9QWM", "１２３４５６７",
    "DE89 3704 0044 0532 0130 00", "https://example.com/x", "www.example.com",
    "my parcel has not come, I live in the high street and wait since monday",
]  # fmt: skip


def test_what_looks_personal_is_never_kept(visitor):
    for typed in PRIVATE:
        visitor.get("/en/search/", {"q": typed})

    assert scores.client().hgetall(querylog.WAITING) == {}
    assert counted() == []


HOSTILE = ["<script>alert(1)</script>", "\u202etea", "\ufdfa" * 100, "'; DROP TABLE", "🍵", "a" * 500, '"] x']


def test_hostile_queries_are_counted_as_words_or_not_at_all(visitor):
    for typed in HOSTILE:
        assert visitor.get("/en/search/", {"q": typed}).status_code == 200

    assert [row[1] for row in counted()] == ["drop table", "script alert 1 script", "tea", "x"]


def test_without_redis_the_search_goes_on(visitor, settings):
    settings.REDIS_URL = "redis://127.0.0.1:9/0"

    assert visitor.get("/en/search/", {"q": "sencha"}).status_code == 200


def test_a_flood_is_not_kept(visitor, monkeypatch):
    monkeypatch.setattr(querylog, "MOST_WAITING", 5)
    for number in range(30):
        querylog.count(f"flood {number}", "en", 0)
    assert scores.client().hlen(querylog.WAITING) <= 8
    assert len(counted()) == 2

    monkeypatch.setattr(querylog, "MOST_A_DAY", 2)
    for key in ("flood 0", "flood 99"):
        querylog.count(key, "en", 4)
    assert counted() == [("en", "flood 0", 2, 1, 4), ("en", "flood 1", 1, 1, 0)]


def make_count(query: str, searches: int, *, empty: int = 0, results: int = 0, days_ago: int = 0, language: str = "en"):
    day = timezone.localdate() - timedelta(days=days_ago)
    QueryCount.objects.create(day=day, language=language, query=query, searches=searches, empty=empty, results=results)


def test_reports_tell_what_is_frequent_and_what_finds_nothing_now():
    make_count("tea", 5, results=9)
    make_count("tea", 7, results=8, days_ago=29)
    make_count("mug", 3, empty=3)
    make_count("mended", 4, empty=4, days_ago=3)
    make_count("mended", 1, results=2)
    make_count("old", 9, empty=9, days_ago=30)
    make_count("tasse", 9, empty=9, language="de")

    assert [(row["query"], row["searches"]) for row in queries("en", 30)] == [("tea", 12), ("mended", 5), ("mug", 3)]
    assert [(row["query"], row["nothing"]) for row in queries("en", 30, empty=True)] == [("mug", 3)]
    assert [row["query"] for row in queries("en", 90, empty=True)] == ["old", "mug"]


def test_counts_are_forgotten(settings):
    make_count("tea", 1, days_ago=181)
    make_count("tea", 1, days_ago=179)

    retention.forget()

    assert QueryCount.objects.count() == 1
