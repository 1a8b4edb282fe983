"""What staff do with an order beside packing it: accept, cancel with a mail, send a mail again."""

import pytest
from django.contrib.auth.models import Group, User
from django.urls import reverse

from catalog import stock
from catalog.tests.factories import make_variant
from commerce import desk, orders
from commerce.models import Order, Refund, Status
from commerce.tests.factories import make_order, stock_of
from core import outbox
from core.models import Outbox


@pytest.fixture
def actor(db):
    user = User.objects.create_user("mara", password="secret")
    user.groups.add(Group.objects.get(name="Shop managers"))
    return user


@pytest.fixture
def manager(client, actor):
    client.force_login(actor)
    return client


def at(order, step):
    return reverse("orders:order", args=[order.pk]) + step


def confirmations():
    return Outbox.objects.filter(kind="order_confirmation").order_by("pk")


def doubtful(units):
    order = make_order(units)
    orders.move(order, Status.NEEDS_ATTENTION, "another amount")
    return order


def test_a_doubtful_payment_is_accepted(manager, actor):
    tea = make_variant(stock=5)
    order = doubtful({tea.pk: 2})
    assert "Accept the payment" in manager.get(at(order, "")).content.decode()

    manager.post(at(order, "accept/"), {"seen": desk.version(order)})

    order.refresh_from_db()
    assert (order.status, stock_of(tea)) == (Status.PAID, (3, 0))
    assert order.paid_at and order.events.last().actor == actor
    assert confirmations().count() == 1
    assert Outbox.objects.filter(kind="invoice").count() == 1


def test_a_doubtful_order_whose_hold_has_ended_takes_its_units_again(actor):
    tea = make_variant(stock=5)
    order = doubtful({tea.pk: 2})
    stock.release(order.reference)

    desk.accept(order.pk, actor, desk.version(order))

    assert stock_of(tea) == (3, 0)


def test_what_is_sold_out_cannot_be_taken_again(manager):
    tea = make_variant(stock=2)
    order = make_order({tea.pk: 2})
    stock.release(order.reference)
    Order.objects.filter(pk=order.pk).update(status=Status.PAID_UNFULFILLABLE)
    make_order({tea.pk: 1})

    page = manager.post(at(order, "accept/"), {"seen": desk.version(order)}, follow=True)

    order.refresh_from_db()
    assert order.status == Status.PAID_UNFULFILLABLE
    assert "not enough units" in page.content.decode()
    assert stock_of(tea) == (2, 1)


@pytest.mark.parametrize("status", [s for s in Status if s not in (Status.NEEDS_ATTENTION, Status.PAID_UNFULFILLABLE)])
def test_nothing_else_is_accepted(manager, status):
    order = make_order()
    Order.objects.filter(pk=order.pk).update(status=status)

    manager.post(at(order, "accept/"), {"seen": desk.version(order)})

    order.refresh_from_db()
    assert order.status == status
    assert not Outbox.objects.exists()


@pytest.mark.parametrize("status", [Status.NEEDS_ATTENTION, Status.PAID_UNFULFILLABLE])
@pytest.mark.parametrize("state", ["requested", "pending"])
def test_nothing_is_accepted_while_its_money_goes_back(manager, status, state):
    tea = make_variant(stock=5)
    order = make_order({tea.pk: 2})
    orders.move(order, Status.NEEDS_ATTENTION, "another amount")
    Order.objects.filter(pk=order.pk).update(status=status)
    Refund.objects.create(order=order, payment=order.attempts.get(), amount=order.total, currency="EUR", state=state)

    page = manager.post(at(order, "accept/"), {"seen": desk.version(order)}, follow=True).content.decode()

    order.refresh_from_db()
    assert order.status == status
    assert "This cannot be done with the order as it stands now" in page


def test_a_doubtful_order_is_cancelled(manager, mailoutbox):
    tea = make_variant(stock=5)
    order = doubtful({tea.pk: 2})
    order.attempts.update(closed_at=order.placed_at)

    manager.post(at(order, "cancel/"), {"seen": desk.version(order)})

    order.refresh_from_db()
    assert (order.status, stock_of(tea)) == (Status.CANCELLED, (5, 0))
    outbox.send_due()
    assert "Nothing was charged" not in mailoutbox[0].body and "goes back to you" in mailoutbox[0].body


@pytest.mark.parametrize(("language", "direction"), [("en", "ltr"), ("ar", "rtl")])
def test_the_buyer_of_a_cancelled_order_gets_one_mail(actor, gateway, mailoutbox, language, direction):
    order = make_order(language=language)
    orders.payment_page(order)

    desk.cancel(order, actor, desk.version(order))
    with pytest.raises(desk.NotPossible):
        desk.cancel(order, actor, desk.version(order))
    outbox.send_due()
    outbox.send_due()

    (mail,) = mailoutbox
    assert f'<html lang="{language}" dir="{direction}">' in mail.alternatives[0].content
    if language == "en":
        assert mail.subject == f"Your order {order.number} is cancelled"
        assert "Nothing was charged." in mail.body


def test_an_order_that_ran_out_of_time_gets_no_mail(db):
    order = make_order()
    order.attempts.update(closed_at=order.placed_at)

    orders.give_up(order)

    assert not Outbox.objects.exists()


def test_a_mail_is_sent_again_as_a_mail_of_its_own(manager, mailoutbox):
    order = make_order()
    orders.pay(order)
    outbox.send_due()
    mail = confirmations().get()

    for _copy in range(2):
        manager.post(at(order, f"mails/{mail.pk}/"), {"seen": desk.version(order)})
    outbox.send_due()

    identities = {sent.extra_headers["Message-ID"] for sent in mailoutbox}
    assert len(mailoutbox) == 3 == len(identities)
    assert order.events.last().note == "mail sent again: order_confirmation"


def test_a_double_click_sends_one_copy(manager, mailoutbox):
    order = make_order()
    orders.pay(order)
    outbox.send_due()
    seen = desk.version(order)

    for _click in range(2):
        manager.post(at(order, f"mails/{confirmations()[0].pk}/"), {"seen": seen})

    assert confirmations().count() == 2


def test_a_mail_that_failed_is_tried_now(manager):
    order = make_order()
    orders.pay(order)
    confirmations().update(tries=9, error="refused", next_try_at="2099-01-01T00:00Z")

    manager.post(at(order, f"mails/{confirmations().get().pk}/"), {"seen": desk.version(order)})

    outbox.send_due()

    assert confirmations().get().sent_at


def test_a_mail_of_another_order_is_not_sent(manager):
    order, other = make_order(), make_order()
    orders.pay(other)

    manager.post(at(order, f"mails/{confirmations().get().pk}/"), {"seen": desk.version(order)})

    assert confirmations().count() == 1 and order.events.count() == 1
