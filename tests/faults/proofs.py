"""What must be true of a shop after faults, asked of its database, the gateway's books and the postbox."""

from __future__ import annotations

from collections.abc import Iterable

from tests.faults.buyers import Purchase
from tests.faults.postbox import Mail
from tests.faults.shop import Shop, eventually

HOLDING = ("pending", "awaiting_funds", "needs_attention")
PAID = ("paid", "shipped", "part_refunded")


def emails(purchases: Iterable[Purchase]) -> list[str]:
    return [purchase.email for purchase in purchases if purchase.is_paid]


def unpaid(shop: Shop, purchases: Iterable[Purchase]) -> list[str]:
    """Buyers who paid at the gateway and have no paid order."""
    paid = {row[0] for row in shop.rows("SELECT email FROM commerce_order WHERE status = ANY(%s)", list(PAID))}
    return sorted(set(emails(purchases)) - paid)


def unmailed(shop: Shop, purchases: Iterable[Purchase]) -> list[str]:
    return sorted(set(emails(purchases)) - shop.postbox.confirmations().keys())


def settle(shop: Shop, purchases: Iterable[Purchase], seconds: float) -> float:
    """Waits until every payment has its paid order and its mail; how long that took."""
    purchases = list(purchases)
    waited = eventually(lambda: not unpaid(shop, purchases), seconds, f"paid without paid order ({len(purchases)})")
    waited += eventually(lambda: not unmailed(shop, purchases), seconds, "paid without confirmation")
    return waited + eventually(lambda: not backlog(shop), seconds, "the outbox is empty")


def backlog(shop: Shop) -> int:
    return int(shop.value("SELECT count(*) FROM core_outbox WHERE sent_at IS NULL"))


def since_then(shop: Shop, since: float) -> list[Mail]:
    return [mail for mail in shop.postbox.kept if mail.at >= since and "order_confirmation" in mail.identity]


def duplicates(shop: Shop, since: float = 0) -> int:
    """Confirmations beyond the first of each buyer."""
    mails = since_then(shop, since)
    return len(mails) - len({mail.to for mail in mails})


def new_identities(shop: Shop, since: float = 0) -> int:
    """Repeated mails that a reader's program cannot recognise as the same."""
    mails = since_then(shop, since)
    return len({(mail.to, mail.identity) for mail in mails}) - len({mail.to for mail in mails})


def tried(shop: Shop, since: float) -> int:
    """How many confirmations written since then were tried in vain."""
    query = "SELECT count(*) FROM core_outbox WHERE kind = 'order_confirmation' AND error <> ''"
    return int(shop.value(f"{query} AND created_at >= to_timestamp(%s)", since))


def gaps(shop: Shop) -> int:
    """Invoice numbers that are missing or double, and paid orders without exactly one invoice."""
    numbers = [row[0] for row in shop.rows("SELECT sequence FROM commerce_document WHERE kind = 'invoice' ORDER BY 1")]
    wrong = sum(number != place for place, number in enumerate(numbers, 1))
    invoiced = "SELECT count(*) FROM commerce_document d WHERE d.order_id = o.id AND d.kind = 'invoice'"
    query = f"SELECT count(*) FROM commerce_order o WHERE status = ANY(%s) AND ({invoiced}) <> 1"
    return wrong + int(shop.value(query, list(PAID)))


def pdfs_missing(shop: Shop) -> int:
    has_one = "SELECT FROM commerce_documentfile f WHERE f.document_id = d.id"
    return int(shop.value(f"SELECT count(*) FROM commerce_document d WHERE NOT EXISTS ({has_one})"))


def sessions_without_one_order(shop: Shop) -> int:
    """Payments at the gateway that are not exactly one order paid with exactly that amount."""
    query = (
        "SELECT a.session_id, o.uuid::text, round(o.total * 100) FROM commerce_order o"
        " JOIN commerce_paymentattempt a ON a.order_id = o.id AND a.payment_id <> '' WHERE o.status = ANY(%s)"
    )
    ours = sorted((session, uuid, int(cents)) for session, uuid, cents in shop.rows(query, list(PAID)))
    theirs = sorted((s["id"], s["client_reference_id"], s["amount_total"]) for s in shop.gateway.paid())
    return len(set(ours) ^ set(theirs)) + len(ours) - len(set(ours))


def stock_differences(shop: Shop) -> list[str]:
    """Variants of which what is on hand is not what there was less what paid orders took, or held not what waits."""
    taken = (
        "SELECT s.variant_id, s.on_hand, s.reserved,"
        " coalesce(sum(l.quantity) FILTER (WHERE o.status = ANY(%s)), 0),"
        " coalesce(sum(l.quantity) FILTER (WHERE o.status = ANY(%s)), 0)"
        " FROM catalog_stock s LEFT JOIN commerce_orderline l ON l.variant_id = s.variant_id"
        " LEFT JOIN commerce_order o ON o.id = l.order_id GROUP BY s.variant_id, s.on_hand, s.reserved"
    )
    return [
        f"variant {variant}: on hand {on_hand}, sold {sold}; held {held}, waiting {waiting}"
        for variant, on_hand, held, sold, waiting in shop.rows(taken, list(PAID), list(HOLDING))
        if (on_hand, held) != (shop.stock[variant] - sold, waiting)
    ]


def coupon_differences(shop: Shop) -> int:
    """How far the coupon's uses are from the orders that were given it and have not ended."""
    used = shop.value("SELECT count(*) FROM commerce_couponuse WHERE released_at IS NULL")
    ended = "SELECT count(*) FROM commerce_order WHERE coupon_code <> '' AND status NOT IN ('expired', 'cancelled')"
    return abs(int(used) - int(shop.value(ended)))


def paid_after(shop: Shop, purchases: Iterable[Purchase]) -> list[float]:
    """Seconds from each payment at the gateway to its paid order."""
    query = (
        "SELECT a.session_id, extract(epoch FROM o.paid_at) FROM commerce_order o"
        " JOIN commerce_paymentattempt a ON a.order_id = o.id WHERE o.paid_at IS NOT NULL AND o.email = ANY(%s)"
    )
    paid_at = shop.gateway.paid_at
    return [float(then) - paid_at[key] for key, then in shop.rows(query, emails(purchases)) if key in paid_at]


def mailed_after(shop: Shop, purchases: Iterable[Purchase]) -> list[float]:
    """Seconds from each paid order to its first confirmation."""
    query = (
        "SELECT email, extract(epoch FROM paid_at) FROM commerce_order WHERE paid_at IS NOT NULL AND email = ANY(%s)"
    )
    first = shop.postbox.first_at()
    return [first[email] - float(then) for email, then in shop.rows(query, emails(purchases)) if email in first]


def freed_after(shop: Shop, addresses: list[str]) -> list[float]:
    """Seconds from the end of each hold to the event that ended it."""
    query = (
        "SELECT extract(epoch FROM e.created_at - o.expires_at) FROM commerce_order o"
        " JOIN commerce_orderevent e ON e.order_id = o.id AND e.to_status = 'expired' WHERE o.email = ANY(%s)"
    )
    return [float(row[0]) for row in shop.rows(query, addresses)]
