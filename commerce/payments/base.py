"""What a payment provider must be able to do, in the shop's own words. A second one is one file beside stripe.py."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from core.money import Money


class Unreachable(Exception):
    """The provider does not answer, or answers that it cannot now. Nothing is known; try the same again."""


class Refused(Exception):
    """The provider will not do this, however often it is asked. Nothing was created."""


class BadSignature(Exception):
    """A message that claims to be from the provider and is not, or cannot be read."""


class NotConfigured(Exception):
    """A setting is missing; the text says which."""


class AlreadyRefunded(Refused):
    """All of the payment has gone back already; `refunds_of` tells how."""


class Payment(StrEnum):
    """How far a payment page has come."""

    OPEN = "open"
    PAID = "paid"
    WAITING = "waiting"  # done, but the money comes later
    FAILED = "failed"  # done, and the later money did not come
    EXPIRED = "expired"  # closed, nobody can pay any more


@dataclass(frozen=True)
class Item:
    """A line on the payment page. `image`: absolute address, or empty."""

    name: str
    unit: Money
    quantity: int
    image: str = ""


@dataclass(frozen=True)
class Purchase:
    """What is to be paid: the items and the delivery, minus `discount`, which is not above the items' sum.

    `back_url` contains {session} where the session's id shall stand.
    """

    reference: str
    email: str
    language: str
    items: tuple[Item, ...]
    delivery_name: str
    delivery: Money
    discount: Money
    discount_name: str
    back_url: str
    cancel_url: str
    expires_at: datetime


@dataclass(frozen=True)
class Session:
    """A payment page as the provider knows it. `references`: every place where it names the order.

    `payment_id`: the payment made on it, which refunds and disputes name; empty before one was tried.
    """

    id: str
    url: str
    payment: Payment
    amount: Money
    references: tuple[str, ...]
    live: bool
    payment_id: str = ""
    created_at: datetime | None = None


class Repayment(StrEnum):
    """How far a refund has come."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"  # the money stays with, or came back to, the shop


@dataclass(frozen=True)
class RefundFacts:
    """A refund as the provider knows it. `reference`: our name of it, empty when it was made in the provider's pages.

    `reason`: the provider's word for why it was given; `error`: why it failed.
    """

    id: str
    payment_id: str
    amount: Money
    state: Repayment
    reference: str = ""
    reason: str = ""
    error: str = ""
    created_at: datetime | None = None


@dataclass(frozen=True)
class DisputeFacts:
    """A payment that the buyer's bank asks back. `status` in the provider's own word; `answer_by` None: no answer."""

    id: str
    payment_id: str
    amount: Money
    status: str
    reason: str
    opened_at: datetime
    answer_by: datetime | None
    live: bool


@dataclass(frozen=True)
class Notice:
    """A verified message from the provider. An id is empty when the message is not about such a thing.

    `session_id`: a payment page; `payment_id`: refunds of this payment; `dispute_id`: a dispute.
    """

    id: str
    type: str
    created: datetime
    session_id: str
    payload: dict[str, Any]
    payment_id: str = ""
    dispute_id: str = ""


class Provider(Protocol):
    """Takes money on a page of its own. Every call may raise Unreachable.

    `hold`: how long an order may wait there for its money. `doubt`: how long its news may turn out to be a mistake.
    """

    live: bool
    hold: timedelta
    doubt: timedelta

    def minimum(self, currency: str) -> Money:
        """The smallest amount that can be charged."""

    def maximum(self, currency: str) -> Money:
        """The largest amount that can be charged at once; an order's columns must hold it."""

    def step(self, currency: str) -> Money:
        """The smallest difference between two amounts it can charge; each price must be a multiple of it."""

    def prepare(self, purchase: Purchase) -> dict[str, Any]:
        """The whole request for `start`, as JSON to be stored before it is sent. Talks to nobody."""

    def start(self, request: dict[str, Any], key: str) -> Session:
        """Opens a payment page; the same request under the same key gives the same page. Raises Refused."""

    def fetch(self, session_id: str) -> Session:
        """The page as it is now. Raises Refused when there is none."""

    def close(self, session_id: str) -> Session:
        """Closes the page unless somebody has paid already, and returns what is true then."""

    def desk_url(self, payment_id: str, page_url: str) -> str:
        """Where staff see this payment at the provider; `page_url`: the payment page it was made on. "" for nowhere."""

    def session_of(self, payment_id: str) -> Session | None:
        """The payment page on which this payment was made; None: not on one of ours."""

    def prepare_refund(self, payment_id: str, amount: Money, reference: str, order: str, reason: str) -> dict[str, Any]:
        """The whole request for `refund`, as JSON to be stored before it is sent. Talks to nobody."""

    def refund(self, request: dict[str, Any], key: str) -> RefundFacts:
        """Gives money back; the same request under the same key is the same refund. Raises Refused."""

    def refunds_of(self, payment_id: str) -> list[RefundFacts]:
        """All refunds of a payment, whoever made them, oldest first. Raises Refused when there is no such payment."""

    def sessions_since(self, since: datetime) -> list[Session]:
        """Every payment page opened since then, in whatever state, of this account and not of this shop only."""

    def refunds_since(self, since: datetime) -> list[RefundFacts]:
        """Every refund made since then, of this account."""

    def dispute(self, dispute_id: str) -> DisputeFacts:
        """The dispute as it is now. Raises Refused when there is none."""

    def notice(self, body: bytes, signature: str) -> Notice:
        """Checks and reads a message. Raises BadSignature, NotConfigured. Asks no database."""

    def read(self, payload: dict[str, Any]) -> Notice:
        """What a message that was checked and stored earlier is about. Raises BadSignature when it tells nothing."""
