"""Statements planned once for a connection."""

import psycopg
import pytest
from django.db import connection, transaction
from django.db.utils import NotSupportedError

from core.prepared import prepared


def run(sql: str, *params: object) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall() if cursor.description else []


def names() -> list[str]:
    return [str(name) for (name,) in run("SELECT statement FROM pg_prepared_statements WHERE from_sql IS FALSE")]


def test_only_what_is_asked_again_inside_stays_prepared(committed_db):
    for number in range(3):
        assert run("SELECT %s::int + 1", number) == [(number + 1,)]
        with prepared():
            assert run("SELECT %s::int + 2", number) == [(number + 2,)]
    with prepared():
        run("SELECT %s::int + 3", 1)

    assert names() == ["SELECT $1::int + 2"]


def test_what_follows_is_as_before_whatever_happened_inside(committed_db):
    with pytest.raises(ZeroDivisionError), prepared(), prepared():
        raise ZeroDivisionError

    raw = connection.connection
    assert issubclass(raw.cursor_factory, psycopg.ClientCursor)
    assert raw.prepare_threshold is None


def test_a_table_that_is_changed_meanwhile_costs_one_failure_at_most(committed_db):
    run("CREATE TABLE shelf (label varchar(5))")
    try:
        for _time in range(3):
            with transaction.atomic(), prepared():
                assert run("SELECT label FROM shelf WHERE label <> %s", "tea") == []
        run("ALTER TABLE shelf ADD COLUMN height int")
        with transaction.atomic(), prepared():
            assert run("SELECT label FROM shelf WHERE label <> %s", "tea") == []
        run("ALTER TABLE shelf ALTER COLUMN label TYPE text")

        with pytest.raises(NotSupportedError), transaction.atomic(), prepared():
            run("SELECT label FROM shelf WHERE label <> %s", "tea")
        with transaction.atomic(), prepared():
            assert run("SELECT label FROM shelf WHERE label <> %s", "tea") == []
    finally:
        run("DROP TABLE shelf")
