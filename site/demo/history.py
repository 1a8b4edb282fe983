"""The demo's past: orders of the last two months in every state, made by the functions that real ones go through.

They were paid by bank transfer, which the shop's own staff write down; the payment gateway of the demo knows nothing
of them. Afterwards they are moved into the past. Their mails count as sent; their invoices are dated today.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from uuid import UUID, uuid5

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F
from django.utils import timezone, translation

from catalog import stock
from catalog.models import StockMove, Variant
from commerce import cart as carts
from commerce import notes, orders, placing, refunds, shipping, transfers, visits
from commerce.checkout import Buyer, totals_of
from commerce.delivery import methods_for
from commerce.documents.credit import credit_note_of
from commerce.documents.issue import invoice_for
from commerce.models import DailyCount, DeliveryMethod, Order, OrderEvent, Receipt, Refund, RefundLine, Shipment, Status
from commerce.payments import TRANSFER, offered
from commerce.suggestions import looks
from core.models import Outbox
from core.money import Money
from core.sessions import SessionStore
from demo.sources import Progress

NAMESPACE = UUID("6c1f0a52-3f0e-4d0b-9a0c-1e5c5d3f7b21")
DAYS = 60
# What people buy together: tea with what it is brewed in.
BASKETS = (
    ("SEN-050", "GAI-WHT"),
    ("SEN-050", "GAI-WHT", "TCU-WHT"),
    ("SEN-100", "KYU-CEL"),
    ("MAT-030", "WHK-080", "SCP-PEAR"),
    ("MAT-030", "WHK-080", "CHW-CHR"),
    ("MAT-030", "WHK-080"),
    ("ASS-100", "EVT-SND-06"),
    ("ASS-100", "EGB-100"),
    ("EGB-100", "TRV-WHT"),
    ("CHA-050", "MIN-050", "TRV-WHT"),
    ("ROO-100", "WIN-100"),
    ("WIN-100", "HIB-100"),
    ("MLK-050", "IRG-050", "GAI-WHT"),
    ("WHP-050", "TCU-CEL"),
    ("BOX-FIRST",),
    ("DAR-050",),
)
BUYERS = (
    ("Mina Berg", "en", "DE", "Hafenstraße 1", "20457", "Hamburg"),
    ("Jonas Feld", "de", "DE", "Lindenweg 8", "04109", "Leipzig"),
    ("ليلى حداد", "ar", "DE", "Sonnenallee 12", "12047", "Berlin"),
    ("Greta Lind", "de", "AT", "Gumpendorfer Straße 5", "1060", "Wien"),
    ("Paul Weber", "en", "NL", "Prinsengracht 20", "1015 DV", "Amsterdam"),
    ("Noor Saleh", "ar", "FR", "4 rue de Bretagne", "75003", "Paris"),
)
# How the orders end, the oldest first; the newest wait for somebody.
ENDINGS = (
    *(["shipped"] * 22),
    "refunded",
    "cancelled",
    *(["shipped"] * 8),
    "unpaid",
    "part refunded",
    *(["shipped"] * 4),
    "wrong amount",
    "partly shipped",
    *(["paid"] * 5),
    *(["awaiting"] * 2),
)


@dataclass(frozen=True)
class Past:
    """One order to be: how it ends, and how long ago it was placed."""

    number: int
    ending: str
    ago: timedelta


def seed_orders() -> Progress:
    """Orders."""
    manager = User.objects.filter(username="manager").first()
    if TRANSFER not in offered() or manager is None or not DeliveryMethod.objects.exists():
        return
    for number, ending in enumerate(ENDINGS):
        ago = timedelta(days=DAYS * (1 - number / len(ENDINGS)), hours=number % 9)
        past = Past(number, ending, ago)
        if not Order.objects.filter(cart_attempt=form_of(past)).exists():
            with transaction.atomic():
                live_through(past, manager)
        yield number + 1, len(ENDINGS)
    count_carts()
    looks.refresh()  # what sells best is known from the first visit on


def count_carts() -> None:
    """Of every three carts, about one became an order."""
    dice = random.Random(DAYS)
    days = (timezone.localdate() - timedelta(days=back) for back in range(DAYS + 1))
    counts = (DailyCount(day=day, kind=visits.CART, number=dice.randint(1, 4)) for day in days)
    DailyCount.objects.bulk_create(counts, ignore_conflicts=True)


def form_of(past: Past) -> UUID:
    return uuid5(NAMESPACE, str(past.number))


def live_through(past: Past, manager: User) -> None:
    order = placed(past)
    orders.payment_page(order)
    order.refresh_from_db()
    end(order, past.ending, manager)
    outbox_is_done(order)
    move_back(order, past.ago)


def placed(past: Past) -> Order:
    dice = random.Random(past.number)
    name, language, country, street, postcode, city = BUYERS[past.number % len(BUYERS)]
    variants = Variant.objects.filter(sku__in=dice.choice(BASKETS)).order_by("pk")
    units = {variant.pk: dice.choice((1, 1, 1, 2)) for variant in variants}
    for variant in variants:
        delivered = stock.adjust(variant, change=units[variant.pk], reason="Delivery")
        StockMove.objects.filter(pk=delivered.moves.latest("pk").pk).update(created_at=timezone.now() - past.ago)
    session = SessionStore()
    carts.write(session, units)
    if past.number % 6 == 0:
        session[carts.COUPON] = "TEATIME"
    address = {"line1": street, "line2": "", "postcode": postcode, "city": city, "region": ""}
    buyer = Buyer(f"buyer{past.number}@example.org", name, "", "", country, address)
    with translation.override(language):
        cart = carts.load(session)
        method = methods_for(country)[0]
        total = totals_of(cart, country, method).total
        wish = placing.Wish(
            form_of(past), buyer, method, language, placing.plain(total), placing.plain_lines(cart), provider=TRANSFER
        )
        return placing.place(cart, wish)


def end(order: Order, ending: str, manager: User) -> None:
    """From waiting for its money to where it stays."""
    if ending == "awaiting":
        return
    if ending in ("unpaid", "cancelled"):
        asked = orders.Ending(Status.CANCELLED, notes.of("cancelled_by_buyer"))
        orders.give_up(order, asked if ending == "cancelled" else orders.NO_MONEY)
        return
    missing = Money(Decimal(2), order.currency) if ending == "wrong amount" else Money(Decimal(0), order.currency)
    order = transfers.receive(orders.locked(order.pk), order.grand_total - missing, manager)
    if ending == "wrong amount":
        return
    invoice_for(order)
    if ending in ("shipped", "part refunded"):
        send(order, manager)
    elif ending == "partly shipped":
        send(order, manager, lines=1)
    if ending.endswith("refunded"):
        give_back(order, manager, whole=ending == "refunded")


def send(order: Order, manager: User, lines: int | None = None) -> None:
    units = {line.pk: line.quantity for line in order.lines.order_by("pk")[:lines]}
    shipping.send(orders.locked(order.pk), shipping.Parcel(units, "DHL", f"DEMO{order.pk:08}"), manager)


def give_back(order: Order, manager: User, *, whole: bool) -> None:
    payment = refunds.payments(order)[0]
    lines = list(order.lines.order_by("pk"))
    units = {line.pk: line.quantity for line in (lines if whole else lines[:1])}
    amount = refunds.left_of(payment) if whole else refunds.worth(lines[0], lines[0].quantity, lines[0].quantity)
    wish = refunds.Wish(
        uuid5(NAMESPACE, f"refund {order.cart_attempt}"),
        payment,
        amount,
        units,
        frozenset(units) if whole else frozenset(),
    )
    refund = refunds.send(refunds.ask(order, wish, manager))
    refund = transfers.sent_back(order.pk, refund.pk, manager)
    credit_note_of(refund)


def outbox_is_done(order: Order) -> None:
    """Nobody is written to about what is long past; the worker makes a PDF when somebody asks for it."""
    Outbox.objects.filter(payload__order=order.pk, sent_at=None).update(sent_at=timezone.now())


def move_back(order: Order, ago: timedelta) -> None:
    """Everything about it happened so long before. The later steps took a few days, unless it is too new for that."""
    day = timedelta(days=1)
    paid, sent, back = (ago - min(wait, ago) for wait in (day, 2 * day, 9 * day))
    Order.objects.filter(pk=order.pk).update(placed_at=F("placed_at") - ago)
    Order.objects.filter(pk=order.pk, status=Status.AWAITING_FUNDS).update(expires_at=timezone.now() + 3 * day)
    Order.objects.filter(pk=order.pk).exclude(paid_at=None).update(paid_at=F("paid_at") - paid)
    for event in OrderEvent.objects.filter(order=order):
        steps = {Status.PENDING: ago, Status.AWAITING_FUNDS: ago, Status.SHIPPED: sent}
        refunded = event.to_status in (Status.REFUNDED, Status.PART_REFUNDED)
        moved = back if refunded else steps.get(Status(event.to_status), paid)
        OrderEvent.objects.filter(pk=event.pk).update(created_at=F("created_at") - moved)
    StockMove.objects.filter(reference=order.reference).update(created_at=F("created_at") - paid)
    told = order.attempts.values("session_id")
    Receipt.objects.filter(transfer__in=told).update(recorded_at=F("recorded_at") - paid)
    Shipment.objects.filter(order=order).update(shipped_at=F("shipped_at") - sent)
    Refund.objects.filter(order=order).update(requested_at=F("requested_at") - back, settled_at=F("settled_at") - back)
    RefundLine.objects.filter(refund__order=order).update(restocked_at=F("restocked_at") - back)
