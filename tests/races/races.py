"""The races: what happens at once, and what must be true afterwards.

A race sets up its own goods and buyers, so that it can be run again on the same shop. What is wrong at the end is
returned, not raised: with its guard taken out, a race must find something wrong.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from itertools import permutations
from typing import Any
from uuid import uuid4

from django.utils import timezone

from catalog.models import Variant
from catalog.tests.factories import make_product, make_variant
from commerce.models import CouponUse, DeliveryMethod, Order, Refund, Status
from commerce.orders import fulfil, payment_page
from commerce.tests.factories import make_coupon, make_delivery, make_order, stock_of
from core.models import Outbox
from tests.races.people import Answer, Checkout, Visitor, at_once, checkouts, deliver, staff, stranger
from tests.races.shop import LONGEST, Shop

BUYERS = 64
TRIES = 8  # without a guard, it takes some luck to be hurt
WHILE_POLLING = 0.6  # seconds; about as long as the poller takes
WAYS = ("message", "return", "poller")


@dataclass
class Outcome:
    """One run. `wrong`: every broken promise in a few words; empty when all were kept."""

    sold: int = 0
    refused: int = 0
    answers: list[Answer] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def must(self, kept: bool, otherwise: str) -> None:
        if not kept:
            self.wrong.append(otherwise)

    @property
    def errors(self) -> int:
        return sum(answer.failed for answer in self.answers)

    @property
    def worst(self) -> float:
        """Seconds of the slowest answer."""
        return max((answer.seconds for answer in self.answers), default=0)


@dataclass(frozen=True)
class Race:
    """`run(shop, buyers)`. `guard`: a name of unguarded.GUARDS. `worker`: it needs one.

    `unguarded`: how many buyers race without the guard; as many as with it when not given.
    """

    name: str
    run: Callable[[Shop, int], Outcome]
    guard: str
    buyers: int = BUYERS
    unguarded: int = 0
    worker: bool = False

    def until_broken(self, shop: Shop) -> str:
        """What goes wrong first in a shop without the guard, in words; "" when nothing does."""
        for number in range(1, TRIES + 1):
            if wrong := self.run(shop, self.unguarded or self.buyers).wrong:
                return wrong[0] if number == 1 else f"{wrong[0]} (run {number})"
        return ""


def delivery() -> DeliveryMethod:
    return DeliveryMethod.objects.first() or make_delivery()


def order_at_once(shop: Shop, forms: Sequence[Checkout]) -> Outcome:
    """Sends all forms together. Sold: led to the payment page; refused: shown cart or checkout with a reason."""
    outcome = Outcome(answers=at_once([form.send for form in forms]))
    outcome.sold = sum(answer.location.startswith(f"{shop.gateway}/pay/") for answer in outcome.answers)
    outcome.refused = sum(refused(answer) for answer in outcome.answers)
    strange = [answer for answer in outcome.answers if not answer.failed and not accepted(shop, answer)]
    outcome.must(not strange, f"{len(strange)} answers that say neither yes nor no")
    return outcome


def refused(answer: Answer) -> bool:
    return answer.status == 200 or (answer.status == 303 and answer.location == "/en/cart/")


def accepted(shop: Shop, answer: Answer) -> bool:
    own_order = answer.location.startswith("/en/orders/")
    return refused(answer) or answer.location.startswith(f"{shop.gateway}/pay/") or own_order


# The last units


def last_units(shop: Shop, buyers: int, units: int) -> Outcome:
    delivery()
    variant = make_variant(stock=units)
    outcome = order_at_once(shop, checkouts(shop, [{variant.pk: 1}] * buyers))
    check_sold(outcome, variant, units)
    outcome.must(outcome.errors > 0 or outcome.refused == buyers - units, f"{outcome.refused} were refused")
    return outcome


def check_sold(outcome: Outcome, variant: Variant, units: int) -> None:
    orders = Order.objects.filter(lines__variant=variant).count()
    outcome.must(orders == units, f"sold {orders} of {units}")
    outcome.must(stock_of(variant) == (units, units), f"(on hand, held) is {stock_of(variant)}")
    outcome.must(outcome.sold == units, f"{outcome.sold} were led to payment for {units} units")


def crossed_carts(shop: Shop, buyers: int) -> Outcome:
    delivery()
    units = buyers // 2
    product = make_product(variants=[{"stock": units}, {"stock": units}])
    first, second = product.variants.order_by("pk")
    ways = [{first.pk: 1, second.pk: 1}, {second.pk: 1, first.pk: 1}]
    forms = checkouts(shop, [ways[number % 2] for number in range(buyers)])
    before = shop.deadlocks()

    outcome = order_at_once(shop, forms)

    deadlocks = shop.deadlocks() - before
    outcome.must(deadlocks == 0, f"{deadlocks} deadlocks, {outcome.errors} errors shown")
    for variant in (first, second):
        check_sold(outcome, variant, units)
    return outcome


# One form, one visitor


def double_click(shop: Shop, buyers: int) -> Outcome:
    """Every visitor sends the same form four times."""
    return one_order_each(shop, buyers, lambda form: [form] * 4)


def two_tabs(shop: Shop, buyers: int) -> Outcome:
    """Every visitor sends two forms, each of them twice."""
    return one_order_each(shop, buyers, lambda form: [form, form.again()] * 2)


def one_order_each(shop: Shop, buyers: int, clicks: Callable[[Checkout], list[Checkout]]) -> Outcome:
    delivery()
    visitors = buyers // 4
    variant = make_variant(stock=buyers)
    forms = checkouts(shop, [{variant.pk: 1}] * visitors)
    outcome = order_at_once(shop, [click for form in forms for click in clicks(form)])
    waiting = Order.objects.filter(lines__variant=variant, status=Status.PENDING)
    each = Counter(waiting.values_list("email", flat=True))
    twice = sum(number > 1 for number in each.values())
    outcome.must(not twice, f"{twice} of {visitors} visitors have {max(each.values())} open orders")
    outcome.must(len(each) == visitors, f"{visitors - len(each)} visitors have no order")
    outcome.must(stock_of(variant) == (buyers, visitors), f"{stock_of(variant)[1]} units held for {visitors} visitors")
    pages = open_pages(shop, waiting)
    outcome.must(pages == waiting.count(), f"{pages} open payment pages for {waiting.count()} orders")
    outcome.sold, outcome.refused = waiting.count(), 0
    return outcome


def open_pages(shop: Shop, orders: Any) -> int:
    """Payment pages at the provider where these orders can be paid, or those they replaced."""
    emails = set(orders.values_list("email", flat=True))
    pages = shop.listed("checkout/sessions")
    return sum(page["status"] == "open" and page["customer_email"] in emails for page in pages)


# Coupons


def coupon_total(shop: Shop, buyers: int, uses: int) -> Outcome:
    return with_coupon(shop, buyers, uses, "buyer-{}@example.org", max_uses=uses)


def coupon_each(shop: Shop, buyers: int, uses: int) -> Outcome:
    """One customer by mail address, in as many browsers."""
    return with_coupon(shop, buyers, uses, f"customer-{uuid4().hex[:8]}@example.org", max_uses_each=uses)


def with_coupon(shop: Shop, buyers: int, uses: int, email: str, **limits: int) -> Outcome:
    delivery()
    variant, code = make_variant(stock=buyers), f"RACE{uuid4().hex[:8]}".upper()
    make_coupon(code, **limits)
    outcome = order_at_once(shop, checkouts(shop, [{variant.pk: 1}] * buyers, code, email))
    taken = CouponUse.objects.filter(coupon__code=code, released_at=None).count()
    orders = Order.objects.filter(coupon_code=code).count()
    outcome.must(taken == orders == uses, f"used {taken} times of {uses}")
    outcome.must(outcome.sold == orders, f"{outcome.sold} led to payment, {orders} orders")
    outcome.must(stock_of(variant) == (buyers, orders), f"{stock_of(variant)[1]} units held for {orders} orders")
    return outcome


# Refunds


def refund_twice(shop: Shop, buyers: int) -> Outcome:
    """Two people refund all of the same order, several orders at once."""
    delivery()
    bought = [open_order() for _number in range(buyers // 2)]
    for each in bought:
        assert shop.click(each.page) and fulfil(each.page)
    people = [staff(shop), staff(shop)]
    outcome = Outcome(answers=at_once([refund_all(person, each) for each in bought for person in people]))
    asked = Counter(Refund.objects.filter(order__in=[each.order for each in bought]).values_list("order", flat=True))
    twice = sum(number > 1 for number in asked.values())
    outcome.must(not twice, f"{twice} of {len(bought)} orders refunded twice")
    there = Counter(refund["payment_intent"] for refund in shop.listed("refunds"))
    for each in bought:
        each.order.refresh_from_db()
        made = there[each.order.attempts.get().payment_id]
        outcome.must(made == 1, f"{made} refunds of an order at the provider")
        outcome.must(each.order.status == Status.REFUNDED, f"an order is {each.order.status}")
    outcome.sold, outcome.refused = asked.total(), len(outcome.answers) - asked.total()
    return outcome


def refund_all(person: Visitor, bought: Bought) -> Callable[[], Answer]:
    """As somebody sends it who has just seen, and confirms, that all of the payment goes back."""
    payment = bought.order.attempts.get()
    form = {"uuid": uuid4(), "payment": payment.pk, "what": "all", "reason": "other", "comment": "", "amount": ""}
    confirmed = {**form, "confirm": bought.order.grand_total.plain()}
    return partial(person.post, f"/admin/orders/{bought.order.pk}/refund/", confirmed)


# Paid, given up, told of: in every order and at once


@dataclass(frozen=True)
class Bought:
    """An order and the payment page that was opened for it."""

    order: Order
    page: str

    @property
    def history(self) -> list[str]:
        return list(self.order.events.values_list("to_status", flat=True))


def open_order(variant: Variant | None = None) -> Bought:
    order = make_order({variant.pk: 1} if variant else None)
    assert payment_page(order)
    return Bought(order, order.attempts.get().session_id or "")


def pay_against_expiry(shop: Shop, buyers: int) -> Outcome:
    """Buyers pay while two pollers end their holds; the message and the return page come at once after each payment."""
    delivery()
    variant = make_variant(stock=buyers)
    bought = [open_order(variant) for _number in range(buyers)]
    make_old(bought, expires_at=timezone.now() - timedelta(seconds=1))
    polls = [shop.ask("commerce.tasks.sweep") for _poller in range(2)]
    told = at_once([partial(pay_and_return, shop, each) for each in bought])
    for poll in polls:
        poll.get(LONGEST)
    outcome = Outcome(answers=[answer for answers in told for answer in answers])
    shop.sweep()
    for each in bought:
        check_end(shop, outcome, each)
    sold = outcome.sold
    outcome.must(stock_of(variant) == (buyers - sold, 0), f"(on hand, held) is {stock_of(variant)}, {sold} sold")
    return outcome


def make_old(bought: Sequence[Bought], **more: Any) -> None:
    """Old enough for the poller to look after them."""
    orders = Order.objects.filter(pk__in=[each.order.pk for each in bought])
    orders.update(placed_at=timezone.now() - timedelta(hours=1), **more)


def pay_and_return(shop: Shop, bought: Bought) -> list[Answer]:
    """Pays at some moment of the poll, if the page is still open; then what the provider and the browser do."""
    time.sleep(random.random() * WHILE_POLLING)
    if not shop.click(bought.page):
        return []
    return at_once([partial(tell, shop, bought), partial(come_back, shop, bought)])


def tell(shop: Shop, bought: Bought) -> Answer:
    """The provider's message about a payment."""
    return deliver(shop, message_about(shop, bought))


