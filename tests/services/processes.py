"""Killing what a test has started."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

import psutil


def kill(processes: Iterable[psutil.Process]) -> None:
    """All of them, at once; the children of one that died may be gone before their turn."""
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.kill()
