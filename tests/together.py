"""Jobs that meet: real threads, real transactions, one database connection each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connection, connections


def at_once(jobs: Sequence[Callable[[], Any]]) -> list[Any]:
    """Runs the jobs in as many threads, started together once all are connected.

    Returns what each returned or raised.
    """
    start = Barrier(len(jobs))

    def run(job: Callable[[], Any]) -> Any:
        try:
            connection.ensure_connection()
            start.wait(60)
            return job()
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def done_at_once(jobs: Sequence[Callable[[], Any]]) -> list[Any]:
    """The same for jobs of which none may fail: raises what any of them raised."""
    results = at_once(jobs)
    if errors := [result for result in results if isinstance(result, Exception)]:
        raise ExceptionGroup("at once", errors)
    return results
