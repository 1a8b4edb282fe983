"""What every payment provider must do, whoever it is: a test class per provider inherits these tests.

A subclass gives the provider and the buyer's side of it as fixtures; its tests talk to a running counterpart.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Protocol
from uuid import uuid4

import pytest
from django.utils import timezone

from commerce.payments.base import (
    AlreadyRefunded,
    BadSignature,
    Item,
    Payment,
    Provider,
    Purchase,
    Refused,
    Repayment,
    Session,
    Unreachable,
)
from core.money import Money


class Buyer(Protocol):
    """What happens at the provider without the shop."""

    def pay(self, session: Session) -> None:
        """The buyer pays at once."""

    def pay_later(self, session: Session) -> None:
        """The buyer pays by a method whose money comes days later."""

    def settle(self, session: Session, *, arrived: bool) -> None:
        """The money of a delayed payment comes, or does not."""

    def refund(self, payment_id: str, amount: str) -> None:
        """Somebody refunds in the provider's own pages. `amount` in major units."""

    def finish_refunds(self, payment_id: str) -> None:
        """What a person has to do so that the refunds asked for so far arrive."""

    def slow_refunds(self, payment_id: str) -> None:
        """Refunds of this payment take days from now on."""

    def fail_refund(self, payment_id: str, refund_id: str) -> None:
        """The buyer's bank sends the refund back."""


class SpeakingBuyer(Buyer, Protocol):
    """Of a provider that tells the shop what happens."""

    def dispute(self, payment_id: str) -> str:
        """The buyer's bank asks the payment back; the dispute's id."""

    def tell(self, session: Session) -> tuple[bytes, str]:
        """A message about this session: body and signature."""


def euro(amount: str) -> Money:
    return Money(Decimal(amount), "EUR")


def purchase(**changes: object) -> Purchase:
    """Two teas at 12.90 with delivery: 30.70 EUR."""
    plain = Purchase(
        reference=str(uuid4()),
        email="mina@example.org",
        language="ar",  # one that no provider need speak
        items=(Item("Sencha „Nebel“, 100 g", euro("12.90"), 2),),
        delivery_name="Paket",
        delivery=euro("4.90"),
        discount=euro("0"),
        discount_name="",
        back_url="http://shop.test/en/orders/token/?session={session}",
        cancel_url="http://shop.test/en/cart/",
        expires_at=timezone.now() + timedelta(minutes=31),
    )
    return replace(plain, **changes)


