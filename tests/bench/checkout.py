"""Checkout starts, 64 at once: the POST that places the order, opens its payment page and leads there.

    python -m tests.bench.checkout --waves 16

prints how long a buyer waits. The web server is the Procfile's (two processes, four threads each); buyers, gateway and
PostgreSQL share the machine with it. Unless TEST_DATABASE_URL names a server, one is started that survives a power
cut, as in production. Rate limits are on: every buyer comes from an address of its own. 1,024 checkouts take about a
minute; 10,000 are `--waves 157`.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from random import Random
from statistics import quantiles
from typing import TYPE_CHECKING

from config.embedded import Postgres

if TYPE_CHECKING:
    from tests.races.people import Answer
    from tests.races.shop import Shop

GOAL_SECONDS = 3
ALIKE = 8  # buyers of a wave with the same cart


def start_waves(shop: Shop, waves: int, buyers: int) -> list[Answer]:
    """Each wave waits for the one before it. The first one finds a server that has just been started."""
    from catalog.tests.factories import make_product
    from commerce.tests.factories import make_delivery
    from tests.races.people import at_once, checkouts

    make_delivery()
    goods = [make_product(variants=[{"stock": 100_000}]).variants.get().pk for _number in range(40)]
    chance = Random(4)
    answers: list[Answer] = []
    for _wave in range(waves):
        carts = [dict.fromkeys(chance.sample(goods, chance.randint(1, 4)), 1) for _cart in range(buyers // ALIKE)]
        forms = [form for cart in carts for form in checkouts(shop, [cart] * ALIKE)]
        answers += at_once([form.send for form in forms])
    return answers


def report(shop: Shop, answers: list[Answer], buyers: int, fsync: str) -> bool:
    """Prints the figures; True when the goal is met."""
    from commerce.audit import audit
    from commerce.models import Order, PaymentAttempt

    cold, times = (sorted(answer.seconds for answer in part) for part in (answers[:buyers], answers[buyers:]))
    cuts = quantiles(times, n=100)
    errors = sum(answer.failed for answer in answers)
    led = sum(answer.location.startswith(f"{shop.gateway}/pay/") for answer in answers)
    violations = audit()["violations"]
    deadlocks = shop.counted_deadlocks()
    print(f"{len(answers)} checkouts, {buyers} at once, {led} led to payment; PostgreSQL's fsync is {fsync}")
    print(f"p50 {cuts[49]:.2f} s, p95 {cuts[94]:.2f} s, longest {times[-1]:.2f} s; goal: p95 {GOAL_SECONDS} s")
    print(f"just after the start, not counted above: p50 {cold[len(cold) // 2]:.2f} s, longest {cold[-1]:.2f} s")
    print(f"5xx: {errors}; deadlocks: {deadlocks}; orders {Order.objects.count()}, broken invariants {len(violations)}")
    pages = PaymentAttempt.objects.exclude(session_id=None).count()
    whole = led == pages == len(answers) and not violations and not deadlocks
    return whole and not errors and cuts[94] <= GOAL_SECONDS


def run(waves: int, buyers: int) -> bool:
    import django

    django.setup()
    from django.db import connection

    from tests.environment import prepare_template, use_database
    from tests.races.shop import Shop

    prepare_template()
    use_database("postgres")
    print(f"{os.cpu_count()} processors, load average before the start {os.getloadavg()[0]:.1f}")
    with Shop(worker=False) as shop:
        answers = start_waves(shop, waves + 1, buyers)
        with connection.cursor() as cursor:
            cursor.execute("SHOW fsync")
            fsync = cursor.fetchone()[0]
        return report(shop, answers, buyers, fsync)


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench-checkout", description=__doc__)
    parser.add_argument("--waves", type=int, default=16)
    parser.add_argument("--buyers", type=int, default=64, help="of each wave; a multiple of 8")
    wish = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # ends the shop's processes, too
    with ExitStack() as closing:
        if not os.environ.get("TEST_DATABASE_URL"):
            folder = Path(closing.enter_context(tempfile.TemporaryDirectory(prefix="vitrine-bench-", dir="/tmp")))
            folder.chmod(0o755)  # PostgreSQL runs under an account of its own when we are root
            server = Postgres(folder / "postgres", folder / "run")
            os.environ["TEST_DATABASE_URL"] = server.start()
            closing.callback(server.stop)
        from tests.environment import SERVERS

        for other in SERVERS:
            closing.callback(other.stop)
        return 0 if run(wish.waves, wish.buyers) else 1


if __name__ == "__main__":
    sys.exit(main())
