"""A thousand paid orders while worker, web and Redis are killed and events are dropped, repeated and reordered.

    python -m tests.faults.soak --orders 1000 --seed 7

ends with a table, and with 1 when anything in it is broken. The seed decides what is bought, killed and dropped, and
when; what meets what is left to the machine.
"""

from __future__ import annotations

import argparse
import random
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from tests.environment import SERVERS
from tests.faults import proofs
from tests.faults.buyers import Buyer, Purchase, failures
from tests.faults.courier import Plan, at_once
from tests.faults.figures import Figures, p95
from tests.faults.shop import Shop, eventually

VICTIMS = ("worker", "worker", "web", "redis", "redis flushed")
SETTLE_SECONDS = 900


@dataclass(frozen=True)
class Storm:
    """How many orders shall be paid, by how many at a time, and how bad it gets.

    `every`: seconds between two strokes, at least and at most; `lost`: share of events that never come;
    `leaving`: share of buyers who never pay.
    """

    orders: int
    seed: int
    at_once: int = 5
    every: tuple[float, float] = (6, 16)
    lost: float = 1 / 8
    leaving: float = 1 / 20


class Saboteur(threading.Thread):
    """Kills something every now and then, and starts it again as a container's supervisor would."""

    def __init__(self, shop: Shop, chance: random.Random, every: tuple[float, float]) -> None:
        super().__init__(daemon=True)
        self.shop, self.chance, self.every = shop, chance, every
        self.stopped = threading.Event()
        self.done: Counter[str] = Counter()

    def run(self) -> None:
        while not self.stopped.wait(self.chance.uniform(*self.every)):
            victim = self.chance.choice(VICTIMS)
            self.strike(victim, self.chance.uniform(0, 3))
            self.done[victim] += 1

    def strike(self, victim: str, pause: float) -> None:
        if not victim.startswith("redis"):
            self.shop.kill(victim)
            time.sleep(pause)
            self.shop.start(victim)
            return
        self.shop.kill_redis()
        time.sleep(pause)
        self.shop.redis.start()
        if victim == "redis flushed":
            self.shop.flush_redis()

    def stop(self) -> None:
        self.stopped.set()
        self.join()


def unreliable(chance: random.Random, lost: float) -> Plan:
    """Some events are lost, one in six comes up to three times, one in three is overtaken by others."""

    def plan(_kind: str) -> list[float]:
        if chance.random() < lost:
            return []
        copies = chance.choice((2, 3)) if chance.random() < 1 / 6 else 1
        return [chance.uniform(0, 6) if chance.random() < 1 / 3 else 0.0 for _copy in range(copies)]

    return plan


def go_shopping(shop: Shop, number: int, storm: Storm) -> Purchase:
    """One buyer, whose wishes follow from seed and number; two in five close the tab once they have paid."""
    chance = random.Random(f"{storm.seed}-{number}")
    chosen = chance.sample(shop.variants, chance.choice((1, 1, 2, 3)))
    units = {variant: chance.randint(1, 3) for variant in chosen}
    buyer = Buyer(shop, patience=120, language=chance.choice(("en", "de")))
    return buyer.buy(
        units,
        coupon=chance.random() < 0.3,
        comes_back=chance.random() < 0.6,
        pays=chance.random() >= storm.leaving,
    )


def shop_until_paid(shop: Shop, storm: Storm) -> list[Purchase]:
    """Buyers until so many have paid."""
    purchases: list[Purchase] = []
    numbers = iter(range(storm.orders * 2))
    lock = threading.Lock()

    def keep_coming() -> None:
        while True:
            with lock:
                if sum(purchase.is_paid for purchase in purchases) >= storm.orders:
                    return
                number = next(numbers)
            purchase = go_shopping(shop, number, storm)
            with lock:
                purchases.append(purchase)
                if len(purchases) % 100 == 0:
                    print(f"{len(purchases)} buyers", flush=True)

    with ThreadPoolExecutor(storm.at_once) as pool:
        for running in [pool.submit(keep_coming) for _thread in range(storm.at_once)]:
            running.result()
    return purchases


