"""Who is written to when an order needs a person, and buyers whose payment did not come."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group, User
from django.core import mail
from django.db.models import F

from commerce import orders, refunds
from commerce.documents.credit import credit_note_of
from commerce.documents.issue import invoice_for
from commerce.documents.papers import papers_of
from commerce.models import Order, Status
from commerce.sweeper import sweep
from commerce.tests.factories import make_order
from core import outbox
from core.models import Outbox
from core.money import Money


@pytest.fixture
def keeper(db):
    user = User.objects.create_user("mara", "mara@shop.example", "secret")
    user.groups.add(Group.objects.get(name="Shop managers"))
    return user


def paid_order(gateway):
    order = make_order()
    orders.payment_page(order)
    session_id = order.attempts.get().session_id
    gateway.pay(session_id)
    return orders.fulfil(session_id)


def alerts():
    """Subject and text of each mail to staff that is written, after sending it."""
    Outbox.objects.exclude(kind="order_alert").update(sent_at=F("created_at"))
    outbox.send_due()
    return [(letter.to, letter.subject, letter.body) for letter in mail.outbox]


def test_a_dispute_is_told_to_staff_once(keeper, gateway):
    order = paid_order(gateway)
    gateway.act(order.attempts.get().payment_id, "dispute")
    (dispute,) = gateway.api("GET", f"disputes?payment_intent={order.attempts.get().payment_id}")["data"]

    for _time in range(2):
        refunds.follow_dispute(dispute["id"])

    ((to, subject, body),) = alerts()
    assert to == ["mara@shop.example"] and order.number in subject
    assert "bank asks this payment back" in body and "13.80" in body
    assert f"/admin/orders/{order.pk}/" in body


def test_another_amount_is_told_to_staff(keeper, gateway):
    order = make_order()
    orders.payment_page(order)
    session_id = order.attempts.get().session_id
    gateway.pay(session_id)
    Order.objects.update(total=F("total") + 1, delivery_gross=F("delivery_gross") + 1)

    for _time in range(2):
        assert orders.fulfil(session_id).status == Status.NEEDS_ATTENTION

    ((_to, _subject, body),) = alerts()
    assert "does not fit" in body


def test_a_refund_that_fails_later_is_told_and_its_credit_note_marked(keeper, gateway, shop):
    order = paid_order(gateway)
    invoice_for(order)
    payment = order.attempts.get()
    refund = refunds.send(refunds.ask(order, refunds.Wish(uuid4(), payment, payment.paid)))
    assert credit_note_of(refund)
    assert [paper.is_idle for paper in papers_of(order).ready] == [False, False]

    gateway.act(payment.payment_id, "fail", refund=refund.provider_id)
    refunds.sync(payment)

    order.refresh_from_db()
    assert [paper.is_idle for paper in papers_of(order).ready] == [False, True]
    ((_to, _subject, body),) = alerts()
    assert "did not arrive" in body

    a_part = refunds.send(refunds.ask(order, refunds.Wish(uuid4(), payment, payment.paid - Money(Decimal(1), "EUR"))))
    assert credit_note_of(a_part) is None
    assert [paper.is_idle for paper in papers_of(order).ready] == [False, True]

    the_rest = refunds.send(refunds.ask(order, refunds.Wish(uuid4(), payment, refunds.left_of(payment))))
    assert credit_note_of(the_rest) is None
    assert [paper.is_idle for paper in papers_of(order).ready] == [False, False]
    assert sum(paper.document.charged.amount for paper in papers_of(order).ready) == 0


def test_without_anybody_who_may_refund_the_operators_are_told(db, gateway, settings):
    settings.OPERATOR_EMAILS = ["ops@shop.example"]
    order = paid_order(gateway)
    gateway.act(order.attempts.get().payment_id, "dispute")
    (dispute,) = gateway.api("GET", f"disputes?payment_intent={order.attempts.get().payment_id}")["data"]

    refunds.follow_dispute(dispute["id"])

    assert [to for to, _subject, _body in alerts()] == [["ops@shop.example"]]


@pytest.mark.parametrize(("tried", "mails"), [(True, ["payment_failed"]), (False, [])])
def test_who_was_declined_and_went_away_gets_a_way_back(db, gateway, tried, mails):
    order = make_order()
    orders.payment_page(order)
    if tried:
        gateway.click(order.attempts.get().session_id, "decline")
    shift = timedelta(minutes=32)
    Order.objects.update(placed_at=F("placed_at") - shift, expires_at=F("expires_at") - shift)

    sweep()

    order.refresh_from_db()
    assert order.status == Status.EXPIRED
    assert list(Outbox.objects.values_list("kind", flat=True)) == mails
    outbox.send_due()
    assert [order.get_absolute_url() in letter.body for letter in mail.outbox] == [True] * len(mails)


def test_who_orders_anew_gets_no_such_mail(db, gateway):
    order = make_order()
    orders.payment_page(order)
    gateway.click(order.attempts.get().session_id, "decline")

    orders.give_up(order, orders.REPLACED)

    assert not Outbox.objects.exists()
