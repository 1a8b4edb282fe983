"""Which tests of a parallel run stay on one process: those that share what they have started. The longest come first,
so that at the end no process works on them while the others have nothing.

pytest-xdist's groups (`--dist loadgroup`) do nothing under pytest 9.2: they write to a name that it no longer reads.
"""

from __future__ import annotations

from typing import Any

import pytest

TOGETHER = (
    "tests/journeys/",
    "tests/services/test_run.py",
    "tests/faults/",
    "tests/races/",
    "tests/markup/",
)


def place(nodeid: str) -> str:
    """What a test stays together with; its own name when it stands alone."""
    return next((folder for folder in TOGETHER if nodeid.startswith(folder)), nodeid)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    ranks = {folder: rank for rank, folder in enumerate(TOGETHER)}
    items.sort(key=lambda item: ranks.get(place(item.nodeid), len(ranks)))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    from xdist.scheduler import LoadScopeScheduling

    class Together(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return place(nodeid)

    config.option.loadscopereorder = False  # the order above, not by how many there are of each
    return Together(config, log)
