"""Real servers in folders of their own, one pair for each test that asks."""

import itertools
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.embedded import Postgres, Redis, Server


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that PostgreSQL's account may enter (pytest's own is closed to it), with a short path."""
    path = Path(tempfile.mkdtemp(prefix="vitrine-test-", dir="/tmp"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def postgres(folder: Path) -> Iterator[Callable[..., Postgres]]:
    """Makes servers on the folder given (default: always the same one); all are stopped at the end."""
    yield from _makers(Postgres, folder)


@pytest.fixture
def redis(folder: Path) -> Iterator[Callable[..., Redis]]:
    yield from _makers(Redis, folder)


def _makers(kind, folder: Path):
    made: list[Server] = []
    numbers = itertools.count()

    def make(data_dir: Path | None = None, socket_dir: Path | None = None, **options) -> Server:
        name = kind.__name__.lower()
        server = kind(data_dir or folder / name, socket_dir or folder / f"{name}-{next(numbers)}", **options)
        made.append(server)
        return server

    yield make
    for server in made:
        server.stop()
