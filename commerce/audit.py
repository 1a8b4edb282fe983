"""What must always be true of orders and stock, asked of the database. Reads only; nothing is repaired here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from django.db.models import CharField, Count, Exists, F, Max, Min, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone

from catalog.models import Stock, StockMove
from commerce.models import (
    UNSOLD,
    Coupon,
    Document,
    DocumentCounter,
    Kind,
    Order,
    OrderEvent,
    OrderLine,
    PaymentAttempt,
    Receipt,
    Refund,
    Status,
    Transfer,
)
from commerce.payments import TRANSFER
from core.models import Outbox

WAITING = (Status.PENDING, Status.AWAITING_FUNDS)
HOLDING = (*WAITING, Status.NEEDS_ATTENTION)  # the last holds nothing when its money came after its time
SOLD = (Status.PAID, Status.SHIPPED, Status.PART_REFUNDED)
ENDED = (Status.EXPIRED, Status.CANCELLED)
NEVER_SOLD = (*HOLDING, *ENDED)


@dataclass(frozen=True)
class Violation:
    """A rule that does not hold. `about`: the order's number or the SKU."""

    rule: str
    about: str
    detail: str


def audit() -> dict[str, Any]:
    """Orders by state, stock and holds per SKU, uses per coupon, the outbox's backlog, and every violation."""
    return {
        "at": timezone.now().isoformat(),
        "orders": dict(Order.objects.order_by().values_list("status").annotate(number=Count("pk"))),
        "stock": list(Stock.objects.order_by("pk").values("on_hand", "reserved", sku=F("variant__sku"))),
        "coupons": coupon_uses(),
        "outbox": backlog(),
        "violations": [asdict(found) for check in CHECKS for found in check()],
    }


def backlog() -> dict[str, Any]:
    """`oldest_seconds`: how long the oldest unsent entry has waited; 0 without one."""
    waiting = Outbox.objects.filter(sent_at=None)
    found = waiting.aggregate(number=Count("pk"), failing=Count("pk", filter=~Q(error="")), oldest=Min("created_at"))
    age = (timezone.now() - found["oldest"]).total_seconds() if found["oldest"] else 0
    return {"waiting": found["number"], "failing": found["failing"], "oldest_seconds": round(age)}


def coupon_uses() -> list[dict[str, Any]]:
    """Each coupon that was ever used: uses that count, uses that are free again, and its limit (None: no limit)."""
    taken = Count("uses", filter=Q(uses__released_at=None))
    used = Coupon.objects.order_by("code").annotate(taken=taken, ever=Count("uses")).filter(ever__gt=0)
    return [
        {"code": row.code, "taken": row.taken, "released": row.ever - row.taken, "max_uses": row.max_uses}
        for row in used
    ]


def ledger_explains_stock() -> Iterator[Violation]:
    """What is on hand and held is the sum of the ledger's rows."""
    stocks = Stock.objects.annotate(
        explained=Coalesce(Sum("moves__on_hand_change"), 0), explained_held=Coalesce(Sum("moves__reserved_change"), 0)
    )
    for row in stocks.exclude(explained=F("on_hand"), explained_held=F("reserved")).select_related("variant"):
        detail = f"on hand {row.on_hand}, held {row.reserved}; by the ledger {row.explained} and {row.explained_held}"
        yield Violation("ledger-explains-stock", row.variant.sku, detail)


def units_match_the_state() -> Iterator[Violation]:
    """Waiting orders hold their units, doubtful ones all or none, paid ones have sold them, and no other holds any."""
    units = OrderLine.objects.filter(order=OuterRef("pk")).order_by().values("order").annotate(n=Sum("quantity"))
    orders = Order.objects.annotate(
        units=Coalesce(Subquery(units.values("n")), 0), held=_moved("reserved_change"), sold=_sold()
    )
    wrong = (
        Q(status__in=WAITING) & ~Q(held=F("units"))
        | Q(status=Status.NEEDS_ATTENTION) & ~Q(held=0) & ~Q(held=F("units"))
        | ~Q(status__in=HOLDING) & ~Q(held=0)
        | Q(status__in=SOLD) & ~Q(sold=F("units"))
        | Q(status__in=NEVER_SOLD) & ~Q(sold=0)
    )
    for order in orders.filter(wrong):
        detail = f"{order.status}: {order.units} units, {order.held} held, {order.sold} sold"
        yield Violation("units-match-the-state", order.number, detail)


