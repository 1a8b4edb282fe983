"""Faults of the shop's own machinery: Redis, worker, PostgreSQL, mail server."""

from __future__ import annotations

import time
from collections.abc import Callable

import psutil

from tests.faults import proofs
from tests.faults.buyers import Purchase, Stream, crowd, failures
from tests.faults.courier import at_once, never
from tests.faults.figures import Figures, p95
from tests.faults.postbox import Mood
from tests.faults.shop import Shop, eventually


def check(shop: Shop, figures: Figures, fault: str, purchases: list[Purchase]) -> None:
    """What no fault may break."""
    figures.count(fault, f"failed purchases of {len(purchases)}", len(failures(purchases)))
    figures.count(fault, "payments that are not one paid order", proofs.sessions_without_one_order(shop))
    figures.count(fault, "gaps in invoice numbers", proofs.gaps(shop))
    figures.count(fault, "PDFs missing", proofs.pdfs_missing(shop))
    figures.count(fault, "broken rules by audit", len(shop.audit()["violations"]))


def promises(shop: Shop, figures: Figures, *, count: int = 20) -> None:
    """Nothing is broken but the way of some webhooks: how long everything takes."""
    fault, since = "none", time.time()
    proofs.settle(shop, crowd(shop, 8), 120)  # every process has done everything once
    shop.gateway.courier.seconds.clear()
    told = crowd(shop, count, comes_back=False)
    proofs.settle(shop, told, 180)
    figures.seconds(fault, "paid visible after webhook, p95", p95(proofs.paid_after(shop, told)), 2, 5)
    figures.seconds(fault, "webhook answered, p95", p95(shop.gateway.courier.seconds), 0.3, 1)
    figures.seconds(fault, "mail after payment, p95", p95(proofs.mailed_after(shop, told)), 60, 300)
    shop.gateway.courier.plan = never
    untold = crowd(shop, count // 2, comes_back=False)
    waiting = crowd(shop, count // 2, pays=False)
    due = [purchase.email for purchase in waiting]
    shop.run_sql("UPDATE commerce_order SET expires_at = now() WHERE email = ANY(%s)", due)
    proofs.settle(shop, untold, 300)
    shop.gateway.courier.plan = at_once
    figures.seconds("webhook lost", "paid visible, p95", p95(proofs.paid_after(shop, untold)), 120, 300)
    eventually(lambda: shop.value("SELECT sum(reserved) FROM catalog_stock") == 0, 300, "holds have ended")
    figures.seconds("not paid", "hold freed after expiry, p95", p95(proofs.freed_after(shop, due)), 120, 600)
    check(shop, figures, fault, [*told, *untold])
    figures.count(fault, "mails too many", proofs.duplicates(shop, since))


def redis_gone(shop: Shop, figures: Figures, *, seconds: float = 10) -> None:
    """Redis is killed, stays away, comes back, is emptied, killed again."""
    fault, since = "Redis killed and flushed", time.time()
    with Stream(shop) as stream:
        time.sleep(seconds / 4)
        shop.kill_redis()
        time.sleep(seconds)
        shop.redis.start()
        back_at = time.time()
        time.sleep(seconds / 2)
        shop.flush_redis()
        time.sleep(seconds / 2)
        shop.kill_redis()
        shop.redis.start()
        shop.flush_redis()
        time.sleep(seconds / 4)
    proofs.settle(shop, stream.purchases, 120)
    figures.count(fault, "answers 5xx to buyers", sum(len(p.troubles) for p in stream.purchases))
    figures.seconds(fault, "slowest answer to a buyer, p95", p95(answers(stream.purchases)), 3, 5)
    first = min(mail.at for mail in shop.postbox.kept if mail.at > back_at)
    figures.seconds(fault, "first mail after Redis is back", first - back_at, 60, 120)
    figures.seconds(fault, "mail after payment, p95", p95(proofs.mailed_after(shop, stream.purchases)), 60, 300)
    figures.count(fault, "mails too many", proofs.duplicates(shop, since))
    check(shop, figures, fault, stream.purchases)


def worker_killed_mid_mail(shop: Shop, figures: Figures, *, kills: int = 3) -> None:
    """The mail server has kept the mail, the worker dies before it can write that down."""
    fault, since = "worker killed mid-mail", time.time()
    shop.postbox.mood = Mood.SLOW
    bought = []
    for _kill in range(kills):
        before = len(shop.postbox.kept)
        bought += crowd(shop, 3)
        eventually(lambda known=before: len(shop.postbox.kept) > known, 60, "a mail is on its way")
        shop.kill_and_start("worker")
    shop.postbox.mood = Mood.KIND
    figures.seconds(fault, "all mails after the last kill", proofs.settle(shop, bought, 180), 60, 180)
    figures.count(fault, f"mails too many after {kills} kills", proofs.duplicates(shop, since), kills)
    figures.count(fault, "repeated mails under a new Message-ID", proofs.new_identities(shop, since))
    check(shop, figures, fault, bought)


def worker_killed_mid_pdf(shop: Shop, figures: Figures, *, kills: int = 3) -> None:
    """The worker and its press die while a page is set."""
    fault, since = "worker killed mid-PDF", time.time()
    bought = []
    for _kill in range(kills):
        shop.kill_and_start("worker")  # a press that has not printed yet needs a second for its first page
        bought += crowd(shop, 2)
        eventually(lambda: press_of(shop), 60, "a page is set")
        shop.kill_and_start("worker")
    figures.seconds(fault, "all mails after the last kill", proofs.settle(shop, bought, 180), 60, 180)
    figures.count(fault, f"mails too many after {2 * kills} kills", proofs.duplicates(shop, since), 2 * kills)
    check(shop, figures, fault, bought)


def press_of(shop: Shop) -> list[psutil.Process]:
    children = psutil.Process(shop.processes["worker"].pid).children(recursive=True)
    return [child for child in children if any(part.endswith("press.py") for part in child.cmdline())]


def postgres_restarted(shop: Shop, figures: Figures) -> None:
    postgres_away(shop, figures, "restarted", shop.postgres.stop)


def postgres_killed(shop: Shop, figures: Figures) -> None:
    postgres_away(shop, figures, "killed", shop.kill_postgres)


def postgres_away(shop: Shop, figures: Figures, how: str, end: Callable[[], None]) -> None:
    """Everything that uses the database is busy when it goes, and two seconds later it is back."""
    fault, since = f"PostgreSQL {how} under load", time.time()
    with Stream(shop, at_once=4) as stream:
        eventually(lambda: len(stream.purchases) >= 6, 60, "buyers are on their way")
        end()
        time.sleep(2)
        shop.postgres.start()
        back_at = time.time()
        eventually(shop.is_ready, 60, "the shop is ready")
        ready = time.time() - back_at
        known = len(stream.purchases)
        eventually(lambda: len(stream.purchases) >= known + 6, 60, "people buy again")
    last = max((moment for p in stream.purchases for moment, _what in p.troubles), default=back_at)
    figures.seconds(fault, "ready after its return", ready, 10, 30)
    figures.seconds(fault, "last error after its return", max(last - back_at, 0), 10, 30)
    proofs.settle(shop, stream.purchases, 120)
    first = min(mail.at for mail in shop.postbox.kept if mail.at > back_at)
    figures.seconds(fault, "first mail after its return", first - back_at, 60, 120)
    figures.count(fault, "mails too many", proofs.duplicates(shop, since), 1)  # one may be on its way
    check(shop, figures, fault, stream.purchases)


def mail_refused(shop: Shop, figures: Figures) -> None:
    mail_trouble(shop, figures, Mood.REFUSING)


def mail_hanging(shop: Shop, figures: Figures) -> None:
    mail_trouble(shop, figures, Mood.HANGING)


def mail_trouble(shop: Shop, figures: Figures, mood: Mood, *, count: int = 12) -> None:
    """No mail leaves for a while: nothing else may be slower, and then all of them must come."""
    fault, since = f"SMTP {mood}", time.time()
    calm = crowd(shop, count)
    proofs.settle(shop, calm, 120)
    shop.postbox.mood, broken_at = mood, time.time()
    bought = crowd(shop, count)
    shop.gateway.courier.plan = never
    untold = crowd(shop, count // 2, comes_back=False)
    shop.gateway.courier.plan = at_once
    figures.seconds(
        fault, "answers to buyers, p95 above the calm one", p95(answers(bought)) - p95(answers(calm)), 0.5, 1
    )
    eventually(lambda: not proofs.unpaid(shop, untold), 600, "the sweeper has found the payments")
    # As without the fault: the sweeper leaves an order to its buyer for 20 s and comes every few.
    figures.seconds(fault, "paid visible after a lost webhook, p95", p95(proofs.paid_after(shop, untold)), 45, 60)
    eventually(lambda: not proofs.pdfs_missing(shop), 600, "invoices are printed")
    printed = time.time() - broken_at
    eventually(lambda: proofs.tried(shop, broken_at) >= 3, 120, "mails were tried")
    shop.postbox.mood = Mood.KIND
    figures.seconds(fault, "invoices printed meanwhile, all within", printed, 120, 300)
    figures.seconds(fault, "all mails after its recovery", proofs.settle(shop, [*bought, *untold], 420), 240, 420)
    figures.count(fault, "mails too many", proofs.duplicates(shop, since))
    check(shop, figures, fault, [*calm, *bought, *untold])


def answers(purchases: list[Purchase]) -> list[float]:
    return [seconds for purchase in purchases for seconds in purchase.seconds]
