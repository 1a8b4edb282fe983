"""Orders in bulk, to measure the orders desk with. Their rows agree with each other, as `audit` demands."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import uuid4

from django.conf import settings
from django.utils import timezone, translation

from catalog.models import Association, StockMove, Variant
from commerce.documents import content, issue
from commerce.models import Kind, Order, OrderEvent, OrderLine, PaymentAttempt, Shipment, ShipmentLine, Status
from commerce.pricing import contained_tax
from core.context_processors import load_details
from core.money import Money

BATCH = 2000
SPAN = timedelta(days=730)
DELIVERY = Decimal("4.90")
RATE = Decimal(7)
STATES = {Status.SHIPPED: 86, Status.EXPIRED: 6, Status.PAID: 5, Status.CANCELLED: 2, Status.REFUNDED: 1}
SOLD = (Status.SHIPPED, Status.PAID)
NAMES = (
    "Mina Berg",
    "Jonas Feld",
    "Layla Haddad",
    "Ada North",
    "Omar Nasser",
    "Greta Lind",
    "Noor Saleh",
    "Paul Weber",
)
PLACES = (("DE", "20457", "Hamburg"), ("AT", "1010", "Wien"), ("FR", "75011", "Paris"), ("NL", "1012 AB", "Amsterdam"))


def add_orders(number: int) -> None:
    """So many orders of the last two years, mostly shipped. Call it in a transaction."""
    dice = random.Random(number)
    variants = list(Variant.objects.filter(active=True).select_related("product").order_by("pk")[:500])
    names = {variant.pk: variant.product.text.name for variant in variants}
    beside = companions(variants)
    for start in range(0, number, BATCH):
        write([plan(dice, variants, beside, names) for _order in range(min(BATCH, number - start))])


def companions(variants: list[Variant]) -> dict[int, list[Variant]]:
    """What is often bought with a product, by its id: what an editor shows beside it, else its category's."""
    chosen: dict[int, set[int]] = {}
    for product, target in Association.objects.values_list("product", "target"):
        chosen.setdefault(product, set()).add(target)
        chosen.setdefault(target, set()).add(product)
    found: dict[int, list[Variant]] = {}
    for product in {variant.product for variant in variants}:
        near = chosen.get(product.pk, set())
        others = [row for row in variants if row.product_id != product.pk]
        shelf = [row for row in others if row.product.category_id == product.category_id]
        found[product.pk] = [row for row in others if row.product_id in near] or shelf
    return found


def basket(dice: random.Random, variants: list[Variant], beside: dict[int, list[Variant]]) -> list[Variant]:
    """One to three variants; most of those beside the first go with it."""
    first = dice.choice(variants)
    found = {first.pk: first}
    for _more in range(dice.choice((0, 0, 1, 2))):
        near = beside[first.product_id]
        variant = dice.choice(near if near and dice.random() < 0.8 else variants)
        found[variant.pk] = variant
    return list(found.values())


def plan(
    dice: random.Random, variants: list[Variant], beside: dict[int, list[Variant]], names: dict[int, str]
) -> tuple[Order, list[OrderLine]]:
    chosen = basket(dice, variants, beside)
    lines = [line(variant, names[variant.pk], dice.choice((1, 1, 1, 2, 3))) for variant in chosen]
    goods = sum((row.line_total for row in lines), Decimal(0))
    delivery_tax = contained_tax(Money(DELIVERY, settings.SHOP_CURRENCY), RATE).amount
    name = dice.choice(NAMES)
    country, postcode, city = dice.choice(PLACES)
    placed = timezone.now() - SPAN * dice.random()
    status = dice.choices(list(STATES), list(STATES.values()))[0]
    order = Order(
        cart_attempt=uuid4(),
        status=status,
        language=dice.choice(("en", "de", "ar")),
        email=f"{name.lower().replace(' ', '.')}{dice.randrange(9999)}@example.org",
        name=name,
        country=country,
        address={"line1": f"Teestraße {dice.randrange(1, 200)}", "line2": "", "postcode": postcode, "city": city},
        currency=settings.SHOP_CURRENCY,
        goods_total=goods,
        delivery_name="Standard delivery",
        delivery_gross=DELIVERY,
        delivery_tax_rate=RATE,
        delivery_tax=delivery_tax,
        tax_total=sum((row.tax for row in lines), delivery_tax),
        total=goods + DELIVERY,
        placed_at=placed,
        expires_at=placed + timedelta(minutes=31),
        paid_at=placed + timedelta(minutes=3) if status in (*SOLD, Status.REFUNDED) else None,
    )
    return order, lines


