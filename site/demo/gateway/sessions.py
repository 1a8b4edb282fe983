"""Checkout Sessions from creation to their end: totals, the expiry window, the clock. Paying is in `payments.py`."""

from typing import Any

from demo.gateway import coupons, events, resources
from demo.gateway.config import Config
from demo.gateway.currencies import check_amount, check_total
from demo.gateway.errors import ApiError, not_found
from demo.gateway.schemas import one_of
from demo.gateway.store import Books, Record, now

KIND = "checkout.session"
SHORTEST, LONGEST = 30 * 60, 24 * 60 * 60
DELAYED = {"eur": "sepa_debit", "usd": "us_bank_account"}  # methods whose money arrives days later


def create(books: Books, params: dict[str, Any], config: Config) -> dict[str, Any]:
    """Open a session for checked parameters (`schemas.SESSION_CREATE`). Raises ApiError."""
    one_of(params, "allow_promotion_codes", "discounts")
    params.setdefault("expires_at", now() + LONGEST)
    _check_window(params["expires_at"])
    currency = _check_currency(params)
    items, totals = _totals(books, params)
    check_total(totals["total"], currency)
    body = resources.session(params, items, totals, url_base=config.public_base, methods=_methods(params, currency))
    private = {
        "line_items": items,
        "images": [item["price_data"]["product_data"].get("images", [None])[0] for item in params["line_items"]],
        "payment_intent_data": params.get("payment_intent_data", {}),
        "shipping_name": totals["shipping_name"],
    }
    books.save(Record(body, private, due=body["expires_at"]))
    return body


def _check_window(expires_at: int) -> None:
    left = expires_at - now()
    if left < SHORTEST:
        raise ApiError(
            "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.",
            param="expires_at",
        )
    if left > LONGEST:
        raise ApiError(
            "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.",
            param="expires_at",
        )


def _check_currency(params: dict[str, Any]) -> str:
    """The one currency of all amounts, each of them expressible in it."""
    amounts = [
        (item["price_data"]["currency"], item["price_data"]["unit_amount"], f"line_items[{n}][price_data]")
        for n, item in enumerate(params["line_items"])
    ]
    for n, option in enumerate(params.get("shipping_options", [])):
        fixed = option["shipping_rate_data"]["fixed_amount"]
        where = f"shipping_options[{n}][shipping_rate_data][fixed_amount]"
        amounts.append((fixed["currency"], fixed["amount"], where))
    currency: str = params.get("currency", amounts[0][0])
    for code, amount, param in amounts:
        if code != currency:
            raise ApiError(
                f"All prices on a Checkout Session must use the same currency: {code} is not {currency}.",
                param=f"{param}[currency]",
            )
        check_amount(amount, code, param)
    return currency


def _methods(params: dict[str, Any], currency: str) -> list[str]:
    eligible = ["card", *([DELAYED[currency]] if currency in DELAYED else [])]
    allowed = params.get("allowed_payment_method_types", eligible)
    methods = [method for method in eligible if method in allowed]
    if not methods:
        raise ApiError(
            f"None of the allowed payment method types can be used with {currency}.",
            param="allowed_payment_method_types",
        )
    return methods


def _totals(books: Books, params: dict[str, Any]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    lines = params["line_items"]
    amounts = [line["price_data"]["unit_amount"] * line["quantity"] for line in lines]
    subtotal = sum(amounts)
    discount = 0
    for entry in params.get("discounts", []):
        discount = coupons.discount(books, entry["coupon"], subtotal, lines[0]["price_data"]["currency"])
    shares = split(discount, amounts)
    items = [resources.line_item(line, share) for line, share in zip(lines, shares, strict=True)]
    rate = next((option["shipping_rate_data"] for option in params.get("shipping_options", [])), None)
    shipping = rate["fixed_amount"]["amount"] if rate else 0
    rate_id = resources.new_id("shr_") if rate else None
    return items, {
        "subtotal": subtotal,
        "discount": discount,
        "shipping": shipping,
        "total": subtotal - discount + shipping,
        "shipping_name": rate["display_name"] if rate else "",
        "shipping_cost": {
            "amount_subtotal": shipping,
            "amount_tax": 0,
            "amount_total": shipping,
            "shipping_rate": rate_id,
        }
        if rate
        else None,
        "shipping_options": [{"shipping_amount": shipping, "shipping_rate": rate_id}] if rate else [],
    }


def split(discount: int, amounts: list[int]) -> list[int]:
    """Share a discount over lines in proportion, to the last minor unit (largest remainder).

    >>> split(100, [100, 100, 100]), split(0, [0, 0])
    ([34, 33, 33], [0, 0])
    """
    whole = sum(amounts)
    if not whole:
        return [0] * len(amounts)
    shares = [discount * amount // whole for amount in amounts]
    by_remainder = sorted(range(len(amounts)), key=lambda n: (-(discount * amounts[n] % whole), n))
    for position in by_remainder[: discount - sum(shares)]:
        shares[position] += 1
    return shares


def find(books: Books, identifier: str) -> Record:
    """The session. Raises ApiError (404)."""
    record = books.get(KIND, identifier)
    if record is None:
        raise not_found("checkout.session", identifier)
    return record


def expire(books: Books, identifier: str) -> dict[str, Any]:
    """Close an open session, as the shop asked. Raises ApiError when it is not open any more."""
    record = find(books, identifier)
    if record.body["status"] != "open":
        raise ApiError(
            'Only Checkout Sessions with a status in ["open"] can be expired. '
            f"This Checkout Session has a status of `{record.body['status']}`."
        )
    close_unpaid(books, record)
    return record.body


def close_unpaid(books: Books, record: Record) -> None:
    """The end of a session nobody paid: no way to pay it after this."""
    body = record.body
    intent = books.get("payment_intent", body["payment_intent"] or "")
    if intent:
        intent.body |= {"status": "canceled", "canceled_at": now(), "next_action": None}
        books.save(intent)
        events.record(books, "payment_intent.canceled", intent.body)
    body |= {"status": "expired", "url": None}
    record.due = None
    books.save(record)
    events.record(books, "checkout.session.expired", body)