class ProviderContract:
    """Inherit, and give the fixtures `provider`, `unreachable` (the same, with nobody at the other end) and `buyer`."""

    @pytest.fixture
    def open_page(self, provider: Provider) -> Session:
        return provider.start(provider.prepare(purchase()), str(uuid4()))

    @pytest.fixture
    def paid(self, provider: Provider, buyer: Buyer, open_page: Session) -> Session:
        buyer.pay(open_page)
        return provider.fetch(open_page.id)

    def ask(self, provider: Provider, paid: Session, amount: str, key: str = "", name: str = "") -> str:
        """Refunds; the refund's id."""
        name = name or str(uuid4())
        request = provider.prepare_refund(paid.payment_id, euro(amount), name, paid.references[0], "other")
        return provider.refund(request, key or name).id

    # Paying

    def test_a_page_names_amount_and_order_and_waits(self, provider: Provider) -> None:
        wanted = purchase()

        page = provider.start(provider.prepare(wanted), str(uuid4()))

        assert page.payment in (Payment.OPEN, Payment.WAITING)
        assert (page.amount, page.live) == (euro("30.70"), provider.live)
        assert page.url.startswith("http")
        assert page.references and set(page.references) == {wanted.reference}

    def test_the_request_can_be_stored_and_is_the_same_page_again(self, provider: Provider) -> None:
        request, key = provider.prepare(purchase()), str(uuid4())

        first = provider.start(request, key)

        assert provider.start(json.loads(json.dumps(request)), key).id == first.id
        assert provider.start(request, str(uuid4())).id != first.id

    def test_another_request_under_a_used_key_creates_nothing(self, provider: Provider) -> None:
        key = str(uuid4())
        provider.start(provider.prepare(purchase()), key)

        with pytest.raises((Refused, Unreachable)):
            provider.start(provider.prepare(purchase()), key)

    @pytest.mark.parametrize(
        ("currency", "amount"), [("EUR", "12.34"), ("JPY", "1234"), ("ISK", "500"), ("UGX", "5000"), ("KWD", "1.230")]
    )
    def test_amounts_keep_their_decimals(self, provider: Provider, currency: str, amount: str) -> None:
        unit, nothing = Money(Decimal(amount), currency), Money(Decimal(0), currency)
        wanted = purchase(items=(Item("Tea", unit, 1),), delivery=nothing, discount=nothing)

        assert provider.start(provider.prepare(wanted), str(uuid4())).amount == unit

    def test_a_discount_comes_off(self, provider: Provider) -> None:
        wanted = purchase(discount=euro("5.71"), discount_name="SPRING")

        assert provider.start(provider.prepare(wanted), str(uuid4())).amount == euro("24.99")

    def test_a_deadline_that_has_passed_is_refused(self, provider: Provider) -> None:
        late = provider.prepare(purchase(expires_at=timezone.now() - timedelta(hours=1)))

        with pytest.raises(Refused):
            provider.start(late, str(uuid4()))

    def test_paid(self, paid: Session) -> None:
        assert (paid.payment, paid.amount) == (Payment.PAID, euro("30.70"))
        assert paid.payment_id

    @pytest.mark.parametrize(("arrived", "end"), [(True, Payment.PAID), (False, Payment.FAILED)])
    def test_money_that_comes_later(
        self, provider: Provider, buyer: Buyer, open_page: Session, arrived: bool, end: Payment
    ) -> None:
        buyer.pay_later(open_page)
        assert provider.fetch(open_page.id).payment is Payment.WAITING

        buyer.settle(open_page, arrived=arrived)

        assert provider.fetch(open_page.id).payment is end

    def test_a_closed_page_stays_closed(self, provider: Provider, open_page: Session) -> None:
        assert provider.close(open_page.id).payment is Payment.EXPIRED
        assert provider.close(open_page.id).payment is Payment.EXPIRED

    def test_closing_does_not_undo_a_payment(self, provider: Provider, paid: Session) -> None:
        assert provider.close(paid.id).payment is Payment.PAID

    def test_a_page_that_does_not_exist_is_refused(self, provider: Provider) -> None:
        with pytest.raises(Refused):
            provider.fetch("cs_test_nobody")

    def test_a_payment_leads_to_its_page(self, provider: Provider, paid: Session) -> None:
        found = provider.session_of(paid.payment_id)

        assert found is not None and found.id == paid.id
        assert provider.session_of("pi_unknown") is None

    def test_an_order_waits_long_enough_for_a_page(self, provider: Provider) -> None:
        wanted = purchase(expires_at=timezone.now() + provider.hold)

        assert provider.start(provider.prepare(wanted), str(uuid4())).payment is not Payment.EXPIRED

    def test_limits(self, provider: Provider) -> None:
        assert euro("0") < provider.minimum("EUR") < provider.maximum("EUR")

    # Giving back

    def test_a_refund_and_the_same_again(self, provider: Provider, buyer: Buyer, paid: Session) -> None:
        name = str(uuid4())

        first, again = (self.ask(provider, paid, "5.00", name=name) for _time in range(2))
        buyer.finish_refunds(paid.payment_id)

        assert first == again
        (known,) = provider.refunds_of(paid.payment_id)
        assert (known.id, known.amount, known.reference) == (first, euro("5.00"), name)
        assert (known.state, known.payment_id) == (Repayment.SUCCEEDED, paid.payment_id)

    def test_never_more_than_was_paid(self, provider: Provider, paid: Session) -> None:
        self.ask(provider, paid, "30.00")

        with pytest.raises(Refused):
            self.ask(provider, paid, "0.71")

        assert [known.amount for known in provider.refunds_of(paid.payment_id)] == [euro("30.00")]

    def test_all_of_it_has_gone_back_already(self, provider: Provider, paid: Session) -> None:
        self.ask(provider, paid, "30.70")

        with pytest.raises(AlreadyRefunded):
            self.ask(provider, paid, "0.01")

    def test_what_was_not_paid_cannot_go_back(self, provider: Provider, open_page: Session) -> None:
        with pytest.raises(Refused):
            self.ask(provider, replace(open_page, payment_id="pi_unknown"), "1.00")

    def test_refunds_are_told_oldest_first_whoever_made_them(
        self, provider: Provider, buyer: Buyer, paid: Session
    ) -> None:
        self.ask(provider, paid, "1.00")
        buyer.refund(paid.payment_id, "2.00")

        known = provider.refunds_of(paid.payment_id)

        assert [refund.amount for refund in known] == [euro("1.00"), euro("2.00")]
        assert [bool(refund.reference) for refund in known] == [True, False]

    def test_a_refund_that_fails_later(self, provider: Provider, buyer: Buyer, paid: Session) -> None:
        buyer.slow_refunds(paid.payment_id)
        refund_id = self.ask(provider, paid, "30.70")
        assert provider.refunds_of(paid.payment_id)[0].state is Repayment.PENDING

        buyer.fail_refund(paid.payment_id, refund_id)

        failed = provider.refunds_of(paid.payment_id)[0]
        assert failed.state is Repayment.FAILED and failed.error
        assert self.ask(provider, paid, "30.70") != refund_id  # the money is the shop's again

    def test_a_dispute_nobody_has_heard_of(self, provider: Provider) -> None:
        with pytest.raises(Refused):
            provider.dispute("dp_nobody")

    # Messages

    @pytest.mark.parametrize("signature", ["", "t=1,v1=00", "t=1,v1=é", "\x00"])
    def test_a_message_of_a_stranger_is_refused(self, provider: Provider, signature: str) -> None:
        with pytest.raises(BadSignature):
            provider.notice(b'{"object": "event"}', signature)

    @pytest.mark.parametrize("stored", [{}, {"data": None}, {"type": "x", "data": {"object": []}}])
    def test_a_stored_message_that_tells_nothing(self, provider: Provider, stored: dict[str, object]) -> None:
        with pytest.raises(BadSignature):
            provider.read(stored)

    # Nobody at the other end

    def test_no_answer_is_neither_yes_nor_no(self, provider: Provider, unreachable: Provider, paid: Session) -> None:
        refund = provider.prepare_refund(paid.payment_id, euro("1.00"), str(uuid4()), paid.references[0], "other")
        for call in (
            lambda: unreachable.start(provider.prepare(purchase()), str(uuid4())),
            lambda: unreachable.fetch(paid.id),
            lambda: unreachable.close(paid.id),
            lambda: unreachable.session_of(paid.payment_id),
            lambda: unreachable.refund(refund, str(uuid4())),
            lambda: unreachable.refunds_of(paid.payment_id),
        ):
            with pytest.raises(Unreachable):
                call()


