"""Statements that PostgreSQL plans once for a connection, instead of each time they run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.db import connection


@contextmanager
def prepared() -> Iterator[None]:
    """What runs inside is prepared by its connection from the second time on; psycopg forgets the least used of more
    than a hundred. https://www.psycopg.org/psycopg3/docs/advanced/prepare.html

    Only for statements of few shapes whose values are parameters (a list as one), and whose plan may be any for any
    values: Django binds values on its own side everywhere else, so that each statement is planned for them. What has
    to be planned for a value (the condition of a partial index) is written into the SQL. In Django's log of queries the
    text of what is prepared is None.
    """
    connection.ensure_connection()
    raw = connection.connection
    before = raw.cursor_factory, raw.prepare_threshold
    raw.cursor_factory, raw.prepare_threshold = psycopg.Cursor, 1
    try:
        yield
    finally:
        raw.cursor_factory, raw.prepare_threshold = before
