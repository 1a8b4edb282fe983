"""An order by bank transfer on random walks through all that people and the worker do: no rule is ever broken.

Two short walks here; `TRANSFER_WALKS=250 pytest commerce/tests/test_transfer_walks.py` for a long look.
"""

from __future__ import annotations

import os
from datetime import timedelta
from decimal import Decimal
from random import Random
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from catalog import stock
from catalog.tests.factories import make_variant
from commerce import desk, orders, refunds, shipping, transfers, withdrawal
from commerce.audit import audit
from commerce.documents import papers
from commerce.models import Document, Order, Refund, Status
from commerce.payments import book
from commerce.sweeper import sweep
from commerce.tests.factories import make_coupon
from commerce.tests.test_transfers import IBAN, later, waiting_order
from core import outbox
from core.models import Outbox
from core.money import Money

STEPS = 30
REFUSALS = (
    desk.Outdated,
    desk.NotPossible,
    refunds.NotPossible,
    shipping.Empty,
    shipping.TooMany,
    stock.OutOfStock,
    transfers.Final,
    transfers.NotNow,
    withdrawal.TooLate,
)


class Walk:
    """What can be done with one order. Each method is a step; those that change much stand in STEPS_OF more often."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)
        self.clerk = User.objects.create_superuser("mara", "mara@shop.example", "secret")
        make_coupon("TEA10", max_uses=1)
        self.tea = make_variant(stock=2)
        self.pk = waiting_order({self.tea.pk: 2}, coupon="TEA10").pk
        self.others: list[str] = []

    @property
    def order(self) -> Order:
        return Order.objects.get(pk=self.pk)

    @property
    def seen(self) -> int:
        return desk.version(self.order)

    def receive(self) -> None:
        total, part = self.order.grand_total, Money(Decimal(5), "EUR")
        desk.receive(
            self.pk, self.chance.choice([total, total, part, total - part, total + part]), self.clerk, self.seen
        )

    def take_back(self) -> None:
        if (receipt := transfers.newest(self.order)) is not None:
            desk.take_back(self.pk, receipt.pk, self.clerk, self.seen)

    def cancel(self) -> None:
        desk.cancel(self.order, self.clerk, self.seen)

    def accept(self) -> None:
        desk.accept(self.pk, self.clerk, self.seen)

    def ship(self) -> None:
        left = {line: units for line, units in shipping.remaining(self.order).items() if units}
        units = dict.fromkeys(left, 1) if self.chance.random() < 0.5 else left
        desk.ship(self.pk, shipping.Parcel(units), self.clerk, self.seen)

    def withdraw(self) -> None:
        withdrawal.withdraw(self.order)

    def refund(self) -> None:
        payment = next(filter(refunds.left_of, refunds.payments(self.order)), None)
        if payment is None:
            return
        is_whole = self.chance.random() < 0.6
        amount = refunds.left_of(payment) if is_whole else Money(Decimal(1), "EUR")
        units = {line: units for line, units in refunds.units_left(self.order).items() if units and is_whole}
        shelf = frozenset(units) if self.chance.random() < 0.5 else frozenset()
        refund = refunds.ask(self.order, refunds.Wish(uuid4(), payment, amount, units, shelf), self.clerk)
        if self.chance.random() < 0.8:
            refunds.send(refund)

    def transfer_back(self) -> None:
        for refund in self.order.refunds.filter(state=Refund.State.PENDING)[:1]:
            transfers.sent_back(self.pk, refund.pk, self.clerk)

    def not_transfer_back(self) -> None:
        for refund in self.order.refunds.filter(state=Refund.State.PENDING)[:1]:
            transfers.came_back(self.pk, refund.pk, "", self.clerk)

    def bank_returns(self) -> None:
        for refund in self.order.refunds.filter(state=Refund.State.SUCCEEDED)[:1]:
            transfers.came_back(self.pk, refund.pk, "", self.clerk, was_sent=True)

    def ask_again(self) -> None:
        orders.fulfil(self.order.attempts.get().session_id or "")

    def sweep(self) -> None:
        self.order.attempts.update(checked_at=None)
        Refund.objects.update(checked_at=None, requested_at=F("requested_at") - timedelta(minutes=1))
        sweep()

    def days_pass(self) -> None:
        later(self.order, 4)

    def close_half_way(self) -> None:
        book().close(self.order.attempts.get().session_id or "")

    def others_buy(self) -> None:
        self.others.append(str(uuid4()))
        stock.hold([(self.tea.pk, 1)], self.others[-1])

    def others_leave(self) -> None:
        while self.others:
            stock.release(self.others.pop())

    def make_papers(self) -> None:
        papers.make_now(self.order)

    def work(self) -> None:
        Outbox.objects.filter(kind="document_pdf", sent_at=None).update(sent_at=timezone.now())  # the press is slow
        outbox.send_due()

    def a_quarter_passes(self) -> None:
        Outbox.objects.filter(sent_at=None).update(next_try_at=timezone.now())
        self.work()

    def step(self) -> str:
        """Goes one step; returns its name and what was said to it."""
        often = [self.receive, self.take_back, self.accept, self.transfer_back, self.refund]
        rare = [self.cancel, self.ship, self.withdraw, self.not_transfer_back, self.bank_returns, self.ask_again]
        rare += [self.sweep, self.days_pass, self.close_half_way, self.others_buy, self.others_leave]
        rare += [self.make_papers, self.work, self.a_quarter_passes]
        do = self.chance.choice([*often, *often, *rare])
        try:
            with transaction.atomic():
                do()
        except REFUSALS as refusal:
            return f"{do.__name__}: {type(refusal).__name__}"
        return f"{do.__name__}: {self.order.status}"


@pytest.mark.parametrize("seed", range(int(os.environ.get("TRANSFER_WALKS", "2"))))
def test_no_rule_is_broken_on_the_way(db, settings, seed):
    settings.BANK_TRANSFER_HOLDER, settings.BANK_TRANSFER_IBAN = "Vitrine GmbH", IBAN
    walk = Walk(seed)
    way = []
    for _step in range(STEPS):
        way.append(walk.step())

        order = walk.order
        assert audit()["violations"] == [], way
        assert not Outbox.objects.exclude(error="").exists(), way
        assert order.status != Status.AWAITING_FUNDS or transfers.due_of(order), way  # or nobody could end it
        assert order.was_sold or not Document.objects.exists(), way