def line(variant: Variant, name: str, units: int) -> OrderLine:
    total = Money(variant.price * units, settings.SHOP_CURRENCY).rounded()
    return OrderLine(
        variant_id=variant.pk,
        sku=variant.sku,
        name=name,
        unit_price=variant.price,
        quantity=units,
        line_total=total.amount,
        tax_rate=RATE,
        tax=contained_tax(total, RATE).amount,
    )


def write(planned: list[tuple[Order, list[OrderLine]]]) -> None:
    orders = Order.objects.bulk_create([order for order, _lines in planned])
    for order, (_same, lines) in zip(orders, planned, strict=True):
        for row in lines:
            row.order = order
    lines = OrderLine.objects.bulk_create([row for _order, rows in planned for row in rows])
    OrderEvent.objects.bulk_create([event for order in orders for event in events(order)])
    PaymentAttempt.objects.bulk_create([attempt(order) for order in orders])
    write_invoices(orders)
    sold = [row for row in lines if row.order.status in SOLD]
    StockMove.objects.bulk_create([move for row in sold for move in moves(row)])
    parcels = Shipment.objects.bulk_create(
        [Shipment(order=order, number=1, carrier="DHL") for order in orders if order.status == Status.SHIPPED]
    )
    parcel_of = {parcel.order_id: parcel for parcel in parcels}
    ShipmentLine.objects.bulk_create(
        [
            ShipmentLine(shipment=parcel_of[row.order_id], line=row, quantity=row.quantity)
            for row in lines
            if row.order_id in parcel_of
        ]
    )


def write_invoices(orders: list[Order]) -> None:
    """Of what was paid, dated by its payment. Nobody asks for their PDFs."""
    shop = load_details()
    paid = [order.pk for order in orders if order.paid_at]
    for order in Order.objects.filter(pk__in=paid).order_by("paid_at").prefetch_related("lines"):
        day = timezone.localdate(order.paid_at)
        with translation.override(order.language):
            stated = content.invoice_content(order, shop, "", day)
        issue.write(Kind.INVOICE, f"invoice:{order.uuid}", order, stated, day)


def events(order: Order) -> list[OrderEvent]:
    """The way from placed to where it stands, through paid for what was paid."""
    path = [Status.PENDING]
    if order.paid_at:
        path.append(Status.PAID)
    if order.status != path[-1]:
        path.append(Status(order.status))
    before = ["", *path]
    return [OrderEvent(order=order, from_status=old, to_status=new) for old, new in zip(before, path, strict=False)]


def attempt(order: Order) -> PaymentAttempt:
    closed: datetime = order.paid_at or order.expires_at
    return PaymentAttempt(order=order, number=1, request={}, expires_at=order.expires_at, closed_at=closed)


def moves(row: OrderLine) -> list[StockMove]:
    """Units that came and went: what is on hand today stays as it is."""
    reference = row.order.reference
    return [
        StockMove(stock_id=row.variant_id, kind=StockMove.Kind.ADJUST, on_hand_change=row.quantity),
        StockMove(stock_id=row.variant_id, kind=StockMove.Kind.SALE, on_hand_change=-row.quantity, reference=reference),
    ]