def message_about(shop: Shop, bought: Bought) -> dict[str, Any]:
    return next(event for event in shop.listed("events") if event["data"]["object"]["id"] == bought.page)


def come_back(shop: Shop, bought: Bought) -> Answer:
    """The browser, led back from the payment page."""
    return stranger(shop).get(f"/en/orders/{bought.order.token}/?session={bought.page}")


def check_end(shop: Shop, outcome: Outcome, bought: Bought) -> None:
    """The order ended once, and as its payment page did."""
    page = next(page for page in shop.listed("checkout/sessions") if page["id"] == bought.page)
    is_paid = page["payment_status"] == "paid"
    history = bought.history
    outcome.must(history == ["pending", "paid" if is_paid else "expired"], " → ".join(history))
    outcome.must(page["status"] != "open", "a payment page is still open")
    outcome.sold += is_paid
    outcome.refused += not is_paid


def message_five_times(shop: Shop, buyers: int) -> Outcome:
    delivery()
    bought = [paid_and_untold(shop) for _number in range(buyers // 5)]
    messages = [message_about(shop, each) for each in bought]
    outcome = Outcome(answers=at_once([partial(deliver, shop, each) for each in messages for _copy in range(5)]))
    outcome.must(all(answer.status == 200 for answer in outcome.answers), "a message was not accepted")
    for each in bought:
        check_paid_once(outcome, each)
    return outcome


def paid_and_untold(shop: Shop) -> Bought:
    """Paid at the provider, and the shop knows nothing of it."""
    bought = open_order()
    assert shop.click(bought.page)
    return bought


def check_paid_once(outcome: Outcome, bought: Bought) -> None:
    history = bought.history
    outcome.must(history == ["pending", "paid"], " → ".join(history))
    stock = stock_of(bought.order.lines.get().variant)
    outcome.must(stock == (9, 0), f"(on hand, held) is {stock}, one of ten was sold")
    mails = Outbox.objects.filter(kind="order_confirmation", payload__order=bought.order.pk).count()
    outcome.must(mails == 1, f"{mails} confirmations")
    outcome.sold += 1


def one_mail_each(shop: Shop, buyers: int) -> Outcome:
    """Every payment is told of three times at once, and two senders empty the outbox together."""
    delivery()
    bought = [paid_and_untold(shop) for _number in range(buyers)]
    messages = [message_about(shop, each) for each in bought]
    outcome = Outcome(answers=at_once([partial(deliver, shop, each) for each in messages for _copy in range(3)]))
    empty_outbox(shop)
    mails = shop.mail_texts()
    for each in bought:
        sent = mails.count(f"Subject: Your order {each.order.number} at ")
        outcome.must(sent == 1, f"{sent} confirmations mailed")
        outcome.sold += 1
    return outcome


def empty_outbox(shop: Shop) -> None:
    """By the worker, two tasks at a time; what waits for something else is made due at once."""
    deadline = time.monotonic() + LONGEST
    while (waiting := Outbox.objects.filter(sent_at=None)).exists():
        assert time.monotonic() < deadline, list(waiting.values_list("key", "error"))
        waiting.update(next_try_at=timezone.now())
        for sender in [shop.ask("core.tasks.send_outbox") for _sender in range(2)]:
            sender.get(LONGEST)


def every_order(shop: Shop, buyers: int) -> Outcome:
    """Message, return page and poller one after the other in all six orders, then all three at once."""
    delivery()
    outcome = Outcome()
    for ways in permutations(WAYS):
        bought = paid_and_untold(shop)
        make_old([bought])
        for number, way in enumerate(ways, start=1):
            outcome.answers += hear(shop, bought, way)
            bought.order.refresh_from_db()
            so_far = ", ".join(ways[:number])
            outcome.must(bought.order.status == Status.PAID, f"{bought.order.status} after {so_far}")
        check_paid_once(outcome, bought)
    together = [paid_and_untold(shop) for _number in range(buyers - 6)]
    make_old(together)
    told = at_once([partial(hear, shop, each, way) for each in together for way in WAYS])
    outcome.answers += [answer for answers in told for answer in answers]
    for bought in together:
        check_paid_once(outcome, bought)
    outcome.must(all(answer.status == 200 for answer in outcome.answers), "a message or a page was refused")
    return outcome


def hear(shop: Shop, bought: Bought, way: str) -> list[Answer]:
    """The shop learns of the payment in one of three ways."""
    if way == "poller":
        shop.sweep()
        return []
    return [tell(shop, bought) if way == "message" else come_back(shop, bought)]


# Those that need the worker come first: it would look after all the unpaid orders that the others leave behind.
RACES = (
    Race("one mail each", one_mail_each, "outbox-lock", buyers=4, worker=True),
    Race("pay against expiry", pay_against_expiry, "closed-first", buyers=8, worker=True),
    Race("every order of news", every_order, "order-lock", buyers=10, worker=True),
    Race("same message five times", message_five_times, "order-lock", buyers=40),
    Race("refund by two people", refund_twice, "refund-lock", buyers=16),
    Race("last unit", partial(last_units, units=1), "conditional-update"),
    Race("last ten units", partial(last_units, units=10), "conditional-update"),
    Race("crossed carts", crossed_carts, "lock-order", unguarded=16),
    Race("double click", double_click, "one-form-one-order"),
    Race("two tabs", two_tabs, "session-lock"),
    Race("coupon for one use", partial(coupon_total, uses=1), "coupon-lock"),
    Race("coupon for ten uses", partial(coupon_total, uses=10), "coupon-lock"),
    Race("coupon, one use each", partial(coupon_each, uses=1), "coupon-lock"),
    Race("coupon, ten uses each", partial(coupon_each, uses=10), "coupon-lock"),
)
