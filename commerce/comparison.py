"""Our payments and refunds of the last days against the provider's own lists, every night. Nothing found is hidden.

What a lost message would explain is asked for again first (`orders.fulfil`, `refunds.follow_payment`); that it was
missing is noted all the same. A provider that does not answer ends the run, and nothing is changed: nothing is known.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from commerce.models import Difference, Order, PaymentAttempt, Refund, Status
from commerce.orders import fulfil
from commerce.payments import STRIPE, TRANSFER, provider
from commerce.payments.base import Payment, Provider, RefundFacts, Refused, Repayment, Session, Unreachable
from commerce.refunds import follow_payment
from core.money import Money

log = logging.getLogger(__name__)

Kind = Difference.Kind
Side = dict[str, str]
# Kept in English, and shown in the reader's language.
MENDED, GONE = gettext_noop("asking the provider again put it right"), gettext_noop("not found any more")
FRESH = timedelta(hours=1)  # what is younger may still be on its way
NOT_PAID = (Status.PENDING, Status.AWAITING_FUNDS, Status.EXPIRED, Status.CANCELLED)
STATES = {
    Repayment.PENDING: Refund.State.PENDING,
    Repayment.SUCCEEDED: Refund.State.SUCCEEDED,
    Repayment.FAILED: Refund.State.FAILED,
}


@dataclass(frozen=True)
class Finding:
    """One difference. `payment_id`: whose refunds to ask for again; "" for a payment page, asked for by `about`."""

    kind: Kind
    about: str
    order: Order | None
    there: Side
    here: Side
    happened_at: datetime
    payment_id: str = ""

    @property
    def key(self) -> tuple[str, str]:
        return self.kind, self.about


@dataclass
class Books:
    """What a comparison works on: the provider's lists, and the moment from which on both are complete."""

    name: str
    provider: Provider
    since: datetime
    sessions: list[Session] = field(default_factory=list)
    refunds: list[RefundFacts] = field(default_factory=list)
    foreign: int = 0  # of other integrations of the same account

    def read(self) -> None:
        """Raises Unreachable."""
        self.sessions = self.provider.sessions_since(self.since)
        self.refunds = self.provider.refunds_since(self.since)
        self.foreign = 0


@dataclass(frozen=True)
class Outcome:
    """`new`: found for the first time, or again. `healed`: put right by asking. `foreign`: no business of this shop."""

    new: int
    healed: int
    foreign: int


def amount(money: Money, state: str) -> Side:
    return {"amount": str(money.rounded().amount), "currency": money.currency, "state": state}


def run() -> Outcome:
    """Compares with every provider that is in use. Raises Unreachable; then nothing was changed for that one."""
    since = timezone.now() - timedelta(days=settings.COMPARE_DAYS)
    names = [STRIPE] if settings.STRIPE_SECRET_KEY else []
    outcomes = [compare(Books(name, provider(name), since)) for name in [*names, TRANSFER]]
    total = Outcome(*(sum(getattr(each, part) for each in outcomes) for part in ("new", "healed", "foreign")))
    log.info("payments compared: %s new differences, %s put right, %s foreign", total.new, total.healed, total.foreign)
    return total


def compare(books: Books) -> Outcome:
    """Finds, asks again, finds what is left, and writes it down. Raises Unreachable."""
    books.read()
    before = find(books)
    if before:
        heal(before)
        books.read()
    left = {finding.key for finding in find(books)} if before else set()
    return write(books, before, left)


def find(books: Books) -> list[Finding]:
    return [*payments_there(books), *payments_here(books), *refunds_there(books), *refunds_here(books)]


def settled(happened: datetime | None) -> bool:
    return happened is None or happened < timezone.now() - FRESH


def payments_there(books: Books) -> Iterator[Finding]:
    """Payment pages on which somebody paid, each against the attempt that asked for it."""
    paid = [page for page in books.sessions if page.payment is Payment.PAID and settled(page.created_at)]
    found = PaymentAttempt.objects.select_related("order").filter(session_id__in=[page.id for page in paid])
    attempts = {attempt.session_id: attempt for attempt in found}
    for page in paid:
        attempt = attempts.get(page.id)
        if attempt is None:
            yield from unknown_payment(books, page)
        else:
            yield from compared(attempt, page)


def unknown_payment(books: Books, page: Session) -> Iterator[Finding]:
    """Ours by its name, and unknown here; what names no order of this kind belongs to another integration."""
    try:
        owner = UUID(page.references[0])
    except ValueError:
        books.foreign += 1
        return
    order = Order.objects.filter(uuid=owner).first()
    here = {"state": str(order.status)} if order else {}
    yield Finding(Kind.UNKNOWN_PAYMENT, page.id, order, amount(page.amount, "paid"), here, moment(page.created_at))


def compared(attempt: PaymentAttempt, page: Session) -> Iterator[Finding]:
    """A payment that both sides know."""
    if (kind := difference_of(attempt, page)) is not None:
        there, here = amount(page.amount, "paid"), here_of(attempt, page)
        yield Finding(kind, page.id, attempt.order, there, here, moment(page.created_at))


def difference_of(attempt: PaymentAttempt, page: Session) -> Kind | None:
    if attempt.paid is None or attempt.order.status in NOT_PAID:
        return Kind.PAID_THERE
    if attempt.paid != page.amount or attempt.order.grand_total != page.amount:
        return Kind.AMOUNT
    return None


