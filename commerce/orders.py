"""What can happen to a placed order: asked to be paid, paid, given up. The only writer of Order.status.

Each arrow is one conditional UPDATE on the old state; whoever finds it gone stops quietly, and only the winner writes
the event, ends the hold and fills the outbox, in the same transaction. Locks: first the order, then its coupon, then
its stock. No provider is called inside a transaction, but the one that is our own book.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction
from django.db.models import Max
from django.utils import timezone

from catalog import stock
from commerce import alerts, coupons, notes
from commerce.models import TRANSITIONS, Order, OrderEvent, PaymentAttempt, Status
from commerce.notes import Note
from commerce.payments import provider
from commerce.payments.base import Payment, Refused, Session, Unreachable
from commerce.suggestions import together
from core import outbox

log = logging.getLogger(__name__)

SHORTEST = timedelta(minutes=30)
PDF_FIRST = timedelta(minutes=2)  # a confirmation that waits anyway leaves with its invoice, or so much later
MOST_ATTEMPTS = 5  # a request that is always refused must not extend the hold for ever
LOCK_TIMEOUT = "5s"


class TooLate(Exception):
    """The invoice is written, or the buyer has been told: this cannot be undone any more."""


@dataclass(frozen=True)
class Ending:
    """How an order ends when its payment pages are closed and nobody paid. `actor`: the member of staff who asked.

    `mail`: the kind of mail the buyer gets about it; "" for none. `mail_if_tried`: the one after a declined payment.
    """

    status: Status
    why: Note
    actor: User | None = None
    mail: str = ""
    mail_if_tried: str = ""


NOT_PAID = Ending(Status.EXPIRED, notes.of("not_paid"), mail_if_tried="payment_failed")
REPLACED = Ending(Status.EXPIRED, notes.of("replaced"))
NO_MONEY = Ending(Status.CANCELLED, notes.of("payment_failed"), mail="payment_failed")


# Asking for the money


def payment_page(order: Order) -> str:
    """The address of the page where this order can be paid; "" when it cannot be paid (any more).

    Raises Unreachable: nothing is lost, ask again. Raises Refused when the provider will never take this order.
    """
    attempt = open_attempt(order)
    if attempt is None:
        return ""
    if not attempt.session_id:
        is_late = too_late(attempt)
        try:
            return page_of(attempt, start(attempt))
        except Refused:
            if not is_late:
                raise
            # Stored too long ago for its `expires_at`, so the provider never made it: ask with a new one.
            another = another_attempt(attempt)
            return page_of(another, start(another))
    return page_of(attempt, provider(attempt.provider).fetch(attempt.session_id))


def page_of(attempt: PaymentAttempt, session: Session) -> str:
    """The address of an open payment page; "" when there is nothing (more) to do there, and the order follows."""
    if session.payment is Payment.OPEN:
        return session.url
    apply(attempt, session)
    return ""


def open_attempt(order: Order) -> PaymentAttempt | None:
    """The attempt that can be paid now. After a refused one, there is room for another until the hold ends."""
    waiting = PaymentAttempt.objects.filter(
        order=order, order__status=Status.PENDING, order__expires_at__gt=timezone.now()
    )
    last = waiting.select_related("order").order_by("-number").first()
    if last is None or last.closed_at is None:
        return last
    return another_attempt(last)


def too_late(attempt: PaymentAttempt) -> bool:
    """The stored deadline is nearer than the provider allows, so that it refuses the request for that alone."""
    return attempt.request["expires_at"] < (timezone.now() + SHORTEST).timestamp()


def start(attempt: PaymentAttempt) -> Session:
    """Opens the payment page from the stored request, under the attempt's own key. Raises Unreachable, Refused."""
    try:
        session = provider(attempt.provider).start(attempt.request, attempt.key)
    except Refused as refusal:
        # A refusal is an answer to this very request: the provider made no session for its key.
        close(attempt, str(refusal))
        log.warning("payment request %s was refused: %s", attempt.key, refusal)
        raise
    remember(attempt, session)
    return session


