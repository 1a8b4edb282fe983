"""`make run` after the set-up, in a copy of this checkout: one start at a time, every end said, every restart clean.

The demo stays out (STORE_DEMO=0), its content and its payment gateway, which makes a start a matter of seconds. They
are many still: a test that needs an open shop takes what the one before has left open, and starts one else.
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
from collections.abc import Callable, Iterator
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
            "WEB_WORKERS": "1",
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

    @property
    def is_open(self) -> bool:
        return self.process is not None and self.process.poll() is None

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

    def is_found(self, words: str) -> bool:
        return any(words in " ".join(process.cmdline()) for process in self.processes())

    def database(self) -> psycopg.Connection:
        return psycopg.connect(read_values(self.root / "var" / "run" / "env")["DATABASE_URL"], autocommit=True)


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="vitrine-run-", dir="/tmp"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="module")
def shop(home: Path) -> Iterator[Shop]:
    """A checkout that was never started: the first start makes its tables and collects its static files."""
    shutil.copytree(ROOT, home / "shop", ignore=LEFT_OUT)
    shop = Shop(home / "shop", free_port())
    yield shop
    kill(shop.processes())


@pytest.fixture
def opened(shop: Shop) -> Shop:
    if not shop.is_open:
        shop.open()
    return shop


@pytest.fixture
def closed(shop: Shop) -> Shop:
    """Its data are those of an earlier start."""
    if not (shop.root / "var").exists():
        shop.open()
    if shop.is_open:
        assert shop.stop() == 0
    return shop


def test_it_works(opened: Shop) -> None:
    assert opened.get("/healthz").status_code == opened.get("/readyz").status_code == 200
    assert opened.get("/static/admin/css/base.css").status_code in (200, 404)  # hashed names only, or both
    for address in ("/en/", "/ar/", "/admin/", "/rosetta/"):
        assert f"http://localhost:{opened.port}{address}" in opened.output
    assert (opened.root / "var" / "run" / "env").stat().st_mode & 0o777 == 0o600


def test_second_start_is_refused_and_says_who_runs(opened: Shop) -> None:
    command = [sys.executable, "-m", "config.run"]
    second = subprocess.run(
        command, cwd=opened.root, env=opened.environment, capture_output=True, text=True, check=False
    )

    assert opened.process and second.returncode == 1
    assert f"already runs in this checkout: process {opened.process.pid}" in second.stdout
    assert f"http://localhost:{opened.port}/" in second.stdout
    assert opened.get("/healthz").status_code == 200


def test_worker_and_scheduler_are_started_again_while_the_shop_stays_open(opened: Shop) -> None:
    before = {words: opened.find(words) for words in ("celery worker", "celery beat", "--interface wsgi")}

    before["celery worker"].kill()
    before["celery beat"].terminate()  # it ends with 0: that is no wish to stop the shop

    wait_until(lambda: opened.output.count("it is started again in 1 s") == 2, opened)
    assert re.search(r"worker +\| was killed by SIGKILL; it is started again in 1 s", opened.output)
    assert re.search(r"scheduler +\| ended with exit code 0; it is started again in 1 s", opened.output)
    wait_until(lambda: all(opened.is_found(words) for words in before), opened)
    after = {words: opened.find(words) for words in before}
    assert [words for words in before if before[words].pid == after[words].pid] == ["--interface wsgi"]


def wait_until(is_true: Callable[[], bool], shop: Shop, seconds: float = 20) -> None:
    """The shop answers all the time."""
    deadline = time.monotonic() + seconds
    while not is_true():
        assert shop.get("/healthz").status_code == 200
        assert time.monotonic() < deadline, shop.output
        time.sleep(0.1)


def test_start_after_its_own_death_replaces_what_still_runs(opened: Shop) -> None:
    with opened.database() as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1")
    assert opened.process
    opened.process.kill()
    opened.process.wait()
    orphans = {process.pid for process in opened.processes()}
    assert opened.get("/healthz").status_code == 200

    opened.open()

    assert re.search(r"Stopped \d+ processes that an earlier start left behind", opened.output)
    assert not orphans & {process.pid for process in opened.processes()}
    with opened.database() as connection:
        assert connection.execute("SELECT * FROM kept").fetchall() == [(1,)]
        connection.execute("DROP TABLE kept")


def test_start_after_everything_died(opened: Shop) -> None:
    kill(opened.processes())
    assert opened.process
    opened.process.wait()

    opened.open()

    assert opened.get("/readyz").status_code == 200


def test_ctrl_c_stops_all_of_it(opened: Shop) -> None:
    assert opened.stop(signal.SIGINT) == 0

    assert opened.output.rstrip().endswith("Stopped.")
    assert opened.processes() == []


def test_management_command_brings_its_own_servers_and_ends_them(closed: Shop) -> None:
    closed.launch("manage", "showmigrations", "--plan")

    assert closed.end() == 0, closed.output
    assert "[X]  wagtailcore" in closed.output
    assert closed.processes() == []


def test_port_in_use_is_named_before_anything_starts(closed: Shop) -> None:
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections of earlier tests still linger
        taken.bind(("127.0.0.1", closed.port))
        taken.listen()

        closed.launch()

        assert closed.end() == 1
    assert f"Port {closed.port} is used by" in closed.output and f"(process {os.getpid()})" in closed.output
    assert "Starting" not in closed.output


def test_copied_checkout_runs_beside_the_first(closed: Shop, home: Path) -> None:
    other = copied(closed, home / "copy")
    lock = closed.root / "var" / "run" / "lock"
    lock.write_text(json.dumps({"pid": os.getpid(), "since": "00:00", "url": "nowhere"}))  # it outlives no process
    try:
        closed.open()
        other.open()

        assert closed.get("/readyz").status_code == other.get("/readyz").status_code == 200
        assert "GATEWAY_PORT" not in read_values(closed.root / "var" / "run" / "env")  # no demo, no stand-in for Stripe
        expect_its_end(other, "postgres -D", "PostgreSQL was killed by SIGKILL")
        assert closed.get("/readyz").status_code == 200
    finally:
        kill(other.processes())


def copied(shop: Shop, place: Path) -> Shop:
    """The same checkout once more, with the owners of its data."""
    shutil.copytree(shop.root, place, symlinks=True, ignore=shutil.ignore_patterns(".s.*"))  # sockets
    for path in [place / "var" / "postgres", *(place / "var" / "postgres").rglob("*")]:
        owner = (shop.root / path.relative_to(place)).stat()
        os.chown(path, owner.st_uid, owner.st_gid)
    return Shop(place, free_port())


@pytest.mark.parametrize(
    ("words", "said"),
    [("--interface wsgi", "Web was killed by SIGKILL"), ("valkey-server", "Redis was killed by SIGKILL")],
)
def test_what_the_shop_cannot_do_without_is_named_when_it_dies_and_ends_the_rest(
    opened: Shop, words: str, said: str
) -> None:
    expect_its_end(opened, words, said)


def expect_its_end(shop: Shop, words: str, said: str) -> None:
    shop.find(words).kill()

    assert shop.end() == 1
    assert said in shop.output
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


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stop_while_a_worker_is_away_does_not_start_it(tmp_path: Path, number: signal.Signals) -> None:
    (tmp_path / "Procfile").write_text("web: exec sleep 60\nworker: echo begun; exit 3\n")
    command = [sys.executable, "-c", ENDING.replace("0.1", "60"), str(tmp_path / "Procfile")]
    with subprocess.Popen(command, env={"PYTHONPATH": str(ROOT / "site")}, stdout=subprocess.PIPE, text=True) as shop:
        assert shop.stdout
        said = iter(shop.stdout.readline, "")
        assert any("it is started again in 60 s" in line for line in said)

        family = [psutil.Process(shop.pid), *psutil.Process(shop.pid).children(recursive=True)]
        shop.send_signal(number)

        try:
            assert shop.wait(10) == 0
        finally:
            kill(family)
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


CHATTY = """
import io, os, signal, sys
from pathlib import Path

class Terminal(io.RawIOBase):
    def writable(self):
        return True

    def write(self, data):
        if b"begun" in bytes(data):
            os.kill(os.getpid(), signal.SIGTERM)  # its handler runs before this line is out
        return os.write(1, data)

sys.stdout = io.TextIOWrapper(io.BufferedWriter(Terminal()))
from config import processes
sys.exit(processes.run(Path(sys.argv[1]), {"web", "worker"}, [], {}, lambda: None))
"""


@pytest.mark.parametrize("code", [EARLY, CHATTY], ids=["before all have started", "while a line is printed"])
def test_a_stop_at_an_awkward_moment_stops_all(tmp_path: Path, code: str) -> None:
    (tmp_path / "Procfile").write_text("web: exec sleep 60\nworker: echo begun; exec sleep 60\n")
    command = [sys.executable, "-c", code, str(tmp_path / "Procfile")]

    ended = subprocess.run(
        command, env={"PYTHONPATH": str(ROOT / "site")}, capture_output=True, text=True, timeout=30, check=False
    )

    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.count("Stopping …") == 1
