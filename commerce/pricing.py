"""What a cart costs: pure arithmetic on frozen dataclasses, no database, no request.

The rules in words, with worked examples: docs/pricing.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from commerce.tariff import Quote, Tariff, quote
from core.money import Money


@dataclass(frozen=True)
class Line:
    """Units of one variant at a gross unit price. `tax_rate` in percent: 19 means 19 %. `grams`: what a unit weighs."""

    variant_id: int
    unit: Money
    quantity: int
    tax_rate: Decimal
    grams: int = 0


class Gives(StrEnum):
    """What a coupon gives."""

    PERCENT = "percent"
    AMOUNT = "amount"
    FREE_DELIVERY = "free_delivery"


class Unmet(StrEnum):
    """Why a coupon takes nothing off this cart."""

    GOODS = "goods"  # it is for others
    MINIMUM = "minimum"  # there are not enough of those it is for


@dataclass(frozen=True)
class Coupon:
    """`value`: percent, or a gross amount in the cart's currency, by what it gives; unused for free delivery.

    `minimum`: gross cost that the goods it is for must reach. `variants`: their ids; None: all.
    """

    gives: Gives
    value: Decimal = Decimal(0)
    minimum: Money | None = None
    variants: frozenset[int] | None = None

    def covers(self, line: Line) -> bool:
        return self.variants is None or line.variant_id in self.variants


@dataclass(frozen=True)
class LineTotal:
    """A line with its gross total, its share of the discount, and the tax contained in what is left."""

    line: Line
    total: Money
    discount: Money
    tax: Money

    @property
    def paid(self) -> Money:
        return self.total - self.discount


@dataclass(frozen=True)
class Shipping:
    """The gross price of sending the goods, what is taken off it, and its tax rate in percent."""

    gross: Money
    discount: Money
    tax_rate: Decimal

    @property
    def paid(self) -> Money:
        return self.gross - self.discount


@dataclass(frozen=True)
class Totals:
    """Everything a cart, a checkout or an order says about money. All amounts gross, in one currency.

    `discount`: all that the coupon takes off, not negative; `delivery_discount`: the part of it that is delivery's.
    `total` is goods + delivery - discount. `taxes`: (rate in percent, tax contained), highest rate first, without rates
    of zero. Their sum is `tax`. `quote`: where the price of delivery comes from, if a tariff was asked.
    """

    lines: tuple[LineTotal, ...]
    goods: Money
    discount: Money
    delivery: Money
    delivery_discount: Money
    delivery_rate: Decimal
    delivery_tax: Money
    taxes: tuple[tuple[Decimal, Money], ...]
    tax: Money
    total: Money
    quote: Quote | None = None

    @property
    def goods_paid(self) -> Money:
        """The goods after the discount: what decides whether they are sent for nothing."""
        return self.goods - (self.discount - self.delivery_discount)

    @property
    def delivery_paid(self) -> Money:
        return self.delivery - self.delivery_discount

    @property
    def taken_off(self) -> Money:
        """The discount with a minus, as it stands among amounts that add up."""
        return self.discount * -1


def contained_tax(gross: Money, rate: Decimal) -> Money:
    """The tax inside a gross amount, rounded half up.

    >>> contained_tax(Money(Decimal("11.90"), "EUR"), Decimal(19)).amount
    Decimal('1.90')
    """
    return Money(gross.amount * rate / (100 + rate), gross.currency).rounded()


def price_cart(
    lines: Iterable[Line], currency: str, delivery: Tariff | Money | None = None, coupon: Coupon | None = None
) -> Totals:
    """Prices lines and delivery (a price, or what a tariff asks for these goods; free when not given). A coupon that
    does not fit takes nothing off.

    Raises ValueError when an amount is in another currency, a quantity is below one, or the tariff does not carry
    the weight.
    """
    lines = list(lines)
    nothing = Money(Decimal(0), currency).rounded()
    shares = discounts(coupon, lines, nothing)
    priced = tuple(price_line(line, share) for line, share in zip(lines, shares, strict=True))
    goods = sum((entry.total for entry in priced), nothing)
    asked = quote(delivery, weight(lines), goods - sum(shares, nothing)) if isinstance(delivery, Tariff) else None
    price = asked.price if asked else delivery if isinstance(delivery, Money) else nothing
    shipping = price_delivery(lines, price.rounded(), coupon)
    delivery_tax = contained_tax(shipping.paid, shipping.tax_rate)
    discount = sum(shares, shipping.discount)
    return Totals(
        lines=priced,
        goods=goods,
        discount=discount,
        delivery=shipping.gross,
        delivery_discount=shipping.discount,
        delivery_rate=shipping.tax_rate,
        delivery_tax=delivery_tax,
        taxes=tax_lines(priced, shipping, delivery_tax),
        tax=sum((entry.tax for entry in priced), delivery_tax),
        total=goods + shipping.gross - discount,
        quote=asked,
    )


def weight(lines: Iterable[Line]) -> int:
    """In grams. What has no weight counts as none."""
    return sum(line.grams * line.quantity for line in lines)


def cost(line: Line) -> Money:
    """Unit price times quantity. Raises ValueError when there is no unit."""
    if line.quantity < 1:
        raise ValueError("a line needs at least one unit")
    return (line.unit.rounded() * line.quantity).rounded()


def price_line(line: Line, discount: Money) -> LineTotal:
    total = cost(line)
    return LineTotal(line, total, discount, contained_tax(total - discount, line.tax_rate))


def price_delivery(lines: Sequence[Line], gross: Money, coupon: Coupon | None) -> Shipping:
    rate = max((line.tax_rate for line in lines), default=Decimal(0))
    is_free = coupon is not None and coupon.gives is Gives.FREE_DELIVERY and unmet(coupon, lines) is None
    return Shipping(gross, gross if is_free else gross * 0, rate)


def unmet(coupon: Coupon, lines: Iterable[Line]) -> Unmet | None:
    """Why the coupon takes nothing off these lines; None: it does."""
    costs = [cost(line) for line in lines if coupon.covers(line)]
    if not costs:
        return Unmet.GOODS
    if coupon.minimum is not None and sum(costs[1:], costs[0]) < coupon.minimum:
        return Unmet.MINIMUM
    return None


def discounts(coupon: Coupon | None, lines: Sequence[Line], nothing: Money) -> list[Money]:
    """What the coupon takes off each line, gross."""
    if coupon is None or coupon.gives is Gives.FREE_DELIVERY or unmet(coupon, lines):
        return [nothing] * len(lines)
    weights = [cost(line) if coupon.covers(line) else nothing for line in lines]
    whole = sum(weights, nothing)
    wanted = whole * (coupon.value / 100) if coupon.gives is Gives.PERCENT else Money(coupon.value, whole.currency)
    wanted = wanted.rounded()
    return split(wanted if wanted < whole else whole, weights)


def split(amount: Money, weights: Sequence[Money]) -> list[Money]:
    """Shares of an amount in proportion to the weights, exact to the smallest unit: the largest remainders get what
    rounding down has left, the earlier of equal ones first. No share exceeds its weight if the amount is not above
    their sum.

    >>> [str(share.amount) for share in split(Money(Decimal("1.00"), "EUR"), [Money(Decimal("3.33"), "EUR")] * 3)]
    ['0.34', '0.33', '0.33']
    """
    units, parts = amount.minor_units(), [weight.minor_units() for weight in weights]
    whole = sum(parts)
    if not whole:
        return [amount * 0 for _part in parts]
    shares = [units * part // whole for part in parts]
    by_remainder = sorted(range(len(parts)), key=lambda position: -(units * parts[position] % whole))
    for position in by_remainder[: units - sum(shares)]:
        shares[position] += 1
    return [Money.from_minor_units(share, amount.currency) for share in shares]


def tax_lines(lines: Iterable[LineTotal], delivery: Shipping, delivery_tax: Money) -> tuple[tuple[Decimal, Money], ...]:
    """The contained tax by rate, highest rate first."""
    by_rate: dict[Decimal, Money] = {}
    taxed = [(entry.line.tax_rate, entry.tax) for entry in lines]
    for rate, tax in [*taxed, (delivery.tax_rate, delivery_tax)]:
        by_rate[rate] = by_rate[rate] + tax if rate in by_rate else tax
    return tuple((rate, by_rate[rate]) for rate in sorted(by_rate, reverse=True) if rate)


class Why(StrEnum):
    """What a step of an explanation is."""

    LINE = "line"
    LINE_DISCOUNT = "line_discount"
    DELIVERY = "delivery"
    DELIVERY_FREE = "delivery_free"
    DELIVERY_DISCOUNT = "delivery_discount"
    LINE_TAX = "line_tax"
    DELIVERY_TAX = "delivery_tax"


@dataclass(frozen=True)
class Step:
    """One amount, gross and signed: a discount is negative. `position`: the line it is about, from 0.

    `rate`: percent, of a tax.
    """

    why: Why
    amount: Money
    position: int | None = None
    rate: Decimal | None = None

    @property
    def is_tax(self) -> bool:
        return self.why in (Why.LINE_TAX, Why.DELIVERY_TAX)


def explain(totals: Totals) -> Iterator[Step]:
    """Every amount that makes the total, then every one that makes the tax: each adds up to it. Without zeros."""
    return (step for step in _steps(totals) if step.amount)


def _steps(totals: Totals) -> Iterator[Step]:
    for position, entry in enumerate(totals.lines):
        yield Step(Why.LINE, entry.total, position)
        yield Step(Why.LINE_DISCOUNT, entry.discount * -1, position)
    listed = totals.quote.listed if totals.quote else totals.delivery
    yield Step(Why.DELIVERY, listed)
    yield Step(Why.DELIVERY_FREE, totals.delivery - listed)
    yield Step(Why.DELIVERY_DISCOUNT, totals.delivery_discount * -1)
    for position, entry in enumerate(totals.lines):
        yield Step(Why.LINE_TAX, entry.tax, position, entry.line.tax_rate)
    yield Step(Why.DELIVERY_TAX, totals.delivery_tax, rate=totals.delivery_rate)
