"""What a database needs for the search; said before a migration fails on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connection

from search import languages


@register(Tags.database)
def extensions(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Our migrations make the extensions where the user may; elsewhere an administrator has to."""
    if not databases or connection.vendor != "postgresql":
        return []
    return [
        Error(
            f"PostgreSQL’s extension {name} is missing, and the shop’s user may not make it.",
            hint=f'As an administrator, in the shop’s database: CREATE EXTENSION "{name}"; '
            "(it comes with PostgreSQL’s package “contrib”).",
            id="search.E001",
        )
        for name in languages.missing_extensions()
    ]


@register(Tags.database)
def indexes(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """A language that was added to the settings has to be made known to the search once."""
    if not databases or "search_word" not in connection.introspection.table_names():
        return []
    return [
        Warning(
            f"The search does not know the language {code} yet.",
            hint="Run: python manage.py rebuild_search",
            id="search.W002",
        )
        for code in languages.missing_indexes()
    ]