def remember(attempt: PaymentAttempt, session: Session) -> None:
    """Saves whose session it is. Raises Unreachable when it is another attempt's already: no answer to this request."""
    try:
        with transaction.atomic():
            PaymentAttempt.objects.filter(pk=attempt.pk, session_id=None).update(session_id=session.id, url=session.url)
    except IntegrityError as error:
        log.error("the provider gave session %s to two requests", session.id)
        raise Unreachable("the session belongs to another request") from error


def close(attempt: PaymentAttempt, why: str) -> None:
    """Nobody can pay here: the provider says that it has no such page."""
    PaymentAttempt.objects.filter(pk=attempt.pk, closed_at=None).update(closed_at=timezone.now(), error=why[:500])


def another_attempt(last: PaymentAttempt) -> PaymentAttempt:
    """The same request with a new deadline, to which the hold is extended. Raises Refused when the order has ended."""
    expires_at = timezone.now() + provider(last.provider).hold
    with transaction.atomic():
        order = locked(last.order_id)
        newest = order.attempts.aggregate(Max("number"))["number__max"]
        if order.status != Status.PENDING or newest >= MOST_ATTEMPTS:
            raise Refused("the order cannot be paid any more")
        if newest != last.number:  # the other click was first
            return order.attempts.select_related("order").get(number=newest)
        Order.objects.filter(pk=order.pk).update(expires_at=expires_at)
        request = {**last.request, "expires_at": int(expires_at.timestamp())}
        values = {"provider": last.provider, "request": request, "expires_at": expires_at}
        return PaymentAttempt.objects.create(order=order, number=newest + 1, **values)


# Learning what became of it


def fulfil(session_id: str) -> Order | None:
    """Asks the provider how this payment page stands and makes the order follow. Safe to call at any time, by anybody.

    Called by the webhook, the return page and the sweeper. None: no order of ours. Raises Unreachable.
    """
    attempt = PaymentAttempt.objects.select_related("order").filter(session_id=session_id).first()
    try:
        session = (provider(attempt.provider) if attempt else provider()).fetch(session_id)
    except Refused as refusal:
        log.warning("session %s is no payment: %s", session_id, refusal)
        return attempt.order if attempt else None
    if attempt is None:
        attempt = adopt(session)
    if attempt is None:
        return None
    return apply(attempt, session)


def adopt(session: Session) -> PaymentAttempt | None:
    """The attempt whose session this is though its id was never saved: the process died in between."""
    try:
        owner = UUID(session.references[0])
    except ValueError:
        return None
    attempt = PaymentAttempt.objects.filter(order__uuid=owner, session_id=None, closed_at=None).first()
    if attempt is None:
        return None
    remember(attempt, session)
    return PaymentAttempt.objects.filter(session_id=session.id).first()


def apply(attempt: PaymentAttempt, session: Session, ending: Ending = NOT_PAID) -> Order:
    """Brings the order to where its payment page is, in one transaction; returns it as it is then."""
    with transaction.atomic():
        order = locked(attempt.order_id)
        asked = provider(attempt.provider)
        if asked.doubt:  # somebody may have written down, or taken back, a receipt while we waited for the lock
            session = asked.fetch(session.id)
        now = timezone.now()
        news = PaymentAttempt.objects.filter(pk=attempt.pk, closed_at=None)
        closed_now = session.payment is not Payment.OPEN and session.payment is not Payment.WAITING
        is_news = news.update(checked_at=now, closed_at=now if closed_now else None) == 1
        is_known = session.payment is Payment.PAID and not remember_payment(attempt, session)
        if is_known and order.status in (Status.CANCELLED, Status.REFUNDED):
            return order  # in spite of this money, or without it: asking again decides nothing anew
        if session.payment in (Payment.PAID, Payment.WAITING):
            take_payment(order, session, is_news, asked.live)
        elif session.payment is Payment.FAILED:
            end(order, NO_MONEY)
        elif session.payment is Payment.EXPIRED:
            tried = ending.mail_if_tried if session.payment_id else ""
            end(order, replace(ending, mail=tried or ending.mail))
    return order


