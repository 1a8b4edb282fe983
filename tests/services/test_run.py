"""`make run` after the set-up, in a copy of this checkout: one start at a time, every end said, every restart clean.

The demo stays out (STORE_DEMO=0), its content and its payment gateway, which makes a start a matter of seconds.
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
import requests

from config.embedded import servers_on
from config.environment import read_values
from config.processes import MARK, leftovers
from tests.environment import ROOT
from tests.journeys.stack import free_port
from tests.services.processes import kill

LEFT_OUT = shutil.ignore_patterns(".venv", "var", ".git", ".env", "__pycache__", ".*_cache", "tests", "docs")


class Shop:
    """A checkout that can be started. `output` is what the last start has said so far."""

    def __init__(self, root: Path, port: int) -> None:
        self.root, self.port = root, port
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": f"{self.root / 'site'}:{self.root}",
            "PORT": str(self.port),
            "STORE_DEMO": "0",
            MARK: str(self.root),
        }

    @property
    def output(self) -> str:
        return (self.root / "output").read_text()

    def launch(self, *arguments: str) -> None:
        with (self.root / "output").open("wb") as output:
            command = [sys.executable, "-m", "config.run", *arguments]
            self.process = subprocess.Popen(
                command, cwd=self.root, env=self.environment, stdout=output, stderr=output, start_new_session=True
            )

    def open(self) -> None:
        """Starts it and waits until it says that it is open."""
        self.launch()
        assert self.process
        deadline = time.monotonic() + 120
        while "Vitrine is open." not in self.output:
            assert self.process.poll() is None and time.monotonic() < deadline, self.output
            time.sleep(0.1)

    def end(self, seconds: float = 40) -> int:
        """Waits until it has ended; returns its exit code."""
        assert self.process
        return self.process.wait(seconds)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        assert self.process
        self.process.send_signal(number)
        return self.end()

    def get(self, path: str) -> requests.Response:
        return requests.get(f"http://127.0.0.1:{self.port}{path}", timeout=10, allow_redirects=False)

    def processes(self) -> list[psutil.Process]:
        """Everything of this checkout that runs, servers included."""
        found = leftovers(self.root)
        for program, data in (("postgres", "postgres"), ("valkey-server", "redis")):
            found += servers_on((self.root / "var" / data).resolve(), program)
        return found

    def find(self, words: str) -> psutil.Process:
        """The first process with these words in its command line."""
        matching = [process for process in self.processes() if words in " ".join(process.cmdline())]
        return min(matching, key=lambda process: process.pid)

    def database(self) -> psycopg.Connection:
        return psycopg.connect(read_values(self.root / "var" / "run" / "env")["DATABASE_URL"], autocommit=True)


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="vitrine-run-", dir="/tmp"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="module")
def prepared(home: Path) -> Shop:
    """A checkout that was started and stopped once: its tables are made and its static files collected."""
    shutil.copytree(ROOT, home / "shop", ignore=LEFT_OUT)
    shop = Shop(home / "shop", free_port())
    shop.open()
    assert shop.get("/healthz").status_code == 200
    assert shop.stop() == 0
    return shop


@pytest.fixture
def shop(prepared: Shop) -> Iterator[Shop]:
    yield prepared
    kill(prepared.processes())


def test_it_works(shop: Shop) -> None:
    shop.open()

    assert shop.get("/readyz").status_code == 200
    assert shop.get("/static/admin/css/base.css").status_code in (200, 404)  # hashed names only, or both
    for address in ("/en/", "/ar/", "/admin/", "/rosetta/"):
        assert f"http://localhost:{shop.port}{address}" in shop.output
    assert (shop.root / "var" / "run" / "env").stat().st_mode & 0o777 == 0o600

    assert shop.stop(signal.SIGINT) == 0
    assert shop.output.rstrip().endswith("Stopped.")
    assert shop.processes() == []


def test_second_start_is_refused_and_says_who_runs(shop: Shop) -> None:
    shop.open()

    command = [sys.executable, "-m", "config.run"]
    second = subprocess.run(command, cwd=shop.root, env=shop.environment, capture_output=True, text=True, check=False)

    assert shop.process and second.returncode == 1
    assert f"already runs in this checkout: process {shop.process.pid}" in second.stdout
    assert f"http://localhost:{shop.port}/" in second.stdout
    assert shop.get("/healthz").status_code == 200
    assert shop.stop() == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--interface wsgi", "Web was killed by SIGKILL"),
        ("postgres -D", "PostgreSQL was killed by SIGKILL"),
        ("valkey-server", "Redis was killed by SIGKILL"),
    ],
)
def test_what_the_shop_cannot_do_without_is_named_when_it_dies_and_ends_the_rest(
    shop: Shop, words: str, said: str
) -> None:
    shop.open()

    shop.find(words).kill()

    assert shop.end() == 1
    assert said in shop.output
    assert shop.processes() == []


def test_worker_and_scheduler_are_started_again_while_the_shop_stays_open(shop: Shop) -> None:
    shop.open()
    before = {words: shop.find(words) for words in ("celery worker", "celery beat", "--interface wsgi")}

    before["celery worker"].kill()
    before["celery beat"].terminate()  # it ends with 0: that is no wish to stop the shop

    deadline = time.monotonic() + 20
    while shop.output.count("it is started again in 1 s") < 2 and time.monotonic() < deadline:
        assert shop.get("/healthz").status_code == 200
    assert re.search(r"worker +\| was killed by SIGKILL; it is started again in 1 s", shop.output)
    assert re.search(r"scheduler +\| ended with exit code 0; it is started again in 1 s", shop.output)
    time.sleep(3)
    after = {words: shop.find(words) for words in before}
    assert [words for words in before if before[words].pid == after[words].pid] == ["--interface wsgi"]
    assert shop.stop() == 0
    assert shop.processes() == []


ENDING = """
import sys
from pathlib import Path
from config import kept, processes

