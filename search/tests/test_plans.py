"""The database can answer by index, and the number of queries does not grow with what is found."""

from __future__ import annotations

import re
from collections import Counter
from io import StringIO
from itertools import count
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import Q
from django.db.utils import OperationalError
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.models import Product
from catalog.tests.factories import make_product
from search import query, reading
from search.models import Entry, Kind, Word
from search.query import TookTooLong, limited, search
from search.querysets import Lexemes

pytestmark = pytest.mark.django_db


MANY = (
    """INSERT INTO search_word (language, word, stem, entries)
       SELECT 'de', left(md5(n::text), 4 + n % 9) || n, md5(n::text), 1 FROM generate_series(1, 6000) AS n""",
    """INSERT INTO search_entry
           (kind, object_id, language, title, folded, keywords, body, words, codes, vector, updated_at)
       SELECT CASE WHEN n % 9 = 0 THEN 'page' ELSE 'product' END, n, 'de', md5(n::text), md5(n::text), '', '', '{}',
           ARRAY['c' || n],
           setweight(to_tsvector('simple', md5(n::text) || CASE WHEN n % 20 = 0 THEN ' tea' ELSE '' END), 'A'), now()
       FROM generate_series(1, 4000) AS n""",
    "ANALYZE search_word, search_entry",
)


def plan_of(statement: str, params: Any = ()) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {statement}", params)
        return "\n".join(row[0] for row in cursor.fetchall())


def plan_of_rows(rows: Any) -> str:
    return plan_of(*rows.query.sql_with_params())


def test_each_question_has_its_index():
    with connection.cursor() as cursor:
        for statement in MANY:
            cursor.execute(statement)

    asked = Lexemes("'c4ca4238a0b923820dcc509a6f75849b'")
    here = Entry.objects.filter(language="de")
    for name, rows in [
        ("product_de", here.filter(kind="product", vector__has=asked)),
        ("other_de", here.filter(~Q(kind="product"), vector__has=asked)),
        ("called_de", here.filter(folded="sencha")),
        ("entry_codes", Entry.objects.filter(codes__overlap=["c77", "00000000000077"])),
        ("word_once", Word.objects.filter(word__in=["tea", "sencha"])),
        ("word_stem", Word.objects.filter(stem="sencha", language="de")),
    ]:
        assert f"search_{name}" in plan_of_rows(rows)
    for (statement, params), name in [
        (reading.near("sencha", 0, "de"), "near"),
        (reading.near("tea", 0, "de"), "short"),
        *((ask, "begin") for ask in asks("senc", "begin")),
        *((ask, "near") for ask in asks("senc", "compound")),
    ]:
        assert f"search_{name}_de" in plan_of(statement, tuple(params))
    compounds = plan_of(reading.LONGER.format(language="'de'", most=20).replace("UNION ALL", "", 1), {"whole": ["tea"]})
    assert {name for name in ("near", "begin") if f"search_{name}_de" in compounds} == {"near", "begin"}


def test_of_a_common_word_so_many_are_ranked_and_all_are_found_by_index():
    with connection.cursor() as cursor:
        for statement in MANY:
            cursor.execute(statement)

    for ahead in (False, True):
        rows = Entry.objects.candidates("de", "'tea'", "tea", 12, ahead=ahead)
        plan = plan_of_rows(rows)
        assert "Seq Scan on search_entry" not in plan
        assert "Tid Scan on search_entry" in plan
        assert {name for name in ("head", "product", "other", "called") if f"search_{name}_de" in plan} == (
            {"head", "other", "called"} if ahead else {"head", "product", "other", "called"}
        )
        assert Counter(rows.values_list("kind", flat=True)) == {"product": 12, "page": 12}


def test_the_one_plan_of_a_prepared_search_uses_the_indexes_of_the_language():
    with connection.cursor() as cursor:
        for statement in MANY:
            cursor.execute(statement)
    sql, _params = Entry.objects.candidates("de", "'tea'", "tea", 12).values("pk").query.sql_with_params()
    number = count(1)
    unknown = re.sub("%s", lambda _match: f"${next(number)}", sql)

    plan = plan_of(f"(GENERIC_PLAN) {unknown}", None)

    assert "$1" in plan
    assert {name for name in ("head", "product", "other", "called") if f"search_{name}_de" not in plan} == set()
    assert "search_entry_once" in plan  # what sells best, one by one


