"""What a cart costs: pure arithmetic on frozen dataclasses, no database, no request.

In words: prices are gross. A line costs unit price times quantity. The tax contained in a line is taken out of its
total, rounded half up once per line. Delivery is an ancillary service and follows the goods: it carries the highest
rate among them. The total is goods plus delivery; tax is part of it, never added to it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from core.money import Money


@dataclass(frozen=True)
class Line:
    """Units of one variant at a gross unit price. `tax_rate` in percent: 19 means 19 %."""

    variant_id: int
    unit: Money
    quantity: int
    tax_rate: Decimal


@dataclass(frozen=True)
class LineTotal:
    """A line with its gross total and the tax contained in it."""

    line: Line
    total: Money
    tax: Money


@dataclass(frozen=True)
class Shipping:
    """The gross price of sending the goods and its tax rate in percent."""

    gross: Money
    tax_rate: Decimal


@dataclass(frozen=True)
class Totals:
    """Everything a cart, a checkout or an order says about money. All amounts gross, in one currency.

    `taxes`: (rate in percent, tax contained), highest rate first, without rates of zero. Their sum is `tax`.
    """

    lines: tuple[LineTotal, ...]
    goods: Money
    delivery: Money
    delivery_rate: Decimal
    delivery_tax: Money
    taxes: tuple[tuple[Decimal, Money], ...]
    tax: Money
    total: Money


def contained_tax(gross: Money, rate: Decimal) -> Money:
    """The tax inside a gross amount, rounded half up.

    >>> contained_tax(Money(Decimal("11.90"), "EUR"), Decimal(19)).amount
    Decimal('1.90')
    """
    return Money(gross.amount * rate / (100 + rate), gross.currency).rounded()


def price_cart(lines: Iterable[Line], currency: str, delivery: Money | None = None) -> Totals:
    """Prices lines and delivery (free when not given).

    Raises ValueError when an amount is in another currency or a quantity is below one.
    """
    priced = tuple(price_line(line) for line in lines)
    nothing = Money(Decimal(0), currency).rounded()
    shipping = Shipping(
        (delivery or nothing).rounded(), max((entry.line.tax_rate for entry in priced), default=Decimal(0))
    )
    delivery_tax = contained_tax(shipping.gross, shipping.tax_rate)
    goods = sum((entry.total for entry in priced), nothing)
    return Totals(
        lines=priced,
        goods=goods,
        delivery=shipping.gross,
        delivery_rate=shipping.tax_rate,
        delivery_tax=delivery_tax,
        taxes=tax_lines(priced, shipping, delivery_tax),
        tax=sum((entry.tax for entry in priced), delivery_tax),
        total=goods + shipping.gross,
    )


def price_line(line: Line) -> LineTotal:
    if line.quantity < 1:
        raise ValueError("a line needs at least one unit")
    total = (line.unit.rounded() * line.quantity).rounded()
    return LineTotal(line, total, contained_tax(total, line.tax_rate))


def tax_lines(lines: Iterable[LineTotal], delivery: Shipping, delivery_tax: Money) -> tuple[tuple[Decimal, Money], ...]:
    """The contained tax by rate, highest rate first."""
    by_rate: dict[Decimal, Money] = {}
    taxed = [(entry.line.tax_rate, entry.tax) for entry in lines]
    for rate, tax in [*taxed, (delivery.tax_rate, delivery_tax)]:
        by_rate[rate] = by_rate[rate] + tax if rate in by_rate else tax
    return tuple((rate, by_rate[rate]) for rate in sorted(by_rate, reverse=True) if rate)