def _of_order() -> Any:
    """The ledger's rows of the order asked about."""
    return StockMove.objects.annotate(order_key=Cast(OuterRef("uuid"), CharField())).filter(reference=F("order_key"))


def _moved(column: str) -> Any:
    moved = _of_order().order_by().values("reference").annotate(n=Sum(column))
    return Coalesce(Subquery(moved.values("n")), 0)


def _sold() -> Any:
    sales = _of_order().filter(kind__in=(StockMove.Kind.SALE, StockMove.Kind.UNSOLD)).order_by().values("reference")
    return Coalesce(Subquery(sales.annotate(n=-Sum("on_hand_change")).values("n")), 0)


def lines_add_up() -> Iterator[Violation]:
    """The goods of an order are the sum of its lines, and the discount on them is the sum of their shares."""
    lines, shares = (Coalesce(Sum(f"lines__{column}"), Decimal(0)) for column in ("line_total", "discount"))
    orders = Order.objects.annotate(lines_total=lines, lines_off=shares)
    for order in orders.exclude(lines_total=F("goods_total"), lines_off=F("discount") - F("delivery_discount")):
        detail = f"lines {order.lines_total} - {order.lines_off}, goods {order.goods_total} - {order.discount}"
        yield Violation("lines-add-up", order.number, detail)


def coupons_are_counted() -> Iterator[Violation]:
    """An order with a coupon has one use of it, free again when the order ended; no coupon is above its limit."""
    wrong = (
        Q(coupon_use=None)
        | Q(status__in=ENDED, coupon_use__released_at=None)
        | Q(status__in=(*WAITING, *SOLD), coupon_use__released_at__isnull=False)
    )
    for order in Order.objects.exclude(coupon_code="").filter(wrong):
        yield Violation("coupons-are-counted", order.number, f"{order.status} with coupon {order.coupon_code}")
    taken = Count("uses", filter=Q(uses__released_at=None))
    for coupon in Coupon.objects.annotate(taken=taken).filter(taken__gt=F("max_uses")):
        yield Violation("coupons-are-counted", coupon.code, f"{coupon.taken} uses of {coupon.max_uses}")


def the_last_event_tells_the_state() -> Iterator[Violation]:
    last = OrderEvent.objects.filter(order=OuterRef("pk")).order_by("-created_at", "-pk").values("to_status")[:1]
    for order in Order.objects.annotate(told=Coalesce(Subquery(last), Value(""))).exclude(told=F("status")):
        detail = f"{order.status}, but the last event says {order.told or 'nothing'}"
        yield Violation("last-event-tells-the-state", order.number, detail)


def paid_orders_know_when() -> Iterator[Violation]:
    for order in Order.objects.filter(status__in=SOLD, paid_at=None):
        yield Violation("paid-orders-know-when", order.number, f"{order.status} without a moment of payment")


def documents_have_no_gaps() -> Iterator[Violation]:
    """Each kind's last number of a year is how many there are, and the highest one."""
    mine = Document.objects.filter(kind=OuterRef("kind"), year=OuterRef("year")).order_by().values("kind")
    counters = DocumentCounter.objects.annotate(
        count=Coalesce(Subquery(mine.annotate(n=Count("pk")).values("n")), 0),
        highest=Coalesce(Subquery(mine.annotate(n=Max("sequence")).values("n")), 0),
    )
    for row in counters.exclude(last=F("count"), highest=F("count")):
        detail = f"the last number is {row.last}, there are {row.count}, the highest is {row.highest}"
        yield Violation("documents-have-no-gaps", f"{row.kind} {row.year}", detail)


