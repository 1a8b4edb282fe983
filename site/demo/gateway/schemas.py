"""Which parameters each endpoint takes: the fields the shop sends, in Stripe's names and limits.

A test holds these names and words against the types of the ``stripe`` package.
"""

import re
from typing import Any

from demo.gateway.errors import ApiError
from demo.gateway.params import (
    Array,
    Check,
    Choice,
    Hash,
    currency,
    email,
    flag,
    integer,
    metadata,
    percent,
    string,
    text,
    url,
)

LOCALES = (
    "auto", "bg", "cs", "da", "de", "el", "en", "en-GB", "es", "es-419", "et", "fi", "fil", "fr", "fr-CA",
    "hi-IN", "hr", "hu", "id", "it", "ja", "ko", "lt", "lv", "ms", "mt", "nb", "nl", "pl", "pt", "pt-BR",
    "ro", "ru", "sk", "sl", "sv", "th", "tr", "vi", "zh", "zh-HK", "zh-TW",
)  # fmt: skip
PAYMENT_METHODS = ("card", "sepa_debit", "us_bank_account")
LATEST_TIME = 9_999_999_999

amount = integer(0)
timestamp = integer(0, LATEST_TIME)
expand = Array(text(200), 20)


def created_range(raw: Any, param: str) -> dict[str, int]:
    """``created=…`` or ``created[gte]=…``, as a dict of comparisons."""
    if isinstance(raw, str):
        return {"eq": timestamp(raw, param)}
    return Hash(dict.fromkeys(("gt", "gte", "lt", "lte"), timestamp))(raw, param)


def identifier(raw: Any, param: str) -> str:
    """An id of the caller's choice that can stand in a path."""
    value = string(raw, param)
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,200}", value):
        raise ApiError("Invalid id: use up to 200 letters, digits, dashes and underscores.", param=param)
    return value


_PAGE: dict[str, Check] = {
    "created": created_range,
    "limit": integer(1, 100),
    "starting_after": string,
    "expand": expand,
}

RETRIEVE = Hash({"expand": expand})
LIST = Hash(_PAGE)
LINE_ITEM_LIST = Hash({"limit": integer(1, 100), "starting_after": string})
SESSION_LIST = Hash({**_PAGE, "status": Choice(("open", "complete", "expired")), "payment_intent": string})
REFUND_LIST = Hash({**_PAGE, "charge": string, "payment_intent": string})
DISPUTE_LIST = Hash({**_PAGE, "charge": string, "payment_intent": string})
EVENT_LIST = Hash({**_PAGE, "type": string, "types": Array(string, 20), "delivery_success": flag})

PRODUCT = Hash(
    {
        "name": text(),
        "description": text(),
        "images": Array(url, 8),
        "metadata": metadata,
        "tax_code": string,
        "unit_label": text(12),
    },
    ("name",),
)
_TAX_BEHAVIOR = Choice(("exclusive", "inclusive", "unspecified"))
LINE_ITEM = Hash(
    {
        "price_data": Hash(
            {
                "currency": currency,
                "unit_amount": amount,
                "product_data": PRODUCT,
                "tax_behavior": _TAX_BEHAVIOR,
            },
            ("currency", "unit_amount", "product_data"),
        ),
        "quantity": integer(1, 999_999),
        "metadata": metadata,
    },
    ("price_data", "quantity"),
)
_DELAY = Hash(
    {"unit": Choice(("hour", "day", "business_day", "week", "month")), "value": integer(1)}, ("unit", "value")
)
SHIPPING_OPTION = Hash(
    {
        "shipping_rate_data": Hash(
            {
                "display_name": text(100),
                "type": Choice(("fixed_amount",)),
                "fixed_amount": Hash({"amount": amount, "currency": currency}, ("amount", "currency")),
                "delivery_estimate": Hash({"minimum": _DELAY, "maximum": _DELAY}),
                "tax_behavior": _TAX_BEHAVIOR,
                "tax_code": string,
                "metadata": metadata,
            },
            ("display_name", "fixed_amount"),
        )
    },
    ("shipping_rate_data",),
)
SESSION_CREATE = Hash(
    {
        "mode": Choice(("payment",)),
        "ui_mode": Choice(("hosted_page",)),
        "currency": currency,
        "client_reference_id": text(200),
        "customer_email": email,
        "locale": Choice(LOCALES),
        "line_items": Array(LINE_ITEM, 100),
        "shipping_options": Array(SHIPPING_OPTION, 1),
        "discounts": Array(Hash({"coupon": string}, ("coupon",)), 1),
        "allow_promotion_codes": flag,
        "adaptive_pricing": Hash({"enabled": flag}),
        "allowed_payment_method_types": Array(Choice(PAYMENT_METHODS)),
        "expires_at": timestamp,
        "metadata": metadata,
        "payment_intent_data": Hash(
            {
                "metadata": metadata,
                "description": text(1000),
                "receipt_email": email,
                "statement_descriptor": text(22),
                "statement_descriptor_suffix": text(22),
            }
        ),
        "submit_type": Choice(("auto", "pay", "book", "donate")),
        "success_url": url,
        "cancel_url": url,
        "expand": expand,
    },
    ("mode", "line_items", "success_url"),
)
REFUND_CREATE = Hash(
    {
        "payment_intent": string,
        "charge": string,
        "amount": integer(1),
        "reason": Choice(("duplicate", "fraudulent", "requested_by_customer")),
        "metadata": metadata,
        "expand": expand,
    }
)
COUPON_CREATE = Hash(
    {
        "id": identifier,
        "amount_off": integer(1),
        "currency": currency,
        "percent_off": percent,
        "duration": Choice(("once", "forever")),
        "max_redemptions": integer(1),
        "redeem_by": timestamp,
        "name": text(40),
        "metadata": metadata,
        "expand": expand,
    }
)


def one_of(params: dict[str, Any], first: str, second: str) -> None:
    """Refuse two parameters that exclude each other. Raises ApiError."""
    if first in params and second in params:
        raise ApiError(f"You may only specify one of these parameters: {first}, {second}.", param=first)
