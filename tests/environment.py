"""Services of the test run: PostgreSQL and Redis of its own, one prepared template database, a copy per process.

Loaded as a plugin (`-p tests.environment`) before Django's settings are read. Servers named by TEST_DATABASE_URL and
TEST_REDIS_URL are used instead of own ones.
"""

import fcntl
import gc
import hashlib
import os
import secrets
import shutil
import sys
import threading
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "site")]

os.environ.update(
    DJANGO_SETTINGS_MODULE="config.test_settings",
    SECRET_KEY="tests-only-" + secrets.token_hex(24)
    if "PYTEST_XDIST_WORKER" not in os.environ
    else os.environ["SECRET_KEY"],
    BASE_URL="http://testserver",
    ALLOWED_HOSTS="testserver,localhost,127.0.0.1",
    DEBUG="0",
    STORE_DEMO="1",
    SHOP_CURRENCY="EUR",
    STRIPE_SECRET_KEY="sk_test_demo",
    STRIPE_WEBHOOK_SECRETS="whsec_tests",
    STRIPE_API_BASE="http://127.0.0.1:9",  # closed on purpose: a test that pays brings its own gateway
    GATEWAY_PUBLIC_BASE="http://127.0.0.1:9",
    EMAIL_URL="memorymail://",
    TRUSTED_PROXIES="",
    LOG_LEVEL="WARNING",
)
SERVERS: list = []
LOCKS: list = []
COPIES: list[str] = []  # of the template; the last one is in use


def own_folder() -> Path:
    """Where the servers keep their data: var/test, or a folder of its own while another run uses that one."""
    folder = ROOT / "var" / "test"
    folder.mkdir(parents=True, exist_ok=True)
    lock = open(folder / "lock", "w")  # noqa: SIM115 (held until this process ends)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return folder / str(os.getpid())
    LOCKS.append(lock)
    return folder


def start_services() -> None:
    """Sets DATABASE_URL and REDIS_URL, for this process and the parallel ones that inherit its environment."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        return
    from config.prepare import compile_messages

    compile_messages(ROOT / "locale")
    database, redis = os.environ.get("TEST_DATABASE_URL"), os.environ.get("TEST_REDIS_URL")
    if not database or not redis:
        from config.embedded import Postgres, Redis

        folder = own_folder()
        if not database:
            SERVERS.append(Postgres(folder / "postgres", folder / "run", fsync=False))
            database = SERVERS[-1].start()
            drop_leftovers(database)
        if not redis:
            SERVERS.append(Redis(folder / "redis", folder / "run"))
            redis = SERVERS[-1].start()
    os.environ["DATABASE_URL"], os.environ["REDIS_URL"] = database, redis


def drop_leftovers(url: str) -> None:
    """Databases of a run that was killed: this server is ours alone."""
    with psycopg.connect(url, autocommit=True) as connection:
        for (name,) in connection.execute("SELECT datname FROM pg_database WHERE datname LIKE 'test\\_%'").fetchall():
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


start_services()
import_module("config.celery")  # or tasks would look for a broker on the default port


def database_url(name: str) -> str:
    """The server's URL with another database name."""
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))


def template_name() -> str:
    """Named after every migration's content, so that a changed one builds a new template."""
    digest = hashlib.sha256()
    for migration in sorted(ROOT.glob("*/migrations/*.py")) + sorted(ROOT.glob("site/*/migrations/*.py")):
        digest.update(migration.read_bytes())
    digest.update((ROOT / "requirements.txt").read_bytes())
    return f"template_{digest.hexdigest()[:12]}"


def own_database() -> str:
    """The database of this process; each that commits gets a new one."""
    return COPIES[-1]


def admin_sql(*statements: str) -> None:
    with psycopg.connect(database_url("postgres"), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


def prepare_template() -> str:
    """The name of a migrated database, made once per set of migrations; parallel callers wait for the first."""
    name = template_name()
    with psycopg.connect(database_url("postgres"), autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(hashtext(%s))", [name])
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            return name
        from django.core.management import call_command
        from django.db import connections

        connection.execute(f"DROP DATABASE IF EXISTS {name}_building WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name}_building")
        use_database(f"{name}_building")
        call_command("migrate", verbosity=0, interactive=False)
        connections["default"].close()
        connection.execute(f"ALTER DATABASE {name}_building RENAME TO {name}")
    return name


def use_database(name: str) -> None:
    """Points Django's default connection at a database of the server."""
    from django.db import connections

    connections["default"].close()
    connections["default"].settings_dict["NAME"] = name


def clone_database() -> None:
    """A fresh copy of the template as this process's database. The used ones go in the end: to make a thousand files
    just after as many were deleted takes ext4 ten times as long."""
    COPIES.append(f"test_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{os.getpid()}_{len(COPIES)}")
    use_database("postgres")
    admin_sql(f"CREATE DATABASE {COPIES[-1]} TEMPLATE {prepare_template()}")
    use_database(COPIES[-1])


def pytest_collection_finish() -> None:
    """What is loaded now stays: looking through it for garbage again and again took a fifth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


class Rendering(threading.local):
    depth = 0


rendering = Rendering()


def render_as_tested(template: Any, context: Any) -> str:
    """Django's own for tests copies the context of every template, that of each icon, too: `response.context` is one
    of the page's template, and those of the templates inside it are not kept."""
    from django.test import signals

    if not rendering.depth:
        signals.template_rendered.send(sender=template, template=template, context=context)
    rendering.depth += 1
    try:
        return template.nodelist.render(context)
    finally:
        rendering.depth -= 1


@pytest.fixture(scope="session", autouse=True)
def pages_keep_one_context(django_test_environment: None) -> Iterator[None]:
    from django.template.base import Template

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Template, "_render", render_as_tested)
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: Any) -> Iterator[None]:
    """Replaces pytest-django's own set-up: copies the template instead of migrating."""
    with django_db_blocker.unblock():
        clone_database()
    yield
    with django_db_blocker.unblock():
        use_database("postgres")
        admin_sql(*(f"DROP DATABASE {name} WITH (FORCE)" for name in COPIES))


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Every test begins in English: a request leaves its own language active."""
    from django.utils import translation

    with translation.override("en"):
        yield


@pytest.fixture
def committed_db(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """A database where commits are real (several connections, races); made anew afterwards."""
    with django_db_blocker.unblock():
        yield
        clone_database()


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    for server in SERVERS:
        server.stop()
    if SERVERS and not LOCKS:
        shutil.rmtree(ROOT / "var" / "test" / str(os.getpid()), ignore_errors=True)
