"""Differences planted between our books and a running gateway's are found, told, and put right where that can be."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group, User
from django.core import mail
from django.db.models import F
from django.test import Client
from django.utils import timezone

from commerce import comparison, orders, refunds, tasks
from commerce.models import Difference, Order, PaymentAttempt, Refund, Status
from commerce.payments.base import Unreachable
from commerce.tests.factories import make_order
from core import outbox
from core.models import Outbox, ScheduledJob

pytestmark = pytest.mark.django_db
Kind = Difference.Kind


@pytest.fixture(autouse=True)
def no_grace(monkeypatch):
    """What happened a second ago counts."""
    monkeypatch.setattr(comparison, "FRESH", timedelta(seconds=-5))


@pytest.fixture(autouse=True)
def only_this_test(monkeypatch, gateway, settings):
    """The gateway is shared: what other tests did there is no business of this one."""
    known = {session["id"] for session in gateway.sessions()} if not settings.STRIPE_API_BASE else set()
    start = timezone.now() - timedelta(seconds=2)
    read = comparison.Books.read

    def read_mine(books):
        read(books)
        mine = set(PaymentAttempt.objects.values_list("session_id", flat=True)) | EXTRA
        books.sessions = [page for page in books.sessions if page.id in mine and page.id not in known]
        payments = set(PaymentAttempt.objects.values_list("payment_id", flat=True))
        books.refunds = [facts for facts in books.refunds if facts.payment_id in payments and facts.created_at >= start]

    EXTRA.clear()
    monkeypatch.setattr(comparison.Books, "read", read_mine)


EXTRA = set()


def opened():
    order = make_order()
    orders.payment_page(order)
    return order, order.attempts.get().session_id


def paid(gateway):
    order, session_id = opened()
    gateway.pay(session_id)
    orders.fulfil(session_id)
    order.refresh_from_db()
    assert order.status == Status.PAID
    return order, session_id


def dearer(euros):
    """Somebody changed the order behind the shop's back."""
    Order.objects.update(total=F("total") + euros, goods_total=F("goods_total") + euros)


def kinds():
    return sorted(Difference.objects.filter(settled_at=None).values_list("kind", flat=True))


def refund_there(gateway, order):
    payment = order.attempts.get()
    gateway.act(payment.payment_id, "refund", amount="1.00")
    return payment


def test_it_works(gateway):
    order, _session = paid(gateway)
    opened()
    refunds.send(refunds.ask(order, refund_wish(order)))

    outcome = comparison.run()

    assert (outcome.new, outcome.healed) == (0, 0)
    assert not Difference.objects.exists()


def refund_wish(order, amount=None):
    from uuid import uuid4

    payment = order.attempts.get()
    return refunds.Wish(uuid4(), payment, amount or payment.paid)


def test_a_payment_whose_message_was_lost_is_put_right_and_told(gateway):
    order, session_id = opened()
    gateway.pay(session_id)

    outcome = comparison.run()

    assert (outcome.new, outcome.healed) == (0, 1)
    order.refresh_from_db()
    assert order.status == Status.PAID
    row = Difference.objects.get()
    assert (row.kind, row.about, row.order) == (Kind.PAID_THERE, session_id, order)
    assert row.settled_at is not None
    assert row.there["amount"] == str(order.total.quantize(Decimal("0.01")))


def test_another_amount_is_listed_and_stays(gateway):
    order, session_id = paid(gateway)
    dearer(1)

    assert comparison.run().new == 1
    assert comparison.run().new == 0

    row = Difference.objects.get()
    assert (row.kind, row.about, row.settled_at) == (Kind.AMOUNT, session_id, None)
    assert row.here["amount"] == str((order.total + 1).quantize(Decimal("0.01")))
    assert row.there_text == f"{order.grand_total} · Paid"


def test_a_payment_of_an_order_that_is_gone(gateway):
    order, session_id = opened()
    gateway.pay(session_id)
    EXTRA.add(session_id)
    order.attempts.all().delete()

    assert comparison.run().new == 1

    assert kinds() == [Kind.UNKNOWN_PAYMENT]


def test_ours_without_theirs(gateway):
    order, _session = paid(gateway)
    PaymentAttempt.objects.update(session_id="cs_test_invented", payment_id="pi_invented")

    comparison.run()

    assert kinds() == [Kind.PAID_HERE]
    assert Difference.objects.get().there_text == "Nothing known"


