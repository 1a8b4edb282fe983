"""The buyer's page after payment: parcels, refunds, and cancelling before packing."""

import pytest
from django.contrib.auth.models import User

from catalog.tests.factories import make_variant
from commerce import desk, orders, shipping, withdrawal
from commerce.models import Refund, RefundLine, Shipment, Status
from commerce.shipping import Parcel
from commerce.tests.factories import make_order, stock_of
from core import outbox
from core.models import Outbox
from tests.together import at_once


def bought(gateway, units):
    order = make_order(units)
    orders.payment_page(order)
    session_id = order.attempts.get().session_id
    gateway.pay(session_id)
    return orders.fulfil(session_id)


def cancel(order, client):
    return client.post(order.get_absolute_url() + "cancel/", follow=True)


def test_the_parcels_are_on_the_page(db, client):
    tea = make_variant()
    order = make_order({tea.pk: 3})
    orders.pay(order)
    clerk = User.objects.create_user("clerk")
    line = order.lines.get()
    parcel = Parcel({line.pk: 1}, "DHL", "00340", "https://dhl.example/00340")
    desk.ship(order.pk, parcel, clerk, desk.version(order))

    page = client.get(order.get_absolute_url())

    text = page.content.decode()
    assert page.context["state"] == "part_sent"
    assert "1 × Sencha" in text and 'href="https://dhl.example/00340"' in text and "DHL" in text


def test_what_went_back_is_said(db, client):
    order = make_order()
    orders.pay(order)
    Refund.objects.create(
        order=order, payment=order.attempts.get(), amount=5, currency="EUR", state=Refund.State.SUCCEEDED
    )
    orders.move(order, Status.PART_REFUNDED)

    assert "We have sent €5.00 back" in client.get(order.get_absolute_url()).content.decode()


def test_an_unpaid_order_is_cancelled_by_its_buyer(db, client, gateway, mailoutbox):
    tea = make_variant(stock=5)
    order = make_order({tea.pk: 2})
    orders.payment_page(order)
    assert client.get(order.get_absolute_url()).context["cancel_url"]

    page = cancel(order, client)
    outbox.send_due()

    order.refresh_from_db()
    assert (order.status, stock_of(tea)) == (Status.CANCELLED, (5, 0))
    assert gateway.sessions()[0]["status"] == "expired"
    assert page.context["state"] == "cancelled" and page.context["cancel_url"] == ""
    assert [mail.subject for mail in mailoutbox] == [f"Your order {order.number} is cancelled"]


def test_a_paid_order_gets_its_money_back_before_packing(db, client, gateway):
    tea = make_variant(stock=5)
    order = bought(gateway, {tea.pk: 2})
    assert "the whole amount goes back" in client.get(order.get_absolute_url()).content.decode()

    page = cancel(order, client)
    cancel(order, client)

    refund = order.refunds.get()
    order.refresh_from_db()
    assert refund.amount == order.total
    assert (order.status, refund.state, stock_of(tea)) == (Status.REFUNDED, "succeeded", (5, 0))
    assert page.context["state"] == "refunded"


def test_a_refund_that_the_provider_refuses_is_no_cancelling(db, client, gateway):
    """Its bank has asked the money back already: the order stands, and somebody is told."""
    User.objects.create_superuser("chief", "chief@example.org", "x")
    order = bought(gateway, {make_variant().pk: 1})
    gateway.act(order.attempts.get().payment_id, "dispute")

    page = cancel(order, client).content.decode()

    order.refresh_from_db()
    assert (order.status, order.refunds.get().state) == (Status.PAID, "failed")
    assert "Your order is cancelled." not in page and "Please write to us" in page
    alert = Outbox.objects.get(kind="order_alert")
    assert alert.payload["what"] == "refund_failed" and "charged back" in alert.payload["detail"]


def test_what_has_left_cannot_be_cancelled(db, client, gateway):
    order = bought(gateway, {make_variant().pk: 2})
    clerk = User.objects.create_user("clerk")
    desk.ship(order.pk, Parcel({order.lines.get().pk: 1}), clerk, desk.version(order))

    page = cancel(order, client)

    order.refresh_from_db()
    assert order.status == Status.PAID and not order.refunds.exists()
    assert "cannot be cancelled here any more" in page.content.decode()
    assert page.context["cancel_url"] == ""


@pytest.mark.parametrize("status", [s for s in Status if s not in (Status.PENDING, Status.PAID)])
def test_no_other_order_is_cancelled(db, client, status):
    order = make_order()
    type(order).objects.filter(pk=order.pk).update(status=status)

    cancel(order, client)

    order.refresh_from_db()
    assert order.status == status and not Refund.objects.exists()


def test_looking_never_cancels(db, client):
    order = make_order()

    assert client.get(order.get_absolute_url() + "cancel/").status_code == 405
    assert client.post("/en/orders/nobody-knows-this/cancel/").status_code == 404


def test_when_the_provider_does_not_answer_the_order_stays(db, client, gateway, settings):
    order = make_order()
    orders.payment_page(order)
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"

    page = cancel(order, client)

    order.refresh_from_db()
    assert order.status == Status.PENDING and "does not answer" in page.content.decode()


@pytest.mark.parametrize("run", range(3))
def test_packer_and_buyer_at_once(committed_db, gateway, run):
    """Either the parcel leaves or the money goes back, never both."""
    order = bought(gateway, {make_variant(stock=5).pk: 2})
    line = order.lines.get()
    clerk = User.objects.create_user("clerk")
    seen = desk.version(order)

    def packs():
        try:
            return desk.ship(order.pk, Parcel({line.pk: 2}), clerk, seen)
        except (desk.Outdated, desk.NotPossible, shipping.TooMany) as refusal:
            return refusal

    def cancels():
        try:
            return withdrawal.withdraw(order)
        except withdrawal.TooLate as refusal:
            return refusal

    at_once([packs, cancels])

    assert Shipment.objects.count() + RefundLine.objects.count() == 1
