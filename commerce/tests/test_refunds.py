from datetime import timedelta
from decimal import Decimal
from html import unescape
from uuid import UUID, uuid4

import pytest
import requests
from django.db.models import F
from django.utils import timezone

from catalog.models import StockMove
from catalog.tests.factories import make_product
from commerce import refunds
from commerce.models import Document, Kind, Order, PaymentAttempt, Refund, Status
from commerce.orders import fulfil, move, payment_page, start
from commerce.payments import provider
from commerce.refunds import NotPossible, TooMuch, Wish, ask, left_of, send, units_left, worth
from commerce.sweeper import sweep
from commerce.tests.factories import make_delivery, make_order, stock_of
from core import outbox
from core.models import Outbox
from core.money import Money

State = Refund.State


def euro(amount):
    return Money(Decimal(amount), "EUR")


def paid_order(gateway, units=None, **wish):
    order = make_order(units, **wish)
    payment_page(order)
    session_id = order.attempts.get().session_id
    gateway.pay(session_id)
    return fulfil(session_id)


@pytest.fixture
def order(db, gateway):
    """Three Sencha at 8.90 and two Gyokuro at 11.90, delivery 4.90: 55.40 in all."""
    make_delivery("4.90")
    sencha = make_product("Sencha", variants=[{"price": "8.90", "stock": 5}]).variants.get()
    gyokuro = make_product("Gyokuro", variants=[{"price": "11.90", "stock": 5}]).variants.get()
    return paid_order(gateway, {sencha.pk: 3, gyokuro.pk: 2})


def wish(order, amount, **more):
    return Wish(uuid=more.pop("uuid", None) or uuid4(), payment=order.attempts.get(), amount=euro(amount), **more)


def refund(order, amount, **more):
    return send(ask(order, wish(order, amount, **more)))


def elsewhere(gateway, order, amount=None):
    """As somebody does it in the provider's own pages."""
    form = {"payment_intent": order.attempts.get().payment_id, **({"amount": amount} if amount else {})}
    answer = requests.post(f"{gateway.base}/v1/refunds", form, auth=("sk_test_demo", ""), timeout=10)
    answer.raise_for_status()
    return answer.json()


def at_gateway(gateway, order):
    listed = gateway.api("GET", f"refunds?payment_intent={order.attempts.get().payment_id}")["data"]
    return sorted(each["amount"] for each in listed)


def events(order):
    return [event.note for event in order.events.all()]


def test_it_works(order, gateway):
    done = refund(order, "8.90", reason=Refund.Reason.FAULTY, comment="cracked tin")

    order.refresh_from_db()
    assert (done.state, order.status) == (State.SUCCEEDED, Status.PART_REFUNDED)
    assert at_gateway(gateway, order) == [890]
    assert left_of(order.attempts.get()) == euro("46.50")
    assert events(order)[-2:] == [
        "refund of 8.90 EUR asked for: Goods were faulty, wrong or lost",
        "refunded 8.90 EUR",
    ]


def test_the_rest_makes_it_refunded(order, gateway):
    refund(order, "8.90")
    refund(order, "46.50")

    order.refresh_from_db()
    assert order.status == Status.REFUNDED
    assert at_gateway(gateway, order) == [890, 4650]
    with pytest.raises(NotPossible):
        ask(order, wish(order, "0.01"))


def test_never_more_than_is_left(order, gateway):
    refund(order, "50.00")

    with pytest.raises(TooMuch) as refusal:
        ask(order, wish(order, "5.41"))

    assert refusal.value.left == euro("5.40")
    assert at_gateway(gateway, order) == [5000]
    assert Refund.objects.count() == 1


@pytest.mark.parametrize("amount", ["0", "-1.00"])
def test_nothing_and_less_are_refused(order, amount):
    with pytest.raises(NotPossible):
        ask(order, wish(order, amount))


def test_the_same_form_twice_is_one_refund(order, gateway):
    asked = wish(order, "8.90")

    assert send(ask(order, asked)) == send(ask(order, asked))
    assert at_gateway(gateway, order) == [890]


def test_a_form_sent_again_after_the_provider_forgot_its_key_is_still_one_refund(order, gateway, monkeypatch):
    asked = wish(order, "8.90")
    send(ask(order, asked))
    # Providers keep keys for a day: the same one is a new one then.
    monkeypatch.setattr(Refund, "key", property(lambda refund: f"re:{refund.uuid}:next-day"))

    done = send(ask(order, asked))

    assert done.state == State.SUCCEEDED
    assert at_gateway(gateway, order) == [890]


