"""What happens when somebody pays, tries to, or the money comes later: the arrows between session states.

Every function runs inside one store transaction (`Books`), so two clicks at the same instant are two turns; the
second finds the session closed. Test cards: docs.stripe.com/testing.
"""

from typing import Any

from demo.gateway import coupons, events, resources, sessions
from demo.gateway.store import Books, Record, now

PAYS, DECLINED, CHALLENGED = "4242424242424242", "4000000000000002", "4000002500003155"
DECLINE = ("card_declined", "generic_decline", "Your card was declined.")
AUTHENTICATION = (
    "payment_intent_authentication_failure",
    None,
    "The provided PaymentMethod has failed authentication.",
)
NO_FUNDS = (
    "insufficient_funds",
    None,
    "The customer's account has insufficient funds to cover this payment.",
)


class Closed(Exception):
    """This session cannot take that step (any more); raised before anything is written."""


def run_clock(books: Books, moment: float) -> None:
    """Do what time alone decides: expire open sessions, let the funds of delayed payments arrive."""
    for identifier in books.due(moment):
        record = books.get(sessions.KIND, identifier)
        assert record is not None
        if record.body["status"] == "open":
            sessions.close_unpaid(books, record)
        else:
            settle(books, record, arrived=True)


def pay(books: Books, session: Record) -> None:
    """The card that always works, or nothing to pay at all. Raises Closed."""
    _check_open(session)
    if session.body["amount_total"] == 0:
        _complete(books, session, "no_payment_required")
        return
    _take(books, session, _intent(books, session), resources.card(PAYS))


def decline(books: Books, session: Record) -> None:
    """The card that is always refused: a failed charge, and the session stays open. Raises Closed."""
    _check_open(session)
    intent = _intent(books, session)
    charge = _charge(books, session, intent, "failed", resources.card(DECLINED))
    _fail(books, intent, DECLINE, charge)


def challenge(books: Books, session: Record) -> None:
    """The card whose bank wants to see the owner: waits for `answer_challenge`. Raises Closed."""
    _check_open(session)
    intent = _intent(books, session)
    intent.body |= {
        "status": "requires_action",
        "last_payment_error": None,
        "next_action": {
            "type": "redirect_to_url",
            "redirect_to_url": {"return_url": None, "url": f"{session.body['url']}/challenge"},
        },
    }
    books.save(intent)
    events.record(books, "payment_intent.requires_action", intent.body)


def answer_challenge(books: Books, session: Record, *, passed: bool) -> None:
    """The owner proved it, or did not. Raises Closed, also when no challenge is waiting."""
    _check_open(session)
    intent = books.get("payment_intent", session.body["payment_intent"] or "")
    if intent is None or intent.body["status"] != "requires_action":
        raise Closed
    intent.body["next_action"] = None
    if passed:
        _take(books, session, intent, resources.card(CHALLENGED, challenged=True))
    else:
        _fail(books, intent, AUTHENTICATION, None)


def pay_later(books: Books, session: Record, settle_seconds: float | None) -> None:
    """A method whose money comes later: the session completes, unpaid. Raises Closed."""
    _check_open(session)
    method = delayed_method(session.body)
    if method is None:
        raise Closed
    intent = _intent(books, session)
    details = {"type": method, method: {"country": "DE", "last4": "3000"}}
    charge = _charge(books, session, intent, "pending", details)
    intent.body |= {
        "status": "processing",
        "payment_method": charge.body["payment_method"],
        "last_payment_error": None,
        "next_action": None,
    }
    books.save(intent)
    events.record(books, "payment_intent.processing", intent.body)
    _complete(books, session, "unpaid", None if settle_seconds is None else now() + settle_seconds)


