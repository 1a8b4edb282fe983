"""What can leave the house, and the parcels that did. desk.py locks the order first, so nobody sends too much."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import User
from django.db.models import F, QuerySet, Sum

from commerce import notes, orders
from commerce.models import Order, OrderLine, Refund, RefundLine, Shipment, ShipmentLine, Status
from core import outbox


class TooMany(Exception):
    """More units of some lines than are left to send. `lines`: their ids. Nothing was written."""

    def __init__(self, lines: Iterable[int]) -> None:
        self.lines = sorted(lines)
        super().__init__(f"too many units of lines {self.lines}")


class Empty(Exception):
    """A parcel without anything in it."""


@dataclass(frozen=True)
class Parcel:
    """What is to be sent, and how it can be followed. `units`: order line's id -> units."""

    units: Mapping[int, int]
    carrier: str = ""
    tracking_code: str = ""
    tracking_url: str = ""


@dataclass(frozen=True)
class Contents:
    """A parcel in the words of its mail. `rest`: something of the order stays here."""

    parcel: Parcel
    lines: list[tuple[OrderLine, int]] = field(default_factory=list)
    rest: bool = False


def remaining(*orders: Order) -> Counter[int]:
    """Order line's id -> units that are still to be sent: ordered, neither sent nor refunded before they were. Lines
    with none left are not in it. Two queries beside the lines, whatever the number of orders."""
    left = Counter({line.pk: line.quantity for order in orders for line in order.lines.all()})
    left.subtract(_units(ShipmentLine.objects.filter(line__order__in=orders), Sum("quantity")))
    left.subtract(_units(_refunded(*orders), Sum(F("quantity") - F("sent"))))
    return +left


def with_buyer(order: Order) -> Counter[int]:
    """Order line's id -> units that were sent and not refunded since. Lines without any are not in it."""
    sent = Counter(_units(ShipmentLine.objects.filter(line__order=order), Sum("quantity")))
    sent.subtract(_units(_refunded(order), Sum("sent")))
    return +sent


def _refunded(*orders: Order) -> QuerySet[RefundLine]:
    return RefundLine.objects.filter(line__order__in=orders).exclude(refund__state=Refund.State.FAILED)


def _units(rows: QuerySet[Any], units: Sum) -> dict[int, int]:
    return {row["line"]: row["units"] for row in rows.order_by().values("line").annotate(units=units)}


def contents(order: Order, parcel: Parcel) -> Contents:
    """What this parcel would be if it left now. Raises TooMany, Empty."""
    left = remaining(order)
    return Contents(parcel, packed(order, left, parcel), rest=bool(+(left - Counter(parcel.units))))


def packed(order: Order, left: Mapping[int, int], parcel: Parcel) -> list[tuple[OrderLine, int]]:
    """The lines in the parcel with their units. Raises TooMany, Empty."""
    if too_many := [pk for pk, units in parcel.units.items() if units < 0 or units > left.get(pk, 0)]:
        raise TooMany(too_many)
    lines = [(line, parcel.units.get(line.pk, 0)) for line in order.lines.all()]
    inside = [(line, units) for line, units in lines if units]
    if not inside:
        raise Empty
    return inside


def send(order: Order, parcel: Parcel, actor: User) -> Shipment:
    """Writes the parcel down and puts its mail into the outbox; with the last unit the order is shipped.

    In a transaction that holds the order's row. Raises TooMany, Empty; then nothing was written.
    """
    new = contents(order, parcel)
    shipment = Shipment.objects.create(
        order=order,
        number=order.shipments.count() + 1,
        carrier=parcel.carrier,
        tracking_code=parcel.tracking_code,
        tracking_url=parcel.tracking_url,
        rest_follows=new.rest,
        actor=actor,
    )
    ShipmentLine.objects.bulk_create(
        ShipmentLine(shipment=shipment, line=line, quantity=units) for line, units in new.lines
    )
    say_so(order, shipment, new, actor)
    key = f"order_shipped:{order.uuid}:{shipment.number}"
    outbox.put("order_shipped", key, {"order": order.pk, "shipment": shipment.pk})
    return shipment


def say_so(order: Order, shipment: Shipment, new: Contents, actor: User) -> None:
    units = ", ".join(f"{units} × {line.sku}" for line, units in new.lines)
    left = notes.of("parcel", number=shipment.number, units=units)
    if new.rest or not orders.move(order, Status.SHIPPED, left, actor=actor):
        orders.note(order, left, actor)


def contents_of(shipment: Shipment) -> Contents:
    """A parcel that left, as its mail tells of it."""
    lines = [(row.line, row.quantity) for row in shipment.lines.select_related("line__order")]
    parcel = Parcel({}, shipment.carrier, shipment.tracking_code, shipment.tracking_url)
    return Contents(parcel, lines, shipment.rest_follows)
