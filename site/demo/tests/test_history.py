"""The demo's past is told by rows that agree with each other."""

import pytest

from commerce.audit import audit
from commerce.models import Document, Order, Status
from core.models import Outbox
from demo.history import ENDINGS, seed_orders
from demo.seed import seed_users
from tests.demo import ACCOUNT


def test_it_works(demo_db, settings):
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

    for name, value in ACCOUNT.items():
        setattr(settings, name, value)
    list(seed_orders())
    assert Order.objects.count() == len(ENDINGS)


@pytest.mark.django_db
def test_no_account_no_past():
    list(seed_users())
    list(seed_orders())

    assert not Order.objects.exists()
