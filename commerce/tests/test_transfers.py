"""An order paid by bank transfer, from the checkout to the receipt, the refund and the end of its time."""

from __future__ import annotations

import time
from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.core import mail
from django.db.models import F
from django.urls import reverse
from django.utils import translation

from catalog.tests.factories import make_variant
from commerce import desk, erasure, orders, refunds, transfers
from commerce.audit import audit
from commerce.models import Order, Refund, Status, Transfer
from commerce.order_problems import problems
from commerce.order_screen import text_of
from commerce.payments import TRANSFER, book
from commerce.sweeper import sweep
from commerce.tests.factories import checkout_form, make_coupon, make_order, stock_of
from commerce.tests.visits import put, send
from core import outbox, people, proof
from core.models import Outbox
from tests.together import at_once

IBAN = "DE89370400440532013000"


@pytest.fixture(autouse=True)
def account(settings, request):
    if "committed_db" not in request.fixturenames:
        request.getfixturevalue("db")
    settings.BANK_TRANSFER_HOLDER = "Vitrine GmbH"
    settings.BANK_TRANSFER_IBAN = IBAN
    settings.BANK_TRANSFER_BANK = "Musterbank"


@pytest.fixture
def manager(client):
    user = User.objects.create_user("mara", password="secret")
    user.groups.add(Group.objects.get(name="Shop managers"))
    client.force_login(user)
    return client


def waiting_order(units=None, **wish):
    order = make_order(units, provider=TRANSFER, **wish)
    assert orders.payment_page(order) == ""
    order.refresh_from_db()
    return order


def at(order, step=""):
    return reverse("orders:order", args=[order.pk]) + step


def receive(client, order, amount, seen=None):
    values = {"amount": amount, "seen": desk.version(order) if seen is None else seen}
    answer = client.post(at(order, "receive/"), values)
    if answer.status_code == 200:
        answer = client.post(at(order, "receive/"), values | {"confirm": answer.context["facts"].amount.plain()})
    order.refresh_from_db()
    return answer


def later(order, days):
    """As if the order had been placed that many days ago."""
    shift = timedelta(days=days)
    Order.objects.filter(pk=order.pk).update(placed_at=F("placed_at") - shift, expires_at=F("expires_at") - shift)
    order.attempts.update(checked_at=F("checked_at") - shift)
    Transfer.objects.update(due_at=F("due_at") - shift)


def kinds():
    return sorted(Outbox.objects.values_list("kind", flat=True))


def test_it_works(visitor, parcel, manager):
    tea = make_variant(price="8.90", stock=5)
    put(visitor, tea, 2)
    assert "Bank transfer" in visitor.get("/en/checkout/").content.decode()

    answer = send(visitor, checkout_form(visitor, parcel, "22.70", payment="transfer"), follow=True)

    order = Order.objects.get()
    assert (order.status, stock_of(tea)) == (Status.AWAITING_FUNDS, (5, 2))
    page = answer.content.decode()
    for part in ("Vitrine GmbH", "DE89 3704 0044 0532 0130 00", "Musterbank", "€22.70", order.number):
        assert part in page
    assert kinds() == ["order_received"]

    receive(manager, order, "22.70")

    assert (order.status, stock_of(tea)) == (Status.PAID, (3, 0))
    assert kinds() == ["invoice", "order_confirmation", "order_received"]
    assert order.attempts.get().paid == order.grand_total


def test_the_mail_says_what_to_transfer(visitor, parcel):
    order = waiting_order(language="de")

    outbox.send_due()

    (letter,) = mail.outbox
    html = letter.alternatives[0][0]
    for part in (order.number, "DE89 3704 0044 0532 0130 00", "Vitrine GmbH", "Musterbank", "13,80"):
        assert part in letter.body and part in html


def test_the_mail_is_not_sent_any_more_when_the_money_has_come(manager):
    order = waiting_order()
    receive(manager, order, "13.80")

    outbox.send_due()

    assert all("transfer" not in letter.body for letter in mail.outbox)