def test_a_form_of_another_order_is_refused(order, gateway):
    mine = refund(order, "8.90")
    other = paid_order(gateway)

    with pytest.raises(NotPossible):
        ask(other, wish(other, "1.00", uuid=mine.uuid))


def test_a_payment_of_another_order_is_refused(order, gateway):
    other = paid_order(gateway)

    with pytest.raises(NotPossible):
        ask(other, wish(order, "1.00"))


def test_units_are_given_back_once(order):
    line = order.lines.first()
    refund(order, "17.80", units={line.pk: 2})

    assert units_left(order)[line.pk] == 1
    with pytest.raises(NotPossible):
        ask(order, wish(order, "17.80", units={line.pk: 2}))


def test_delivery_is_given_back_once(order):
    refund(order, "4.90", delivery=True)

    with pytest.raises(NotPossible):
        ask(order, wish(order, "4.90", delivery=True))


def test_units_go_back_on_the_shelf_once(order):
    line = order.lines.first()
    before = stock_of(line.variant)
    asked = ask(order, wish(order, "17.80", units={line.pk: 2}, restock=frozenset([line.pk])))
    assert stock_of(line.variant) == before  # not before the money has gone

    for _again in range(2):
        send(asked)
        refunds.sync(asked.payment)

    assert stock_of(line.variant) == (before[0] + 2, 0)
    move = StockMove.objects.get(kind=StockMove.Kind.RESTOCK)
    assert (move.reference, move.reason) == (f"refund:{asked.uuid}", f"order {order.number}")


def test_without_the_tick_the_shelf_stays_as_it_is(order):
    line = order.lines.first()
    before = stock_of(line.variant)

    refund(order, "17.80", units={line.pk: 2})

    assert stock_of(line.variant) == before


def test_units_put_back_by_a_refund_that_failed_later_do_not_go_back_twice(order):
    line = order.lines.first()
    first = refund(order, "26.70", units={line.pk: 3}, restock=frozenset([line.pk]))
    before = stock_of(line.variant)
    Refund.objects.filter(pk=first.pk).update(state=State.FAILED)

    again = ask(order, wish(order, "26.70", units={line.pk: 3}, restock=frozenset([line.pk])))
    send(again)

    assert again.lines.get().restock == 0
    assert stock_of(line.variant) == before


def test_a_line_given_back_unit_by_unit_comes_to_its_total(order):
    line = order.lines.first()
    line.unit_price, line.line_total = Decimal("3.333"), Decimal("10.00")

    parts = [worth(line, left, 1) for left in (3, 2, 1)]

    assert [part.amount for part in parts] == [Decimal("3.33"), Decimal("3.34"), Decimal("3.33")]
    assert sum((part.amount for part in parts), Decimal(0)) == Decimal("10.00")
    assert worth(line, 3, 3) == euro("10.00")


def test_no_answer_is_no_pretence(order, gateway, settings):
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    asked = refund(order, "8.90")
    order.refresh_from_db()
    assert (asked.state, order.status) == (State.REQUESTED, Status.PAID)
    assert asked.error
    assert left_of(asked.payment) == euro("46.50")  # it may still happen

    settings.STRIPE_API_BASE = gateway.base
    Refund.objects.update(requested_at=F("requested_at") - timedelta(minutes=1))
    sweep()

    asked.refresh_from_db()
    order.refresh_from_db()
    assert (asked.state, asked.error, order.status) == (State.SUCCEEDED, "", Status.PART_REFUNDED)
    assert at_gateway(gateway, order) == [890]


def test_a_lost_answer_is_found_and_not_asked_for_twice(order, gateway):
    asked = ask(order, wish(order, "8.90"))
    provider().refund(asked.request, asked.key)  # made, and then the process died
    provider().refund(asked.request, asked.key)
    Refund.objects.update(requested_at=F("requested_at") - timedelta(days=3))

    sweep()

    asked.refresh_from_db()
    assert asked.state == State.SUCCEEDED
    assert at_gateway(gateway, order) == [890]


def test_after_three_days_without_key_a_made_refund_is_still_found(order, gateway):
    asked = ask(order, wish(order, "8.90"))
    provider().refund(asked.request, "a key that has been forgotten since")

    refunds.send_again(asked)

    asked.refresh_from_db()
    assert asked.state == State.SUCCEEDED
    assert at_gateway(gateway, order) == [890]


