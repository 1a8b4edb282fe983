"""What waits for the people who sell: paid orders to pack, doubtful payments, and what runs out."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _

from catalog import stock
from catalog.cards import LOW_STOCK
from catalog.models import Stock
from commerce.models import Order, Status
from editorial.entries import Entry, Section

MOST = 100
DOUBTFUL = (Status.NEEDS_ATTENTION, Status.PAID_UNFULFILLABLE)


def selling_sections(user: User | AnonymousUser) -> list[Section]:
    """For who may see orders, and for who may count stock; two queries and no more for many."""
    found = []
    if user.has_perm("commerce.view_order"):
        url = reverse("orders:index")
        found.append(Section("to-pack", _("Orders to pack"), _("Nothing to pack."), orders_in(Status.PAID), url))
        if doubtful := orders_in(*DOUBTFUL):
            found.append(Section("doubtful", _("Orders that need you"), "", doubtful, url))
    if user.has_perm("catalog.change_stock"):
        url = reverse("stock:index")
        found.append(Section("low-stock", _("Running out"), _("There is enough of everything."), running_out(), url))
    return found


def orders_in(*states: Status) -> list[Entry]:
    """The longest waiting first."""
    orders = Order.objects.filter(status__in=states).order_by("paid_at", "placed_at")[:MOST]
    return [
        Entry(order.number, reverse("orders:order", args=[order.pk]), order.get_status_display(), order.paid_at)
        for order in orders
    ]


def running_out() -> list[Entry]:
    rows = stock.low(Stock.objects.filter(variant__active=True, variant__product__live=True), LOW_STOCK)
    rows = rows.select_related("variant__product").prefetch_related("variant__product__translations")
    return [
        Entry(
            row.variant.sku,
            reverse("stock:adjust", args=[row.pk]),
            _("%(product)s: %(units)s left") % {"product": row.variant.product, "units": row.available},
        )
        for row in rows.order_by(F("on_hand") - F("reserved"), "pk")[:MOST]
    ]
