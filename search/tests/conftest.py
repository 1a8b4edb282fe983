from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager

import pytest

from search import index


@pytest.fixture
def caught_up(django_capture_on_commit_callbacks) -> Callable:
    """`with caught_up():` does what follows a commit when the block ends; the database itself is rolled back later."""

    @contextmanager
    def block():
        with django_capture_on_commit_callbacks(execute=True):
            yield
        index.catch_up()

    return block