kept.PAUSES = (0.1, 0.1, 0.1, 0.1, 0.1)
sys.exit(processes.run(Path(sys.argv[1]), {"web", "worker"}, [], {}, lambda: None))
"""


@pytest.mark.parametrize("worker", ["echo begun; exit 3", "echo begun; kill -9 $$"])
def test_a_worker_that_keeps_ending_ends_the_shop(tmp_path: Path, worker: str) -> None:
    (tmp_path / "Procfile").write_text(f"web: exec sleep 60\nworker: {worker}\n")
    command = [sys.executable, "-c", ENDING, str(tmp_path / "Procfile")]

    ended = subprocess.run(
        command, env={"PYTHONPATH": str(ROOT / "site")}, capture_output=True, text=True, timeout=30, check=False
    )

    how = "ended with exit code 3" if "exit 3" in worker else "was killed by SIGKILL"
    sentence = f"worker {how}, though it was started again 5 times within 300 seconds"
    assert ended.stderr.strip() == sentence
    assert f"W{sentence[1:]}. Stopping everything else …" in ended.stdout
    assert ended.stdout.count("begun") == 6


def test_a_stop_while_a_worker_is_away_does_not_start_it(tmp_path: Path) -> None:
    (tmp_path / "Procfile").write_text("web: exec sleep 60\nworker: echo begun; exit 3\n")
    command = [sys.executable, "-c", ENDING.replace("0.1", "60"), str(tmp_path / "Procfile")]
    with subprocess.Popen(command, env={"PYTHONPATH": str(ROOT / "site")}, stdout=subprocess.PIPE, text=True) as shop:
        assert shop.stdout
        said = iter(shop.stdout.readline, "")
        assert any("it is started again in 60 s" in line for line in said)

        shop.terminate()

        assert shop.wait(10) == 0
        assert "begun" not in shop.stdout.read()


EARLY = """
import os, signal, sys
from pathlib import Path
from config import kept, processes

