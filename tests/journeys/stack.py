"""The whole shop as processes: web, worker, scheduler and demo gateway on a database with the demo content."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psycopg
import requests

from tests.demo import prepare_demo
from tests.environment import ROOT, admin_sql, database_url

PROCESSES = {
    "gateway": ["demo.gateway"],
    "web": ["granian", "--interface", "wsgi", "--port", "{port}", "--workers", "1", "config.wsgi:application"],
    "worker": ["celery", "-A", "config.celery", "worker", "--pool", "threads", "--concurrency", "5", "-l", "WARNING"],
    "scheduler": [
        "celery",
        "-A",
        "config.celery",
        "beat",
        "--schedule",
        "{folder}/beat",
        "--pidfile=",
        "-l",
        "WARNING",
    ],
}


class Stack:
    """Runs from `with` to its end. `base` and `gateway` are addresses; sent mails lie in `mails`."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="vitrine-journey-"))
        self.mails = self.folder / "mail"
        self.port, gateway_port = free_port(), free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.gateway = f"http://127.0.0.1:{gateway_port}"
        self.database = f"journey_{os.getpid()}_{self.port}"
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.env = {
            **os.environ,
            "PYTHONPATH": f"{ROOT / 'site'}:{ROOT}",
            "DJANGO_SETTINGS_MODULE": "config.test_settings",
            "DATABASE_URL": database_url(self.database),
            "BASE_URL": self.base,
            "ALLOWED_HOSTS": "127.0.0.1",
            "EMAIL_URL": f"filemail:///{self.mails}",
            "SWEEP_SECONDS": "2",
            "STRIPE_API_BASE": self.gateway,
            "GATEWAY_PUBLIC_BASE": self.gateway,
            "GATEWAY_PORT": str(gateway_port),
            "GATEWAY_DB": str(self.folder / "gateway.sqlite3"),
            "GATEWAY_WEBHOOK_URL": f"{self.base}/webhooks/stripe/",
        }

    def __enter__(self) -> Self:
        admin_sql(f"CREATE DATABASE {self.database} TEMPLATE {prepare_demo()}")
        for name in PROCESSES:
            self.start(name)
        for address in (f"{self.gateway}/healthz", f"{self.base}/readyz"):
            wait_until_it_answers(address)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
        admin_sql(f"DROP DATABASE {self.database} WITH (FORCE)")
        shutil.rmtree(self.folder)

    def start(self, name: str) -> None:
        command = [part.format(port=self.port, folder=self.folder) for part in PROCESSES[name]]
        log = open(self.folder / f"{name}.log", "ab")  # noqa: SIM115 (the process writes it as long as it lives)
        self.processes[name] = subprocess.Popen(
            [sys.executable, "-m", *command], env=self.env, cwd=ROOT, stdout=log, stderr=log, start_new_session=True
        )

    def kill(self, name: str) -> None:
        """The process and its children at once, as the end of their container would."""
        os.killpg(self.processes[name].pid, signal.SIGKILL)
        self.processes[name].wait()

    def rows(self, query: str, *values: object) -> list[Any]:
        with psycopg.connect(self.env["DATABASE_URL"]) as connection:
            return connection.execute(query, values).fetchall()

    def mail_texts(self) -> list[str]:
        return [file.read_text(encoding="utf-8") for file in sorted(self.mails.glob("*.log"))]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_it_answers(address: str, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if requests.get(address, timeout=5).ok:
                return
        except requests.ConnectionError:
            pass
        time.sleep(0.2)
    raise AssertionError(f"{address} does not answer after {seconds} s")
