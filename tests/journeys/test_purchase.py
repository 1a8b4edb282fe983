"""One product from a draft to a paid order: editor, moderator and shopper in a browser, on the whole running shop."""

import re
import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.stack import Stack

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]

PASSWORD = "leaf-and-kiln"


@pytest.fixture(scope="module")
def shop(django_db_setup: None) -> Iterator[Stack]:
    with Stack() as stack:
        yield stack


def log_in(page: Page, shop: Stack, username: str) -> None:
    page.context.clear_cookies()
    page.goto(f"{shop.base}/admin/login/")
    page.fill("input[name=username]", username)
    page.fill("input[name=password]", PASSWORD)
    page.click("button[type=submit]")
    expect(page).to_have_url(re.compile("/admin/$"))


def open_product(page: Page, shop: Stack, name: str) -> None:
    page.goto(f"{shop.base}/admin/snippets/catalog/product/?q={name}")
    page.get_by_role("link", name=name, exact=True).first.click()


def eventually(check: Callable[[], bool], seconds: float = 30) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if check():
            return True
        time.sleep(0.3)
    return False


def test_from_draft_to_paid_order(shop: Stack, page: Page) -> None:
    edit_and_submit(page, shop)
    expect_german_name(page, shop, "Sencha Morgennebel vom Berg", visible=False)
    approve(page, shop)
    expect_german_name(page, shop, "Sencha Morgennebel vom Berg", visible=True)

    order_page = buy(page, shop, pay="pay")

    expect(page.get_by_role("heading", level=1)).to_contain_text("Vielen Dank", timeout=20_000)
    assert eventually(lambda: any("tea@example.com" in mail for mail in shop.mail_texts())), "no confirmation mail"
    assert sum("tea@example.com" in mail for mail in shop.mail_texts()) == 1
    assert order_page.startswith(f"{shop.base}/de/")


def edit_and_submit(page: Page, shop: Stack) -> None:
    log_in(page, shop, "editor")
    open_product(page, shop, "Sencha Morning Mist")
    page.get_by_role("tab", name="German").click()
    page.locator("input[name$='-name']:visible").fill("Sencha Morgennebel vom Berg")
    page.get_by_role("button", name="More actions").last.click()
    page.get_by_role("button", name=re.compile("Submit to")).click()
    expect(page.get_by_text("has been submitted for moderation").first).to_be_visible()


def approve(page: Page, shop: Stack) -> None:
    log_in(page, shop, "moderator")
    open_product(page, shop, "Sencha Morning Mist")
    page.get_by_role("button", name="More actions").last.click()
    page.locator("button[data-workflow-action-name=approve]:visible").first.click()
    expect(page.locator(".messages")).to_contain_text(re.compile("Sencha"))


def expect_german_name(page: Page, shop: Stack, name: str, *, visible: bool) -> None:
    page.goto(f"{shop.base}/de/produkt/{GERMAN_SLUG}/")
    assert page.title()
    assert page.get_by_role("heading", level=1).inner_text() == name or not visible
    if not visible:
        expect(page.get_by_role("heading", level=1)).not_to_have_text(name)


GERMAN_SLUG = "sencha-morgennebel"


def buy(page: Page, shop: Stack, pay: str) -> str:
    """From the German product page to the answer of the payment page; returns the order page's address."""
    page.goto(f"{shop.base}/de/produkt/{GERMAN_SLUG}/")
    page.locator("form.buy-form button[type=submit]").click()
    expect(page.locator("#cart-added")).to_contain_text("Sencha")
    page.goto(f"{shop.base}/de/warenkorb/")
    page.goto(f"{shop.base}/de/kasse/")
    page.select_option("[name=country]", "DE")
    page.wait_for_load_state("networkidle")
    fields = {
        "email": "tea@example.com",
        "name": "Ada Lovelace",
        "line1": "Obertrave 12",
        "postcode": "23552",
        "city": "Lübeck",
    }
    for name, value in fields.items():
        page.fill(f"[name={name}]", value)
    page.locator("main form button[type=submit]:visible").last.click()
    expect(page).to_have_url(re.compile(re.escape(shop.gateway)))
    page.locator(f"button[name=choice][value={pay}]").click()
    expect(page).to_have_url(re.compile(re.escape(shop.base)))
    return page.url
