"""The search field: a combobox for the keyboard and for screen readers, a plain form without a script."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from playwright.sync_api import Browser, Page, expect

from catalog.tests.factories import make_category, make_option, make_product

pytestmark = pytest.mark.journey


@pytest.fixture
def shop(server: str) -> str:
    teas = make_category("Green tea", texts={"ar": {"name": "شاي أخضر"}})
    make_product("Sencha Morning Mist", category=teas, texts={"ar": {"name": "سينشا ضباب الصباح"}})
    make_product("Sencha Evening", category=teas)
    sizes = {"0.3 l": "9521000000018", "0.6 l": "", "1 l": "9521000000032"}
    values = make_option("volume", list(sizes)).values.all()
    make_product("Everyday Teapot", variants=[{"option_1": value, "gtin": sizes[value.key]} for value in values])
    call_command("rebuild_search", stdout=StringIO())
    return server


def accessible(page: Page) -> list[dict[str, Any]]:
    """What a screen reader is given: role, name and state of each node that has any."""
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    session.detach()
    return [
        {
            "role": node["role"]["value"],
            "name": node.get("name", {}).get("value", ""),
            **{entry["name"]: entry["value"].get("value") for entry in node.get("properties", [])},
        }
        for node in nodes
        if not node.get("ignored") and "role" in node
    ]


def suggestions_by_keyboard(page: Page, shop: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/suggest/" in request.url else None)
    page.goto(f"{shop}/en/shop/")
    field = page.get_by_role("combobox", name="Search the shop")
    expect(field).to_have_attribute("aria-expanded", "false")

    field.press_sequentially("senc", delay=30)
    options = page.get_by_role("listbox", name="Suggestions").get_by_role("option")
    expect(options).to_have_text(["Sencha Evening", "Sencha Morning Mist"], use_inner_text=True)
    assert len(asked) == 1, "one request for the pause, not one for each key"
    expect(field).to_have_attribute("aria-expanded", "true")
    expect(page.locator("#site-search-status")).to_have_text("2 suggestions.")

    field.press("ArrowDown")
    first = options.nth(0)
    expect(first).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", first.get_attribute("id") or "")
    expect(field).to_be_focused()
    tree = accessible(page)
    assert any(node["role"] == "combobox" and node["name"] == "Search the shop" and node["expanded"] for node in tree)
    assert [
        (node["name"], node["selected"])
        for node in tree
        if node["name"].startswith("Sencha ") and node["role"] == "option"
    ] == [
        ("Sencha Evening", True),
        ("Sencha Morning Mist", False),
    ]
    assert any(node["role"] == "group" and node["name"] == "Products" for node in tree)

    field.press("ArrowUp")
    expect(page.locator("[aria-selected=true]")).to_have_count(0)
    field.press("Escape")
    expect(field).to_have_attribute("aria-expanded", "false")
    expect(field).to_have_value("senc")
    field.press("ArrowDown")
    field.press("ArrowDown")
    field.press("Enter")
    expect(page).to_have_url(f"{shop}/en/product/sencha-morning-mist/")


def enter_searches_for_what_is_typed(page: Page, shop: str) -> None:
    page.goto(f"{shop}/en/shop/")
    page.get_by_role("combobox", name="Search the shop").fill("sensha")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("Results for sencha")
    expect(page.get_by_role("link", name="Sencha Morning Mist")).to_be_visible()

    page.get_by_role("link", name="Search for sensha instead").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Nothing found for sensha")
    page.get_by_role("navigation", name="Did you mean:").get_by_role("link", name="sencha").click()
    expect(page).to_have_url(f"{shop}/en/search/?q=sencha")


def a_barcode_leads_to_its_product(page: Page, shop: str) -> None:
    page.goto(f"{shop}/en/shop/")
    page.get_by_role("combobox", name="Search the shop").fill("9521000000032")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{shop}/en/product/everyday-teapot/")

    told = page.get_by_role("row", name="GTIN").get_by_role("cell")
    for variant, gtin in [("0.3 l", "9521000000018 (0.3 l)"), ("0.6 l", "–"), ("1 l", "9521000000032 (1 l)")]:
        page.locator(".variant-chip", has_text=variant).click()
        expect(told).to_have_text(gtin, use_inner_text=True)


def arabic_reads_from_the_right(page: Page, shop: str) -> None:
    page.goto(f"{shop}/ar/")
    field = page.locator("#site-search")
    field.press_sequentially("سينش", delay=30)
    option = page.get_by_role("option").first
    expect(option).to_have_text("سينشا ضباب الصباح", use_inner_text=True)
    box, inside = page.locator("#site-search-list").bounding_box(), option.bounding_box()
    assert box and inside and abs((box["x"] + box["width"]) - (inside["x"] + inside["width"])) < 20
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def without_a_script_it_is_a_form(browser: Browser, shop: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{shop}/en/shop/")
    page.get_by_role("searchbox", name="Search the shop").fill("teapots")
    page.get_by_role("button", name="Search").click()

    expect(page.get_by_role("link", name="Everyday Teapot")).to_be_visible()
    context.close()


def test_the_search_field(page: Page, browser: Browser, shop: str) -> None:
    suggestions_by_keyboard(page, shop)
    enter_searches_for_what_is_typed(page, shop)
    a_barcode_leads_to_its_product(page, shop)
    arabic_reads_from_the_right(page, shop)
    without_a_script_it_is_a_form(browser, shop)
