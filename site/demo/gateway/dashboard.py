"""The provider's own pages, as far as the shop must cope with what people do there: refund, and be disputed."""

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext_lazy as _

from demo.gateway import disputes, refunds
from demo.gateway.currencies import exponent
from demo.gateway.errors import ApiError
from demo.gateway.payments import Closed
from demo.gateway.store import Books, Record

ADDRESS = re.compile(r"/dashboard/(pi_[A-Za-z0-9]{1,100})")
GONE = _("Somebody was faster, or this is not possible any more.")
NO_AMOUNT = _("Please write an amount such as 4.90, or leave it empty for all that is left.")


def charge_of(books: Books, intent: str) -> Record | None:
    """The payment with this id, if money was taken."""
    record = books.get("payment_intent", intent)
    charge = books.get("charge", record.body["latest_charge"] or "") if record else None
    return charge if charge and charge.body["status"] == "succeeded" else None


def act(books: Books, charge: Record, form: dict[str, str]) -> Any:
    """Do what was clicked; the text why it was not done, or nothing."""
    try:
        return _act(books, charge, form.get("choice", ""), form)
    except Closed:
        return GONE
    except ApiError as error:
        return error.message


def _act(books: Books, charge: Record, choice: str, form: dict[str, str]) -> Any:
    refund = books.get(refunds.KIND, form.get("refund", ""))
    dispute = books.get(disputes.KIND, form.get("dispute", ""))
    if choice == "refund":
        return _give_back(books, charge, form.get("amount", "").strip())
    if choice in ("slow", "fast"):
        charge.private[refunds.SLOW] = choice == "slow"
        books.save(charge)
    elif choice == "dispute":
        disputes.begin(books, charge)
    elif refund and refund.body["charge"] == charge.body["id"] and choice in ("arrive", "fail"):
        (refunds.arrive if choice == "arrive" else refunds.fail)(books, refund)
    elif dispute and dispute.body["charge"] == charge.body["id"] and choice == "answer":
        disputes.answer(books, dispute)
    elif dispute and dispute.body["charge"] == charge.body["id"] and choice in ("won", "lost"):
        disputes.decide(books, dispute, won=choice == "won")
    else:
        raise Closed
    return None


def _give_back(books: Books, charge: Record, typed: str) -> Any:
    params: dict[str, Any] = {}
    if typed:
        try:
            units = Decimal(typed.replace(",", ".")).scaleb(exponent(charge.body["currency"]))
        except InvalidOperation:
            return NO_AMOUNT
        if not units.is_finite() or units != units.to_integral_value() or not 0 < units <= charge.body["amount"]:
            return NO_AMOUNT
        params["amount"] = int(units)
    refunds.give_back(books, charge, params)
    return None


def overview(books: Books, charge: Record) -> dict[str, Any]:
    """What the page shows: the charge, its refunds and its dispute, newest first."""
    mine = {"charge": [charge.body["id"]]}
    return {
        "charge": charge.body,
        "left": charge.body["amount_captured"] - charge.body["amount_refunded"],
        "slow": charge.private.get(refunds.SLOW),
        "charged_back": charge.private.get("charged_back"),
        "refunds": books.newest(refunds.KIND, equal=mine, limit=100),
        "disputes": books.newest(disputes.KIND, equal=mine, limit=10),
    }