def test_it_is_not_offered_without_an_account(visitor, parcel, settings):
    settings.BANK_TRANSFER_IBAN = ""
    put(visitor, make_variant(price="8.90"))
    assert "Bank transfer" not in visitor.get("/en/checkout/").content.decode()

    answer = send(visitor, checkout_form(visitor, parcel, "13.80", payment="transfer"))

    assert answer.status_code == 200
    assert answer.context["form"].errors["payment"]
    assert not Order.objects.exists()


@pytest.mark.parametrize("amount", ["13.79", "13.81", "1"])
def test_another_amount_is_for_a_person_to_look_at(manager, amount):
    tea = make_variant(stock=5)
    order = waiting_order({tea.pk: 1})

    receive(manager, order, amount)

    assert (order.status, stock_of(tea)) == (Status.NEEDS_ATTENTION, (5, 1))
    assert kinds() == ["order_received"]
    assert f"{amount}" in order.events.last().note


def test_the_rest_comes_later(manager):
    order = waiting_order()
    receive(manager, order, "10.00")

    receive(manager, order, "3.80")

    assert order.status == Status.NEEDS_ATTENTION
    assert order.attempts.get().paid == order.grand_total
    manager.post(at(order, "accept/"), {"seen": desk.version(order)})
    order.refresh_from_db()
    assert order.status == Status.PAID


@pytest.mark.parametrize("amount", ["", "0", "-5", "1.234", "NaN", "1e9", "1e8", "13,80 €"])
def test_no_amount_is_written_down_that_is_none(manager, amount):
    order = waiting_order()

    assert receive(manager, order, amount).status_code == 422

    assert order.status == Status.AWAITING_FUNDS
    assert Transfer.objects.get().received is None


def test_two_people_with_the_same_screen_record_one_receipt(manager):
    order = waiting_order()
    seen = desk.version(order)
    receive(manager, order, "13.80", seen)

    answer = receive(manager, order, "13.80", seen)

    assert answer.status_code == 302
    assert Transfer.objects.get().received == order.total
    assert kinds().count("order_confirmation") == 1


def test_two_people_at_the_same_moment_record_one_receipt(committed_db):
    clerk = User.objects.create_user("mara")
    tea = make_variant(stock=5)
    order = waiting_order({tea.pk: 1})
    seen = desk.version(order)

    answers = at_once([lambda: desk.receive(order.pk, order.grand_total, clerk, seen).status] * 4)

    assert sorted(str(answer) for answer in answers if answer == Status.PAID) == ["paid"]
    assert Transfer.objects.get().received == order.total
    assert stock_of(tea) == (4, 0)
    assert kinds().count("order_confirmation") == 1


@pytest.mark.parametrize("permission", [None, "view_order", "handle_order", "refund_order"])
def test_only_who_may_records_a_receipt(client, permission):
    clerk = User.objects.create_user("clerk", password="secret")
    wanted = [permission, "access_admin"] if permission else ["access_admin"]
    clerk.user_permissions.add(*Permission.objects.filter(codename__in=wanted))
    client.force_login(clerk)
    order = waiting_order()

    answer = receive(client, order, "13.80")

    assert answer.status_code in (302, 403)
    assert order.status == Status.AWAITING_FUNDS
    assert Transfer.objects.get().received is None


def test_what_is_paid_by_card_has_no_receipt(manager, gateway):
    order = make_order()
    orders.payment_page(order)

    receive(manager, order, "13.80")

    assert order.status == Status.PENDING
    assert not Transfer.objects.exists()


def test_not_paid_in_time(manager):
    tea = make_variant(stock=5)
    order = waiting_order({tea.pk: 1})
    later(order, 8)

    sweep()

    order.refresh_from_db()
    assert (order.status, stock_of(tea)) == (Status.CANCELLED, (5, 0))
    assert kinds() == ["order_received", "payment_failed"]
    Outbox.objects.filter(kind="order_received").delete()
    outbox.send_due()
    assert order.get_absolute_url() in mail.outbox[0].body


def test_whose_transfer_was_closed_half_way_ends(manager):
    """The process died after the transfer was closed: in a cancellation, or when a second order replaced the first."""
    tea = make_variant(stock=5)
    order = waiting_order({tea.pk: 1})
    book().close(order.attempts.get().session_id)
    order.attempts.update(checked_at=None)

    sweep()

    order.refresh_from_db()
    assert (order.status, stock_of(tea)) == (Status.EXPIRED, (5, 0))
    assert audit()["violations"] == []


