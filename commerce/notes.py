"""What the shop itself writes into an order's timeline: kept as a code with values, read in the reader's language.

The English text is kept beside it, for logs, exports and whoever comes after a code is gone. What staff write is text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from commerce.models import Refund
from core.localized import listed
from core.money import Money

# A code is never given another meaning: old rows name it.
TEXTS: dict[str, Promise] = {
    # how an order ends unpaid
    "not_paid": _("not paid in time"),
    "replaced": _("its buyer ordered anew"),
    "payment_failed": _("the payment failed"),
    "not_accepted": _("the payment service does not accept it"),
    "cancelled_by_buyer": _("cancelled by the buyer"),
    "cancelled_by_shop": _("cancelled by the shop"),
    # payments
    "nothing_to_pay": _("nothing to pay"),
    "later": _("the money comes later"),
    "accepted": _("accepted by the shop"),
    "paid_late": _("paid after the hold had ended; the stock was still there"),
    "paid_late_coupon": _("paid after the hold had ended; its coupon was used up since"),
    "paid_late_sold_out": _("paid after the hold had ended; sold out since"),
    "paid_late_erased": _("paid after the hold had ended; who the buyer was is erased since"),
    "paid_twice": _("paid a second time, by session %(session)s: refund it"),
    "other_order": _("session %(session)s names another order"),
    "other_mode": _("session %(session)s is of the other mode, live or test"),
    "other_amount": _("session %(session)s is about %(amount)s, the order about %(total)s"),
    # bank transfers
    "received": _("bank transfer of %(amount)s received"),
    "receipt_wrong": _("receipt of %(amount)s taken back: it was a mistake"),
    "receipt_undone": _("the receipt was taken back"),
    "sent_back": _("refund of %(amount)s was transferred"),
    "not_sent_back": _("refund of %(amount)s could not be transferred"),
    "bank_returned": _("refund of %(amount)s was returned by the bank"),
    # refunds and disputes
    "refund_asked": _("refund of %(amount)s asked for: %(reason)s"),
    "refund_refused": _("refund of %(amount)s was refused: %(why)s"),
    "refund_elsewhere": _("refund of %(amount)s made at the payment provider (%(refund)s)"),
    "refunded": _("refunded %(amount)s"),
    "refund_failed": _("refund of %(amount)s failed: %(why)s"),
    "refund_failed_told": _(
        "refund of %(amount)s failed (its buyer was told that it had arrived; its credit note stands): %(why)s"
    ),
    "dispute": _("dispute %(dispute)s about %(amount)s (%(why)s): %(status)s"),
    # parcels and mails
    "parcel": _("parcel %(number)s: %(units)s"),
    "mail_again": _("mail sent again: %(kind)s"),
}


@dataclass(frozen=True)
class Note:
    """One sentence of the shop's own. `facts`: its values, as they are kept; `str`: in English."""

    code: str
    facts: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        with translation.override("en"):
            return said(self.code, self.facts)


def of(code: str, **facts: Any) -> Note:
    """A note by its code. Amounts are kept the same for all languages. Raises KeyError for an unknown code."""
    kept = {name: value.plain() if isinstance(value, Money) else str(value) for name, value in facts.items()}
    note = Note(code, kept)
    str(note)  # a value that is missing shows now, not when somebody reads it
    return note


def said(code: str, facts: Mapping[str, str], words: Mapping[str, Mapping[str, Any]] | None = None) -> str:
    """In the active language. `words`: {name of a value: {what is kept: what a reader calls it}}. Raises KeyError."""
    labels = {"reason": dict(Refund.Reason.choices), **(words or {})}
    shown = {name: labels.get(name, {}).get(value, value) for name, value in facts.items()}
    if shown.get("why") == "":
        shown["why"] = gettext("no reason given")
    if "units" in shown:
        shown["units"] = listed(shown["units"].split(", "))
    return str(TEXTS[code]) % shown


def readable(
    code: str, facts: Mapping[str, str], otherwise: str, words: Mapping[str, Mapping[str, Any]] | None = None
) -> str:
    """As `said`; `otherwise` without a code, or with one of another release."""
    try:
        return said(code, facts, words) if code else otherwise
    except (KeyError, ValueError):  # or its translation is broken
        return otherwise