def settle(books: Books, session: Record, *, arrived: bool) -> None:
    """The end of a delayed payment. Raises Closed when none is waiting."""
    if not waits_for_funds(session.body):
        raise Closed
    intent = books.get("payment_intent", session.body["payment_intent"] or "")
    charge = books.get("charge", intent.body["latest_charge"] or "") if intent else None
    if intent is None or charge is None or intent.body["status"] != "processing":
        raise Closed
    session.due = None
    if arrived:
        amount = charge.body["amount"]
        charge.body |= {
            "status": "succeeded",
            "paid": True,
            "captured": True,
            "amount_captured": amount,
            "balance_transaction": resources.new_id("txn_"),
        }
        books.save(charge)
        events.record(books, "charge.succeeded", charge.body)
        _succeed(books, intent, charge)
        session.body["payment_status"] = "paid"
    else:
        charge.body["status"] = "failed"
        _fail(books, intent, NO_FUNDS, charge)
    books.save(session)
    outcome = "async_payment_succeeded" if arrived else "async_payment_failed"
    events.record(books, f"checkout.session.{outcome}", session.body)


def waits_for_funds(session: dict[str, Any]) -> bool:
    """Complete and unpaid; a failed delayed payment reads the same, only its intent tells."""
    return bool(session["status"] == "complete" and session["payment_status"] == "unpaid")


def delayed_method(session: dict[str, Any]) -> str | None:
    """The method with delayed money which this session offers, if any."""
    if session["amount_total"] == 0:
        return None
    return next((method for method in session["payment_method_types"] if method != "card"), None)


def _check_open(session: Record) -> None:
    if session.body["status"] != "open":
        raise Closed


def _intent(books: Books, session: Record) -> Record:
    found = books.get("payment_intent", session.body["payment_intent"] or "")
    if found:
        return found
    intent = Record(resources.payment_intent(session.body, session.private["payment_intent_data"]))
    books.save(intent)
    events.record(books, "payment_intent.created", intent.body)
    session.body["payment_intent"] = intent.body["id"]
    books.save(session)
    return intent


def _charge(books: Books, session: Record, intent: Record, status: str, details: dict[str, Any]) -> Record:
    charge = Record(resources.charge(intent.body, status=status, details=details, email=session.body["customer_email"]))
    books.save(charge)
    intent.body["latest_charge"] = charge.body["id"]
    if status != "failed":  # a failed one is announced by _fail, with its reason
        events.record(books, f"charge.{status}", charge.body)
    return charge


def _take(books: Books, session: Record, intent: Record, details: dict[str, Any]) -> None:
    charge = _charge(books, session, intent, "succeeded", details)
    _succeed(books, intent, charge)
    _complete(books, session, "paid")


def _succeed(books: Books, intent: Record, charge: Record) -> None:
    intent.body |= {
        "status": "succeeded",
        "amount_received": intent.body["amount"],
        "payment_method": charge.body["payment_method"],
        "last_payment_error": None,
        "next_action": None,
    }
    books.save(intent)
    events.record(books, "payment_intent.succeeded", intent.body)


def _fail(books: Books, intent: Record, reason: tuple[str, str | None, str], charge: Record | None) -> None:
    code, decline_code, message = reason
    error = {"type": "card_error", "code": code, "message": message}
    if decline_code:
        error["decline_code"] = decline_code
    if charge:
        charge.body |= {"failure_code": code, "failure_message": message}
        books.save(charge)
        events.record(books, "charge.failed", charge.body)
        error["charge"] = charge.body["id"]
    intent.body |= {
        "status": "requires_payment_method",
        "payment_method": None,
        "last_payment_error": error,
        "next_action": None,
    }
    books.save(intent)
    events.record(books, "payment_intent.payment_failed", intent.body)


def _complete(books: Books, session: Record, payment_status: str, due: float | None = None) -> None:
    body = session.body
    body |= {"status": "complete", "payment_status": payment_status, "url": None}
    if body["customer_details"] is None:
        body["customer_details"] = resources.customer_details(None)
    session.due = due
    books.save(session)
    for entry in body["discounts"]:
        coupons.redeem(books, entry["coupon"])
    events.record(books, "checkout.session.completed", body)
