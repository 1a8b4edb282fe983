"""The start: `make run` and `make dev` end up here, after the set-up.

Order: lock, leftovers of a killed start, ports, PostgreSQL and Redis, preparation, processes; and back in reverse.
"""

import fcntl
import json
import logging
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from signal import SIGHUP, SIGTERM, signal
from urllib.parse import urlsplit

from config import processes
from config.embedded import Postgres, Redis, Server, ServiceError
from config.environment import (
    demo_values,
    given_values,
    port_problem,
    read_values,
    shared_memory_problem,
    shop_address,
    write_values,
)
from config.processes import say

ROOT = Path(__file__).resolve().parent.parent.parent
RUN = ROOT / "var" / "run"
READY_SECONDS = 90


class Busy(ServiceError):
    """Another start holds this checkout's lock."""


@contextmanager
def only_one() -> Iterator[None]:
    """Holds this checkout's lock. Raises Busy, with who holds it, when it is taken.

    A POSIX record lock: unlike flock it is not inherited by child processes, so a killed start never blocks the next.
    """
    RUN.mkdir(parents=True, exist_ok=True)
    with open(RUN / "lock", "a+") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            holder = json.loads(file.read() or "{}")
            raise Busy(
                f"The shop already runs in this checkout: process {holder.get('pid')}, started {holder.get('since')}, "
                f"at {holder.get('url')}\nStop it with Ctrl-C there, or: kill {holder.get('pid')}"
            ) from None
        address = shop_address(given_values(ROOT))
        note = {"pid": os.getpid(), "since": time.strftime("%H:%M"), "url": f"http://{address.public}:{address.port}/"}
        file.truncate(0)
        file.write(json.dumps(note))
        file.flush()
        yield
        file.truncate(0)


@contextmanager
def services(given: Mapping[str, str]) -> Iterator[tuple[list[Server], dict[str, str]]]:
    """PostgreSQL and Redis, as far as the operator names none of his own, and the values that lead to them."""
    servers: list[Server] = []
    values: dict[str, str] = {}
    with ExitStack() as stack:
        if "DATABASE_URL" not in given:
            postgres = Postgres(ROOT / "var" / "postgres", RUN / "postgres", RUN / "postgres.log")
            stack.callback(postgres.stop)
            say("Starting PostgreSQL …")
            values["DATABASE_URL"] = postgres.start()
            servers.append(postgres)
        if "REDIS_URL" not in given:
            redis = Redis(ROOT / "var" / "redis", RUN / "redis", RUN / "redis.log")
            stack.callback(redis.stop)
            say("Starting Redis …")
            values["REDIS_URL"] = redis.start()
            if "CELERY_BROKER_URL" not in given:
                values["CELERY_BROKER_URL"] = redis.broker_url
            servers.append(redis)
        yield servers, values


def run(debug: bool) -> int:
    """Starts everything and stays until it ends. Returns the exit code: 0 when we were asked to stop."""
    with only_one():
        given = given_values(ROOT)
        if left := processes.end_leftovers(ROOT):
            say(f"Stopped {left} processes that an earlier start left behind.")
        address = shop_address(given)
        if problem := port_problem(address.bind, address.port) or shared_memory_problem():
            raise ServiceError(problem)
        values = demo_values(ROOT, given, read_values(RUN / "env"), debug)
        (ROOT / "var" / "mail").mkdir(exist_ok=True)
        with services(given) as (servers, found):
            values |= found
            write_values(RUN / "env", values)
            path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
            environment = {**os.environ, **values, "PATH": path}
            quiet = {"LOG_LEVEL": given.get("LOG_LEVEL", "WARNING")}
            if subprocess.run([sys.executable, "-m", "config.prepare"], env=environment | quiet, cwd=ROOT).returncode:
                say("\nThe shop could not be prepared; the lines above say why.")
                return 1
            names = {"web", "worker", "scheduler"} | ({"gateway"} if "GATEWAY_PORT" in values else set())
            procfile = ROOT / ("Procfile.dev" if debug else "Procfile")
            say("Starting " + ", ".join(sorted(names)) + " …")
            try:
                failure = processes.run(procfile, names, servers, environment, lambda: welcome(environment))
            finally:
                processes.end_leftovers(ROOT)
        say("Stopped." if failure is None else f"Stopped, because {failure}.")
        return 0 if failure is None else 1


def manage(arguments: list[str]) -> int:
    """One manage.py command: with the running shop's services, or with its own for as long as it takes."""
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    try:
        with only_one():
            given = given_values(ROOT)
            with services(given) as (_servers, found):
                values = demo_values(ROOT, given, read_values(RUN / "env"), debug=False) | found
                return subprocess.run(command, env={**os.environ, **values}, cwd=ROOT).returncode
    except Busy:
        return subprocess.run(command, env={**os.environ, **read_values(RUN / "env")}, cwd=ROOT).returncode


