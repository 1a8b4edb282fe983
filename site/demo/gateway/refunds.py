"""Refunds: money back on one charge, in parts if wanted, never more than was taken."""

from typing import Any

from demo.gateway import events, resources
from demo.gateway.currencies import check_amount, plain
from demo.gateway.errors import ApiError, missing, not_found
from demo.gateway.schemas import one_of
from demo.gateway.store import Books, Record


def create(books: Books, params: dict[str, Any]) -> dict[str, Any]:
    """Refund `amount` minor units, or all that is left. Raises ApiError."""
    one_of(params, "charge", "payment_intent")
    record = _charge(books, params)
    charge = record.body
    left = charge["amount_captured"] - charge["amount_refunded"]
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
    refund = resources.refund(charge, amount, params)
    books.save(Record(refund))
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount_captured"]
    books.save(record)
    events.record(books, "refund.created", refund)
    events.record(books, "charge.refunded", charge)
    return refund


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