def test_what_was_read_before_a_receipt_was_written_is_read_again(manager):
    """The sweeper found the order's time to be over and waited for the row of whoever wrote the receipt."""
    order = waiting_order()
    later(order, 8)
    order.refresh_from_db()
    attempt = order.attempts.get()
    too_late = book().fetch(attempt.session_id)
    receive(manager, order, "5.00")

    orders.apply(attempt, too_late)

    order.refresh_from_db()
    assert order.status == Status.NEEDS_ATTENTION
    assert "payment_failed" not in kinds()


def test_it_keeps_its_stock_until_then(manager):
    tea = make_variant(stock=5)
    order = waiting_order({tea.pk: 1})
    later(order, 6)

    sweep()

    order.refresh_from_db()
    assert (order.status, stock_of(tea)) == (Status.AWAITING_FUNDS, (5, 1))


@pytest.mark.parametrize(("left", "status"), [(5, Status.PAID), (0, Status.PAID_UNFULFILLABLE)])
def test_money_that_comes_too_late(manager, left, status):
    tea = make_variant(stock=1)
    order = waiting_order({tea.pk: 1})
    later(order, 8)
    sweep()
    order.refresh_from_db()
    assert order.status == Status.CANCELLED
    if left == 0:
        make_order({tea.pk: 1})

    receive(manager, order, "13.80")

    assert order.status == status


def test_money_for_an_order_whose_buyer_was_forgotten_goes_back(manager):
    """Nobody knows any more where the goods shall go, and whose invoice it would be."""
    tea = make_variant(stock=1)
    order = waiting_order({tea.pk: 1})
    later(order, 8)
    sweep()
    erasure.anonymise([order.pk])
    order.refresh_from_db()

    receive(manager, order, "13.80")
    sweep()

    assert (order.status, stock_of(tea)) == (Status.PAID_UNFULFILLABLE, (1, 0))
    assert order.refunds.get().money == order.grand_total
    assert "invoice" not in kinds()
    assert audit()["violations"] == []


def test_a_buyer_cancels_before_the_money_has_come(client):
    tea = make_variant(stock=5)
    order = waiting_order({tea.pk: 1})

    client.post(order.get_absolute_url() + "cancel/")

    order.refresh_from_db()
    assert (order.status, stock_of(tea)) == (Status.CANCELLED, (5, 0))


def test_a_refund_is_made_by_hand_and_nothing_is_pretended(manager):
    order = waiting_order()
    receive(manager, order, "13.80")
    payment = order.attempts.get()
    asked = refunds.Wish(uuid=payment.order.uuid, payment=payment, amount=payment.paid, delivery=True)

    refund = refunds.send(refunds.ask(order, asked))

    order.refresh_from_db()
    assert (refund.state, order.status) == (Refund.State.PENDING, Status.PAID)
    assert "order_refunded" not in kinds()
    assert [problem.order for problem in problems()] == [order]
    assert "It is transferred" in manager.get(at(order)).content.decode()

    for _click in range(2):
        manager.post(at(order, f"refunds/{refund.pk}/sent/"))

    order.refresh_from_db()
    refund.refresh_from_db()
    assert (refund.state, order.status) == (Refund.State.SUCCEEDED, Status.REFUNDED)
    assert kinds().count("order_refunded") == 1
    assert problems() == []


def to_be_given_back(manager):
    """A paid order, and all its money as a refund that somebody has to transfer."""
    order = waiting_order()
    receive(manager, order, "13.80")
    payment = order.attempts.get()
    return order, refunds.send(refunds.ask(order, refunds.Wish(order.uuid, payment, payment.paid)))


def test_a_refund_that_cannot_be_transferred(manager):
    order, refund = to_be_given_back(manager)

    manager.post(at(order, f"refunds/{refund.pk}/sent/"), {"failed": "unsent", "why": "The account is closed"})

    order.refresh_from_db()
    refund.refresh_from_db()
    assert (refund.state, refund.error, order.status) == (Refund.State.FAILED, "The account is closed", Status.PAID)
    assert refunds.left_of(refund.payment) == refund.payment.paid


