"""Receipts of bank transfers: asked about before, taken back when they were a mistake, or refused with a way out."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.core import mail
from django.db import transaction
from django.utils import timezone

from catalog.models import StockMove
from catalog.tests.factories import make_variant
from commerce import desk, orders, people, refunds, shipping, transfers
from commerce.audit import audit
from commerce.documents import issue, papers
from commerce.models import Document, Order, Receipt, Refund, Status, Transfer
from commerce.order_problems import problems
from commerce.payments import book
from commerce.tests.factories import make_coupon, stock_of
from commerce.tests.test_transfers import IBAN, at, kinds, later, receive, waiting_order
from core import outbox, proof
from core.models import Outbox
from tests.together import at_once


@pytest.fixture(autouse=True)
def account(settings):
    settings.BANK_TRANSFER_HOLDER, settings.BANK_TRANSFER_IBAN = "Vitrine GmbH", IBAN


@pytest.fixture
def manager(client, db):
    user = User.objects.create_user("mara", password="secret")
    user.groups.add(Group.objects.get(name="Shop managers"))
    client.force_login(user)
    return client


def take_back(client, order, receipt=None, seen=None):
    receipt = receipt or transfers.newest(order)
    values = {"seen": desk.version(order) if seen is None else seen}
    answer = client.post(at(order, f"receipts/{receipt.pk}/take-back/"), values, follow=True)
    order.refresh_from_db()
    return answer


def a_quarter_later():
    """As if it were a quarter of an hour later: what waited for that is done."""
    Outbox.objects.update(next_try_at=timezone.now() - timedelta(seconds=1))
    while outbox.send_due():
        pass


def test_it_works(manager):
    tea = make_variant(stock=5)
    order = waiting_order({tea.pk: 2})
    until = order.expires_at
    receive(manager, order, str(order.total))
    assert (order.status, stock_of(tea)) == (Status.PAID, (3, 0))
    page = manager.get(at(order)).content.decode()
    assert f"receipts/{Receipt.objects.get().pk}/take-back/" in page

    take_back(manager, order)

    assert (order.status, order.paid_at, stock_of(tea)) == (Status.AWAITING_FUNDS, None, (5, 2))
    assert order.expires_at == until
    assert (Transfer.objects.get().received, order.attempts.get().paid) == (None, None)
    assert kinds() == ["order_received"]
    assert transfers.due_of(order).amount == order.grand_total
    assert audit()["violations"] == []
    who = [(event.note, event.actor and event.actor.username) for event in order.events.all()][-2:]
    assert who == [
        (f"receipt of {order.grand_total.plain()} taken back: it was a mistake", "mara"),
        ("the receipt was taken back", "mara"),
    ]
    assert "taken back" in manager.get(at(order)).content.decode()


def test_the_money_comes_after_all(manager):
    tea = make_variant(stock=5)
    order = waiting_order({tea.pk: 1})
    receive(manager, order, str(order.total))
    take_back(manager, order)
    a_quarter_later()
    assert not Document.objects.exists()

    receive(manager, order, str(order.total))
    a_quarter_later()

    assert (order.status, stock_of(tea)) == (Status.PAID, (4, 0))
    assert Document.objects.get().total == order.total
    assert Outbox.objects.get(kind="order_confirmation").sent_at
    assert audit()["violations"] == []


def test_invoice_and_confirmation_wait_while_it_may_be_a_mistake(manager):
    order = waiting_order()
    receive(manager, order, str(order.total))

    outbox.send_due()

    assert not Document.objects.exists()
    assert "Until then the receipt of its payment can be taken back" in manager.get(at(order)).content.decode()
    waits = dict(Outbox.objects.filter(sent_at=None).values_list("kind", "next_try_at"))
    assert timedelta(minutes=14) < waits["invoice"] - timezone.now() < timedelta(minutes=16)
    assert timedelta(minutes=16) < waits["order_confirmation"] - timezone.now() < timedelta(minutes=18)
    assert audit()["violations"] == []


def test_what_is_sent_is_invoiced_at_once(manager):
    order = waiting_order()
    receive(manager, order, str(order.total))

    parcel = shipping.Parcel(shipping.remaining(order))
    desk.ship(order.pk, parcel, User.objects.get(username="mara"), desk.version(order))
    outbox.send_due()

    assert Document.objects.get().total == order.total


@pytest.mark.parametrize("amount", ["5.00", "99.00"])
def test_another_amount_is_taken_back(manager, amount):
    tea = make_variant(stock=5)
    order = waiting_order({tea.pk: 1})
    receive(manager, order, amount)
    assert order.status == Status.NEEDS_ATTENTION

    take_back(manager, order)

    assert (order.status, stock_of(tea)) == (Status.AWAITING_FUNDS, (5, 1))
    receive(manager, order, str(order.total))
    assert order.status == Status.PAID
    assert audit()["violations"] == []


def test_the_newest_goes_first(manager):
    order = waiting_order()
    receive(manager, order, "10.00")
    receive(manager, order, "2.00")
    first, second = transfers.receipts(order)

    take_back(manager, order, first)
    assert Transfer.objects.get().received == 12
    take_back(manager, order, second)

    assert (order.status, Transfer.objects.get().received) == (Status.NEEDS_ATTENTION, 10)
    assert order.attempts.get().paid_amount == 10
    take_back(manager, order, first)
    assert order.status == Status.AWAITING_FUNDS


def test_an_order_that_was_over_is_over_again(manager):
    make_coupon("TEA10")
    tea = make_variant(stock=5)
    order = waiting_order({tea.pk: 1}, coupon="TEA10")
    later(order, 8)
    orders.fulfil(order.attempts.get().session_id)
    order.refresh_from_db()
    assert order.status == Status.CANCELLED
    receive(manager, order, str(order.total))
    assert (order.status, stock_of(tea)) == (Status.PAID, (4, 0))

    take_back(manager, order)

    assert (order.status, stock_of(tea)) == (Status.CANCELLED, (5, 0))
    assert audit()["violations"] == []
    orders.fulfil(order.attempts.get().session_id)
    order.refresh_from_db()
    assert order.status == Status.CANCELLED


def test_a_buyer_whose_time_is_over_meanwhile_has_some_days_left(manager):
    order = waiting_order()
    receive(manager, order, "5.00")
    later(order, 8)
    order.refresh_from_db()

    take_back(manager, order)
    orders.fulfil(order.attempts.get().session_id)

    order.refresh_from_db()
    assert order.status == Status.AWAITING_FUNDS
    assert order.expires_at - timezone.now() > timedelta(days=2)


def test_what_staff_cancelled_meanwhile_stays_cancelled(manager):
    order = waiting_order()
    receive(manager, order, "5.00")
    manager.post(at(order, "cancel/"), {"seen": desk.version(order)})
    order.refresh_from_db()

    take_back(manager, order)

    assert order.status == Status.CANCELLED
    assert not order.refundable
    assert audit()["violations"] == []


def refused(client, order, words):
    seen = (order.status, Transfer.objects.get().received, kinds(), order.events.count())
    shown = client.get(at(order, f"receipts/{transfers.newest(order).pk}/take-back/")).content.decode()
    assert "cannot be taken back any more" in shown and words in shown

    answer = take_back(client, order)

    assert words in answer.content.decode()
    assert (order.status, Transfer.objects.get().received, kinds(), order.events.count()) == seen


def test_an_issued_invoice_stays(manager):
    order = waiting_order()
    receive(manager, order, str(order.total))
    invoice = issue.invoice_for(order)

    refused(manager, order, f"The invoice {invoice.number} is issued")


def test_the_buyer_was_told(manager):
    order = waiting_order()
    receive(manager, order, str(order.total))
    Outbox.objects.filter(kind="order_confirmation").update(sent_at=timezone.now())

    refused(manager, order, "The buyer has the confirmation already")


def test_what_is_said_to_do_instead_is_possible(manager):
    """Refunded in full and marked as transferred: the credit note takes the invoice back."""
    order = waiting_order()
    receive(manager, order, str(order.total))
    issue.invoice_for(order)
    payment = order.attempts.get()
    made = refunds.send(refunds.ask(order, refunds.Wish(order.uuid, payment, payment.paid)))
    transfers.sent_back(order.pk, made.pk, User.objects.get(username="mara"))
    a_quarter_later()

    order.refresh_from_db()
    assert order.status == Status.REFUNDED
    assert sorted((document.kind, document.total) for document in Document.objects.all()) == [
        ("credit_note", order.total),
        ("invoice", order.total),
    ]


def test_a_parcel_has_left(manager):
    order = waiting_order()
    receive(manager, order, str(order.total))
    clerk = User.objects.get(username="mara")
    desk.ship(order.pk, shipping.Parcel(shipping.remaining(order)), clerk, desk.version(order))
    order.refresh_from_db()

    refused(manager, order, "A parcel has left")


def test_a_refund_that_was_not_made_is_no_obstacle(manager):
    order = waiting_order()
    receive(manager, order, str(order.total))
    payment = order.attempts.get()
    refund = refunds.send(refunds.ask(order, refunds.Wish(order.uuid, payment, payment.paid)))
    refused(manager, order, "being given back")

    transfers.came_back(order.pk, refund.pk, "never came", User.objects.get(username="mara"))
    take_back(manager, order)

    assert order.status == Status.AWAITING_FUNDS
    assert Refund.objects.get().state == Refund.State.FAILED
    assert problems() == []  # or somebody would send money that never came


def test_the_mail_with_the_account_was_left_out_meanwhile(manager):
    order = waiting_order()
    receive(manager, order, str(order.total))
    outbox.send_due()
    assert mail.outbox == []

    take_back(manager, order)
    outbox.send_due()
    receive(manager, order, "5.00")
    take_back(manager, order)
    outbox.send_due()

    (letter,) = mail.outbox
    assert "DE89 3704 0044 0532 0130 00" in letter.body


def test_what_was_read_before_is_read_again(manager):
    """The comparison of payments had asked, and waited for the row of whoever took the receipt back."""
    order = waiting_order()
    receive(manager, order, str(order.total))
    attempt = order.attempts.get()
    paid = book().fetch(attempt.session_id)
    take_back(manager, order)

    orders.apply(attempt, paid)

    order.refresh_from_db()
    assert (order.status, order.attempts.get().paid) == (Status.AWAITING_FUNDS, None)


def test_no_invoice_is_asked_for_any_more(manager):
    """By a page that was opened before: its row would fail, and keep the right one from being put."""
    order = waiting_order()
    receive(manager, order, str(order.total))
    take_back(manager, order)

    assert not papers.make_now(order)

    assert kinds() == ["order_received"]


@pytest.mark.parametrize("first", ["", "cancel/"])
def test_an_order_that_holds_nothing_any_more_does_not_wait_for_money(manager, first):
    """It was given back, or cancelled, and the bank returned the refund: the units may be sold by now."""
    make_coupon("TEA10")
    clerk, tea = User.objects.get(username="mara"), make_variant(stock=5)
    order = waiting_order({tea.pk: 1}, coupon="TEA10")
    receive(manager, order, "5.00")
    if first:
        manager.post(at(order, first), {"seen": desk.version(order)})
    order.refresh_from_db()
    payment = order.attempts.get()
    refund = refunds.send(refunds.ask(order, refunds.Wish(order.uuid, payment, payment.paid)))
    transfers.sent_back(order.pk, refund.pk, clerk)
    transfers.came_back(order.pk, refund.pk, "closed", clerk, was_sent=True)
    order.refresh_from_db()
    assert (order.status, stock_of(tea)) == (Status.NEEDS_ATTENTION, (5, 0))

    take_back(manager, order)

    assert (order.status, stock_of(tea)) == (Status.CANCELLED, (5, 0))
    assert audit()["violations"] == []


def test_units_of_a_sale_taken_back_do_not_come_back_twice(manager):
    tea = make_variant(stock=5)
    order = waiting_order({tea.pk: 2})
    receive(manager, order, "5.00")
    manager.post(at(order, "accept/"), {"seen": desk.version(order)})
    order.refresh_from_db()
    assert stock_of(tea) == (3, 0)

    take_back(manager, order)

    assert (order.status, stock_of(tea)) == (Status.AWAITING_FUNDS, (5, 2))
    assert set(refunds.shelvable(order).values()) == {0}
    assert [move.kind for move in StockMove.objects.filter(reference=order.reference)] == ["unsold", "sale", "hold"]


@pytest.mark.parametrize("permission", [None, "view_order", "handle_order", "refund_order"])
def test_only_who_may_takes_it_back(client, manager, permission):
    order = waiting_order()
    receive(manager, order, str(order.total))
    clerk = User.objects.create_user("clerk", password="secret")
    wanted = [permission, "access_admin"] if permission else ["access_admin"]
    clerk.user_permissions.add(*Permission.objects.filter(codename__in=wanted))
    client.force_login(clerk)

    take_back(client, order)

    assert order.status == Status.PAID


def test_a_receipt_of_another_order_is_none(manager):
    order, other = waiting_order(), waiting_order()
    receive(manager, order, str(order.total))
    receive(manager, other, str(other.total))

    take_back(manager, order, transfers.newest(other))

    other.refresh_from_db()
    assert (order.status, other.status) == (Status.PAID, Status.PAID)
    assert not Receipt.objects.exclude(taken_back_at=None).exists()


def test_two_clicks_take_back_one(manager):
    order = waiting_order()
    receive(manager, order, "5.00")
    receive(manager, order, "1.00")
    seen, receipt = desk.version(order), transfers.newest(order)

    take_back(manager, order, receipt, seen)
    answer = take_back(manager, order, receipt, seen)

    assert "has changed since you opened it" in answer.content.decode()
    assert Transfer.objects.get().received == 5


def test_at_the_same_moment_it_is_taken_back_or_invoiced(committed_db):
    """Whoever is first; never an invoice without a sale."""
    clerk = User.objects.create_user("mara")
    order = waiting_order({make_variant(stock=5).pk: 1})
    desk.receive(order.pk, order.grand_total, clerk, desk.version(order))
    Outbox.objects.update(next_try_at=timezone.now())
    receipt, seen = transfers.newest(order), desk.version(order)

    at_once([lambda: desk.take_back(order.pk, receipt.pk, clerk, seen), outbox.send_due] * 2)

    order.refresh_from_db()
    invoiced = Document.objects.filter(order=order).exists()
    assert (order.status, invoiced) in [(Status.PAID, True), (Status.AWAITING_FUNDS, False)]
    assert papers.was_sold(order) == invoiced
    assert audit()["violations"] == []


def test_a_row_that_is_being_done_is_not_dropped(committed_db):
    outbox.put("invoice", "one", {})
    outbox.put("invoice", "two", {})
    with transaction.atomic():
        Outbox.objects.select_for_update().get(key="two")

        assert at_once([lambda: outbox.drop("one", "two")]) == [False]

    assert Outbox.objects.count() == 2


def test_what_is_asked_before_a_receipt_is_written(manager):
    order = waiting_order()
    receive(manager, order, "10.00")
    values = {"amount": "3.00", "seen": desk.version(order)}

    page = manager.post(at(order, "receive/"), values).content.decode()

    for part in ("€3.00", "€13.80", "€10.00", "€0.80 is missing", order.number, order.name):
        assert part in page
    assert Transfer.objects.get().received == 10
    page = manager.post(at(order, "receive/"), values | {"amount": "9.00", "confirm": "3.00 EUR"}).content.decode()
    assert "€5.20 too much" in page
    assert Transfer.objects.get().received == 10


def test_whose_data_is_exported_reads_of_their_receipts(manager):
    order = waiting_order()
    receive(manager, order, "5.00")
    take_back(manager, order)

    (told,) = people.tell(order.email)["orders"]

    ((amount, taken_back),) = [(row["amount"], row["taken_back_at"]) for row in told["receipts"]]
    assert amount == 5 and taken_back is not None


@pytest.mark.parametrize("step", ["receive/", "take-back"])
def test_the_password_is_asked_for(manager, settings, step):
    order = waiting_order()
    if step == "take-back":
        receive(manager, order, str(order.total))
        step = f"receipts/{transfers.newest(order).pk}/take-back/"
    session = manager.session
    session[proof.KEY] = time.time() - settings.PROOF_SECONDS - 1
    session.save()
    was = order.status
    values = {"amount": "13.80", "confirm": "13.80 EUR", "seen": desk.version(order)}

    page = manager.post(at(order, step), values)

    assert page.status_code == 403 and 'name="proof_password"' in page.content.decode()
    assert Order.objects.get().status == was
    manager.post(at(order, step), values | {"proof_password": "secret"})
    assert Order.objects.get().status != was