def remember_payment(attempt: PaymentAttempt, session: Session) -> bool:
    """What was paid, and under which name refunds and disputes will speak of it. False: that was known."""
    mine = PaymentAttempt.objects.filter(pk=attempt.pk, payment_id__in=["", session.payment_id])  # it may have grown
    paid = {"paid_amount": session.amount.amount, "paid_currency": session.amount.currency}
    return mine.exclude(payment_id=session.payment_id, **paid).update(payment_id=session.payment_id, **paid) > 0


def take_payment(order: Order, session: Session, is_news: bool, live: bool) -> None:
    """Somebody paid or will have paid. Anything that does not fit stops here for a person to look at."""
    if difference := mismatch(order, session, live):
        if not move(order, Status.NEEDS_ATTENTION, difference) and is_news:
            note(order, difference)
        alerts.tell(order, alerts.ATTENTION, session.id, difference)
        log.error("order %s needs attention: %s", order.number, difference)
    elif session.payment is Payment.WAITING:
        if move(order, Status.AWAITING_FUNDS, notes.of("later")):
            outbox.put("order_received", f"order_received:{order.uuid}", {"order": order.pk})
    elif order.status in (Status.PENDING, Status.AWAITING_FUNDS):
        pay(order)
    elif order.status in (Status.EXPIRED, Status.CANCELLED):
        pay_late(order)
    elif is_news:
        note(order, notes.of("paid_twice", session=session.id))
        alerts.tell(order, alerts.TWICE, session.id)
        log.error("order %s was paid twice", order.number)


def mismatch(order: Order, session: Session, live: bool) -> Note | None:
    """How the payment differs from the order; None: it is exactly the one asked for. `live`: the provider's mode."""
    if any(reference != order.reference for reference in session.references):
        return notes.of("other_order", session=session.id)
    if session.live != live:
        return notes.of("other_mode", session=session.id)
    if session.amount != order.grand_total:
        return notes.of("other_amount", session=session.id, amount=session.amount, total=order.grand_total)
    return None


def pay(order: Order, why: Note | None = None, actor: User | None = None) -> bool:
    """Paid: the hold becomes a sale, the invoice is written and the confirmation goes out. False: not from here.

    Both wait for as long as the news may turn out to be a mistake: an issued invoice cannot be taken back.
    """
    paid = move(order, Status.PAID, why, actor=actor, paid_at=timezone.now())
    if paid:
        stock.sell(order.reference)
        last = order.attempts.order_by("-number").first()
        doubt = provider(last.provider).doubt if last else timedelta(0)
        outbox.put("invoice", f"invoice:{order.uuid}", {"order": order.pk}, doubt)
        confirm(order, doubt and doubt + PDF_FIRST)
        if order.wants_newsletter:  # only now, or anybody could have mails sent to any address for nothing
            ask_for_newsletter(order)
        together.learn(order)
    return paid


def pay_late(order: Order) -> None:
    """Paid after the hold ended: takes coupon and stock again if they are there, else the money must be given back."""
    if order.erased_at is not None:
        cannot_fulfil(order, notes.of("paid_late_erased"))
        return
    try:
        with transaction.atomic():
            coupons.take_again(order)
            stock.hold([(line.variant_id, line.quantity) for line in order.lines.all()], order.reference)
            pay(order, notes.of("paid_late"))
    except coupons.Refused:
        cannot_fulfil(order, notes.of("paid_late_coupon"))
    except stock.OutOfStock:
        cannot_fulfil(order, notes.of("paid_late_sold_out"))


def cannot_fulfil(order: Order, why: Note) -> None:
    move(order, Status.PAID_UNFULFILLABLE, why, paid_at=timezone.now())
    log.error("order %s is to be refunded: %s", order.number, why)


def end(order: Order, ending: Ending) -> None:
    """Gives the held stock back, unless another payment page of the order is still open."""
    if order.attempts.filter(closed_at=None).exists():
        return
    if move(order, ending.status, ending.why, actor=ending.actor):
        stock.release(order.reference)
        coupons.release(order)
        if ending.mail:
            outbox.put(ending.mail, f"{ending.mail}:{order.uuid}", {"order": order.pk})


