"""Coupons: one discount rule each, checked when a session uses it and counted when that session completes."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from demo.gateway import resources
from demo.gateway.currencies import check_amount
from demo.gateway.errors import ApiError, missing, not_found
from demo.gateway.schemas import one_of
from demo.gateway.store import Books, Record, now


def create(books: Books, params: dict[str, Any]) -> dict[str, Any]:
    """Store a coupon. Raises ApiError."""
    one_of(params, "percent_off", "amount_off")
    if "percent_off" not in params:
        for name in ("amount_off", "currency"):
            if name not in params:
                raise missing(name)
        check_amount(params["amount_off"], params["currency"], "amount_off")
    if params.get("redeem_by", now() + 1) <= now():
        raise ApiError("The `redeem_by` timestamp must be in the future.", param="redeem_by")
    if "id" in params and books.get("coupon", params["id"]):
        raise ApiError("Coupon already exists.", code="resource_already_exists", param="id")
    body = resources.coupon(params)
    books.save(Record(body))
    return body


def discount(books: Books, identifier: str, subtotal: int, currency: str) -> int:
    """What this coupon takes off a subtotal, both in minor units, never more than all. Raises ApiError."""
    param = "discounts[0][coupon]"
    record = books.get("coupon", identifier)
    if record is None:
        raise not_found("coupon", identifier, param=param, status=400)
    coupon = record.body
    if not coupon["valid"] or (coupon["redeem_by"] or now()) < now():
        raise ApiError(f"Coupon {identifier} is expired and cannot be applied.", code="coupon_expired", param=param)
    if coupon["percent_off"] is not None:
        exact = subtotal * Decimal(str(coupon["percent_off"])) / 100
        return int(exact.quantize(Decimal(1), ROUND_HALF_UP))
    if coupon["currency"] != currency:
        raise ApiError(f"Coupon {identifier} is in {coupon['currency']}, not {currency}.", param=param)
    return min(int(coupon["amount_off"]), subtotal)


def redeem(books: Books, identifier: str) -> None:
    """Count one completed session; the last allowed one ends the coupon."""
    record = books.get("coupon", identifier)
    assert record is not None
    record.body["times_redeemed"] += 1
    most = record.body["max_redemptions"]
    record.body["valid"] = most is None or record.body["times_redeemed"] < most
    books.save(record)
