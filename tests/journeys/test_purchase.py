"""One product from a draft to a paid order: editor, moderator and shopper in a browser, on the whole running shop."""

import re
import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page, expect

from tests.journeys.stack import Stack, wait_until_it_answers

pytestmark = pytest.mark.journey

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
    page.get_by_label("Note to the reviewers").fill("Please look at the name.")
    page.get_by_role("dialog").get_by_role("button", name="Submit", exact=True).click()
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
    fill_cart(page, shop)
    order(page, shop, "tea@example.com")
    page.locator(f"button[name=choice][value={pay}]").click()
    expect(page).to_have_url(re.compile(re.escape(shop.base)))
    return page.url


def fill_cart(page: Page, shop: Stack) -> None:
    page.goto(f"{shop.base}/de/produkt/{GERMAN_SLUG}/")
    page.locator("form.buy-form button[type=submit]").click()
    expect(page.locator("#cart-added")).to_contain_text("Sencha")


def order(page: Page, shop: Stack, email: str) -> None:
    """From the cart to the payment page."""
    page.goto(f"{shop.base}/de/warenkorb/")
    page.goto(f"{shop.base}/de/kasse/")
    page.select_option("[name=country]", "DE")
    page.wait_for_load_state("networkidle")
    fields = {"email": email, "name": "Ada Lovelace", "line1": "Obertrave 12", "postcode": "23552", "city": "Lübeck"}
    for name, value in fields.items():
        page.fill(f"[name={name}]", value)
    page.locator("#checkout button.button--wide").click()
    expect(page).to_have_url(re.compile(re.escape(shop.gateway)))


def test_purchase_outlives_worker_and_web(shop: Stack, page: Page) -> None:
    email = "storm@example.com"
    [(on_hand, reserved)] = stock(shop)

    shop.kill("worker")
    fill_cart(page, shop)
    restart_web(shop)  # the cart lies in PostgreSQL
    order(page, shop, email)
    assert stock(shop) == [(on_hand, reserved + 1)]
    shop.kill("web")  # nobody hears that the buyer has paid: neither the webhook nor the way back
    with pytest.raises(PlaywrightError, match="ERR_CONNECTION_REFUSED"):
        page.locator("button[name=choice][value=pay]").click()
        page.goto(shop.base)
    assert statuses(shop, email) == [("pending",)]

    shop.start("web")
    wait_until_it_answers(f"{shop.base}/readyz")
    assert eventually(lambda: statuses(shop, email) == [("paid",)]), statuses(shop, email)
    assert not any(email in mail for mail in shop.mail_texts())
    shop.start("worker")
    assert eventually(lambda: any(email in mail for mail in shop.mail_texts())), "no confirmation mail"
    shop.kill("worker")
    shop.start("worker")
    for _round in range(2):
        sweeper_comes_round(shop)

    assert sum(email in mail for mail in shop.mail_texts()) == 1
    assert statuses(shop, email) == [("paid",)]
    assert stock(shop) == [(on_hand - 1, reserved)]


def sweeper_comes_round(shop: Stack) -> None:
    """Waits for one more run of the job that sends mails."""
    begun = "SELECT started_at FROM core_scheduledjob WHERE name = 'core.tasks.send_outbox'"
    before = shop.rows(begun)
    assert eventually(lambda: shop.rows(f"{begun} AND ended_at >= started_at") not in ([], before))


def restart_web(shop: Stack) -> None:
    shop.kill("web")
    shop.start("web")
    wait_until_it_answers(f"{shop.base}/readyz")


def statuses(shop: Stack, email: str) -> list[tuple[str]]:
    return shop.rows("SELECT status FROM commerce_order WHERE email = %s", email)


def stock(shop: Stack) -> list[tuple[int, int]]:
    """What lies on the shelf of the variant that the buyers take, and how much of it is held."""
    return shop.rows(
        "SELECT on_hand, reserved FROM catalog_stock s JOIN catalog_variant v ON v.id = s.variant_id"
        " JOIN catalog_producttranslation t ON t.master_id = v.product_id"
        " WHERE t.slug = %s ORDER BY v.sort_order LIMIT 1",
        GERMAN_SLUG,
    )