def asks(word: str, how: str) -> list[reading.Ask]:
    """What is asked about a word that nothing is known of."""
    every = reading.questions(reading.Term(word, word), 0, reading.Lexicon("de"), unfinished=False, loose=False)
    return [ask for ask in every if ask[1][1] == how]


def queries_of(client: Client, path: str) -> int:
    client.get(path)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


def test_the_number_of_queries_is_constant(client: Client):
    for number in range(3):
        make_product(f"Sencha {number}")
    call_command("rebuild_search", stdout=StringIO())
    before = {path: queries_of(client, path) for path in PATHS}
    for number in range(6):
        make_product(f"Sencha more {number}")
    call_command("rebuild_search", stdout=StringIO())

    assert {path: queries_of(client, path) for path in PATHS} == before == PATHS


PATHS = {"/en/search/?q=sencha": 12, "/en/search/?q=sensha": 15, "/en/search/suggest/?q=senc": 8}


def test_of_very_many_products_whole_tables_are_read_while_they_are_counted(client: Client, monkeypatch):
    make_product("Sencha")
    call_command("rebuild_search", stdout=StringIO())
    few = client.get("/en/search/?q=sencha&stock=yes").content.decode()
    monkeypatch.setattr(query, "MANY", 1)

    with CaptureQueriesContext(connection) as captured:
        many = client.get("/en/search/?q=sencha&stock=yes").content.decode()

    asked = [each["sql"] for each in captured]
    off, on = asked.index("SET LOCAL enable_nestloop = off"), asked.index("SET LOCAL enable_nestloop = on")
    assert on == off + 2 and "listed (product_id" in asked[off + 1]
    assert "In stock" in many and figures(many) == figures(few)


def figures(page: str) -> list[str]:
    """What stands in the facets, whatever the addresses."""
    return re.findall(r">\s*(\d+)\s*<", page)


def test_a_search_that_takes_too_long_is_answered_kindly(client: Client, monkeypatch):
    make_product("Sencha")
    call_command("rebuild_search", stdout=StringIO())
    monkeypatch.setattr(query, "TIMEOUT", "1ms")
    monkeypatch.setattr(reading, "LOOK_UP", f"{reading.LOOK_UP} UNION ALL SELECT 0, NULL, '', pg_sleep(0.2)::text, 0")

    assert "took too long" in client.get("/en/search/?q=sencha").content.decode()
    assert client.get("/en/search/suggest/?q=sencha").status_code == 200
    with pytest.raises(TookTooLong):
        search("sencha", "en")


def test_other_failures_are_not_hidden():
    with pytest.raises(OperationalError), limited():
        raise OperationalError("gone")


def test_where_the_best_matches_end_the_page_says_how_to_see_the_others(client: Client, monkeypatch):
    for number in range(5):
        make_product(f"Sencha {number}", languages=("en",))
    call_command("rebuild_search", stdout=StringIO())
    monkeypatch.setattr(query, "MOST", 3)
    hint = "These are the best matches"

    assert hint in client.get("/en/search/?q=sencha").content.decode()
    assert hint not in client.get("/en/search/?q=sencha&sort=name").content.decode()
    monkeypatch.setattr(query, "MOST", 5)
    assert hint not in client.get("/en/search/?q=sencha").content.decode()


def test_pages_beyond_the_last_give_the_last(client: Client):
    for number in range(26):
        make_product(f"Sencha {number}", languages=("en",))
    call_command("rebuild_search", stdout=StringIO())

    for page in ("2", "99", "-5", "x"):
        response = client.get("/en/search/", {"q": "sencha", "page": page})
        assert response.context["results"].listing.page.number == (2 if page in ("2", "99", "-5") else 1)
    assert search("sencha", "en").totals[Kind.PRODUCT] == Product.objects.count() == 26
    assert 'href="?q=sencha&amp;page=1"' in client.get("/en/search/?q=sencha&page=2").content.decode()
