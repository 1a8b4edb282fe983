"""Disputes: the buyer's bank asks a payment back, and decides weeks later who keeps the money."""

from demo.gateway import events, resources
from demo.gateway.payments import Closed
from demo.gateway.store import Books, Record

KIND = "dispute"


def begin(books: Books, charge: Record) -> Record:
    """The bank takes the money first and asks for evidence. Raises Closed when there is nothing to ask back."""
    if charge.body["disputed"] or charge.body["refunded"] or charge.body["status"] != "succeeded":
        raise Closed
    charge.body["disputed"] = True
    charge.private["charged_back"] = True
    books.save(charge)
    dispute = Record(resources.dispute(charge.body))
    books.save(dispute)
    events.record(books, "charge.dispute.created", dispute.body)
    events.record(books, "charge.dispute.funds_withdrawn", dispute.body)
    return dispute


def answer(books: Books, dispute: Record) -> None:
    """The shop has sent its evidence in the provider's pages. Raises Closed when nobody waits for it."""
    if dispute.body["status"] != "needs_response":
        raise Closed
    dispute.body["status"] = "under_review"
    dispute.body["evidence_details"] |= {"has_evidence": True, "submission_count": 1}
    books.save(dispute)
    events.record(books, "charge.dispute.updated", dispute.body)


def decide(books: Books, dispute: Record, *, won: bool) -> None:
    """The bank has decided. Raises Closed when it has already."""
    if dispute.body["status"] in ("won", "lost"):
        raise Closed
    dispute.body |= {"status": "won" if won else "lost", "is_charge_refundable": won}
    books.save(dispute)
    charge = books.get("charge", dispute.body["charge"])
    if won and charge is not None:
        charge.private["charged_back"] = False
        books.save(charge)
        events.record(books, "charge.dispute.funds_reinstated", dispute.body)
    events.record(books, "charge.dispute.closed", dispute.body)
