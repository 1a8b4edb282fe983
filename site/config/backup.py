"""Backup and restore of the whole shop: one file with the database and the uploaded files.

Interface texts, carts and invoices live in the database; secrets (.env) do not: keep them apart. `make backup` and
`make restore FILE=…` call this with the services up. Restoring is one transaction: it is all there, or nothing changed.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection

DUMP, MANIFEST, MEDIA = "database.dump", "manifest.json", "media"
# What libpq's programs are told through their environment, where no list of processes shows it.
VARIABLES = {
    "dbname": "PGDATABASE", "user": "PGUSER", "password": "PGPASSWORD", "host": "PGHOST", "port": "PGPORT",
    "service": "PGSERVICE", "passfile": "PGPASSFILE", "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY",
}  # fmt: skip
EMPTY = "DROP SCHEMA public CASCADE; CREATE SCHEMA public;\n"


class BackupError(RuntimeError):
    """It cannot be done; the message tells the operator what to do. Nothing was changed."""


def program(name: str) -> str:
    """A client program of PostgreSQL that is not older than the server: from the PATH, or of the embedded one.

    Raises BackupError.
    """
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        wanted = int(cursor.fetchone()[0]) // 10000
    found = [path for path in (shutil.which(name), embedded(name)) if path]
    for path in found:
        if major_of(path) >= wanted:
            return path
    have = ", ".join(f"{path} is {major_of(path)}" for path in found) or "there is none"
    raise BackupError(
        f"{name} {wanted} or newer is needed for this PostgreSQL server; {have}.\n"
        f"Install the client programs (Debian: postgresql-client-{wanted}) and put them on the PATH."
    )


def embedded(name: str) -> str | None:
    """The program that came with the embedded PostgreSQL; an image has none."""
    try:
        from config.embedded import POSTGRES_PROGRAMS
    except (PackageNotFoundError, StopIteration):
        return None
    path = POSTGRES_PROGRAMS / name
    return str(path) if path.exists() else None


def major_of(path: str) -> int:
    told = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout
    number = re.search(r"(\d+)(?:\.\d+|devel|beta|rc)", told)
    return int(number[1]) if number else 0


def run(arguments: list[str]) -> None:
    """Runs a client program on the shop's database. Raises BackupError with what it said."""
    params = connection.get_connection_params()
    known = {variable: str(params[name]) for name, variable in VARIABLES.items() if params.get(name)}
    answer = subprocess.run(arguments, env={**os.environ, **known}, capture_output=True, text=True)
    if answer.returncode:
        raise BackupError(f"{Path(arguments[0]).name} failed:\n{answer.stderr.strip()[-2000:]}")


def backup(target: Path) -> dict[str, Any]:
    """Writes the file, readable by its owner only. Returns its manifest. An interrupted one leaves only `….part`."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        dump = Path(folder) / DUMP
        # The database first: every file that it names is still there when the files are read.
        run([program("pg_dump"), "--format=custom", "--no-owner", "--no-privileges", "--file", str(dump)])
        manifest = facts() | {"sha256": digest(dump)}
        described = Path(folder) / MANIFEST
        described.write_text(json.dumps(manifest, indent=2))
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            with tarfile.open(fileobj=file, mode="w") as tar:
                tar.add(described, MANIFEST)
                tar.add(dump, DUMP)
                if Path(settings.MEDIA_ROOT).is_dir():
                    tar.add(settings.MEDIA_ROOT, MEDIA)
            file.flush()
            os.fsync(file.fileno())
    part.rename(target)
    return manifest


def facts() -> dict[str, Any]:
    """What an operator compares after a restore."""
    from commerce.models import DocumentCounter, Order

    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version'), pg_database_size(current_database())")
        version, size = cursor.fetchone()
    counters = DocumentCounter.objects.order_by("kind", "year")
    return {
        "made_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "postgres": version,
        "database_bytes": size,
        "orders": Order.objects.count(),
        "last_numbers": {f"{row.kind} {row.year}": row.last for row in counters},
        "files": sum(path.is_file() for path in Path(settings.MEDIA_ROOT).rglob("*")),
    }


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def restore(source: Path, force: bool = False) -> dict[str, Any]:
    """Brings database and files back, and the tables up to date. Returns the facts of the restored shop.

    Raises BackupError; then nothing was changed. `force`: what is there now is replaced.
    """
    check_target(force)
    media = Path(settings.MEDIA_ROOT)
    media.mkdir(parents=True, exist_ok=True)
    aside = media / ".restoring"
    shutil.rmtree(aside, ignore_errors=True)
    try:
        with tempfile.TemporaryDirectory() as folder:
            unpack(source, Path(folder), aside)
            bring_back(Path(folder))
        exchange(media, aside / MEDIA)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    connection.close()
    call_command("migrate", interactive=False, verbosity=0)
    cache.clear()
    return facts()


def check_target(force: bool) -> None:
    """Raises BackupError unless the database is empty, or to be replaced, and nobody works on it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "AND backend_type = 'client backend'"
        )
        others = cursor.fetchone()[0]
        cursor.execute("SELECT to_regclass('django_migrations') IS NOT NULL")
        filled = cursor.fetchone()[0]
    if others:
        raise BackupError(f"{others} other connections work on this database. Stop the shop first, all its processes.")
    if filled and not force:
        raise BackupError("There is a shop in this database. To replace it and its files: FORCE=1.")


