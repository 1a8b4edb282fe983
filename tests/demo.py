"""The demo shop as a database: `seed_demo` fills it once for all tests that use it, each works on a copy of its own."""

from __future__ import annotations

import hashlib
import itertools
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from typing import Any

import psycopg
import pytest
from psycopg import sql

from tests.environment import ROOT, admin_sql, database_url, own_database, prepare_template, use_database

copies = itertools.count(1)  # each has a name of its own: the cache keeps apart what it remembers by it
HOURS = 1  # so long a filled database is kept for the next run of the same code
# With an account for bank transfers, or the demo's past would lack them.
ACCOUNT = {"BANK_TRANSFER_HOLDER": "Leaf & Kiln", "BANK_TRANSFER_IBAN": "DE89370400440532013000"}
OLD = (
    "SELECT datname FROM pg_database WHERE datname ~ '^demo_[0-9a-f]{12}$'"
    " AND (pg_stat_file(format('base/%%s/PG_VERSION', oid))).modification < now() - make_interval(hours => %s)"
)


@cache
def demo_name() -> str:
    """Named after all the code and content: whatever of it has changed, the shop is filled anew."""
    digest = hashlib.sha256(prepare_template().encode())
    rooms = ("site", "catalog", "commerce", "blog", "search", "translation", "editorial")
    for room in rooms:
        for path in sorted((ROOT / room).rglob("*")):
            if path.suffix in (".py", ".toml", ".webp", ".svg") and "tests" not in path.parts:
                digest.update(path.read_bytes())
    return f"demo_{digest.hexdigest()[:12]}"


def prepare_demo() -> str:
    """The name of the filled database; parallel callers wait for the first."""
    name = demo_name()
    with psycopg.connect(database_url("postgres"), autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(hashtext(%s))", [name])
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            return name
        for (old,) in connection.execute(OLD, [HOURS]).fetchall():
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(old)))
        connection.execute(f"DROP DATABASE IF EXISTS {name}_building WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name}_building TEMPLATE {prepare_template()}")
        seed(database_url(f"{name}_building"))
        connection.execute(f"ALTER DATABASE {name}_building RENAME TO {name}")
    return name


def seed(url: str) -> None:
    command = [sys.executable, str(ROOT / "manage.py"), "seed_demo", "--no-picture-sizes"]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'site'}:{ROOT}", "DATABASE_URL": url, **ACCOUNT}
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def demo_db(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The demo shop is this process's database; commits are real, and thrown away afterwards."""
    name = f"{own_database()}_demo{next(copies)}"
    with django_db_blocker.unblock():
        admin_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name} TEMPLATE {prepare_demo()}")
        use_database(name)
        yield
        use_database(own_database())
        admin_sql(f"DROP DATABASE {name} WITH (FORCE)")
