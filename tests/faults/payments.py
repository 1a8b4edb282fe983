"""Faults of the payment gateway: it fails in every way while orders are placed and swept, and it tells lies."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.faults import proofs
from tests.faults.buyers import Buyer, Purchase, crowd
from tests.faults.figures import Figures
from tests.faults.gateway import Trouble
from tests.faults.services import check
from tests.faults.shop import Shop, eventually

BUSY_SECONDS = 20  # so long the sweeper leaves an order to its buyer: commerce.sweeper.BUSY
DOWN = "unreachable"


def fails_after_creating(shop: Shop, figures: Figures) -> None:
    trouble(shop, figures, Trouble.ERROR_AFTER)


def too_many_requests(shop: Shop, figures: Figures) -> None:
    trouble(shop, figures, Trouble.BUSY)


def hangs(shop: Shop, figures: Figures) -> None:
    trouble(shop, figures, Trouble.HANG)


def unreachable(shop: Shop, figures: Figures) -> None:
    trouble(shop, figures, DOWN)


def trouble(shop: Shop, figures: Figures, kind: str) -> None:
    """Orders are placed, and others expire, while the gateway does not help; after a while it does again."""
    fault = f"gateway {kind}"
    forgotten = crowd(shop, 2, pays=False)
    held = shop.value("SELECT sum(reserved) FROM catalog_stock")
    begin(shop, kind)
    placed = [place_only(shop, shop.variants[0]) for _buyer in range(2)]
    figures.seconds(fault, "slowest answer to a buyer", max(s for p in placed for s in p.seconds), 15, 20)
    expire(shop, forgotten)
    swept_at = time.time() + BUSY_SECONDS
    eventually(lambda: time.time() > swept_at and swept(shop, placed, swept_at), 120, "the sweeper has tried")
    figures.count(fault, "holds given up meanwhile", held + 2 - shop.value("SELECT sum(reserved) FROM catalog_stock"))
    end(shop, kind)
    back_at = time.time()
    eventually(lambda: len(sessions(shop, placed)) == 2, 180, "the stored requests were sent again")
    figures.seconds(fault, "payment pages after its return", time.time() - back_at, 60, 120)
    made = sum(len(shop.gateway.of_order(uuid)) for uuid, _session in sessions(shop, placed))
    figures.count(fault, "second sessions for an order", made - 2)
    eventually(lambda: statuses(shop, forgotten) == {"expired"}, 180, "expired orders are let go")
    figures.seconds(fault, "holds freed after its return", time.time() - back_at, 120, 600)
    for purchase, (_uuid, session) in zip(placed, sessions(shop, placed), strict=True):
        purchase.session = session
        shop.gateway.pay(session)
        purchase.is_paid = True
    proofs.settle(shop, placed, 180)
    check(shop, figures, fault, placed)


def hangs_for_a_crowd(shop: Shop, figures: Figures, *, count: int = 16) -> None:
    """Twice as many check out as the shop can answer at once, and nothing comes back: only the first of them wait."""
    fault = "gateway hangs for a crowd"
    proofs.settle(shop, crowd(shop, 8), 120)
    buyers = [Buyer(shop) for _number in range(count)]
    for buyer in buyers:
        buyer.fill_cart({shop.variants[0]: 1})
    visitor = Buyer(shop)
    visitor.ask("GET", "/en/shop/")
    shop.gateway.be(Trouble.HANG)
    with ThreadPoolExecutor(count) as pool:
        led_to = [pool.submit(buyer.send_checkout) for buyer in buyers]
        while not all(answer.done() for answer in led_to):
            visitor.ask("GET", "/en/shop/")
            time.sleep(0.2)
    shop.gateway.be(Trouble.NONE)
    kept = sum(answer.result().startswith("/en/orders/") for answer in led_to)
    figures.count(fault, f"buyers of {count} whose order is not kept", count - kept)
    figures.seconds(fault, "slowest answer to them", max(s for buyer in buyers for s in buyer.purchase.seconds), 15, 20)
    figures.seconds(fault, "slowest page for a visitor", max(visitor.purchase.seconds), 15, 20)
    purchases = [buyer.purchase for buyer in buyers]
    eventually(lambda: len(sessions(shop, purchases)) == count, 180, "the stored requests were sent again")
    check(shop, figures, fault, [])


def begin(shop: Shop, kind: str) -> None:
    shop.gateway.go_down() if kind == DOWN else shop.gateway.be(Trouble(kind))


def end(shop: Shop, kind: str) -> None:
    shop.gateway.come_up() if kind == DOWN else shop.gateway.be(Trouble.NONE)


def place_only(shop: Shop, variant: int) -> Purchase:
    """A buyer who is told that the payment service does not answer, and goes away."""
    buyer = Buyer(shop)
    buyer.fill_cart({variant: 1})
    led_to = buyer.send_checkout()
    assert led_to.startswith(buyer.path("orders")), led_to
    return buyer.purchase


def expire(shop: Shop, purchases: list[Purchase]) -> None:
    addresses = [purchase.email for purchase in purchases]
    shop.run_sql("UPDATE commerce_order SET expires_at = now() WHERE email = ANY(%s)", addresses)


def swept(shop: Shop, purchases: list[Purchase], since: float) -> bool:
    query = (
        "SELECT count(*) FROM commerce_paymentattempt a JOIN commerce_order o ON o.id = a.order_id"
        " WHERE o.email = ANY(%s) AND a.checked_at > to_timestamp(%s)"
    )
    return int(shop.value(query, [purchase.email for purchase in purchases], since)) == len(purchases)


def sessions(shop: Shop, purchases: list[Purchase]) -> list[tuple[str, str]]:
    query = (
        "SELECT o.uuid::text, a.session_id FROM commerce_paymentattempt a JOIN commerce_order o ON o.id = a.order_id"
        " WHERE o.email = ANY(%s) AND a.session_id IS NOT NULL ORDER BY o.id"
    )
    return [(uuid, session) for uuid, session in shop.rows(query, [purchase.email for purchase in purchases])]


def statuses(shop: Shop, purchases: list[Purchase]) -> set[str]:
    query = "SELECT DISTINCT status FROM commerce_order WHERE email = ANY(%s)"
    return {row[0] for row in shop.rows(query, [purchase.email for purchase in purchases])}


# Lies


def lies(shop: Shop, figures: Figures) -> None:
    """What the gateway tells of a payment does not fit the order: never silently paid, the hold stays."""
    other = crowd(shop, 1, pays=False)[0]
    stranger = shop.gateway.sessions[other.session]["client_reference_id"]
    told: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
        "another amount": lambda session: {"amount_total": session["amount_total"] - 1},
        "another currency": lambda session: {"currency": "usd"},
        "another order's id": lambda session: {"client_reference_id": stranger},
        "livemode": lambda session: {"livemode": True},
    }
    for lie, change in told.items():
        buyer = crowd(shop, 1, pays=False)[0]
        shop.gateway.lies[buyer.session] = change(shop.gateway.sessions[buyer.session])
        shop.gateway.pay(buyer.session)
        eventually(lambda who=buyer: statuses(shop, [who]) == {"needs_attention"}, 60, f"{lie} is noticed")
        figures.count(f"gateway tells {lie}", "accepted as paid", int(statuses(shop, [buyer]) != {"needs_attention"}))
        shop.gateway.sessions[buyer.session]["payment_status"] = "unpaid"  # not among the good ones at the end
    figures.count(
        "gateway tells another order's id", "the other order is touched", statuses(shop, [other]) != {"pending"}
    )
    buyer = crowd(shop, 1, pays=False)[0]
    before = shop.gateway.courier.done["refused"]
    shop.gateway.courier.tell("checkout.session.completed", shop.gateway.told(buyer.session), livemode=True)
    eventually(lambda: shop.gateway.courier.done["refused"] > before, 30, "an event of the other mode is refused")
    figures.count("event of the other mode", "accepted", int(statuses(shop, [buyer]) != {"pending"}))


def late_payment_whose_refund_fails(shop: Shop, figures: Figures) -> None:
    """Paid after the hold had ended and the last unit was sold: given back by itself; then the bank sends it back."""
    fault = "late payment, sold out"
    late = Buyer(shop).buy({shop.last_unit: 1}, pays=False)
    expire(shop, [late])
    eventually(lambda: statuses(shop, [late]) == {"expired"}, 120, "the hold has ended")
    faster = Buyer(shop).buy({shop.last_unit: 1})
    shop.gateway.pay(late.session, though_closed=True)
    eventually(lambda: statuses(shop, [late]) == {"refunded"}, 180, "it is given back")
    refunds = list(shop.gateway.refunds)
    shop.gateway.fail_refund(refunds[0])
    eventually(lambda: statuses(shop, [late]) == {"paid_unfulfillable"}, 60, "staff see that it has failed")
    figures.count(fault, "refunds asked for beyond the one", len(refunds) - 1)
    called_success = "SELECT count(*) FROM commerce_refund WHERE state = 'succeeded'"
    figures.count(fault, "failed refunds still called a success", shop.value(called_success))
    shop.gateway.sessions[late.session]["payment_status"] = "unpaid"  # it never became a sale
    proofs.settle(shop, [faster], 120)
    check(shop, figures, fault, [faster])
