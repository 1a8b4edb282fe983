"""The demo's past is told by rows that agree with each other."""

import pytest

from commerce.audit import audit
from commerce.models import Document, Order, Status
from core.models import Outbox
from demo import seed
from demo.history import ENDINGS, seed_orders

pytestmark = pytest.mark.django_db

NEEDED = (
    seed.seed_users,
    seed.seed_delivery,
    seed.seed_options,
    seed.seed_categories,
    seed.seed_types,
    seed.seed_products,
)


def run(*steps):
    for step in steps:
        list(step())


def test_it_works(settings):
    settings.BANK_TRANSFER_HOLDER, settings.BANK_TRANSFER_IBAN = "Leaf & Kiln", "DE89370400440532013000"
    run(*NEEDED, seed.seed_coupons, seed_orders)

    orders = Order.objects.order_by("placed_at")
    assert len(orders) == len(ENDINGS)
    wanted = {Status.SHIPPED, Status.PAID, Status.AWAITING_FUNDS, Status.CANCELLED, Status.NEEDS_ATTENTION}
    assert {order.status for order in orders} == wanted | {Status.REFUNDED, Status.PART_REFUNDED}
    assert (orders[len(orders) - 1].placed_at - orders[0].placed_at).days > 50
    for order in orders.exclude(paid_at=None):
        times = list(order.events.order_by("pk").values_list("created_at", flat=True))
        assert times == sorted(times)
        assert order.placed_at <= order.paid_at
    assert Document.objects.filter(kind="invoice").count() == orders.exclude(paid_at=None).count()
    assert not Outbox.objects.filter(sent_at=None, payload__has_key="order").exists()
    assert audit()["violations"] == []

    run(seed_orders)
    assert Order.objects.count() == len(ENDINGS)


def test_no_account_no_past():
    run(seed.seed_users, seed_orders)

    assert not Order.objects.exists()
