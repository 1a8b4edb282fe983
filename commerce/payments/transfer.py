"""Bank transfer: the buyer sends the money, and staff write down what they read in the bank's statements.

Nothing here is known before a person has seen it. The account is kept with each request, so that a buyer is never
shown another one than before. Who may write down what: commerce/transfers.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar
from uuid import uuid4

from django.contrib.auth.models import User
from django.db import OperationalError, transaction
from django.db.models import F, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from commerce.models.transfer import Receipt, Transfer, TransferBack
from commerce.payments.base import (
    AlreadyRefunded,
    BadSignature,
    DisputeFacts,
    Notice,
    Payment,
    Purchase,
    RefundFacts,
    Refused,
    Repayment,
    Session,
    Unreachable,
)
from core.money import Money

Rest = ParamSpec("Rest")
Answer = TypeVar("Answer")
LARGEST = Decimal(999_999)  # what is larger is no matter for a checkout


@dataclass(frozen=True)
class Account:
    """Where the money shall go. `iban` without spaces; `bic`, `bank` may be empty."""

    holder: str
    iban: str
    bic: str = ""
    bank: str = ""

    @property
    def iban_in_groups(self) -> str:
        """As it stands on paper.

        >>> Account("", "DE89370400440532013000").iban_in_groups
        'DE89 3704 0044 0532 0130 00'
        """
        return " ".join(self.iban[start : start + 4] for start in range(0, len(self.iban), 4))


def answering(
    call: Callable[Concatenate[BankTransfer, Rest], Answer],
) -> Callable[Concatenate[BankTransfer, Rest], Answer]:
    """A database that does not answer, or a row that is locked for too long, is a provider that does not answer."""

    @wraps(call)
    def ask(self: BankTransfer, *args: Rest.args, **kwargs: Rest.kwargs) -> Answer:
        try:
            with transaction.atomic():
                return call(self, *args, **kwargs)
        except OperationalError as error:
            raise Unreachable("the database does not answer") from error

    return ask


class BankTransfer:
    """Keeps the book of transfers. `hold`: how long an order waits for its money.

    `doubt`: whoever has just written down a receipt may see that it was the wrong order.
    """

    doubt = timedelta(minutes=15)

    def __init__(self, account: Account | None, hold: timedelta, *, live: bool = True) -> None:
        self.account = account
        self.live = live
        self.hold = hold

    def minimum(self, currency: str) -> Money:
        return Money.from_minor_units(1, currency)

    def maximum(self, currency: str) -> Money:
        return Money(LARGEST, currency)

    def step(self, currency: str) -> Money:
        return Money.from_minor_units(1, currency)

    def prepare(self, purchase: Purchase) -> dict[str, Any]:
        if self.account is None:
            raise Refused("no account for bank transfers is set")
        total = sum((item.unit * item.quantity for item in purchase.items), purchase.delivery) - purchase.discount
        return {
            "reference": purchase.reference,
            "amount": str(total.amount),
            "currency": total.currency,
            "account": vars(self.account),
            "page": purchase.cancel_url,
            "expires_at": int(purchase.expires_at.timestamp()),
        }

    @answering
    def start(self, request: dict[str, Any], key: str) -> Session:
        known = Transfer.objects.filter(key=key).first()
        if known is None:
            due_at = datetime.fromtimestamp(request["expires_at"], UTC)
            if due_at <= timezone.now():
                raise Refused("it is due in the past")
            facts = {"amount": Decimal(request["amount"]), "currency": request["currency"], "due_at": due_at}
            values = {"id": f"bt_{uuid4().hex}", "request": request, **facts}
            known, _is_new = Transfer.objects.get_or_create(key=key, defaults=values)
        if known.request != request:
            raise Refused("this key belongs to another request")
        return self._session(known)

    @answering
    def fetch(self, session_id: str) -> Session:
        return self._session(_transfer(session_id))

    @answering
    def close(self, session_id: str) -> Session:
        Transfer.objects.filter(pk=session_id, received=None, closed_at=None).update(closed_at=timezone.now())
        return self._session(_transfer(session_id))

    def desk_url(self, payment_id: str, page_url: str) -> str:
        return ""

    @answering
    def session_of(self, payment_id: str) -> Session | None:
        found = Transfer.objects.filter(pk=payment_id).exclude(received=None).first()
        return self._session(found) if found else None

    def prepare_refund(self, payment_id: str, amount: Money, reference: str, order: str, reason: str) -> dict[str, Any]:
        words = {"reference": reference, "order": order, "reason": reason}
        return {"payment": payment_id, "amount": str(amount.amount), "currency": amount.currency, **words}

    @answering
    def refund(self, request: dict[str, Any], key: str) -> RefundFacts:
        """Written down as something a person has to do: it is on its way until they say that it is done."""
        transfer = _transfer(request["payment"], lock=True)
        known = TransferBack.objects.select_related("transfer").filter(key=key).first()
        if known is not None:
            if known.request != request:
                raise Refused("this key belongs to another request")
            return _facts(known)
        left = _left(transfer)
        if not left:
            raise AlreadyRefunded("all of it has been sent back")
        if Decimal(request["amount"]) > left or request["currency"] != transfer.currency:
            raise Refused(f"only {left} {transfer.currency} are left of this transfer")
        back = TransferBack.objects.create(
            id=f"btr_{uuid4().hex}", key=key, transfer=transfer, request=request, amount=Decimal(request["amount"])
        )
        return _facts(back)

    @answering
    def refunds_of(self, payment_id: str) -> list[RefundFacts]:
        return [_facts(back) for back in _transfer(payment_id).backs.select_related("transfer")]

    @answering
    def sessions_since(self, since: datetime) -> list[Session]:
        return [self._session(transfer) for transfer in Transfer.objects.filter(created_at__gte=since)]

    @answering
    def refunds_since(self, since: datetime) -> list[RefundFacts]:
        return [_facts(back) for back in TransferBack.objects.filter(asked_at__gte=since).select_related("transfer")]

    def dispute(self, dispute_id: str) -> DisputeFacts:
        raise Refused("a bank transfer cannot be disputed")

    def notice(self, body: bytes, signature: str) -> Notice:
        raise BadSignature("a bank sends no messages")

    def read(self, payload: dict[str, Any]) -> Notice:
        raise BadSignature("a bank sends no messages")

    # What staff read in the bank's statements

    @answering
    def receive(self, session_id: str, amount: Money, order_was: str = "", actor: User | None = None) -> Session:
        """So much came in for this transfer, beside what had come before. Raises Refused."""
        transfer = _transfer(session_id, lock=True)
        if amount.amount <= 0 or amount.currency != transfer.currency:
            raise Refused("an amount above nothing, in the transfer's own currency")
        Receipt.objects.create(transfer=transfer, amount=amount.amount, order_was=order_was, actor=actor)
        Transfer.objects.filter(pk=session_id).update(received=Coalesce(F("received"), Decimal(0)) + amount.amount)
        return self._session(_transfer(session_id))

    @answering
    def take_back(self, session_id: str, receipt_id: int, due_at: datetime | None) -> Session:
        """The newest receipt of this transfer was a mistake. `due_at`: it is waited for again until then at least.

        Raises Refused: it is not the newest, was taken back already, or some of the money was sent back.
        """
        transfer = _transfer(session_id, lock=True)
        newest = transfer.receipts.filter(taken_back_at=None).last()
        if newest is None or newest.pk != receipt_id or _left(transfer) != transfer.received:
            raise Refused("this receipt cannot be taken back")
        Receipt.objects.filter(pk=receipt_id).update(taken_back_at=timezone.now())
        transfer.received = ((transfer.received or Decimal(0)) - newest.amount) or None
        transfer.due_at = max(transfer.due_at, due_at) if due_at else transfer.due_at
        transfer.save(update_fields=["received", "due_at"])
        return self._session(transfer)

    @answering
    def sent_back(self, refund_id: str) -> bool:
        """A person has transferred it back. False: that was known, or it had failed."""
        waiting = TransferBack.objects.filter(pk=refund_id, made_at=None, failed_at=None)
        return waiting.update(made_at=timezone.now()) == 1

    @answering
    def came_back(self, refund_id: str, why: str) -> bool:
        """It could not be transferred, or the bank returned it. False: that was known."""
        good = TransferBack.objects.filter(pk=refund_id, failed_at=None)
        return good.update(failed_at=timezone.now(), error=why[:200]) == 1

    def _session(self, transfer: Transfer) -> Session:
        amount = transfer.amount if transfer.received is None else transfer.received
        return Session(
            id=transfer.pk,
            url=transfer.request["page"],
            payment=_state(transfer),
            amount=Money(amount, transfer.currency),
            references=(transfer.request["reference"],),
            live=self.live,
            payment_id=transfer.pk if transfer.received else "",
            created_at=transfer.created_at,
        )


def account_of(request: dict[str, Any]) -> Account:
    """The account that the buyer was told, from the stored request."""
    return Account(**request["account"])


def _transfer(session_id: str, *, lock: bool = False) -> Transfer:
    rows = Transfer.objects.select_for_update() if lock else Transfer.objects
    try:
        return rows.get(pk=session_id)
    except Transfer.DoesNotExist as error:
        raise Refused("no such transfer") from error


def _state(transfer: Transfer) -> Payment:
    if transfer.received is not None:
        return Payment.PAID
    if transfer.closed_at is not None:
        return Payment.EXPIRED
    return Payment.WAITING if transfer.due_at > timezone.now() else Payment.FAILED


def _left(transfer: Transfer) -> Decimal:
    """What can still go back; nothing of a transfer that never came."""
    gone = transfer.backs.filter(failed_at=None).aggregate(Sum("amount"))["amount__sum"] or Decimal(0)
    return (transfer.received or Decimal(0)) - gone


def _facts(back: TransferBack) -> RefundFacts:
    state = Repayment.SUCCEEDED if back.made_at else Repayment.PENDING
    return RefundFacts(
        id=back.pk,
        payment_id=back.transfer_id,
        amount=Money(back.amount, back.transfer.currency),
        state=Repayment.FAILED if back.failed_at else state,
        reference=back.request["reference"],
        reason=back.request["reason"],
        error=back.error,
        created_at=back.asked_at,
    )
