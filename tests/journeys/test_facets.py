"""Lists that are narrowed, in a browser: at once with a script, as a plain form without one, on a phone, in Arabic."""

from __future__ import annotations

import re
from io import StringIO

import pytest
from django.core.management import call_command
from playwright.sync_api import Browser, Locator, Page, expect

from catalog.tests.factories import make_category, make_option, make_product

pytestmark = pytest.mark.journey

ON_A_PAGE = 6
TEAS = 8
MORE = re.compile(r"Show \d+ more")


@pytest.fixture
def shop(server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Eight teas, six to a page: three are small and three dear, one of them both; two are smoky, small and cheap."""
    monkeypatch.setattr("catalog.facets.listing.PER_PAGE", ON_A_PAGE)
    monkeypatch.setattr("search.results.PER_PAGE", ON_A_PAGE)
    small, large = make_option("size", ["50g", "100g"]).values.all()
    tea = make_category("Tea", texts={"ar": {"name": "شاي", "slug": "tea"}})
    for number in range(1, TEAS + 1):
        variant = {"option_1": small if number <= 3 else large, "price": 30 if number in (3, 7, 8) else 8}
        tags = ["smoky"] if number <= 2 else ["floral"]
        make_product(f"Tea {number}", category=tea, variants=[variant], tags=tags, languages=("en",))
    call_command("rebuild_search", stdout=StringIO())
    return server


def cards(page: Page) -> Locator:
    return page.locator("#listing-results .product-card")


def box(page: Page, facet: str, key: str) -> Locator:
    return page.locator(f"#facet-{facet}-{key}")


def chips(page: Page) -> Locator:
    return page.get_by_role("navigation", name="Chosen filters").get_by_role("link")


def counts(page: Page, facet: str) -> dict[str, str]:
    rows = page.locator(f"#facets-groups li:has(input[name={facet}])").all()
    return {row.locator(".facets__label").inner_text(): row.locator(".facets__count").inner_text() for row in rows}


def more_is_added_below(page: Page, shop: str) -> None:
    page.goto(f"{shop}/en/shop/tea/")
    expect(page.locator("#listing-status")).to_have_text("1–6 of 8 products", use_inner_text=True)
    expect(cards(page)).to_have_count(ON_A_PAGE)

    page.get_by_role("link", name=MORE).click()

    expect(cards(page)).to_have_count(TEAS)
    expect(page.get_by_role("link", name=MORE)).to_have_count(0)
    expect(page.locator("#listing-status")).to_have_text("1–8 of 8 products", use_inner_text=True)
    expect(page).to_have_url(f"{shop}/en/shop/tea/")
    page.goto(f"{shop}/en/shop/tea/?page=2")  # the address of what was added
    expect(cards(page)).to_have_count(2)


def filters_are_chosen_by_keyboard(page: Page, shop: str) -> None:
    """Each choice answers at once, keeps the focus, and counts what it leaves of the other facets."""
    page.goto(f"{shop}/en/shop/tea/")
    assert counts(page, "size") == {"50g": "3", "100g": "5"}
    assert counts(page, "price") == {"€5 to €10": "5", "€20 to €50": "3"}

    box(page, "size", "100g").focus()
    page.keyboard.press("Space")

    expect(page).to_have_url(f"{shop}/en/shop/tea/?sort=position&size=100g")
    expect(cards(page)).to_have_count(5)
    expect(page.locator("#listing-status")).to_have_text("1–5 of 5 products", use_inner_text=True)
    expect(box(page, "size", "100g")).to_be_focused()
    assert counts(page, "price") == {"€5 to €10": "3", "€20 to €50": "2"}
    assert counts(page, "size") == {"50g": "3", "100g": "5"}, "a facet does not count its own choice"
    german = page.get_by_role("navigation", name="Language").get_by_role("link", name="Deutsch")
    expect(german).to_have_attribute("href", re.compile(r"\?sort=position&size=100g$"))

    box(page, "price", "20-50").check()
    expect(cards(page)).to_have_count(2)
    expect(chips(page)).to_have_text(
        ["Remove filter: Price: €20 to €50 ×", "Remove filter: Size: 100g ×", "Remove all filters"]
    )


def back_and_forward(page: Page) -> None:
    for step, left, size, price in [
        (-1, 5, True, False),
        (-1, ON_A_PAGE, False, False),
        (1, 5, True, False),
        (1, 2, True, True),
    ]:
        page.evaluate("step => history.go(step)", step)  # the page is then fetched again: nothing to wait for but it
        expect(cards(page)).to_have_count(left)
        expect(box(page, "size", "100g")).to_be_checked(checked=size)
        expect(box(page, "price", "20-50")).to_be_checked(checked=price)
        page.wait_for_load_state()


def chips_take_a_filter_away(page: Page, shop: str) -> None:
    chips(page).filter(has_text="Size").click()
    expect(page).to_have_url(f"{shop}/en/shop/tea/?price=20-50")
    expect(box(page, "size", "100g")).not_to_be_checked()
    page.get_by_label("Sort by").select_option("-price")
    expect(page).to_have_url(f"{shop}/en/shop/tea/?sort=-price&price=20-50")
    chips(page).filter(has_text="Remove all").click()
    expect(cards(page)).to_have_count(ON_A_PAGE)
    expect(page.get_by_label("Sort by")).to_have_value("-price")


def results_are_narrowed_and_nothing_says_what_to_drop(page: Page, shop: str) -> None:
    page.goto(f"{shop}/en/search/?q=tea")
    expect(cards(page)).to_have_count(ON_A_PAGE)
    page.get_by_role("link", name=MORE).click()
    expect(cards(page)).to_have_count(TEAS)

    box(page, "tag", "smoky").check()
    expect(cards(page)).to_have_count(2)
    expect(page).to_have_url(f"{shop}/en/search/?q=tea&sort=position&tag=smoky")
    page.goto(f"{page.url}&price=20-50")

    expect(page.get_by_role("heading", name="Nothing fits all of these filters")).to_be_visible()
    expect(page.get_by_text("“Tags: smoky” that leaves the least")).to_be_visible()
    page.get_by_role("link", name="Leave it out: 3 products").click()
    expect(cards(page)).to_have_count(3)
    assert "q=tea" in page.url


def without_a_script_it_is_a_form(browser: Browser, shop: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{shop}/en/shop/tea/")
    expect(page.get_by_role("link", name=MORE)).to_be_hidden()
    box(page, "size", "50g").check()
    box(page, "tag", "smoky").check()
    page.get_by_role("button", name="Show products").click()

    expect(cards(page)).to_have_count(2)
    chips(page).filter(has_text="smoky").click()
    expect(cards(page)).to_have_count(3)
    page.goto(f"{shop}/en/shop/tea/")
    page.get_by_role("link", name="Next page").click()
    expect(cards(page)).to_have_count(2)
    context.close()


def on_a_phone_in_arabic(browser: Browser, shop: str) -> None:
    """The filters are folded away, open at a touch, stay open while one is chosen, and read from the right."""
    context = browser.new_context(viewport={"width": 390, "height": 800}, has_touch=True)
    page = context.new_page()
    page.goto(f"{shop}/en/shop/tea/")
    page.goto(f"{shop}{page.locator('a[hreflang=ar]').first.get_attribute('href')}")
    expect(page.get_by_role("heading", level=1)).to_have_text("شاي")
    small = box(page, "size", "50g")
    expect(small).to_be_hidden()
    page.locator(".facets__summary").tap()
    small.tap()

    expect(cards(page)).to_have_count(3)
    expect(small).to_be_checked()
    expect(small).to_be_visible()
    square, label = small.bounding_box(), page.locator("label:has(#facet-size-50g) bdi").bounding_box()
    assert square and label and square["x"] > label["x"]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    context.close()


def test_lists_are_narrowed(page: Page, browser: Browser, shop: str) -> None:
    more_is_added_below(page, shop)
    filters_are_chosen_by_keyboard(page, shop)
    back_and_forward(page)
    chips_take_a_filter_away(page, shop)
    results_are_narrowed_and_nothing_says_what_to_drop(page, shop)
    without_a_script_it_is_a_form(browser, shop)
    on_a_phone_in_arabic(browser, shop)
