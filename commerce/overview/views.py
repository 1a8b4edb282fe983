"""The sales overview in the admin, and its figures as a file."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from babel.numbers import format_compact_currency, format_decimal, format_percent
from django.conf import settings
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, URLResolver, include, path, reverse
from django.utils.formats import date_format
from django.utils.functional import lazy
from django.utils.translation import get_language, get_language_bidi, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe
from wagtail.admin.menu import MenuItem

from catalog.exchange.menu import PermittedItem
from catalog.exchange.write import neutral
from commerce import visits
from commerce.overview import chart
from commerce.overview.figures import Figures, Step, Sums, figures
from commerce.overview.period import Period, PeriodForm

SEE = "commerce.view_sales"


@dataclass(frozen=True)
class Tile:
    """One number of the period with what it was before. `change`: "+12%", "" when there was nothing before."""

    label: str
    value: str
    before: str
    change: str
    better: bool


@permission_required(SEE, raise_exception=True)
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Plots and tables of a period."""
    form = PeriodForm(request.GET or {"period": "30"})
    found = figures(form.chosen())
    context = {
        "form": form,
        "figures": found,
        "tiles": tiles(found.now, found.before),
        "revenue": revenue_chart(found),
        "orders": orders_chart(found),
        "named": [(name_of(step.start, found.period), step) for step in found.steps],
        "funnel": funnel_rows(found),
        "counted_since": visits.first_day() if found.funnel.carts < found.funnel.placed else None,
        "query": request.GET.urlencode(),
        "zone": settings.TIME_ZONE,
        "header_title": gettext("Sales overview"),
        "page_title": gettext("Sales overview"),
        "header_icon": "table",
        "breadcrumbs_items": [
            {"url": reverse("wagtailadmin_home"), "label": gettext("Home")},
            {"url": "", "label": gettext("Sales overview")},
        ],
    }
    return render(request, "commerce/admin/sales/overview.html", context)


@permission_required(SEE, raise_exception=True)
@require_safe
def table(request: HttpRequest) -> HttpResponse:
    """Every figure of the page as CSV: amounts with a point, days in ISO 8601, the same in every language."""
    found = figures(PeriodForm(request.GET).chosen())
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = (
        f'attachment; filename="sales-{found.period.first:%Y-%m-%d}-{found.period.last:%Y-%m-%d}.csv"'
    )
    response.headers["Cache-Control"] = "private, no-store"
    csv.writer(response).writerows(table_rows(found))
    return response


def table_rows(found: Figures) -> Iterator[list[str]]:
    yield ["table", "key", "name", "orders", "units", "revenue", "refunded", "discount", "currency"]
    currency = settings.SHOP_CURRENCY
    for step in found.steps:
        sums = [str(step.money.amount), str(step.money_back.amount)]
        yield [found.period.step, step.start.isoformat(), "", str(step.orders), "", *sums, "", currency]
    for row in found.sellers:
        amount = str(row.amount.amount)
        yield ["product", row.key, neutral(row.name), "", str(row.number), amount, "", "", currency]
    for name, rows in (("coupon", found.coupons), ("country", found.countries), ("language", found.languages)):
        for row in rows:
            off = str(row.off.amount) if row.off else ""
            amount = str(row.amount.amount)
            yield [name, neutral(row.key), neutral(row.name), str(row.number), "", amount, "", off, currency]
    for key in ("carts", "placed", "paid"):
        yield ["conversion", key, "", str(getattr(found.funnel, key)), "", "", "", "", ""]


def tiles(now: Sums, before: Sums) -> list[Tile]:
    return [
        tile(gettext("Revenue after refunds"), now.revenue, before.revenue, now.revenue.amount, before.revenue.amount),
        tile(gettext("Paid orders"), whole(now.orders), whole(before.orders), now.orders, before.orders),
        tile(gettext("Average order"), now.mean, before.mean, now.mean.amount, before.mean.amount),
        tile(
            gettext("Refunded"), now.refunded, before.refunded, now.refunded.amount, before.refunded.amount, good=False
        ),
    ]


def tile(label: str, value: Any, before: Any, new: Any, old: Any, *, good: bool = True) -> Tile:
    return Tile(label, str(value), str(before), change(new, old), (new >= old) is good)


def change(new: int | Decimal, old: int | Decimal) -> str:
    """+12%; "" when there was nothing before, or nothing worth telling has changed.

    >>> change(112, 100), change(3, 0), change(1000, 1001)
    ('+12%', '', '')
    """
    percent = round(Decimal(new - old) * 100 / old) if old > 0 else 0
    return format_percent(percent / 100, format="+#,##0%;-#,##0%", locale=babel_locale()) if percent else ""


def revenue_chart(found: Figures) -> chart.Chart:
    values = [float(step.revenue) for step in found.steps]
    earlier = [float(step.earlier) for step in found.steps]
    return drawn(found, values, earlier, [str(step.money) for step in found.steps], compact)


def orders_chart(found: Figures) -> chart.Chart:
    values = [float(step.orders) for step in found.steps]
    earlier = [float(step.earlier_orders) for step in found.steps]
    return drawn(found, values, earlier, [whole(step.orders) for step in found.steps], whole)


def drawn(found: Figures, values: list[float], earlier: list[float], said: list[str], write: Any) -> chart.Chart:
    names = [name_of(step.start, found.period) for step in found.steps]
    tips = [f"{name}: {text}" for name, text in zip(names, said, strict=True)]
    ticks = {tick: write(tick) for tick in chart.scale([*values, *earlier])}
    return chart.columns(
        values, earlier, [short(step, found.period) for step in found.steps], tips, ticks, mirrored=get_language_bidi()
    )


def name_of(start: date, period: Period) -> str:
    """What a step is called: a day, the week from a day on, or a month."""
    if period.step == "month":
        return date_format(start, "YEAR_MONTH_FORMAT")
    day = date_format(start, "SHORT_DATE_FORMAT")
    return gettext("Week from %(day)s") % {"day": day} if period.step == "week" else day


def short(step: Step, period: Period) -> str:
    return date_format(step.start, "M Y" if period.step == "month" else "j M")


def funnel_rows(found: Figures) -> list[tuple[str, int, str, float]]:
    """(name, number, share of the carts as text, width of its bar of 100)"""
    steps = [
        (gettext("Carts begun"), found.funnel.carts),
        (gettext("Orders placed"), found.funnel.placed),
        (gettext("Orders paid"), found.funnel.paid),
    ]
    most = max(number for _name, number in steps) or 1
    carts = found.funnel.carts
    return [
        (name, number, share(number, carts) if carts >= most else "", round(100 * number / most, 1))
        for name, number in steps
    ]


def share(number: int, of: int) -> str:
    return format_percent(number / of, locale=babel_locale()) if of else ""


def whole(number: float) -> str:
    return format_decimal(int(number), locale=babel_locale())


def compact(amount: float) -> str:
    """An amount short enough for an axis: €12K."""
    return format_compact_currency(amount, settings.SHOP_CURRENCY, locale=babel_locale(), fraction_digits=1)


def babel_locale() -> str:
    return (get_language() or "en").replace("-", "_")


def menu_item() -> MenuItem:
    address = lazy(reverse, str)("sales:overview")
    return PermittedItem(_("Sales overview"), address, permissions=(SEE,), name="overview", icon_name="table", order=0)


def admin_urls() -> list[URLPattern | URLResolver]:
    own = [path("", overview, name="overview"), path("data.csv", table, name="table")]
    return [path("sales/", include((own, "sales"), namespace="sales"))]