def test_a_refund_that_the_bank_returns_later(manager):
    """Its buyer was told that it had been made; it is to be made again."""
    order, refund = to_be_given_back(manager)
    manager.post(at(order, f"refunds/{refund.pk}/sent/"))
    assert "The bank returned it" in manager.get(at(order)).content.decode()

    for _click in range(2):
        manager.post(at(order, f"refunds/{refund.pk}/sent/"), {"failed": "returned", "why": "The account is closed"})

    order.refresh_from_db()
    refund.refresh_from_db()
    assert (refund.state, refund.error, order.status) == (Refund.State.FAILED, "The account is closed", Status.PAID)
    assert refunds.left_of(refund.payment) == refund.payment.paid
    assert sum("was returned by the bank" in event.note for event in order.events.all()) == 1
    assert [problem.order for problem in problems()] == [order]
    manager.post(at(order, f"refunds/{refund.pk}/sent/"))
    refund.refresh_from_db()
    assert refund.state == Refund.State.FAILED


def test_nothing_claims_that_a_transfer_was_seen_or_goes_by_itself(manager, client):
    order = waiting_order()
    assert "on its way" not in manager.get(at(order)).content.decode()
    assert "on its way" not in manager.get(reverse("orders:index")).content.decode()
    receive(manager, order, "13.80")
    payment = order.attempts.get()
    form = {"uuid": uuid4(), "payment": payment.pk, "what": "all", "reason": "other"}

    asked = manager.post(at(order, "refund/"), form).content.decode()
    done = manager.post(at(order, "refund/"), form | {"confirm": "13.80 EUR"}, follow=True).content.decode()

    assert "somebody has to transfer it by hand" in asked and "the way it was paid" not in asked
    assert "Please transfer €13.80 by hand now" in done and "To be transferred by hand" in done
    page = client.get(order.get_absolute_url()).content.decode()
    assert "transfer it to the account that it came from" in page and "payment service" not in page
    manager.post(at(order, f"refunds/{Refund.objects.get().pk}/sent/"))
    Outbox.objects.exclude(kind="order_refunded").delete()
    Outbox.objects.update(created_at=F("created_at") - timedelta(hours=1))
    outbox.send_due()
    letter = mail.outbox[-1]
    for text in (letter.body, letter.alternatives[0][0]):
        assert "one or two working days" in text and "the way you paid" not in text


def test_what_is_said_of_a_refund_asks_for_the_password(manager, settings):
    order, refund = to_be_given_back(manager)
    session = manager.session
    session[proof.KEY] = time.time() - settings.PROOF_SECONDS - 1
    session.save()

    page = manager.post(at(order, f"refunds/{refund.pk}/sent/"), {"failed": "unsent", "why": "closed"})

    assert page.status_code == 403 and 'name="why" value="closed"' in page.content.decode()
    refund.refresh_from_db()
    assert refund.state == Refund.State.PENDING


def test_what_a_colleague_has_transferred_meanwhile_is_not_undone(manager):
    """The page still says that it is to be transferred."""
    order, refund = to_be_given_back(manager)
    manager.post(at(order, f"refunds/{refund.pk}/sent/"))

    manager.post(at(order, f"refunds/{refund.pk}/sent/"), {"failed": "unsent", "why": "The account is closed"})

    refund.refresh_from_db()
    assert refund.state == Refund.State.SUCCEEDED


def test_a_transfer_back_that_failed_for_no_reason_given_says_so_in_the_readers_language(manager):
    order, refund = to_be_given_back(manager)
    with translation.override("de"):
        transfers.came_back(order.pk, refund.pk, "", User.objects.get(username="mara"))

    text = text_of(order.events.get(code="refund_failed"))

    assert text == "refund of 13.80 EUR failed: no reason given"


def test_only_who_may_refund_says_that_it_was_transferred(client, manager):
    order, refund = to_be_given_back(manager)
    User.objects.get().groups.clear()
    User.objects.get().user_permissions.set(Permission.objects.filter(codename__in=["access_admin", "handle_order"]))

    assert manager.post(at(order, f"refunds/{refund.pk}/sent/")).status_code in (302, 403)

    refund.refresh_from_db()
    assert refund.state == Refund.State.PENDING
    with pytest.raises(transfers.NotNow):
        transfers.sent_back(make_order().pk, refund.pk, User.objects.get())