def backup(arguments: list[str]) -> int:
    """`backup [FILE]` beside the running shop or without it; `restore FILE` only without it."""
    command = [sys.executable, "-m", "config.backup", *arguments]
    if arguments[0] == "restore" and not arguments[1:]:
        raise ServiceError("Which file? make restore FILE=var/backups/….tar")
    try:
        with only_one():
            given = given_values(ROOT)
            with services(given) as (_servers, found):
                values = demo_values(ROOT, given, read_values(RUN / "env"), debug=False) | found
                return subprocess.run(command, env={**os.environ, **values}, cwd=ROOT).returncode
    except Busy:
        if arguments[0] == "restore":
            raise
        return subprocess.run(command, env={**os.environ, **read_values(RUN / "env")}, cwd=ROOT).returncode


def reset() -> int:
    """Deletes everything below var/, after a question that FORCE=1 answers."""
    with only_one():
        if os.environ.get("FORCE") != "1":
            try:
                answer = input(f"Delete all orders, products, pictures and mails in {ROOT / 'var'}? Type yes: ")
            except EOFError:
                answer = ""
            if answer.strip().lower() != "yes":
                say("Nothing was deleted.")
                return 1
        processes.end_leftovers(ROOT)
        for server in (Postgres(ROOT / "var" / "postgres", RUN), Redis(ROOT / "var" / "redis", RUN)):
            server.data_dir = server.data_dir.resolve()
            server.clear_leftovers()
        for path in [*(ROOT / "var").iterdir(), *RUN.iterdir()]:
            delete(path)
    say("All data is deleted. `make run` opens a new shop.")
    return 0


def delete(path: Path) -> None:
    """Deletes a file or folder of ours; of a link, also what it leads to. The lock and its folder stay."""
    if path in (RUN, RUN / "lock"):
        return
    if path.is_dir():
        shutil.rmtree(path.resolve())
    if path.is_symlink() or path.is_file():
        path.unlink()


def welcome(environment: Mapping[str, str]) -> None:
    """Waits until the shop is ready and prints where everything is."""
    address = shop_address(environment)
    base = environment["BASE_URL"]
    status = wait_until_ready(f"http://{address.local}:{address.port}/readyz", urlsplit(base).netloc)
    lines = [
        "",
        "Vitrine is open." if status == "ok" else f"The shop runs, but is not ready: {status}",
        f"  Shop            {base}/en/   {base}/de/   {base}/ar/",
        f"  Admin           {base}/admin/",
        f"  Translations    {base}/rosetta/",
    ]
    if environment.get("STORE_DEMO") == "1":
        lines.append(f"  Mails           {base}/demo/mail/")
    if public := environment.get("GATEWAY_PUBLIC_BASE"):
        lines.append(f"  Demo payments   {public}/   (no money moves)")
    logins = RUN / "logins"
    if logins.exists():
        lines += ["", "Demo logins for the admin:"]
        lines += ["  {1:<12} {2:<16} {0}".format(*line.split("\t")) for line in logins.read_text().splitlines()]
    say("\n".join([*lines, "", "Ctrl-C stops everything.", ""]))


def wait_until_ready(url: str, host: str) -> str:
    """Asks /readyz until it says yes; returns "ok", or the last answer when patience ends."""
    request = urllib.request.Request(url, headers={"Host": host})
    answer = "no answer"
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(request, timeout=5):
                return "ok"
        except urllib.error.HTTPError as error:
            answer = error.read(500).decode(errors="replace")
        except OSError as error:
            answer = str(error)
        time.sleep(0.3)
    return answer


def main(arguments: list[str]) -> int:
    """`run` (default), `dev`, `reset`, `backup [FILE]`, `restore FILE`, or `manage` with a manage.py command line."""
    logging.basicConfig(format="%(message)s")
    logging.getLogger("config").setLevel(logging.INFO)
    for number in (SIGTERM, SIGHUP):
        signal(number, lambda number, _frame: sys.exit(128 + number))
    try:
        if arguments[:1] == ["manage"]:
            return manage(arguments[1:])
        if arguments[:1] in (["backup"], ["restore"]):
            return backup(arguments)
        if arguments == ["reset"]:
            return reset()
        return run(debug=arguments == ["dev"])
    except ServiceError as problem:
        say(str(problem))
        return 1
    except KeyboardInterrupt:
        say("\nStopped.")
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
