"""The examples in docstrings are true."""

import doctest
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("site", "catalog", "commerce", "blog", "search", "translation", "editorial")


def modules() -> Iterator[str]:
    """Names of those that have examples; `site/` is on the path itself."""
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            if "tests" not in path.parts and "\n    >>> " in path.read_text():
                yield ".".join(path.relative_to(ROOT / room if room == "site" else ROOT).with_suffix("").parts)


def test_there_are_some():
    assert {"core.feeds", "demo.journal", "search.words"} <= set(modules())


@pytest.mark.parametrize("name", list(modules()))
def test_they_say_what_happens(name):
    result = doctest.testmod(import_module(name))

    assert result.attempted
    assert not result.failed
