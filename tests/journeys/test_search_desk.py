"""The search desk in a browser: what an editor says there, visitors of the shop find at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import StringIO

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from playwright.sync_api import Browser, Page, expect

from catalog.tests.factories import make_product
from search.desk.rules import forget
from search.tests.test_querylog import make_count

pytestmark = pytest.mark.journey

LogIn = Callable[[Page, User], None]


@pytest.fixture
def shop(server: str) -> Iterator[str]:
    for name in ("Sofa Linen", "Sofa Wool", "Armchair"):
        make_product(name, languages=("en",))
    call_command("rebuild_search", stdout=StringIO())
    make_count("settee", 3, empty=3)
    forget()
    yield server
    forget()


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="en-GB")
    yield context.new_page()
    context.close()


def finds(visitor: Page, shop: str, query: str, names: list[str]) -> None:
    visitor.goto(f"{shop}/en/search/?q={query}")
    expect(visitor.locator("#listing-results .product-card__name")).to_have_text(names)


def choose_product(page: Page, name: str) -> None:
    page.get_by_role("button", name="Choose product", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("link", name=name).click()
    expect(dialog).to_be_hidden()


def save(page: Page) -> None:
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("created.")).to_be_visible()


def a_query_that_finds_nothing_gets_a_synonym(page: Page, visitor: Page, shop: str) -> None:
    finds(visitor, shop, "settee", [])
    page.goto(f"{shop}/admin/")
    page.get_by_role("button", name="Shop search").click()
    page.get_by_role("link", name="Queries").click()
    page.get_by_label("Show").select_option(label="Queries with no result")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("heading", name="settee")).to_be_visible()
    page.get_by_role("link", name="Add synonym").click()
    expect(page.get_by_role("textbox", name="Who types")).to_have_value("settee")
    page.get_by_role("textbox", name="also finds").fill("sofa")
    page.get_by_role("radio", name="One way").check()
    save(page)
    expect(page.get_by_role("row").filter(has_text="settee")).to_contain_text("One way")

    finds(visitor, shop, "settee", ["Sofa Linen", "Sofa Wool"])
    finds(visitor, shop, "setee", ["Sofa Linen", "Sofa Wool"])
    expect(visitor.get_by_role("heading", level=1)).to_have_text("Results for settee", use_inner_text=False)


def results_are_pinned_and_buried(page: Page, visitor: Page, shop: str) -> None:
    finds(visitor, shop, "sofa", ["Sofa Linen", "Sofa Wool"])
    for name, action in (("Armchair", "Pinned"), ("Sofa Linen", "Buried: at the end")):
        page.goto(f"{shop}/admin/search-desk/try/?query=Sofa&language=en")
        page.get_by_role("link", name="Pin or bury").click()
        choose_product(page, name)
        page.get_by_label("What happens").select_option(label=action)
        save(page)

    finds(visitor, shop, "sofa", ["Armchair", "Sofa Wool", "Sofa Linen"])
    visitor.get_by_role("combobox", name="Search the shop").fill("sofa")
    options = visitor.get_by_role("listbox", name="Suggestions").get_by_role("option")
    expect(options).to_have_text(["Armchair", "Sofa Wool", "Sofa Linen"], use_inner_text=True)


def trying_says_why(page: Page, shop: str) -> None:
    page.goto(f"{shop}/admin/search-desk/try/?query=sofa&language=en")
    rows = page.locator(".desk-row")
    expect(rows.nth(0)).to_contain_text("pinned")
    expect(rows.nth(1)).to_contain_text("in the name")
    expect(rows.nth(2)).to_contain_text("buried")
    page.get_by_role("textbox", name="Query").fill("setee")
    page.get_by_role("button", name="Try").click()
    expect(page.locator(".desk-words")).to_contain_text("a synonym: sofa")
    expect(page.get_by_text("Shown as results for “settee”.")).to_be_visible()


def a_query_leads_to_a_place(page: Page, visitor: Page, shop: str) -> None:
    page.goto(f"{shop}/admin/search-desk/try/?query=returns&language=en")
    expect(page.get_by_text("Nothing is found.")).to_be_visible()
    page.get_by_role("link", name="Redirect", exact=True).click()
    path = page.get_by_label("Address in this shop")
    path.fill("https://evil.example/")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".error-message")).to_have_text("Write a path in this shop, like /en/shop/.")
    path.fill("/en/shop/")
    save(page)

    visitor.get_by_role("combobox", name="Search the shop").fill("Returns!")
    visitor.keyboard.press("Enter")
    expect(visitor).to_have_url(f"{shop}/en/shop/")


def test_an_editor_guides_the_search(page: Page, visitor: Page, shop: str, log_in: LogIn) -> None:
    editor = User.objects.create_user("elif", "elif@example.com", "secret-for-tests")
    editor.groups.add(Group.objects.get(name="Editors"))
    log_in(page, editor)

    a_query_that_finds_nothing_gets_a_synonym(page, visitor, shop)
    results_are_pinned_and_buried(page, visitor, shop)
    trying_says_why(page, shop)
    a_query_leads_to_a_place(page, visitor, shop)