def sales_have_an_invoice() -> Iterator[Violation]:
    """An order that was paid for has an invoice over its total, or the worker is about to write it."""
    invoices = Document.objects.filter(order=OuterRef("pk"), kind=Kind.INVOICE)
    turns = OrderEvent.objects.filter(Q(to_status=Status.PAID) | UNSOLD, order=OuterRef("pk")).order_by("-pk")
    sold = Order.objects.annotate(last_turn=Subquery(turns.values("to_status")[:1])).filter(last_turn=Status.PAID)
    sold = sold.annotate(invoiced=Subquery(invoices.values("total")[:1]))
    wrong = sold.filter(Q(invoiced=None) | ~Q(invoiced=F("total")))
    coming = set(Outbox.objects.filter(kind="invoice", sent_at=None).values_list("key", flat=True))
    for order in wrong:
        if order.invoiced is None and f"invoice:{order.uuid}" in coming:
            continue
        yield Violation("sales-have-an-invoice", order.number, f"total {order.total}, invoiced {order.invoiced}")


def refunds_stay_below_payments() -> Iterator[Violation]:
    """Nobody gets more back than was paid on the same payment, and no invoice is taken back by more than it is."""
    refunds = Refund.objects.filter(payment=OuterRef("pk")).exclude(state=Refund.State.FAILED)
    back = Subquery(refunds.order_by().values("payment").annotate(n=Sum("amount")).values("n"))
    paid = PaymentAttempt.objects.exclude(paid_amount=None).select_related("order")
    for payment in paid.annotate(back=back).filter(back__gt=F("paid_amount")):
        detail = f"{payment.back} given back of {payment.paid_amount}"
        yield Violation("refunds-stay-below-payments", payment.order.number, detail)
    credited = Document.objects.filter(kind=Kind.INVOICE).annotate(credited=Sum("corrections__total"))
    for invoice in credited.filter(credited__gt=F("total")):
        detail = f"credited {invoice.credited} of {invoice.total}"
        yield Violation("refunds-stay-below-payments", invoice.number, detail)


def receipts_are_counted() -> Iterator[Violation]:
    """What came by bank transfer is the sum of the receipts that stand, and what is noted with its order as paid."""
    receipts = Receipt.objects.filter(transfer=OuterRef("session_id")).order_by()
    standing = receipts.filter(taken_back_at=None).values("transfer").annotate(n=Sum("amount")).values("n")
    book = Transfer.objects.filter(pk=OuterRef("session_id")).values("received")
    attempts = PaymentAttempt.objects.filter(provider=TRANSFER).annotate(
        noted=Coalesce("paid_amount", Decimal(0)),
        came=Coalesce(Subquery(book), Decimal(0)),
        told=Coalesce(Subquery(standing), Decimal(0)),
    )
    wrong = ~Q(noted=F("came")) | ~Q(told=F("came")) & Exists(receipts)  # transfers of earlier releases have none
    for attempt in attempts.filter(wrong).select_related("order"):
        detail = f"receipts of {attempt.told}, {attempt.came} in the book, {attempt.noted} noted with the order"
        yield Violation("receipts-are-counted", attempt.order.number, detail)


def no_more_sent_than_bought() -> Iterator[Violation]:
    """The parcels of an order hold at most the units of its lines."""
    sent = OrderLine.objects.annotate(sent=Coalesce(Sum("shipments__quantity"), 0))
    for line in sent.filter(sent__gt=F("quantity")).select_related("order"):
        detail = f"{line.sent} of {line.quantity} units of {line.sku} sent"
        yield Violation("no-more-sent-than-bought", line.order.number, detail)


CHECKS = (
    ledger_explains_stock,
    units_match_the_state,
    lines_add_up,
    coupons_are_counted,
    the_last_event_tells_the_state,
    paid_orders_know_when,
    documents_have_no_gaps,
    sales_have_an_invoice,
    refunds_stay_below_payments,
    receipts_are_counted,
    no_more_sent_than_bought,
)
