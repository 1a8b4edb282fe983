"""Bank transfer held against the contract of all providers; its buyers are played by what staff write down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from commerce.models import Transfer, TransferBack
from commerce.payments.base import Provider, Session
from commerce.payments.transfer import Account, BankTransfer
from commerce.tests.provider_contract import Buyer, ProviderContract, euro

ACCOUNT = Account("Vitrine GmbH", "DE89370400440532013000", "", "Musterbank")


@dataclass
class Statements:
    """What the bank's statements say."""

    book: BankTransfer

    def pay(self, session: Session) -> None:
        self.book.receive(session.id, session.amount)

    def pay_later(self, session: Session) -> None:
        """A transfer always is."""

    def settle(self, session: Session, *, arrived: bool) -> None:
        if arrived:
            self.pay(session)
        else:
            Transfer.objects.filter(pk=session.id).update(due_at=timezone.now() - timedelta(seconds=1))

    def refund(self, payment_id: str, amount: str) -> None:
        self.book.refund(self.book.prepare_refund(payment_id, euro(amount), "", "", ""), str(uuid4()))

    def finish_refunds(self, payment_id: str) -> None:
        for back in TransferBack.objects.filter(transfer=payment_id):
            assert self.book.sent_back(back.pk)

    def slow_refunds(self, payment_id: str) -> None:
        """They always are."""

    def fail_refund(self, payment_id: str, refund_id: str) -> None:
        assert self.book.came_back(refund_id, "the account is closed")


class Unplugged:
    """A provider whose database has gone."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.provider, name)

        def call(*args: Any) -> Any:
            with connection.execute_wrapper(gone):
                return method(*args)

        return call


def gone(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
    raise OperationalError("server closed the connection unexpectedly")


@pytest.mark.django_db
class TestBankTransfer(ProviderContract):
    @pytest.fixture
    def provider(self) -> BankTransfer:
        return BankTransfer(ACCOUNT, timedelta(days=7))

    @pytest.fixture
    def unreachable(self, provider: BankTransfer) -> Any:
        return Unplugged(provider)

    @pytest.fixture
    def buyer(self, provider: BankTransfer) -> Buyer:
        return Statements(provider)

    def test_receipts_add_up(self, provider: BankTransfer, buyer: Buyer, open_page: Session) -> None:
        provider.receive(open_page.id, euro("10.00"))

        assert provider.receive(open_page.id, euro("20.70")).amount == open_page.amount

    def test_the_account_told_is_kept(self, provider: BankTransfer, open_page: Session) -> None:
        moved = BankTransfer(Account("Vitrine GmbH", "DE02120300000000202051"), timedelta(days=7))

        moved.fetch(open_page.id)

        assert Transfer.objects.get(pk=open_page.id).request["account"]["iban"] == ACCOUNT.iban

    def test_what_has_failed_cannot_be_said_to_have_been_sent(
        self, provider: BankTransfer, buyer: Buyer, paid: Session
    ) -> None:
        refund_id = self.ask(provider, paid, "5.00")
        assert provider.came_back(refund_id, "the account is closed")

        assert not provider.sent_back(refund_id)
        assert not provider.came_back(refund_id, "again")
