"""What was sold in a period, in a constant number of queries. All amounts are gross, in the shop's currency.

An order counts on the day it was paid, money that goes back on the day the refund succeeded.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, Greatest, TruncDate
from django.utils import timezone
from django.utils.translation import get_language_info

from catalog.models import Product
from commerce import visits
from commerce.addresses import country_name
from commerce.models import Order, OrderLine, PaymentAttempt, Refund
from commerce.overview.period import Period
from core.money import Money

MOST_ROWS = 15
NOTHING = Decimal(0)


def money(amount: Decimal | None) -> Money:
    return Money(amount or NOTHING, settings.SHOP_CURRENCY).rounded()


@dataclass
class Step:
    """What happened in one step of the period. `earlier`: its revenue one period before."""

    start: date
    orders: int = 0
    taken: Decimal = NOTHING
    refunded: Decimal = NOTHING
    earlier: Decimal = NOTHING
    earlier_orders: int = 0

    @property
    def revenue(self) -> Decimal:
        return self.taken - self.refunded

    @property
    def money(self) -> Money:
        return money(self.revenue)

    @property
    def money_back(self) -> Money:
        return money(self.refunded)


@dataclass(frozen=True)
class Row:
    """A line of one of the tables: best sellers, coupons, countries, languages. `number`: units or orders."""

    name: str
    number: int
    amount: Money
    key: str
    off: Money | None = None


@dataclass(frozen=True)
class Sums:
    """Of the whole period."""

    orders: int
    taken: Money
    refunded: Money

    @property
    def revenue(self) -> Money:
        return self.taken - self.refunded

    @property
    def mean(self) -> Money:
        """What an order brought, before refunds."""
        return money(self.taken.amount / self.orders) if self.orders else money(None)


@dataclass(frozen=True)
class Funnel:
    """How far shoppers came. `carts`: begun in the period; the orders are those placed in it."""

    carts: int
    placed: int
    paid: int


@dataclass(frozen=True)
class Figures:
    period: Period
    steps: list[Step]
    now: Sums
    before: Sums
    sellers: list[Row]
    coupons: list[Row]
    countries: list[Row]
    languages: list[Row]
    funnel: Funnel
    foreign: int = field(default=0)  # orders in other currencies, which are left out


def figures(period: Period) -> Figures:
    steps, before = by_step(period)
    sold = paid_in(period)
    return Figures(
        period=period,
        steps=steps,
        now=Sums(
            sum(step.orders for step in steps),
            money(sum((step.taken for step in steps), NOTHING)),
            money(sum((step.refunded for step in steps), NOTHING)),
        ),
        before=before,
        sellers=best_sellers(period),
        coupons=coupon_use(sold),
        countries=grouped(sold, "country", country_name),
        languages=grouped(sold, "language", language_name),
        funnel=funnel(period),
        foreign=Order.objects.filter(paid_at__range=period.span).exclude(currency=settings.SHOP_CURRENCY).count(),
    )


def paid_in(period: Period) -> QuerySet:
    start, end = period.span
    orders = Order.objects.filter(paid_at__gte=start, paid_at__lt=end, currency=settings.SHOP_CURRENCY)
    return orders.order_by()


def per_day(rows: QuerySet, moment: str, amount: str) -> Iterable[tuple[date, int, Decimal]]:
    """(day of the shop's time zone, rows, sum)"""
    day = TruncDate(moment, tzinfo=timezone.get_default_timezone())
    found = rows.order_by().annotate(the_day=day).values("the_day").annotate(rows=Count("pk"), total=Sum(amount))
    return found.values_list("the_day", "rows", "total")


def by_step(period: Period) -> tuple[list[Step], Sums]:
    """The period step by step with the one before laid over it, and the sums of the one before."""
    both = Period(period.before.first, period.last)
    start, end = both.span
    refunds = given_back().filter(settled_at__gte=start, settled_at__lt=end)
    steps = {start: Step(start) for start in period.buckets}
    length = period.first - period.before.first
    earlier = Step(period.before.first)
    for day, number, total in per_day(paid_in(both), "paid_at", "total"):
        if day >= period.first:
            step = steps[period.bucket(day)]
            step.orders, step.taken = step.orders + number, step.taken + total
        else:
            step = steps[period.bucket(day + length)]
            step.earlier, step.earlier_orders = step.earlier + total, step.earlier_orders + number
            earlier.orders, earlier.taken = earlier.orders + number, earlier.taken + total
    for day, _number, total in per_day(refunds, "settled_at", "lost"):
        if day >= period.first:
            steps[period.bucket(day)].refunded += total
        else:
            steps[period.bucket(day + length)].earlier -= total
            earlier.refunded += total
    return list(steps.values()), Sums(earlier.orders, money(earlier.taken), money(earlier.refunded))


def given_back() -> QuerySet:
    """Refunds with what they take off the revenue, `lost`. Money that came beside an order's total, such as a second
    payment, is no revenue, so that the first that goes back is no loss; nor is what was paid for no sale."""
    done = Refund.objects.filter(state=Refund.State.SUCCEEDED, currency=settings.SHOP_CURRENCY)
    earlier = Q(settled_at__lt=OuterRef("settled_at")) | Q(settled_at=OuterRef("settled_at"), pk__lt=OuterRef("pk"))
    before = done.filter(earlier, order=OuterRef("order")).order_by().values("order").annotate(n=Sum("amount"))
    paid = PaymentAttempt.objects.filter(order=OuterRef("order"), paid_currency=settings.SHOP_CURRENCY)
    came = paid.order_by().values("order").annotate(n=Sum("paid_amount"))
    beside = Coalesce(Subquery(came.values("n")), F("order__total")) - F("order__total")
    left = Greatest(beside - Coalesce(Subquery(before.values("n")), NOTHING), NOTHING)
    return done.filter(order__paid_at__isnull=False).annotate(lost=Greatest(F("amount") - left, NOTHING))


def best_sellers(period: Period) -> list[Row]:
    """Products by revenue, with the units sold. Coupons are taken off, refunds are not."""
    start, end = period.span
    lines = OrderLine.objects.filter(
        order__paid_at__gte=start, order__paid_at__lt=end, order__currency=settings.SHOP_CURRENCY
    )
    sold = lines.order_by().values(product=F("variant__product_id"))
    best = list(
        sold.annotate(units=Sum("quantity"), revenue=Sum(F("line_total") - F("discount"))).order_by(
            "-revenue", "product"
        )[:MOST_ROWS]
    )
    products = Product.objects.prefetch_related("translations").in_bulk([row["product"] for row in best])
    return [
        Row(str(products[row["product"]]), row["units"], money(row["revenue"]), str(row["product"])) for row in best
    ]


def coupon_use(sold: QuerySet) -> list[Row]:
    """Coupons by what they took off paid orders. `amount`: what the orders with it came to."""
    rows = sold.exclude(coupon_code="").values("coupon_code")
    sums = rows.annotate(orders=Count("pk"), revenue=Sum("total"), off=Sum("discount"))
    return [
        Row(row["coupon_code"], row["orders"], money(row["revenue"]), row["coupon_code"], off=money(row["off"]))
        for row in sums.order_by("-off", "coupon_code")[:MOST_ROWS]
    ]


def grouped(sold: QuerySet, by: str, name: Any) -> list[Row]:
    """Orders by country or language, the most revenue first."""
    sums = sold.values(by).annotate(orders=Count("pk"), revenue=Sum("total")).order_by("-revenue", by)
    return [Row(name(row[by]), row["orders"], money(row["revenue"]), row[by]) for row in sums]


def language_name(code: str) -> str:
    try:
        return str(get_language_info(code)["name_translated"])
    except KeyError:
        return code


def funnel(period: Period) -> Funnel:
    start, end = period.span
    placed = Order.objects.filter(placed_at__gte=start, placed_at__lt=end)
    numbers = placed.aggregate(placed=Count("pk"), paid=Count("pk", filter=Q(paid_at__isnull=False)))
    return Funnel(visits.counted(visits.CART, period.first, period.last), numbers["placed"], numbers["paid"])
