"""The shop that is raced against: web server and worker as in production, the gateway, a database of their own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

import psycopg
import requests
from celery import Celery
from celery.result import AsyncResult
from django.db import connections
from django.test import override_settings
from honcho.environ import parse_procfile

from tests.bench.newsletter import own_broker
from tests.environment import ROOT, admin_sql, database_url, prepare_template, use_database
from tests.journeys.stack import free_port, wait_until_it_answers
from tests.races.unguarded import GUARDS

PYTHON = [sys.executable, "-m"]
WORKER = ["celery", "--quiet", "-A", "config.celery", "worker", "--pool", "threads", "--concurrency", "2"]
LONGEST = 120  # seconds that a task may take


class Shop:
    """Runs from `with` to its end; meanwhile Django in this process uses its database and its gateway, too.

    `without`: the guards that are taken out of it, names of unguarded.GUARDS. `more`: environment of its processes.
    """

    def __init__(self, without: Sequence[str] = (), worker: bool = True, **more: str) -> None:
        self.without, self.has_worker = without, worker
        self.folder = Path(tempfile.mkdtemp(prefix="vitrine-races-"))
        self.mails = self.folder / "mail"
        port, gateway_port = free_port(), free_port()
        self.base, self.gateway = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{gateway_port}"
        self.database = f"races_{os.getpid()}_{port}"
        self.queue = f"races-{os.getpid()}-{port}"
        broker = own_broker(os.environ["REDIS_URL"])
        self.celery = Celery("races", broker=broker, backend=broker, set_as_current=False)
        self.env = {
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PYTHONPATH": f"{ROOT / 'site'}:{ROOT}",
            "DJANGO_SETTINGS_MODULE": "tests.races.settings",
            "DATABASE_URL": database_url(self.database),
            "CELERY_BROKER_URL": broker,
            "RACES_QUEUE": self.queue,
            "RACES_WITHOUT": " ".join(without),
            "BIND_HOST": "127.0.0.1",
            "PORT": str(port),
            "BASE_URL": self.base,
            "ALLOWED_HOSTS": "127.0.0.1",
            "TRUSTED_PROXIES": "127.0.0.1",  # each buyer comes from an address of its own, so that limits stay on
            "EMAIL_URL": f"filemail:///{self.mails}",
            "STRIPE_API_BASE": self.gateway,
            "GATEWAY_PUBLIC_BASE": self.gateway,
            "GATEWAY_PORT": str(gateway_port),
            "GATEWAY_DB": str(self.folder / "gateway.sqlite3"),
            "GATEWAY_WEBHOOK_URL": "",  # the races deliver the messages themselves
            **more,
        }
        self.processes: list[subprocess.Popen[bytes]] = []
        self.closing = ExitStack()

    def __enter__(self) -> Self:
        self.closing.callback(shutil.rmtree, self.folder)
        admin_sql(f"CREATE DATABASE {self.database} TEMPLATE {prepare_template()}")
        self.closing.callback(admin_sql, f"DROP DATABASE IF EXISTS {self.database} WITH (FORCE)")
        with self.connect() as connection:
            for statement in (statement for guard in self.without for statement in GUARDS[guard].sql):
                connection.execute(statement)
        self.closing.callback(use_database, str(connections["default"].settings_dict["NAME"]))
        use_database(self.database)
        self.closing.enter_context(override_settings(STRIPE_API_BASE=self.gateway))
        self.closing.callback(self.stop)
        self.start("gateway", *PYTHON, "demo.gateway")
        self.start("web", "sh", "-c", web_command())
        if self.has_worker:
            self.start("worker", *PYTHON, *WORKER, "-Q", f"{self.queue}-now", "-l", "WARNING", "-n", f"{self.queue}@%h")
        for address in (f"{self.gateway}/healthz", f"{self.base}/readyz"):
            wait_until_it_answers(address)
        if self.has_worker:
            self.sweep()  # answers once it has started
        return self

    def __exit__(self, *_error: object) -> None:
        self.closing.close()

    def start(self, name: str, *command: str) -> None:
        with open(self.folder / f"{name}.log", "ab") as log:
            process = subprocess.Popen(command, env=self.env, cwd=ROOT, stdout=log, stderr=log)
        self.processes.append(process)

    def stop(self) -> None:
        """May be called twice."""
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes.clear()

    def connect(self) -> psycopg.Connection:
        return psycopg.connect(self.env["DATABASE_URL"], autocommit=True)

    # The worker

    def ask(self, task: str) -> AsyncResult:
        return self.celery.send_task(task, queue=f"{self.queue}-now", ignore_result=False)

    def sweep(self) -> Any:
        """The poller, in the real worker; returns when it has finished."""
        return self.ask("commerce.tasks.sweep").get(LONGEST)

    def mail_texts(self) -> str:
        """All that the worker has mailed."""
        return "\n".join(file.read_text(encoding="utf-8") for file in sorted(self.mails.glob("*.log")))

    # The gateway

    def click(self, session_id: str, choice: str = "pay") -> bool:
        """What a buyer does on the payment page. False: the page is closed."""
        url = f"{self.gateway}/pay/{session_id}"
        return requests.post(url, data={"choice": choice}, allow_redirects=False, timeout=30).status_code < 400

    def listed(self, path: str) -> list[dict[str, Any]]:
        """The newest hundred objects of the gateway."""
        answer = requests.get(f"{self.gateway}/v1/{path}", params={"limit": 100}, auth=("sk_test_demo", ""), timeout=30)
        answer.raise_for_status()
        rows: list[dict[str, Any]] = answer.json()["data"]
        return rows

    # Deadlocks

    def deadlocks(self) -> int:
        """Of which a process of the shop was told so far."""
        logs = (self.folder / f"{name}.log" for name in ("web", "worker"))
        return sum(log.read_text(errors="replace").count("errors.DeadlockDetected") for log in logs if log.exists())

    def counted_deadlocks(self) -> int:
        """By PostgreSQL, which knows them all once the processes have ended: ends them."""
        self.stop()
        with self.connect() as connection:
            query = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
            return int(connection.execute(query).fetchall()[0][0])


def web_command() -> str:
    """The web server exactly as the Procfile starts it."""
    line: str = parse_procfile((ROOT / "Procfile").read_text()).processes["web"]
    return line
