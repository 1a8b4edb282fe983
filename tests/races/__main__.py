"""Runs every race ten times, and then once without its guard:  python -m tests.races --runs 10 --only "coupon"

Prints a table. Ends with 1 when a promise was broken, or when a race found nothing wrong without its guard.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import TextIO

import django

from tests.environment import SERVERS, prepare_template, use_database

COLUMNS = "{:<24}{:>5}{:>8}{:>6}{:>9}{:>11}{:>5}{:>10}  {}"
HEADER = COLUMNS.format(
    "race", "runs", "buyers", "sold", "refused", "deadlocks", "5xx", "worst ms", "without its guard"
)


@dataclass
class Row:
    """What the runs of one race have given. `unguarded`: what the run without its guard did, or ""."""

    race: Race
    runs: list[Outcome] = field(default_factory=list)
    deadlocks: int = 0
    unguarded: str = ""

    @property
    def wrong(self) -> list[str]:
        return [f"{self.race.name}: {each}" for run in self.runs for each in [*run.wrong, *self.failed(run)]]

    def failed(self, run: Outcome) -> Iterator[str]:
        yield from (f"answered {answer.status} {answer.text[:200]}" for answer in run.answers if answer.failed)

    def __str__(self) -> str:
        sums = (sum(getattr(run, name) for run in self.runs) for name in ("sold", "refused"))
        worst = f"{max(run.worst for run in self.runs) * 1000:.0f}"
        errors = sum(run.errors for run in self.runs)
        buyers = self.race.buyers
        return COLUMNS.format(
            self.race.name, len(self.runs), buyers, *sums, self.deadlocks, errors, worst, self.unguarded
        )


def run_guarded(rows: Sequence[Row], times: int) -> list[str]:
    """Fills the rows; returns what was wrong."""
    with Shop() as shop:
        for row in rows:
            before = shop.deadlocks()
            for number in range(1, times + 1):
                row.runs.append(row.race.run(shop, row.race.buyers))
                say(f"{row.race.name}: run {number} of {times}")
            row.deadlocks = shop.deadlocks() - before
            say("")
            print(row, file=sys.stderr)
        wrong = [f"audit: {violation}" for violation in audit()["violations"]]
        counted = shop.counted_deadlocks()
    return [*wrong, *(problem for row in rows for problem in row.wrong), *([f"{counted} deadlocks"] if counted else [])]


def run_unguarded(rows: Sequence[Row]) -> list[str]:
    """Notes in each row what goes wrong without its guard; returns those where nothing did."""
    unhurt = []
    by_guard = sorted(rows, key=lambda row: row.race.guard)
    for guard, sharing in groupby(by_guard, key=lambda row: row.race.guard):
        group = list(sharing)
        with Shop(without=[guard], worker=any(row.race.worker for row in group)) as shop:
            for row in group:
                say(f"{row.race.name} without its guard ({GUARDS[guard].says})")
                broken = row.race.until_broken(shop)
                row.unguarded = f"{GUARDS[guard].says}: {broken}"
                if not broken:
                    unhurt.append(f"{row.race.name}: nothing went wrong without its guard, so it proves nothing")
    return unhurt


def say(text: str, to: TextIO = sys.stderr) -> None:
    if to.isatty():
        print(f"\r\033[K{text}", end="", file=to, flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="make races", description="Races over HTTP, with every guard and without it")
    parser.add_argument("--runs", type=int, default=10, help="how often each race is run with its guard")
    parser.add_argument("--only", default="", help="races whose name contains this")
    wish = parser.parse_args()
    rows = [Row(race) for race in RACES if wish.only in race.name]
    if not rows or wish.runs < 1:
        parser.error(f"there is no such race; there are: {', '.join(race.name for race in RACES)}")
    start = time.monotonic()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # ends the shop's processes, too
    try:
        prepare_template()
        use_database("postgres")
        wrong = run_guarded(rows, wish.runs) + run_unguarded(rows)
    finally:
        for server in SERVERS:
            server.stop()
    say("")
    print(HEADER, *rows, sep="\n")
    print(f"{time.monotonic() - start:.0f} s. " + ("Every promise was kept." if not wrong else "Broken:"))
    print(*wrong, sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    django.setup()
    from commerce.audit import audit
    from tests.races.races import RACES, Outcome, Race
    from tests.races.shop import Shop
    from tests.races.unguarded import GUARDS

    sys.exit(main())
