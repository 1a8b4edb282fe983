"""What can happen to money that was paid: given back, in whole or in parts, or asked back by the buyer's bank.

A refund is written under the order's row lock, with the whole request, before the provider is asked; its answer is
written under the same lock. What the provider says of a refund is fetched, never taken from a message, so that order
and number of messages do not matter. The only writer of Refund, RefundLine and Dispute.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from uuid import UUID, uuid4

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog import stock
from commerce import alerts, notes, shipping
from commerce.models import RANK, Dispute, Order, OrderLine, PaymentAttempt, Refund, RefundLine, Status
from commerce.orders import fulfil, locked, move, note
from commerce.payments import provider
from commerce.payments.base import AlreadyRefunded, DisputeFacts, RefundFacts, Refused, Unreachable
from core import outbox
from core.money import Money

log = logging.getLogger(__name__)

State = Refund.State
REFUNDED = (Status.PART_REFUNDED, Status.REFUNDED)
UNANSWERED = (State.REQUESTED, State.PENDING)


class NotPossible(Exception):
    """Nothing was written; the text tells staff why."""


class TooMuch(NotPossible):
    """More than is left of the payment."""

    def __init__(self, left: Money) -> None:
        super().__init__(_("That is more than is left of this payment: %(left)s.") % {"left": left})
        self.left = left


@dataclass(frozen=True)
class Wish:
    """A refund somebody asked for. `uuid`: the form it came from, so that one form is one refund.

    `amount`: gross. `units`: {order line id: units given back}; `restock`: the lines whose units go back on the shelf.
    `sent_first`: of a line that was sent in part, these are units that had been sent, not those still to be packed.
    """

    uuid: UUID
    payment: PaymentAttempt
    amount: Money
    units: Mapping[int, int] = field(default_factory=dict)
    restock: frozenset[int] = frozenset()
    delivery: bool = False
    sent_first: bool = False
    reason: str = Refund.Reason.OTHER
    comment: str = ""


# How much is left


def payments(order: Order) -> list[PaymentAttempt]:
    """What was paid for this order, oldest first: more than one entry when somebody paid twice."""
    return list(order.attempts.exclude(payment_id="").exclude(paid_amount=None))


def left_of(payment: PaymentAttempt) -> Money:
    """What can still go back. Refunds that have not failed count, also those not answered yet."""
    if payment.paid is None:
        raise ValueError(f"nothing was paid on {payment}")
    gone = payment.refunds.exclude(state=State.FAILED).aggregate(Sum("amount"))["amount__sum"] or Decimal(0)
    return Money(max(payment.paid.amount - gone, Decimal(0)), payment.paid.currency)


def units_left(order: Order) -> dict[int, int]:
    """{order line id: units that were not given back yet}"""
    return _less(order, RefundLine.objects.exclude(refund__state=State.FAILED), "quantity")


def shelvable(order: Order) -> dict[int, int]:
    """{order line id: units that may still go back on the shelf}; none of an order whose stock was never sold."""
    if not stock.sold(order.reference):
        return dict.fromkeys(order.lines.values_list("pk", flat=True), 0)
    meant = ~Q(refund__state=State.FAILED) | ~Q(restocked_at=None)
    return _less(order, RefundLine.objects.filter(meant), "restock")


def _less(order: Order, gone: QuerySet[RefundLine], column: str) -> dict[int, int]:
    rows = gone.filter(line__order=order).values("line").annotate(units=Sum(column))
    used = {row["line"]: row["units"] for row in rows}
    return {line.pk: line.quantity - used.get(line.pk, 0) for line in order.lines.all()}


def worth(line: OrderLine, left: int, units: int) -> Money:
    """What was paid for the next `units` of a line of which `left` were not given back yet.

    Rounded so that a line given back unit by unit comes to exactly what was paid for it.
    """
    done = line.quantity - left
    before, after = (_part(line, count) for count in (done, done + units))
    return after - before


def _part(line: OrderLine, units: int) -> Money:
    paid = line.as_total.paid
    return Money(paid.amount * units / line.quantity, paid.currency).rounded()


# Asking


def ask(order: Order, wish: Wish, actor: User | None = None) -> Refund:
    """Writes down that money shall go back; the same form again: the same refund. Asks nobody yet: `send`.

    Raises NotPossible, TooMuch; then nothing was written.
    """
    with transaction.atomic():
        order = locked(order.pk)
        earlier = Refund.objects.filter(uuid=wish.uuid).first()
        if earlier is not None:
            if earlier.order_id != order.pk:
                raise NotPossible(_("This form belongs to another order."))
            return earlier
        _check(order, wish)
        refund = _write(order, wish, actor)
        note(order, notes.of("refund_asked", amount=refund.money, reason=refund.reason), actor)
    return refund


def _check(order: Order, wish: Wish) -> None:
    if not order.refundable:
        raise NotPossible(_("This order has nothing to refund."))
    if wish.payment.order_id != order.pk or wish.payment.paid is None:
        raise NotPossible(_("This is no payment of this order."))
    if not wish.amount or wish.amount.amount < 0:
        raise NotPossible(_("Please say what shall be refunded."))
    left = left_of(wish.payment)
    if wish.amount.currency != left.currency or left < wish.amount:
        raise TooMuch(left)
    available = units_left(order)
    if any(units < 1 or units > available.get(pk, 0) for pk, units in wish.units.items()):
        raise NotPossible(_("Fewer units than that are left to refund. Please check the quantities."))
    if wish.delivery and order.refunds.filter(delivery=True).exclude(state=State.FAILED).exists():
        raise NotPossible(_("The delivery price was refunded already."))


def _write(order: Order, wish: Wish, actor: User | None) -> Refund:
    request = provider(wish.payment.provider).prepare_refund(
        wish.payment.payment_id, wish.amount, str(wish.uuid), order.reference, str(wish.reason)
    )
    refund = Refund.objects.create(
        uuid=wish.uuid,
        order=order,
        payment=wish.payment,
        amount=wish.amount.amount,
        currency=wish.amount.currency,
        delivery=wish.delivery,
        reason=wish.reason,
        comment=wish.comment,
        request=request,
        actor=actor,
    )
    shelf = shelvable(order) if wish.restock else {}
    at_home, out = shipping.remaining(order), shipping.with_buyer(order)
    RefundLine.objects.bulk_create(
        RefundLine(
            refund=refund,
            line_id=pk,
            quantity=units,
            restock=min(units, max(shelf.get(pk, 0), 0)) if pk in wish.restock else 0,
            sent=_sent(at_home.get(pk, 0), out.get(pk, 0), units, sent_first=wish.sent_first),
        )
        for pk, units in wish.units.items()
    )
    return refund


def _sent(at_home: int, out: int, units: int, *, sent_first: bool) -> int:
    """How many of these units had left the house: those beyond what is still at home, or all that can have.

    >>> _sent(2, 3, 3, sent_first=False), _sent(2, 3, 3, sent_first=True), _sent(2, 0, 2, sent_first=True)
    (1, 3, 0)
    """
    return min(units, out) if sent_first else max(units - at_home, 0)


def send(refund: Refund) -> Refund:
    """Asks the provider for a refund that is written down, and writes down the answer. Returns it as it is then:
    still REQUESTED when the provider does not answer, and the sweeper will ask again.
    """
    unanswered = Refund.objects.filter(pk=refund.pk, state=State.REQUESTED)
    if not unanswered.update(checked_at=timezone.now()):
        return refund_now(refund)  # its form was sent again; the provider may have forgotten our key by now
    try:
        answer = provider(refund.payment.provider).refund(refund.request, refund.key)
        record(refund.order_id, refund.payment, [answer])
    except AlreadyRefunded as known:
        sync(refund.payment)  # its answer may have been lost: then it is among them
        _refused(refund, str(known))
    except Refused as refusal:
        _sync_quietly(refund.payment)
        _refused(refund, str(refusal))
    except Unreachable as error:
        Refund.objects.filter(pk=refund.pk, state=State.REQUESTED).update(error=str(error)[:500])
        log.warning("refund %s is not answered, it will be asked for again: %s", refund.key, error)
    return refund_now(refund)


def refund_now(refund: Refund) -> Refund:
    return Refund.objects.select_related("order").get(pk=refund.pk)


def send_again(refund: Refund) -> Refund:
    """As `send`, long after the first try: looks first whether it was made, as the provider forgets keys after a day.

    Raises Unreachable.
    """
    sync(refund.payment)
    refund.refresh_from_db()
    return send(refund) if refund.state == State.REQUESTED else refund


def _refused(refund: Refund, why: str) -> None:
    """The provider made nothing for this request."""
    with transaction.atomic():
        order = locked(refund.order_id)
        mine = Refund.objects.filter(pk=refund.pk, state=State.REQUESTED)
        if mine.update(state=State.FAILED, error=why[:500], settled_at=timezone.now()):
            note(order, notes.of("refund_refused", amount=refund.money, why=why[:300]), refund.actor)
            log.error("refund %s of order %s was refused: %s", refund.key, order.number, why)
            alerts.tell(order, alerts.REFUND_FAILED, refund.key, f"{refund.money}: {why[:500]}")


# Following the provider


def follow_payment(payment_id: str) -> Order | None:
    """Makes the refunds of this payment what they are at the provider. None: no payment of ours. Raises Unreachable,
    Refused.
    """
    payment = find(payment_id)
    if payment is None:
        return None
    sync(payment)
    return payment.order


def find(payment_id: str) -> PaymentAttempt | None:
    """The attempt on which this payment was made; when its news has not arrived yet, it is fetched now."""
    known = PaymentAttempt.objects.select_related("order").filter(payment_id=payment_id)
    payment = known.first()
    if payment is None and (session := provider().session_of(payment_id)) is not None:
        fulfil(session.id)
        payment = known.first()
    return payment


def learn_payments(order: Order) -> None:
    """Fetches what was paid for an order whose payment was not noted with it. Raises Unreachable."""
    if order.refundable and not payments(order):
        for attempt in order.attempts.exclude(session_id=None):
            fulfil(attempt.session_id or "")


def sync(payment: PaymentAttempt) -> None:
    """Raises Unreachable, Refused."""
    record(payment.order_id, payment, provider(payment.provider).refunds_of(payment.payment_id))


def _sync_quietly(payment: PaymentAttempt) -> None:
    try:
        sync(payment)
    except (Refused, Unreachable) as error:
        log.warning("the refunds of %s cannot be read: %s", payment, error)


def record(order_id: int, payment: PaymentAttempt, known: list[RefundFacts]) -> None:
    """Writes down what the provider knows, in one transaction; what is known already changes nothing."""
    with transaction.atomic():
        order = locked(order_id)
        for facts in known:
            _follow(order, payment, facts)


def _follow(order: Order, payment: PaymentAttempt, facts: RefundFacts) -> None:
    refund = _ours(order, facts) or _made_elsewhere(order, payment, facts)
    if refund.provider_id is None:
        refund.provider_id = facts.id
        refund.error = ""
        refund.save(update_fields=["provider_id", "error"])
    state = State(facts.state.value)
    if RANK[state] <= RANK[refund.state]:
        return
    was = refund.state
    refund.state, refund.error = state, facts.error[:500]
    refund.settled_at = None if state == State.PENDING else timezone.now()
    refund.save(update_fields=["state", "error", "settled_at"])
    if state == State.SUCCEEDED:
        _succeeded(order, refund)
    elif state == State.FAILED:
        log.error("refund %s of order %s failed: %s", refund.key, order.number, facts.error)
        code = "refund_failed_told" if was == State.SUCCEEDED else "refund_failed"
        follow_status(order, notes.of(code, amount=refund.money, why=facts.error), refund.actor)
        alerts.tell(order, alerts.REFUND_FAILED, refund.key, f"{refund.money}: {facts.error or '–'}")


def _ours(order: Order, facts: RefundFacts) -> Refund | None:
    """The row of this refund: by its id there, or by our name when the answer with its id was lost."""
    if (refund := order.refunds.filter(provider_id=facts.id).first()) is not None:
        return refund
    try:
        return order.refunds.filter(uuid=UUID(facts.reference), provider_id=None).first()
    except ValueError:
        return None


def _made_elsewhere(order: Order, payment: PaymentAttempt, facts: RefundFacts) -> Refund:
    reason = facts.reason if facts.reason in Refund.Reason.values else Refund.Reason.OTHER
    refund = Refund.objects.create(
        order=order,
        payment=payment,
        provider_id=facts.id,
        amount=facts.amount.amount,
        currency=facts.amount.currency,
        reason=reason,
    )
    note(order, notes.of("refund_elsewhere", amount=refund.money, refund=facts.id))
    return refund


def _succeeded(order: Order, refund: Refund) -> None:
    """The money is on its way: the order follows, the goods go on the shelf, the buyer is told."""
    follow_status(order, notes.of("refunded", amount=refund.money), refund.actor)
    back = list(refund.lines.filter(restock__gt=0, restocked_at=None).select_related("line"))
    if back:
        units = [(entry.line.variant_id, entry.restock) for entry in back]
        stock.restock(units, f"refund:{refund.uuid}", f"order {order.number}", refund.actor)
        refund.lines.filter(pk__in=[entry.pk for entry in back]).update(restocked_at=timezone.now())
    outbox.put("credit_note", f"credit_note:{refund.uuid}", {"order": order.pk, "refund": refund.pk})
    outbox.put("order_refunded", f"order_refunded:{refund.uuid}", {"order": order.pk, "refund": refund.pk})


def follow_status(order: Order, why: notes.Note, actor: User | None) -> None:
    """Brings the order to what its refunds amount to, or notes why they changed nothing."""
    to = status_by_money(order)
    if to == order.status or not move(order, to, why, actor=actor):
        note(order, why, actor)
    elif to == Status.REFUNDED:
        stock.release(order.reference)  # an order that needed attention may still hold its stock


def status_by_money(order: Order) -> Status:
    """Refunded when nothing is kept, partly when less than the total is kept, else what it was before any refund.

    A refund that failed may leave units to be sent that nobody waited for, or money of an order that was cancelled.
    """
    paid = payments(order)
    gone = {payment.pk: _arrived(payment) for payment in paid}
    if paid and all(gone[payment.pk] >= (payment.paid_amount or 0) for payment in paid):
        return Status.REFUNDED
    kept = sum((payment.paid_amount or Decimal(0)) - gone[payment.pk] for payment in paid)
    if any(gone.values()) and kept < order.total:
        return Status.PART_REFUNDED
    was = Status(order.status)
    if was in REFUNDED:
        before = order.events.exclude(to_status__in=REFUNDED).order_by("created_at", "pk").last()
        was = Status(before.to_status) if before else Status.PAID
        was = Status.NEEDS_ATTENTION if was == Status.CANCELLED else was
    is_part_sent = was == Status.SHIPPED and order.shipments.exists() and shipping.remaining(order)
    return Status.PAID if is_part_sent else was


def _arrived(payment: PaymentAttempt) -> Decimal:
    return payment.refunds.filter(state=State.SUCCEEDED).aggregate(Sum("amount"))["amount__sum"] or Decimal(0)


# Paid, but sold out


def give_back(order: Order) -> Refund | None:
    """Refunds everything of an order that is paid and cannot be delivered; None when somebody has begun to.

    Raises Unreachable.
    """
    learn_payments(order)
    with transaction.atomic():
        order = locked(order.pk)
        if order.status != Status.PAID_UNFULFILLABLE or order.refunds.exists() or not (paid := payments(order)):
            return None
        wish = Wish(
            uuid=uuid4(),
            payment=paid[-1],
            amount=left_of(paid[-1]),
            delivery=True,
            units=units_left(order),
            reason=Refund.Reason.SOLD_OUT,
        )
        refund = ask(order, wish)
    return send(refund)


# Disputes


def follow_dispute(dispute_id: str) -> Order | None:
    """Makes a dispute what it is at the provider. None: about no payment of ours. Raises Unreachable, Refused."""
    facts = provider().dispute(dispute_id)
    payment = find(facts.payment_id) if facts.payment_id and facts.live == provider().live else None
    if payment is None:
        return None
    with transaction.atomic():
        order = locked(payment.order_id)
        _write_dispute(order, facts, timezone.now())
    return order


def _write_dispute(order: Order, facts: DisputeFacts, now: datetime) -> None:
    values = {
        "amount": facts.amount.amount,
        "currency": facts.amount.currency,
        "reason": facts.reason[:100],
        "status": facts.status[:50],
        "answer_by": facts.answer_by,
        "opened_at": facts.opened_at,
    }
    dispute, is_new = Dispute.objects.get_or_create(provider_id=facts.id, defaults={**values, "order": order})
    if not is_new and dispute.status == facts.status and dispute.answer_by == facts.answer_by:
        return
    for name, value in values.items():
        setattr(dispute, name, value)
    dispute.closed_at = dispute.closed_by(now)
    dispute.save()
    about = {"dispute": facts.id, "amount": facts.amount, "why": facts.reason, "status": facts.status}
    note(order, notes.of("dispute", **about))
    if is_new:
        alerts.tell(order, alerts.DISPUTE, facts.id, f"{facts.amount}: {facts.reason}")
        log.error("order %s is disputed, answer at the payment provider: %s", order.number, facts.id)
