"""How well and how fast the search finds.

    python -m tests.bench.search                        what shoppers mean, in the demo's three languages
    python -m tests.bench.search --rows 100000          how long it takes in a large shop, and in one a tenth of it

Everything happens in databases of its own, dropped at the end.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.environment import SERVERS, admin_sql, prepare_template, use_database

GOALS = {"exact, two words": 2, "one typo": 10, "suggestion": 5}  # milliseconds, the median of the SQL


@contextmanager
def own_database(name: str) -> Iterator[None]:
    """A migrated database of this name, used by this process until the end of the block."""
    template = prepare_template()
    use_database("postgres")
    admin_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name} TEMPLATE {template}")
    use_database(name)
    try:
        yield
    finally:
        use_database("postgres")
        admin_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def say(line: str) -> None:
    print(f"  {line}", file=sys.stderr)


def relevance() -> bool:
    """Prints both tables. False when fewer slips of the tuned queries are understood than promised."""
    from demo import seed
    from search import boosts
    from search.index import catch_up
    from tests.bench import search_relevance

    with own_database(f"bench_search_{os.getpid()}"):
        for step in seed.STEPS:
            say((step.__doc__ or "").split(".")[0])
            for _done in step():
                pass
        catch_up()
        boosts.refresh()
        tuned = search_relevance.measure()
        held_out = search_relevance.measure(search_relevance.HELD_OUT)
    search_relevance.report("Queries that the search was tuned on", tuned)
    search_relevance.report("Held out: queries that it was not tuned on", held_out)
    return tuned.typo_recall["ours"] >= 0.95


def size(rows: int) -> bool:
    """Prints what a shop of so many products takes, and how it has grown from a tenth. False when a goal is missed."""
    from tests.bench import search_size

    outcomes = []
    for count in (rows // 10, rows):
        with own_database(f"bench_search_{os.getpid()}"):
            search_size.fill(count, say)
            outcomes.append(search_size.measure(count))
    small, large = outcomes
    print(f"\n{'median / p95 in ms':<24}{small.rows:>16}{large.rows:>18}{'growth':>10}{'goal':>8}")
    met = True
    for name, (median, slow) in large.sql.items():
        before = small.sql[name]
        goal = GOALS.get(name)
        met = met and (goal is None or median <= goal)
        line = f"{name + ' (SQL)':<24}{before[0]:>8.2f} / {before[1]:<6.2f}{median:>8.2f} / {slow:<7.2f}"
        print(f"{line}{median / before[0]:>9.1f}x{goal or '':>8}")
    for name, (median, slow) in large.page.items():
        before = small.page[name]
        print(
            f"{name:<24}{before[0]:>8.1f} / {before[1]:<6.1f}{median:>8.1f} / {slow:<7.1f}{median / before[0]:>9.1f}x"
        )
    times = large.page["search page"][1] / large.page["product page"][1]
    print(f"search page p95 / product page p95: {times:.1f} (goal: at most 5)")
    return met and times <= 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=0, help="products of a large shop, each in three languages")
    rows = parser.parse_args().rows

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.test_settings")
    django.setup()
    met = size(rows) if rows else relevance()
    for server in SERVERS:
        server.stop()
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    main()