def test_what_the_provider_refuses_has_failed(order, gateway):
    asked = ask(order, wish(order, "50.00"))
    elsewhere(gateway, order, 1000)

    done = send(asked)

    order.refresh_from_db()
    assert done.state == State.FAILED
    assert "greater than unrefunded amount" in done.error
    assert order.status == Status.PART_REFUNDED  # by the other refund, which is known now
    assert sorted(order.refunds.values_list("amount", "state")) == [
        (Decimal("10.00"), "succeeded"),
        (Decimal("50.00"), "failed"),
    ]
    assert left_of(asked.payment) == euro("45.40")


def test_already_refunded_is_synced(order, gateway):
    asked = ask(order, wish(order, "55.40"))
    elsewhere(gateway, order)

    done = send(asked)

    order.refresh_from_db()
    assert order.status == Status.REFUNDED
    assert done.state == State.FAILED
    assert order.refunds.get(state=State.SUCCEEDED).made_elsewhere


def test_the_sum_at_the_provider_is_written_once(order, gateway):
    made = elsewhere(gateway, order, 890)
    payment = order.attempts.get()

    for _again in range(3):
        refunds.sync(payment)

    known = order.refunds.get()
    assert (known.provider_id, known.amount, known.actor) == (made["id"], Decimal("8.90"), None)
    assert Outbox.objects.filter(kind="order_refunded").count() == 1
    assert sum("made at the payment provider" in note for note in events(order)) == 1


def test_the_buyer_is_told_once_in_the_order_s_language(order, mailoutbox):
    Order.objects.update(language="de")
    line = order.lines.first()
    outbox.send_due()
    mailoutbox.clear()

    done = refund(order, "22.70", units={line.pk: 2}, delivery=True)
    refunds.sync(done.payment)
    outbox.send_due()

    (mail,) = mailoutbox
    assert mail.to == ["mina@example.org"]
    for text in (mail.body, unescape(mail.alternatives[0].content)):
        assert order.number in text
        assert "22,70\xa0€" in text
        assert "Sencha" in text
        assert "/de/" in text


def test_paid_but_sold_out_goes_back_by_itself(order, gateway, mailoutbox):
    Order.objects.update(status=Status.PAID_UNFULFILLABLE)

    sweep()
    sweep()

    order.refresh_from_db()
    given = order.refunds.get()
    assert (order.status, given.state, given.reason) == (Status.REFUNDED, State.SUCCEEDED, "sold_out")
    assert at_gateway(gateway, order) == [5540]
    outbox.send_due()
    assert [mail for mail in mailoutbox if "was sold out" in mail.body]


def test_money_of_an_order_that_needs_attention_frees_its_hold(db, gateway):
    order = make_order()
    payment_page(order)
    Order.objects.update(total=F("total") + 1, goods_total=F("goods_total") + 1)  # as if another amount had been paid
    gateway.pay(order.attempts.get().session_id)
    order = fulfil(order.attempts.get().session_id)
    variant = order.lines.get().variant
    assert (order.status, stock_of(variant)[1]) == (Status.NEEDS_ATTENTION, 1)
    payment = order.attempts.get()

    send(ask(order, Wish(uuid4(), payment, payment.paid)))

    order.refresh_from_db()
    assert (order.status, stock_of(variant)[1]) == (Status.REFUNDED, 0)


def pay_again(order, gateway):
    """The same buyer pays a second page of the same order."""
    first = order.attempts.get()
    request = {**first.request, "expires_at": int((timezone.now() + timedelta(minutes=40)).timestamp())}
    second = PaymentAttempt.objects.create(order=order, number=2, request=request, expires_at=timezone.now())
    start(second)
    second.refresh_from_db()
    gateway.pay(second.session_id)
    fulfil(second.session_id)
    second.refresh_from_db()
    return second


def test_a_second_payment_goes_back_and_the_order_stays_paid(order, gateway):
    first = order.attempts.get()
    second = pay_again(order, gateway)

    send(ask(order, Wish(uuid4(), second, second.paid, reason=Refund.Reason.DUPLICATE)))

    order.refresh_from_db()
    assert order.status == Status.PAID
    assert left_of(first) == euro("55.40") and not left_of(second)


def test_what_was_paid_before_it_was_noted_is_learnt(order):
    PaymentAttempt.objects.update(payment_id="", paid_amount=None, paid_currency="")

    refunds.learn_payments(order)

    assert [payment.paid for payment in refunds.payments(order)] == [euro("55.40")]


