"""Refunds: money back on one charge, in parts if wanted, never more than was taken; slow ones may fail later."""

from typing import Any

from demo.gateway import events, resources
from demo.gateway.currencies import check_amount, plain
from demo.gateway.errors import ApiError, missing, not_found
from demo.gateway.payments import Closed
from demo.gateway.schemas import one_of
from demo.gateway.store import Books, Record

KIND = "refund"
SLOW = "slow_refunds"  # a charge's private mark: its refunds wait for a click, as those of bank debits wait for days


def create(books: Books, params: dict[str, Any]) -> dict[str, Any]:
    """Refund `amount` minor units, or all that is left. Raises ApiError."""
    one_of(params, "charge", "payment_intent")
    return give_back(books, _charge(books, params), params)


def give_back(books: Books, record: Record, params: dict[str, Any]) -> dict[str, Any]:
    """Refund a charge. Raises ApiError."""
    charge = record.body
    left = charge["amount_captured"] - charge["amount_refunded"]
    if record.private.get("charged_back"):
        raise ApiError(f"Charge {charge['id']} has been charged back; cannot issue a refund.", code="charge_disputed")
    if left == 0:
        raise ApiError(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    amount = params.get("amount", left)
    check_amount(amount, charge["currency"], "amount")
    if amount > left:
        raise ApiError(
            f"Refund amount ({plain(amount, charge['currency'])} {charge['currency']}) is greater than unrefunded "
            f"amount on charge ({plain(left, charge['currency'])} {charge['currency']})",
            param="amount",
        )
    refund = resources.refund(charge, amount, params, slow=bool(record.private.get(SLOW)))
    books.save(Record(refund))
    _take_back(books, record, amount)
    events.record(books, "refund.created", refund)
    events.record(books, "charge.refunded", charge)
    return refund


def arrive(books: Books, record: Record) -> None:
    """The buyer's bank has a slow refund. Raises Closed when it is not on its way."""
    if record.body["status"] != "pending":
        raise Closed
    record.body["status"] = "succeeded"
    books.save(record)
    _tell(books, record, "refund.updated", "charge.refund.updated")


def fail(books: Books, record: Record) -> None:
    """The buyer's bank sends a refund back, also one that seemed done. Raises Closed when it has failed already."""
    if record.body["status"] not in ("pending", "succeeded"):
        raise Closed
    record.body |= {
        "status": "failed",
        "failure_reason": "expired_or_canceled_card",
        "failure_balance_transaction": resources.new_id("txn_"),
    }
    books.save(record)
    charge = books.get("charge", record.body["charge"])
    assert charge is not None
    _take_back(books, charge, -record.body["amount"])
    _tell(books, record, "refund.updated", "refund.failed", "charge.refund.updated")


def _take_back(books: Books, charge: Record, amount: int) -> None:
    charge.body["amount_refunded"] += amount
    charge.body["refunded"] = charge.body["amount_refunded"] == charge.body["amount_captured"]
    books.save(charge)


def _tell(books: Books, record: Record, *kinds: str) -> None:
    for kind in kinds:
        events.record(books, kind, record.body)


def _charge(books: Books, params: dict[str, Any]) -> Record:
    identifier = params.get("charge")
    if "payment_intent" in params:
        intent = books.get("payment_intent", params["payment_intent"])
        if intent is None:
            raise not_found("payment_intent", params["payment_intent"], param="payment_intent", status=400)
        identifier = intent.body["latest_charge"] or ""
    elif identifier is None:
        raise missing("charge")
    charge = books.get("charge", identifier)
    if charge is None and "charge" in params:
        raise not_found("charge", identifier, param="charge", status=400)
    if charge is None or charge.body["status"] != "succeeded":
        raise ApiError(f"This payment ({params.get('payment_intent', identifier)}) has no successful charge.")
    return charge