def unpack(source: Path, folder: Path, aside: Path) -> None:
    """The dump into `folder`, the files into `aside`. Raises BackupError unless the file is whole."""
    try:
        with tarfile.open(source) as tar:
            tar.extract(MANIFEST, folder, filter="data")
            tar.extract(DUMP, folder, filter="data")
            files = [member for member in tar.getmembers() if member.name.split("/")[0] == MEDIA]
            tar.extractall(aside, files, filter="data")
        manifest = json.loads((folder / MANIFEST).read_text())
    except (OSError, KeyError, ValueError, tarfile.TarError) as error:
        raise BackupError(f"{source} is no whole backup: {error}") from error
    if digest(folder / DUMP) != manifest.get("sha256"):
        raise BackupError(f"{source} is damaged: the database in it is not the one that was saved.")


def bring_back(folder: Path) -> None:
    """The dump as statements, then all of them in one transaction with the emptying before it."""
    statements, emptying = folder / "restore.sql", folder / "empty.sql"
    options = ["--no-owner", "--no-privileges", "--no-comments"]
    run([program("pg_restore"), *options, "--file", str(statements), str(folder / DUMP)])
    emptying.write_text(EMPTY)
    connection.close()
    quiet = ["--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--output", os.devnull]
    run([program("psql"), *quiet, "--single-transaction", "--file", str(emptying), "--file", str(statements)])


def exchange(media: Path, brought: Path) -> None:
    """The folder's content against the one brought along; the folder itself may be a mount and stays."""
    for old in media.iterdir():
        if old != brought.parent:
            shutil.rmtree(old) if old.is_dir() and not old.is_symlink() else old.unlink()
    for new in brought.iterdir() if brought.is_dir() else ():
        new.rename(media / new.name)


def main(arguments: list[str]) -> int:
    """`backup [FILE]` or `restore FILE`; FORCE=1 in the environment replaces what is there."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    started = time.monotonic()
    try:
        if arguments[0] == "backup":
            name = time.strftime("vitrine-%Y%m%d-%H%M%S.tar")
            target = Path(arguments[1]) if arguments[1:] else settings.VAR_DIR / "backups" / name
            told = backup(target)
        else:
            target = Path(arguments[1])
            told = restore(target, force=os.environ.get("FORCE") == "1")
    except BackupError as problem:
        print(problem, file=sys.stderr)
        return 1
    numbers = ", ".join(f"{name}: {last}" for name, last in told["last_numbers"].items()) or "none yet"
    print(f"{arguments[0].capitalize()} of {target} took {time.monotonic() - started:.1f} s.")
    print(f"{told['orders']} orders, {told['files']} files, last document numbers: {numbers}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