def here_of(attempt: PaymentAttempt, page: Session | None) -> Side:
    """What we believe was paid; when that is what was paid, the order's own total."""
    agreed = attempt.paid is None or (page is not None and attempt.paid == page.amount)
    return amount(attempt.order.grand_total if agreed or not attempt.paid else attempt.paid, attempt.order.status)


def payments_here(books: Books) -> Iterator[Finding]:
    """Payments we believe in that are not on the provider's list: asked for one by one."""
    listed = {page.id for page in books.sessions}
    ours = PaymentAttempt.objects.select_related("order").filter(
        provider=books.name, paid_amount__isnull=False, order__paid_at__gte=books.since
    )
    for attempt in ours.exclude(session_id__in=listed):
        page = page_of(books.provider, attempt.session_id or "")
        if page is None or page.payment is not Payment.PAID:
            there = amount(page.amount, "open") if page else {}
            when = moment(attempt.order.paid_at)
            about = attempt.session_id or attempt.key
            yield Finding(Kind.PAID_HERE, about, attempt.order, there, here_of(attempt, page), when)
        else:
            yield from compared(attempt, page)
    unpaid = {page.id: page for page in books.sessions if page.payment is not Payment.PAID}
    believed = PaymentAttempt.objects.select_related("order").filter(session_id__in=unpaid, paid_amount__isnull=False)
    for attempt in believed:
        page = unpaid[attempt.session_id or ""]
        there = amount(page.amount, "open")
        yield Finding(Kind.PAID_HERE, page.id, attempt.order, there, here_of(attempt, page), moment(page.created_at))


def page_of(asked: Provider, session_id: str) -> Session | None:
    try:
        return asked.fetch(session_id) if session_id else None
    except Refused:
        return None


def refunds_there(books: Books) -> Iterator[Finding]:
    """Refunds of our payments, each against the row that we have of it."""
    wanted = [facts for facts in books.refunds if settled(facts.created_at)]
    payments = {row.payment_id: row for row in attempts_of({facts.payment_id for facts in wanted})}
    ours = {row.provider_id: row for row in Refund.objects.filter(provider_id__in=[facts.id for facts in wanted])}
    for facts in wanted:
        payment, row = payments.get(facts.payment_id), ours.get(facts.id)
        if payment is None:
            books.foreign += 1
        elif row is None or row.money != facts.amount or row.state != STATES[facts.state]:
            here = amount(row.money, row.state) if row else {}
            kind = Kind.REFUND_DIFFERS if row else Kind.REFUND_THERE
            there, when = amount(facts.amount, STATES[facts.state]), moment(facts.created_at)
            yield Finding(kind, facts.id, payment.order, there, here, when, facts.payment_id)


def attempts_of(payment_ids: Iterable[str]) -> Iterable[PaymentAttempt]:
    return PaymentAttempt.objects.select_related("order").filter(payment_id__in=[each for each in payment_ids if each])


def refunds_here(books: Books) -> Iterator[Finding]:
    """Refunds that we believe were made and the provider's lists do not have."""
    listed = [facts.id for facts in books.refunds]
    claimed = Refund.objects.select_related("order", "payment").filter(
        payment__provider=books.name, provider_id__isnull=False, requested_at__gte=books.since
    )
    for row in claimed.exclude(provider_id__in=listed):
        if row.provider_id not in known_refunds(books.provider, row.payment.payment_id):
            here = amount(row.money, row.state)
            about = str(row.provider_id)
            yield Finding(Kind.REFUND_HERE, about, row.order, {}, here, row.requested_at, row.payment.payment_id)


def known_refunds(asked: Provider, payment_id: str) -> set[str]:
    try:
        return {facts.id for facts in asked.refunds_of(payment_id)}
    except Refused:
        return set()


def moment(known: datetime | None) -> datetime:
    return known or timezone.now()


def heal(findings: list[Finding]) -> None:
    """Asks for each as a message would have made us ask. Raises Unreachable."""
    for finding in findings:
        try:
            if finding.payment_id:
                follow_payment(finding.payment_id)
            else:
                fulfil(finding.about)
        except Unreachable:
            raise
        except Exception:  # one that cannot be put right must not hide the others
            log.exception("difference %s cannot be put right", finding.key)


@transaction.atomic
def write(books: Books, found: list[Finding], left: set[tuple[str, str]]) -> Outcome:
    """One row per difference. What was put right is noted as settled; what somebody settled stays settled."""
    now = timezone.now()
    new = healed = 0
    for finding in found:
        is_open = finding.key in left
        values = {"order": finding.order, "there": finding.there, "here": finding.here}
        row, is_new = Difference.objects.get_or_create(
            provider=books.name,
            kind=finding.kind,
            about=finding.about,
            defaults={**values, "happened_at": finding.happened_at},
        )
        reopened = not is_new and is_open and row.settled_at is not None and row.settled_by is None
        if not is_open and row.settled_at is None:
            row.settled_at, row.note = now, MENDED
            healed += 1
        elif reopened:
            row.settled_at, row.note = None, ""
        new += is_open and (is_new or reopened)
        row.save()
    still = {finding.key for finding in found}
    for row in Difference.objects.filter(provider=books.name, settled_at=None, happened_at__gte=books.since):
        if (row.kind, row.about) not in still:
            row.settled_at, row.note = now, GONE
            row.save(update_fields=["settled_at", "note"])
    return Outcome(new, healed, books.foreign)
