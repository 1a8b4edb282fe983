"""The whole shop as processes that may be killed: own PostgreSQL and Redis, the Procfile's web, worker and scheduler,
a mail server and a payment gateway of the tests' own."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

import psutil
import psycopg
import requests

from config.embedded import POSTGRES_PROGRAMS, Postgres, Redis
from tests.environment import ROOT, database_url, prepare_template
from tests.faults.courier import Courier
from tests.faults.gateway import Gateway
from tests.faults.postbox import Postbox
from tests.journeys.stack import free_port, wait_until_it_answers

SECRET = "whsec_faults"


def procfile() -> dict[str, str]:
    """Name -> command, as operators start them."""
    lines = [line for line in (ROOT / "Procfile").read_text().splitlines() if line and not line.startswith("#")]
    return dict(line.split(": ", 1) for line in lines)


class Shop:
    """Runs from `with` to its end. `kills` counts what was killed, by name."""

    def __init__(self, *, sweep_seconds: int = 3, units: int = 100_000) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="vitrine-faults-", dir="/tmp"))
        self.folder.chmod(0o755)  # PostgreSQL may run under an account of its own
        self.units = units
        self.stack = ExitStack()
        self.postgres = Postgres(self.folder / "postgres", self.folder / "run")
        self.redis = Redis(self.folder / "redis", self.folder / "redis-run")
        port = free_port()
        self.base = f"http://127.0.0.1:{port}"
        self.gateway = Gateway(free_port(), Courier(f"{self.base}/webhooks/stripe/", SECRET))
        self.postbox = Postbox(free_port())
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.kills: dict[str, int] = {}
        self.died: list[str] = []  # what ended without being killed, and was started again
        self.ended = threading.Event()
        self.stock: dict[int, int] = {}  # variant id -> units on hand at the beginning
        self.variants: list[int] = []
        self.last_unit = 0  # the variant of which there is one unit only
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("STRIPE_", "GATEWAY_"))}
        self.env = {
            **kept,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": f"{ROOT / 'site'}:{ROOT}",
            "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
            "SECRET_KEY": secrets.token_hex(32),
            "DEBUG": "0",
            "STORE_DEMO": "1",
            "BIND_HOST": "127.0.0.1",
            "PORT": str(port),
            "BASE_URL": self.base,
            "ALLOWED_HOSTS": "127.0.0.1",
            "TRUSTED_PROXIES": "127.0.0.1",  # each buyer says where he comes from: the limits stay as they are
            "MEDIA_ROOT": str(self.folder / "media"),
            "EMAIL_URL": f"smtp://127.0.0.1:{self.postbox.port}",
            "STRIPE_SECRET_KEY": "sk_test_faults",
            "STRIPE_WEBHOOK_SECRETS": SECRET,
            "STRIPE_API_BASE": self.gateway.base,
            "GATEWAY_PUBLIC_BASE": self.gateway.base,
            "SWEEP_SECONDS": str(sweep_seconds),
            "LOG_LEVEL": "WARNING",
        }

    def __enter__(self) -> Self:
        self.stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
        self.stack.callback(self.end_processes)
        try:
            self.start_services()
            self.stack.enter_context(self.gateway)
            self.stack.enter_context(self.postbox)
            for name in ("web", "worker", "scheduler"):
                self.start(name)
            made = self.python("-m", "tests.faults.shelf", str(self.units))
            self.stock = dict(json.loads(made.stdout))
            *self.variants, self.last_unit = self.stock
            threading.Thread(target=self.supervise, daemon=True).start()
            wait_until_it_answers(f"{self.base}/readyz")
        except BaseException:
            self.stack.close()
            raise
        return self

    def __exit__(self, *_error: object) -> None:
        self.stack.close()

    def start_services(self) -> None:
        (self.folder / "media").mkdir()
        self.env["DATABASE_URL"] = self.postgres.start()
        self.stack.callback(self.postgres.stop)
        self.env["REDIS_URL"] = self.redis.start()
        self.env["CELERY_BROKER_URL"] = self.redis.broker_url
        self.stack.callback(self.redis.stop)
        copy_database(database_url(prepare_template()), self.env["DATABASE_URL"])

    def supervise(self) -> None:
        """Starts again what ended by itself, as compose.yaml's `restart` does."""
        while not self.ended.wait(1):
            for name, process in list(self.processes.items()):
                if process.poll() is not None and self.processes.get(name) is process:
                    self.died.append(name)
                    self.start(name)

    def python(self, *arguments: str, exits: tuple[int, ...] = (0,)) -> subprocess.CompletedProcess[str]:
        """A program in the shop's environment. Raises AssertionError when it exits otherwise."""
        command = [sys.executable, *arguments]
        done = subprocess.run(command, cwd=ROOT, env=self.env, capture_output=True, text=True, check=False)
        assert done.returncode in exits, done.stderr
        return done

    def start(self, name: str) -> None:
        command = procfile()[name].replace("var/run", str(self.folder))
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                ["sh", "-c", command],
                cwd=ROOT,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self, name: str) -> None:
        """As the end of its container would, its children too."""
        process = self.processes.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self.kills[name] = self.kills.get(name, 0) + 1

    def kill_and_start(self, name: str) -> None:
        self.kill(name)
        self.start(name)

    def end_processes(self) -> None:
        self.ended.set()
        for name in list(self.processes):
            self.kill(name)

    def kill_redis(self) -> None:
        assert self.redis.process
        self.redis.process.kill()
        self.redis.process.wait()
        self.kills["redis"] = self.kills.get("redis", 0) + 1

    def kill_postgres(self) -> None:
        """The postmaster and, with it, every connection; what they had not committed is gone."""
        assert self.postgres.process
        children = psutil.Process(self.postgres.process.pid).children(recursive=True)
        for process in (self.postgres.process, *children):
            process.kill()
        self.postgres.process.wait()
        psutil.wait_procs(children, timeout=10)
        self.kills["postgres"] = self.kills.get("postgres", 0) + 1

    def flush_redis(self) -> None:
        import redis

        with redis.Redis.from_url(self.redis.url) as client:
            client.flushall()

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.env["DATABASE_URL"], autocommit=True, connect_timeout=5) as connection:
            return connection.execute(query, values).fetchall()

    def value(self, query: str, *values: Any) -> Any:
        return self.rows(query, *values)[0][0]

    def run_sql(self, statement: str, *values: Any) -> None:
        with psycopg.connect(self.env["DATABASE_URL"], autocommit=True) as connection:
            connection.execute(statement, values)

    def audit(self) -> dict[str, Any]:
        """What `manage.py audit --json` says; its exit code must fit its words."""
        done = self.python("manage.py", "audit", "--json", exits=(0, 1))
        found: dict[str, Any] = json.loads(done.stdout)
        assert done.returncode == bool(found["violations"]), done.stderr
        return found

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def is_ready(self) -> bool:
        try:
            return requests.get(f"{self.base}/readyz", timeout=5).ok
        except requests.RequestException:
            return False


def copy_database(source: str, target: str) -> None:
    dump = subprocess.Popen([POSTGRES_PROGRAMS / "pg_dump", "--no-owner", source], stdout=subprocess.PIPE)
    load = [POSTGRES_PROGRAMS / "psql", "-q", "-1", "-v", "ON_ERROR_STOP=1", "-d", target]
    subprocess.run(load, stdin=dump.stdout, stdout=subprocess.DEVNULL, check=True)
    assert dump.wait() == 0


def eventually(check: Callable[[], Any], seconds: float, why: str) -> float:
    """Waits until the check holds; how many seconds that took. Raises AssertionError with `why`."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        try:
            if check():
                return time.monotonic() - began
        except psycopg.OperationalError:
            pass
        time.sleep(0.1)
    raise AssertionError(f"after {seconds:.0f} s not yet: {why}")