def give_up(order: Order, ending: Ending = NOT_PAID) -> Order:
    """Closes the order's payment pages at the provider, and only then frees its hold. Returns the order as it is then:
    paid, when somebody was faster.

    Raises Unreachable; then the hold stays.
    """
    for attempt in order.attempts.filter(closed_at=None).select_related("order"):
        try:
            session_id = attempt.session_id or start(attempt).id
            apply(attempt, provider(attempt.provider).close(session_id), ending)
        except Refused as refusal:
            close(attempt, str(refusal))
    with transaction.atomic():
        order = locked(order.pk)
        end(order, ending)
    return order


def refuse(order: Order) -> Order:
    """Ends an order that the provider will never take, and frees its hold. Returns it as it is then."""
    with transaction.atomic():
        order = locked(order.pk)
        end(order, Ending(Status.CANCELLED, notes.of("not_accepted")))
    log.error("the payment service does not accept order %s, which is %s now", order.number, order.status)
    return order


def ask_for_newsletter(order: Order) -> None:
    """Whoever runs the newsletter asks the buyer back by mail; nobody is subscribed by an order."""
    wish = {"email": order.email, "language": order.language, "source": "checkout"}
    outbox.put("newsletter_wish", f"newsletter_wish:{order.uuid}", {"order": order.pk, **wish})


def confirm(order: Order, wait: timedelta = timedelta(0)) -> None:
    outbox.put("order_confirmation", f"order_confirmation:{order.uuid}", {"order": order.pk}, wait)


# The ways to write a status


def locked(order_id: int) -> Order:
    """The order's row, locked. Raises OperationalError when somebody holds it for longer than LOCK_TIMEOUT."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [LOCK_TIMEOUT])
    return Order.objects.select_for_update().get(pk=order_id)


def move(
    order: Order,
    to: Status,
    why: Note | None = None,
    *,
    actor: User | None = None,
    paid_at: datetime | None = None,
) -> bool:
    """One arrow. True for the one caller who went along it, with its event; False: not from here, or not now."""
    if to not in TRANSITIONS[order.status]:
        return False
    times = {"paid_at": paid_at} if paid_at else {}
    if not Order.objects.filter(pk=order.pk, status=order.status).update(status=to, **times):
        return False
    _happened(order, to, why, actor)
    order.status = to
    order.paid_at = paid_at or order.paid_at
    return True


def note(order: Order, text: Note | str, actor: User | None = None) -> None:
    """Something staff must know about an order that stays where it is; a text is in somebody's own words."""
    _happened(order, Status(order.status), text, actor)


def _happened(order: Order, to: Status, what: Note | str | None, actor: User | None) -> None:
    coded = {"code": what.code, "facts": what.facts} if isinstance(what, Note) else {}
    OrderEvent.objects.create(
        order=order, from_status=order.status, to_status=to, note=str(what or ""), actor=actor, **coded
    )


def take_back(attempt: PaymentAttempt, session: Session, to: Status, until: datetime, actor: User) -> None:
    """News of a payment were wrong: the order goes back to where it stood before, its sale is undone, and what would
    have followed does not happen. `until`: it is waited for again until then. `session`: as it is now.

    Inside a transaction that holds the order's row. Raises TooLate; then the caller rolls back.
    """
    order = attempt.order
    if not outbox.drop(f"invoice:{order.uuid}", f"order_confirmation:{order.uuid}"):
        raise TooLate
    paid = session.amount if session.payment is Payment.PAID else None
    attempt.payment_id = session.payment_id
    attempt.paid_amount, attempt.paid_currency = (paid.amount, paid.currency) if paid else (None, "")
    if to == Status.AWAITING_FUNDS:
        attempt.closed_at, attempt.expires_at = None, until
        Order.objects.filter(pk=order.pk).update(expires_at=until)
    attempt.save(update_fields=["payment_id", "paid_amount", "paid_currency", "closed_at", "expires_at"])
    stock.take_back(order.reference)
    if to in (Status.EXPIRED, Status.CANCELLED):
        stock.release(order.reference)
        coupons.release(order)
    if to != order.status:
        Order.objects.filter(pk=order.pk).update(status=to, paid_at=None)
        _happened(order, to, notes.of("receipt_undone"), actor)