def test_what_was_not_paid_is_put_into_the_cart_again(client):
    tea = make_variant(stock=5)
    order = waiting_order({tea.pk: 3})
    later(order, 8)
    sweep()
    assert "into the cart again" in client.get(order.get_absolute_url()).content.decode()

    for _click in range(2):
        page = client.post(order.get_absolute_url() + "again/", follow=True)

    assert [(line.variant.pk, line.wanted) for line in page.context["cart"].lines] == [(tea.pk, 3)]


def test_money_of_a_cancelled_order_can_be_given_back(manager):
    """Half of it came, and staff cancelled: the mail has promised the money."""
    order = waiting_order()
    receive(manager, order, "5.00")
    manager.post(at(order, "cancel/"), {"seen": desk.version(order)})
    order.refresh_from_db()
    assert order.status == Status.CANCELLED
    assert [problem.order for problem in problems()] == [order]
    not_finished = f"Order {order.number} is not finished: Cancelled."
    assert not_finished in people.objections(order.email)  # nobody may forget whose money it is

    payment = order.attempts.get()
    made = refunds.send(refunds.ask(order, refunds.Wish(uuid4(), payment, payment.paid)))
    transfers.sent_back(order.pk, made.pk, User.objects.get(username="mara"))

    order.refresh_from_db()
    assert order.status == Status.REFUNDED
    assert problems() == []
    assert not_finished not in people.objections(order.email)
    assert audit()["violations"] == []


@pytest.mark.parametrize("coupon", ["", "TEA10"])
def test_a_part_that_comes_too_late_is_no_broken_rule(manager, coupon):
    """The hold is over, so that nothing is held any more: whoever accepts the payment takes it again."""
    make_coupon("TEA10")
    order = waiting_order({make_variant(stock=5).pk: 1}, coupon=coupon)
    later(order, 20)
    sweep()
    before = audit()["violations"]

    receive(manager, order, "1.00")

    assert order.status == Status.NEEDS_ATTENTION
    assert audit()["violations"] == before == []


@pytest.mark.parametrize("amounts", [["5.00"], ["5.00", "8.80"]])
def test_what_staff_cancelled_stays_cancelled_while_no_more_money_comes(manager, amounts):
    """Asked about again every night: the payments are compared."""
    order = waiting_order()
    for amount in amounts:
        receive(manager, order, amount)
    manager.post(at(order, "cancel/"), {"seen": desk.version(order)})

    orders.fulfil(order.attempts.get().session_id)

    order.refresh_from_db()
    assert order.status == Status.CANCELLED


def test_what_is_too_much_is_a_problem_until_it_is_given_back(manager):
    order = waiting_order()
    receive(manager, order, "20.00")
    assert [str(problem.what) for problem in problems()] == ["Needs attention"]
    manager.post(at(order, "accept/"), {"seen": desk.version(order)})
    assert [str(problem.what) for problem in problems()] == ["More was paid than the order costs"]

    payment = order.attempts.get()
    refunds.send(refunds.ask(order, refunds.Wish(uuid4(), payment, payment.paid - order.grand_total)))

    assert not any("costs" in str(problem.what) for problem in problems())


@pytest.mark.parametrize("step", ["", "accept/"])
def test_another_amount_that_was_given_back_stays_given_back(manager, step):
    """Asked about again every night, as it differs from the order."""
    order = waiting_order()
    receive(manager, order, "5.00")
    if step:
        manager.post(at(order, step), {"seen": desk.version(order)})
    payment = order.attempts.get()
    refund = refunds.send(refunds.ask(order, refunds.Wish(uuid4(), payment, payment.paid)))
    transfers.sent_back(order.pk, refund.pk, User.objects.get(username="mara"))

    orders.fulfil(payment.session_id)

    order.refresh_from_db()
    assert order.status == Status.REFUNDED
    assert audit()["violations"] == []


def test_more_money_for_a_cancelled_order_is_looked_at(manager):
    order = waiting_order()
    receive(manager, order, "5.00")
    manager.post(at(order, "cancel/"), {"seen": desk.version(order)})

    receive(manager, order, "1.00")

    assert order.status == Status.NEEDS_ATTENTION