def test_an_order_that_was_not_paid_has_nothing_to_refund(db):
    order = make_order()

    with pytest.raises(NotPossible):
        ask(order, Wish(UUID(int=1), order.attempts.get(), euro("1.00")))


def slow(gateway, order):
    gateway.act(order.attempts.get().payment_id, "slow")


def test_a_slow_refund_is_on_its_way_until_it_arrives(order, gateway):
    line = order.lines.first()
    before = stock_of(line.variant)
    slow(gateway, order)
    asked = refund(order, "26.70", units={line.pk: 3}, restock=frozenset([line.pk]))
    order.refresh_from_db()
    assert (asked.state, order.status, stock_of(line.variant)) == (State.PENDING, Status.PAID, before)
    assert not Outbox.objects.filter(kind="order_refunded").exists()

    gateway.act(asked.payment.payment_id, "arrive", refund=asked.provider_id)
    Refund.objects.update(checked_at=F("checked_at") - timedelta(hours=2))
    sweep()

    order.refresh_from_db()
    assert order.status == Status.PART_REFUNDED
    assert stock_of(line.variant)[0] == before[0] + 3
    assert Outbox.objects.filter(kind="order_refunded").count() == 1


def test_a_slow_refund_that_fails_leaves_the_order_paid(order, gateway):
    slow(gateway, order)
    asked = refund(order, "55.40")

    gateway.act(asked.payment.payment_id, "fail", refund=asked.provider_id)
    refunds.sync(asked.payment)

    asked.refresh_from_db()
    order.refresh_from_db()
    assert (asked.state, asked.error, order.status) == (State.FAILED, "expired_or_canceled_card", Status.PAID)
    assert left_of(asked.payment) == euro("55.40")
    assert events(order)[-1] == "refund of 55.40 EUR failed: expired_or_canceled_card"


@pytest.mark.parametrize("before", [Status.PAID, Status.SHIPPED])
def test_a_refund_that_fails_after_it_succeeded_takes_the_order_back(order, gateway, before):
    if before == Status.SHIPPED:
        move(order, Status.SHIPPED)
    asked = refund(order, "55.40")
    order.refresh_from_db()
    assert order.status == Status.REFUNDED

    gateway.act(asked.payment.payment_id, "fail", refund=asked.provider_id)
    refunds.sync(asked.payment)

    order.refresh_from_db()
    assert order.status == before
    again = refund(order, "55.40")
    order.refresh_from_db()
    assert (again.state, order.status) == (State.SUCCEEDED, Status.REFUNDED)


def test_old_news_after_new_change_nothing(order, gateway):
    slow(gateway, order)
    asked = refund(order, "8.90")
    (old,) = provider().refunds_of(asked.payment.payment_id)
    gateway.act(asked.payment.payment_id, "fail", refund=asked.provider_id)
    refunds.sync(asked.payment)

    refunds.record(order.pk, asked.payment, [old])

    asked.refresh_from_db()
    assert asked.state == State.FAILED


def test_the_credit_note_says_what_went_back(order, mailoutbox):
    outbox.send_due()
    mailoutbox.clear()
    line = order.lines.first()

    done = refund(order, "22.70", units={line.pk: 2}, delivery=True, reason=Refund.Reason.FAULTY)
    outbox.send_due()
    outbox.send_due()

    credit = Document.objects.get(kind=Kind.CREDIT_NOTE)
    assert (credit.key, credit.total) == (f"credit_note:{done.uuid}", Decimal("22.70"))
    assert credit.content["reason"] == "Goods were faulty, wrong or lost"
    assert [entry["description"] for entry in credit.content["lines"]] == ["Sencha", "Parcel"]
    (mail,) = mailoutbox
    assert [attachment[0] for attachment in mail.attachments] == [credit.filename]


def test_credit_notes_come_to_the_total(order):
    refund(order, "10.01")
    refund(order, "45.39")
    outbox.send_due()

    credits = Document.objects.filter(kind=Kind.CREDIT_NOTE)
    assert sum(credit.total for credit in credits) == order.total
    assert not Outbox.objects.filter(kind="credit_note", sent_at=None).exists()


def test_a_payment_too_many_has_no_credit_note(order, gateway):
    second = pay_again(order, gateway)

    send(ask(order, Wish(uuid4(), second, second.paid, reason=Refund.Reason.DUPLICATE)))
    outbox.send_due()

    assert not Document.objects.filter(kind=Kind.CREDIT_NOTE).exists()
    assert Outbox.objects.get(kind="credit_note").sent_at
