"""A newsletter to many subscribers in three languages through a real worker that is killed while it sends.

    python -m tests.bench.newsletter --subscribers 10000 --kills 2

prints how long it took and how often each address was written to. The test in tests/services runs the same, smaller.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit, urlunsplit

from aiosmtpd.controller import Controller

from tests.environment import ROOT, SERVERS, admin_sql, database_url, prepare_template, use_database
from tests.journeys.stack import free_port

LANGUAGES = ("en", "de", "ar")
CELERY = [sys.executable, "-m", "celery", "-A", "config.celery"]
WORKER = ["worker", "--pool", "threads", "--concurrency", "5", "-l", "WARNING"]
LONGEST = 1800


@dataclass
class Sink:
    """A mail server that counts: mails per address, per Message-ID and per language of the words."""

    addresses: Counter[str] = field(default_factory=Counter)
    identities: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        head = BytesHeaderParser().parsebytes(envelope.content)
        self.addresses.update(envelope.rcpt_tos)
        self.identities[head["Message-ID"]] += 1
        self.languages[urlsplit(head["List-Unsubscribe"].strip(" \r\n<>")).path[1:3]] += 1
        return "250 kept"

    @property
    def total(self) -> int:
        return sum(self.addresses.values())


class Workers:
    """A worker and a scheduler as processes, on one database, mailing to one port."""

    def __init__(self, database: str, mail_port: int) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="vitrine-bench-")
        self.env = {
            **os.environ,
            "PYTHONPATH": f"{ROOT / 'site'}:{ROOT}",
            "DJANGO_SETTINGS_MODULE": "config.test_settings",
            "DATABASE_URL": database_url(database),
            "CELERY_BROKER_URL": own_broker(os.environ["REDIS_URL"]),
            "EMAIL_URL": f"smtp://127.0.0.1:{mail_port}",
            "SWEEP_SECONDS": "2",
        }
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        self.start("worker", WORKER)
        self.start("beat", ["beat", "--schedule", f"{self.folder.name}/beat", "--pidfile=", "-l", "WARNING"])
        return self

    def __exit__(self, *_error: object) -> None:
        for process in self.processes.values():
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self.folder.cleanup()

    def start(self, name: str, arguments: list[str]) -> None:
        log = open(Path(self.folder.name) / f"{name}.log", "ab")  # noqa: SIM115 (the process writes it)
        self.processes[name] = subprocess.Popen(
            [*CELERY, *arguments], env=self.env, cwd=ROOT, stdout=log, stderr=log, start_new_session=True
        )

    def kill_worker(self) -> None:
        """As the end of its container would, and a new one in its place."""
        os.killpg(self.processes["worker"].pid, signal.SIGKILL)
        self.processes["worker"].wait()
        self.start("worker", WORKER)

    def logs(self) -> str:
        return "\n".join(file.read_text() for file in Path(self.folder.name).glob("*.log"))


def own_broker(redis: str) -> str:
    """Database 9 of the server: other workers must not take these tasks."""
    parts = urlsplit(redis)
    if parts.scheme == "unix":
        return f"redis+socket://{parts.path}?virtual_host=9"
    return urlunsplit(parts._replace(path="/9", query=""))


@dataclass(frozen=True)
class Outcome:
    seconds: float  # from planning to the last mail, starts of new workers included
    sink: Sink
    subscribers: int

    @property
    def missing(self) -> int:
        return self.subscribers - len(self.sink.addresses)

    @property
    def duplicates(self) -> int:
        return self.sink.total - len(self.sink.addresses)


def send_to_many(database: str, subscribers: int, kills: int) -> Outcome:
    """Makes the readers and an issue in `database`, which Django uses, and sends it with `kills` killed workers."""
    from django.utils import timezone

    from blog import sending
    from blog.models import Sending, SendingState

    sink = Sink()
    port = free_port()
    server = Controller(sink, hostname="127.0.0.1", port=port)
    server.start()
    try:
        key, subject = make_newsletter(subscribers)
        with Workers(database, port) as workers:
            sending.plan(key, subject, timezone.now(), None)
            started = time.monotonic()
            for number in range(1, kills + 1):
                wait_for(lambda share=number: sink.total >= subscribers * share / (kills + 1), workers)
                workers.kill_worker()
            wait_for(lambda: Sending.objects.filter(state=SendingState.SENT).exists(), workers)
            seconds = time.monotonic() - started
    finally:
        server.stop()
    return Outcome(seconds, sink, subscribers)


def make_newsletter(subscribers: int) -> tuple[Any, str]:
    """An issue in three languages with a product, and its readers."""
    from django.utils import timezone

    from blog.models import Subscriber
    from blog.tests.factories import make_issue
    from catalog.tests.factories import make_product

    product = make_product(languages=LANGUAGES)
    body = [
        ("paragraph", "<p>What we have unpacked this week.</p>"),
        ("product", {"product": product, "note": "", "when_gone": "hide", "substitute": None}),
    ]
    first = make_issue("en", body=body)
    for code in LANGUAGES[1:]:
        make_issue(code, like=first, body=body)
    Subscriber.objects.bulk_create(
        Subscriber(
            email=f"reader-{number}@example.org",
            language=LANGUAGES[number % 3],
            state="confirmed",
            confirmed_at=timezone.now(),
        )
        for number in range(subscribers)
    )
    return first.translation_key, first.subject


def wait_for(reached: Any, workers: Workers) -> None:
    deadline = time.monotonic() + LONGEST
    while not reached():
        assert time.monotonic() < deadline, workers.logs()
        time.sleep(0.05)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subscribers", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=2)
    wish = parser.parse_args()
    import django

    django.setup()
    database = f"bench_{os.getpid()}"
    try:
        admin_sql(f"CREATE DATABASE {database} TEMPLATE {prepare_template()}")
        use_database(database)
        outcome = send_to_many(database, wish.subscribers, wish.kills)
    finally:
        use_database("postgres")
        admin_sql(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
        for server in SERVERS:
            server.stop()
    sink = outcome.sink
    print(f"{outcome.subscribers} subscribers, {wish.kills} kills: {sink.total} mails in {outcome.seconds:.0f} s")
    print(f"{sink.total / outcome.seconds:.0f} mails a second; languages: {dict(sink.languages)}")
    print(f"addresses without a mail: {outcome.missing}; mails too many: {outcome.duplicates}")


if __name__ == "__main__":
    main()