def soak(shop: Shop, figures: Figures, storm: Storm) -> None:
    """The storm, the calm after it, and what must be true then."""
    chance = random.Random(storm.seed)
    shop.gateway.courier.plan = unreliable(random.Random(chance.random()), storm.lost)
    saboteur = Saboteur(shop, random.Random(chance.random()), storm.every)
    began = time.monotonic()
    saboteur.start()
    purchases = shop_until_paid(shop, storm)
    saboteur.stop()
    stormy = time.monotonic() - began
    print(f"{len(purchases)} buyers in {stormy:.0f} s; killed: {dict(saboteur.done)}")
    print(f"events: {dict(shop.gateway.courier.done)}", flush=True)
    settled = proofs.settle(shop, purchases, SETTLE_SECONDS)
    let_go(shop)
    shop.gateway.courier.plan = at_once
    report(shop, figures, purchases)
    figures.seconds("soak", f"settled after {stormy:.0f} s of storm", settled, SETTLE_SECONDS, SETTLE_SECONDS)


def let_go(shop: Shop) -> None:
    """What nobody paid expires now, not in half an hour."""
    shop.run_sql("UPDATE commerce_order SET expires_at = now() WHERE status = 'pending'")
    open_orders = "SELECT count(*) FROM commerce_order WHERE status = 'pending'"
    eventually(lambda: shop.value(open_orders) == 0, 300, "unpaid orders are let go")
    eventually(lambda: proofs.backlog(shop) == 0, 300, "the outbox is empty")


def report(shop: Shop, figures: Figures, purchases: list[Purchase]) -> None:
    paid = len(shop.gateway.paid())
    print(f"ended by themselves and started again: {shop.died or 'none'}")
    overcome = sum(len(purchase.troubles) for purchase in purchases)
    print(f"{paid} payments; {overcome} answers 5xx or broken connections, each overcome by asking again")
    for line in [*failures(purchases), *proofs.stock_differences(shop)]:
        print(line)
    fault = "soak"
    figures.count(fault, f"buyers of {len(purchases)} who got nowhere", len(failures(purchases)))
    figures.count(fault, f"payments of {paid} that are not one paid order", proofs.sessions_without_one_order(shop))
    figures.count(fault, "variants whose stock differs", len(proofs.stock_differences(shop)))
    figures.count(fault, "units still held", shop.value("SELECT sum(reserved) FROM catalog_stock"))
    figures.count(fault, "coupon uses too many or too few", proofs.coupon_differences(shop))
    figures.count(fault, "buyers without a confirmation", len(proofs.unmailed(shop, purchases)))
    kills = shop.kills.get("worker", 0)
    figures.count(fault, f"mails too many after {kills} killed workers", proofs.duplicates(shop), kills)
    figures.count(fault, "gaps in invoice numbers", proofs.gaps(shop))
    figures.count(fault, "PDFs missing", proofs.pdfs_missing(shop))
    figures.count(fault, "broken rules by audit --json", len(shop.audit()["violations"]))
    figures.seconds(fault, "paid visible after payment, p95", p95(proofs.paid_after(shop, purchases)), 120, 300)
    figures.seconds(fault, "mail after payment, p95", p95(proofs.mailed_after(shop, purchases)), 300, 900)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=random.randrange(10_000))
    parser.add_argument("--at-once", type=int, default=5)
    wish = parser.parse_args()
    figures = Figures()
    try:
        with Shop(sweep_seconds=5) as shop:
            print(f"seed {wish.seed}", flush=True)
            soak(shop, figures, Storm(wish.orders, wish.seed, wish.at_once))
    finally:
        for server in SERVERS:
            server.stop()
    print(figures.table())
    return 1 if figures.broken else 0


if __name__ == "__main__":
    sys.exit(main())