class SpeakingProviderContract(ProviderContract):
    """For a provider that sends messages, and whose payments can be disputed."""

    def test_a_dispute(self, provider: Provider, buyer: SpeakingBuyer, paid: Session) -> None:
        dispute = provider.dispute(buyer.dispute(paid.payment_id))

        assert (dispute.payment_id, dispute.amount, dispute.live) == (paid.payment_id, euro("30.70"), provider.live)
        assert dispute.status and dispute.opened_at <= timezone.now() + timedelta(minutes=5)
        with pytest.raises(Refused):
            self.ask(provider, paid, "1.00")

    def test_a_dispute_without_an_answer(self, unreachable: Provider) -> None:
        with pytest.raises(Unreachable):
            unreachable.dispute("dp_1")

    def test_a_message_is_read_and_names_its_page(
        self, provider: Provider, buyer: SpeakingBuyer, paid: Session
    ) -> None:
        notice = provider.notice(*buyer.tell(paid))

        assert (notice.session_id, notice.payment_id, notice.dispute_id) == (paid.id, "", "")
        assert provider.read(notice.payload) == notice

    def test_a_message_that_somebody_else_signed_is_refused(
        self, provider: Provider, buyer: SpeakingBuyer, paid: Session
    ) -> None:
        body, signature = buyer.tell(paid)

        for wrong in ("", "t=1,v1=00", signature[:-4] + "0000"):
            with pytest.raises(BadSignature):
                provider.notice(body, wrong)

    def test_a_changed_message_is_refused(self, provider: Provider, buyer: SpeakingBuyer, paid: Session) -> None:
        body, signature = buyer.tell(paid)

        with pytest.raises(BadSignature):
            provider.notice(body.replace(b"1", b"2"), signature)