def test_believed_paid_while_the_page_is_open(gateway):
    order, _session = opened()
    PaymentAttempt.objects.update(paid_amount=order.total, paid_currency="EUR", payment_id="pi_invented")
    Order.objects.update(status=Status.PAID, paid_at=timezone.now())

    comparison.run()

    assert set(kinds()) == {Kind.PAID_HERE}


def test_a_refund_whose_message_was_lost_is_put_right(gateway):
    order, _session = paid(gateway)
    refund_there(gateway, order)

    outcome = comparison.run()

    assert (outcome.new, outcome.healed) == (0, 1)
    assert Refund.objects.get().amount == Decimal(1)
    assert Difference.objects.get().kind == Kind.REFUND_THERE


def test_refunds_that_differ_or_are_not_there(gateway):
    order, _session = paid(gateway)
    refunds.send(refunds.ask(order, refund_wish(order)))
    Refund.objects.update(amount=Decimal("0.50"))

    comparison.run()
    assert Difference.objects.get().kind == Kind.REFUND_DIFFERS

    Refund.objects.update(provider_id="re_invented")
    comparison.run()
    assert Kind.REFUND_HERE in kinds()


def test_what_agrees_again_is_settled_and_what_differs_again_is_open_again(gateway):
    order, _session = paid(gateway)
    dearer(1)
    comparison.run()

    dearer(-1)
    comparison.run()
    assert Difference.objects.get().note == "not found any more"

    dearer(1)
    assert comparison.run().new == 1
    assert Difference.objects.get().settled_at is None


def test_a_gateway_that_is_down_changes_nothing(gateway, settings):
    paid(gateway)
    dearer(1)
    comparison.run()
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"

    with pytest.raises(Unreachable):
        tasks.compare_payments()

    assert kinds() == [Kind.AMOUNT]
    assert ScheduledJob.objects.get().failures == 1


def test_lists_are_read_page_by_page(gateway, monkeypatch):
    from commerce.payments import provider

    sessions = {opened()[1] for _number in range(3)}
    api = provider()._client.v1.checkout.sessions
    list_pages = type(api).list
    monkeypatch.setattr(type(api), "list", lambda self, params: list_pages(self, {**params, "limit": 1}))

    listed = provider().sessions_since(timezone.now() - timedelta(minutes=5))

    assert sessions <= {page.id for page in listed}


@pytest.fixture
def manager():
    user = User.objects.create_user("maria", "maria@example.com", "x")
    user.groups.add(Group.objects.get(name="Shop managers"))
    client = Client()
    client.force_login(user)
    return client


def test_managers_are_told_and_settle(gateway, manager):
    order, session_id = paid(gateway)
    dearer(1)
    Outbox.objects.update(sent_at=timezone.now())

    tasks.compare_payments()
    tasks.compare_payments()

    outbox.send_due()
    (message,) = [message for message in mail.outbox if "differ from" in message.subject]
    assert message.to == ["maria@example.com"]
    assert "One payment or refund is not the same" in message.body
    row = Difference.objects.get()
    assert f"/admin/payment-differences/{row.pk}/" in manager.get("/admin/payment-differences/").content.decode()
    assert "One payment differs" in manager.get("/admin/orders/problems/").content.decode()
    shown = manager.get(f"/admin/payment-differences/{row.pk}/").content.decode()
    assert "Do not send the goods before this is clear." in shown
    assert order.number in shown
    assert manager.post(f"/admin/payment-differences/{row.pk}/settle/", {"note": ""}).status_code == 422
    manager.post(f"/admin/payment-differences/{row.pk}/settle/", {"note": "Rest came by bank."})
    comparison.run()
    row.refresh_from_db()
    assert (row.note, row.settled_by.username) == ("Rest came by bank.", "maria")
    assert row.settled_at is not None


def test_who_may_not_settle_is_refused(gateway):
    paid(gateway)
    dearer(1)
    comparison.run()
    row = Difference.objects.get()
    client = Client()
    user = User.objects.create_user("elif", "elif@example.com", "x")
    user.groups.add(Group.objects.get(name="Editors"))
    client.force_login(user)

    for path in ("", f"{row.pk}/"):
        assert client.get(f"/admin/payment-differences/{path}").status_code in (302, 403)
    assert client.post(f"/admin/payment-differences/{row.pk}/settle/", {"note": "x"}).status_code in (302, 403)
    row.refresh_from_db()
    assert row.settled_at is None
