"""How paying can go, in a browser: declined, challenged, later, by bank transfer; and money that goes back."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from playwright.sync_api import Page, expect

from catalog.models import Variant
from catalog.tests.factories import make_product
from commerce.delivery import create_starting_rates
from commerce.models import Order, Status
from commerce.tests.conftest import Gateway
from commerce.tests.factories import ADDRESS, make_coupon, make_delivery, stock_of

pytestmark = pytest.mark.journey


@pytest.fixture
def tea(server: str, gateway_process: Gateway, settings: Any) -> Variant:
    """A tea of 30.00 in a shop that takes cards and bank transfers."""
    settings.BASE_URL = server
    settings.STRIPE_API_BASE = gateway_process.base
    settings.BANK_TRANSFER_HOLDER, settings.BANK_TRANSFER_IBAN = "Leaf & Kiln", "DE89370400440532013000"
    policy = settings.CONTENT_SECURITY_POLICY
    directives = {**policy["DIRECTIVES"]}
    directives["form-action"] = [*directives["form-action"], gateway_process.base]
    settings.CONTENT_SECURITY_POLICY = {**policy, "DIRECTIVES": directives}
    create_starting_rates()
    make_delivery("4.90")
    return make_product("Sencha", variants=[{"price": "30.00", "stock": 5}]).variants.get()


def order(page: Page, server: str, tea: Variant, payment: str = "stripe", coupon: str = "") -> None:
    """From the product to where it is paid."""
    page.goto(server + tea.product.get_absolute_url())
    page.locator("form.buy-form button[type=submit]").click()
    expect(page.locator("#cart-added")).to_contain_text("Sencha")
    if coupon:
        page.goto(f"{server}/en/cart/")
        page.fill("input[name=code]", coupon)
        page.locator("form.coupon button[type=submit]").click()
        expect(page.locator("main")).to_contain_text(f"The coupon {coupon} is in your cart.")
    page.goto(f"{server}/en/checkout/")
    fields = {"email": "ada@example.com", "name": "Ada Lovelace"}
    for name in ("line1", "postcode", "city"):
        fields[name] = ADDRESS[name]
    for name, value in fields.items():
        page.fill(f"[name={name}]", value)
    page.locator(f"input[name=payment][value={payment}]").check()
    page.get_by_role("button", name="Order and pay").last.click()


def choose(page: Page, choice: str) -> None:
    page.locator(f"button[name=choice][value={choice}]").click()


def expect_thanks(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_contain_text("Thank you. It is on its way", timeout=20_000)
    assert Order.objects.latest("pk").status == Status.PAID


def test_a_declined_card_may_try_again_and_pass_the_bank_s_question(
    page: Page, server: str, tea: Variant, settings: Any
) -> None:
    order(page, server, tea)
    choose(page, "decline")
    expect(page.get_by_role("alert")).to_be_visible()
    assert Order.objects.get().status == Status.PENDING

    choose(page, "challenge")
    choose(page, "fail")
    expect(page).to_have_url(re.compile(re.escape(settings.STRIPE_API_BASE)))
    choose(page, "challenge")
    choose(page, "complete")

    expect_thanks(page)
    assert stock_of(tea) == (4, 0)


def test_money_that_comes_later(page: Page, server: str, tea: Variant) -> None:
    order(page, server, tea)
    payment_page = page.url
    choose(page, "later")
    page.get_by_role("link", name="Back to").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("We are confirming your payment")
    order_page = page.url
    assert (Order.objects.get().status, stock_of(tea)) == (Status.AWAITING_FUNDS, (5, 1))

    page.goto(payment_page)
    choose(page, "arrive")
    page.goto(order_page)

    expect_thanks(page)


def test_a_bank_transfer_with_a_coupon_and_its_refund_by_hand(
    page: Page, server: str, tea: Variant, log_in: Callable[[Page, User], None]
) -> None:
    make_coupon("SPRING10")
    order(page, server, tea, "transfer", "SPRING10")
    expect(page.locator("main")).to_contain_text("DE89 3704 0044 0532 0130 00")
    expect(page.locator("main")).to_contain_text("€31.90")
    order_page, placed = page.url, Order.objects.get()

    clerk = User.objects.create_user("mara", password="secret")
    clerk.groups.add(Group.objects.get(name="Shop managers"))
    log_in(page, clerk)
    page.goto(f"{server}/admin/orders/{placed.pk}/")
    page.get_by_role("link", name="Record a bank transfer").click()
    assert page.locator("input[name=amount]").get_attribute("step") == "0.01"
    page.fill("input[name=amount]", "31.90")
    page.get_by_role("button", name="Record a bank transfer").click()
    expect(page.locator("main")).to_contain_text("compare this with the bank")
    page.get_by_role("button", name="Record a bank transfer").click()
    expect(page.locator(".messages")).to_contain_text("is paid")
    page.get_by_role("link", name="Refund", exact=True).click()
    page.get_by_label("All that is left").check()
    page.get_by_label("Put Sencha back into stock").check()
    page.get_by_role("button", name="Check the refund").click()
    page.locator("button[name=confirm]").click()
    expect(page.locator("main")).to_contain_text("Transfer this amount by hand")
    assert Order.objects.get().status == Status.PAID
    page.get_by_role("button", name="It is transferred").click()
    expect(page.locator(".messages")).to_contain_text("Written down")

    page.goto(order_page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("This order was refunded")
    assert (Order.objects.get().status, stock_of(tea)) == (Status.REFUNDED, (5, 0))