class Early(kept.Manager):
    def _start(self):
        super()._start()
        os.kill(os.getpid(), signal.SIGTERM)  # nothing of what the processes say has been read

processes.Manager = Early
sys.exit(processes.run(Path(sys.argv[1]), {"web", "worker"}, [], {}, lambda: None))
"""


def test_a_stop_before_all_have_started_stops_them(tmp_path: Path) -> None:
    (tmp_path / "Procfile").write_text("web: exec sleep 60\nworker: exec sleep 60\n")
    command = [sys.executable, "-c", EARLY, str(tmp_path / "Procfile")]

    ended = subprocess.run(
        command, env={"PYTHONPATH": str(ROOT / "site")}, capture_output=True, text=True, timeout=30, check=False
    )

    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.count("Stopping …") == 1


def test_start_after_its_own_death_replaces_what_still_runs(shop: Shop) -> None:
    shop.open()
    with shop.database() as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1")
    assert shop.process
    shop.process.kill()
    shop.process.wait()
    orphans = {process.pid for process in shop.processes()}
    assert shop.get("/healthz").status_code == 200

    shop.open()

    assert re.search(r"Stopped \d+ processes that an earlier start left behind", shop.output)
    assert not orphans & {process.pid for process in shop.processes()}
    with shop.database() as connection:
        assert connection.execute("SELECT * FROM kept").fetchall() == [(1,)]
        connection.execute("DROP TABLE kept")
    assert shop.stop() == 0


def test_start_after_everything_died(shop: Shop) -> None:
    shop.open()
    kill(shop.processes())
    assert shop.process
    shop.process.wait()

    shop.open()

    assert shop.get("/readyz").status_code == 200
    assert shop.stop() == 0


def test_port_in_use_is_named_before_anything_starts(shop: Shop) -> None:
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections of earlier tests still linger
        taken.bind(("127.0.0.1", shop.port))
        taken.listen()

        shop.launch()

        assert shop.end() == 1
    assert f"Port {shop.port} is used by" in shop.output and f"(process {os.getpid()})" in shop.output
    assert "Starting" not in shop.output


def test_copied_checkout_runs_beside_the_first(shop: Shop, home: Path) -> None:
    shutil.copytree(shop.root, home / "copy", symlinks=True, ignore=shutil.ignore_patterns(".s.*"))  # sockets
    for path in (home / "copy" / "var" / "postgres").rglob("*"):
        owner = (shop.root / path.relative_to(home / "copy")).stat()
        os.chown(path, owner.st_uid, owner.st_gid)
    other = Shop(home / "copy", free_port())
    os.chown(home / "copy/var/postgres", *owner_of(shop.root / "var" / "postgres"))
    try:
        shop.open()
        other.open()

        assert shop.get("/readyz").status_code == other.get("/readyz").status_code == 200
        assert "GATEWAY_PORT" not in read_values(shop.root / "var" / "run" / "env")  # no demo, no stand-in for Stripe

        assert shop.stop() == 0
        assert other.get("/readyz").status_code == 200
        assert other.stop() == 0
    finally:
        kill(other.processes())


def owner_of(path: Path) -> tuple[int, int]:
    return path.stat().st_uid, path.stat().st_gid


def test_management_command_brings_its_own_servers_and_ends_them(shop: Shop) -> None:
    shop.launch("manage", "showmigrations", "--plan")

    assert shop.end() == 0, shop.output
    assert "[X]  wagtailcore" in shop.output
    assert shop.processes() == []


def test_lock_outlives_no_process(shop: Shop) -> None:
    lock = shop.root / "var" / "run" / "lock"
    lock.write_text(json.dumps({"pid": os.getpid(), "since": "00:00", "url": "nowhere"}))

    shop.open()

    assert shop.stop() == 0
