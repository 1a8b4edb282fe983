"""The product editor in a real browser: tabs, inline rows, choosers and autosave, which no form test can see."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

import pytest
from django.contrib.auth.models import Group, User
from playwright.sync_api import Locator, Page, Response, expect
from wagtail.users.models import UserProfile

from catalog.models import Attribute, Product, ProductTranslation, ProductType
from catalog.tests.factories import make_category, make_image, make_option, make_product

pytestmark = pytest.mark.journey

LogIn = Callable[[Page, User], None]


def person(name: str, group: str, language: str = "en") -> User:
    user = User.objects.create_user(name, f"{name}@example.com", "secret-for-tests")
    user.groups.add(Group.objects.get(name=group))
    UserProfile.objects.create(user=user, preferred_language=language)
    return user


def moderator(language: str = "en") -> User:
    return person("mona", "Moderators", language)


def open_editor(page: Page, address: str) -> None:
    """Opens it and waits until it watches for changes: Wagtail takes its first look at the form after two seconds."""
    page.goto(address)
    page.wait_for_timeout(2500)


def tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=re.compile(f"^{name}")).click()


def field(page: Page, relation: str, number: int, name: str) -> Locator:
    return page.locator(f"[name={relation}-{number}-{name}]")


def write(box: Locator, text: str) -> None:
    """Types and leaves the field, as people do: the editor saves what has been left."""
    box.click()
    box.fill("")
    box.press_sequentially(text, delay=10)
    box.blur()


def autosaved(page: Page, act: Callable[[], object]) -> None:
    """Does something, and waits until the editor has saved it by itself."""
    with page.expect_response(is_autosave) as answer:
        act()
    assert answer.value.json()["success"], answer.value.text()


def is_autosave(response: Response) -> bool:
    return response.request.method == "POST" and response.request.headers.get("accept") == "application/json"


def test_a_new_product_in_three_languages_survives_a_reload_and_goes_live_after_review(
    page: Page, server: str, log_in: LogIn
) -> None:
    make_option("size", ["50 g", "100 g"])
    make_category("Green tea")
    make_image("Sencha leaves")
    log_in(page, person("elif", "Editors"))
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)

    open_editor(page, f"{server}/admin/snippets/catalog/product/add/")
    autosaved(page, partial(write, field(page, "translations", 0, "name"), "Sencha Morning Mist"))
    expect(field(page, "translations", 0, "slug")).to_have_value("sencha-morning-mist")
    tab(page, "German")
    autosaved(page, partial(write, field(page, "translations", 1, "name"), "Sencha Morgennebel"))
    expect(page).to_have_url(re.compile(r"/edit/\d+/"))
    tab(page, "Arabic")
    autosaved(page, partial(write, field(page, "translations", 2, "name"), "سينشا الصباح"))

    tab(page, "Variants")
    for number, (size, price) in enumerate([("50 g", "8.90"), ("100 g", "15.50")]):
        page.get_by_role("button", name="Add variant").click()
        field(page, "variants", number, "option_1").select_option(label=size)
        autosaved(page, partial(write, field(page, "variants", number, "price"), price))

    tab(page, "Pictures")
    page.get_by_role("button", name=re.compile("Add pictures?")).click()
    page.get_by_role("checkbox", name="Sencha leaves").check()
    autosaved(page, page.get_by_role("button", name="Confirm selection").click)
    field(page, "images", 0, "alt_en").fill("Rolled leaves")
    field(page, "images", 0, "alt_de").fill("Gerollte Blätter")
    autosaved(page, partial(field(page, "images", 0, "alt_ar").fill, "أوراق ملفوفة"))

    page.reload()
    tab(page, "English")
    expect(field(page, "translations", 0, "name")).to_have_value("Sencha Morning Mist")
    tab(page, "German")
    expect(field(page, "translations", 1, "name")).to_have_value("Sencha Morgennebel")
    tab(page, "Variants")
    expect(field(page, "variants", 0, "price")).to_have_value(re.compile(r"^8\.90"))
    expect(field(page, "variants", 1, "sku")).to_have_value(re.compile("^V-"))
    tab(page, "Pictures")
    expect(page.locator("#tab-pictures").get_by_text("Sencha leaves")).to_be_visible()
    assert Product.objects.get().live is False

    page.get_by_role("button", name="More actions").click()
    page.get_by_role("button", name=re.compile("^Submit")).click()
    page.get_by_label("Note to the reviewers").fill("Please look at the name.")
    page.get_by_role("dialog").get_by_role("button", name="Submit", exact=True).click()
    expect(page.locator(".messages")).to_contain_text("submitted")
    assert Product.objects.get().live is False

    log_in(page, moderator())
    page.goto(f"{server}/admin/")
    waiting = page.locator("section", has=page.get_by_role("heading", name="Waiting for me"))
    waiting.get_by_role("link", name="Sencha Morning Mist").click()
    page.get_by_role("button", name="More actions").last.click()
    page.locator("button[data-workflow-action-name=approve]:visible").first.click()
    expect(page.locator(".messages")).to_contain_text("Published now.")

    product = Product.objects.get()
    assert product.live
    assert dict(product.translations.values_list("language_code", "slug")) == {
        "en": "sencha-morning-mist",
        "de": "sencha-morgennebel",
        "ar": "سينشا-الصباح",
    }
    assert [str(variant.option_1.label) for variant in product.variants.all()] == ["50 g", "100 g"]
    assert product.images.count() == 1
    assert problems == []


def test_an_error_in_a_hidden_tab_is_counted_on_the_tab(page: Page, server: str, log_in: LogIn) -> None:
    product = make_product()
    log_in(page, moderator())
    page.goto(f"{server}/admin/snippets/catalog/product/edit/{product.pk}/")

    tab(page, "German")
    field(page, "translations", 1, "name").fill("")
    tab(page, "English")
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("button", name="Publish", exact=True).click()

    badge = page.get_by_role("tab", name=re.compile("^German")).locator(".w-tabs__errors")
    expect(badge).to_be_visible()
    expect(badge).to_contain_text("1")
    expect(page.get_by_role("tab", name=re.compile("^Arabic")).locator(".w-tabs__errors")).to_be_hidden()
    assert ProductTranslation.objects.get(master=product, language_code="de").name == "Sencha de"


def test_arabic_is_written_from_right_to_left(page: Page, server: str, log_in: LogIn) -> None:
    product = make_product()
    log_in(page, moderator())
    page.goto(f"{server}/admin/snippets/catalog/product/edit/{product.pk}/")

    tab(page, "Arabic")
    name = field(page, "translations", 2, "name")
    write(name, "شاي الصباح")

    assert name.evaluate("input => getComputedStyle(input).direction") == "rtl"
    assert name.get_attribute("lang") == "ar"
    expect(field(page, "translations", 2, "slug")).to_have_value("شاي-الصباح")


def test_a_removed_language_comes_back_when_it_is_kept_after_all(page: Page, server: str, log_in: LogIn) -> None:
    product = make_product()
    product.save_revision().publish()
    log_in(page, moderator())
    open_editor(page, f"{server}/admin/snippets/catalog/product/edit/{product.pk}/")

    tab(page, "German")
    remove = page.locator("#tab-german").get_by_label("Remove this language")
    autosaved(page, remove.check)
    autosaved(page, remove.uncheck)
    page.reload()
    tab(page, "German")

    expect(field(page, "translations", 1, "name")).to_have_value("Sencha de")


@pytest.mark.parametrize("language", ["de", "ar"])
def test_the_tabs_keep_their_addresses_in_every_interface_language(
    page: Page, server: str, log_in: LogIn, language: str
) -> None:
    product = make_product()
    log_in(page, moderator(language))

    page.goto(f"{server}/admin/snippets/catalog/product/edit/{product.pk}/#tab-german")

    expect(field(page, "translations", 1, "name")).to_be_visible()


def test_missing_combinations_are_added_and_the_type_shows_its_attributes(
    page: Page, server: str, log_in: LogIn
) -> None:
    size, colour = make_option("size", ["S", "L"]), make_option("colour", ["red", "blue"])
    small, red = size.values.get(key="S"), colour.values.get(key="red")
    kind = ProductType.objects.create(key="cup", name={"en": "Cup"})
    kind.attributes.set([Attribute.objects.create(key="volume", name={"en": "Volume"}, kind="number", unit="ml")])
    kind.save()
    product = make_product("Cup", variants=[{"sku": "CUP-1", "price": 12, "option_1": small, "option_2": red}])
    log_in(page, moderator())

    open_editor(page, f"{server}/admin/snippets/catalog/product/edit/{product.pk}/")
    tab(page, "Variants")
    page.get_by_text("Add all combinations of options").click()
    page.get_by_role("button", name="Add the missing variants").click()
    expect(page.locator("[data-combinations] [role=status]")).to_have_text("Tick at least one value.")
    for value in ("S", "L", "red", "blue"):
        page.locator("[data-combinations]").get_by_label(value, exact=True).check()
    page.get_by_role("button", name="Add the missing variants").click()
    expect(page.locator("[data-combinations] [role=status]")).to_contain_text("3 added below")
    page.get_by_role("button", name="Add the missing variants").click()
    expect(page.locator("[data-combinations] [role=status]")).to_contain_text("there already")

    tab(page, "Shop")
    volume = page.get_by_label("Volume (ml)")
    expect(volume).to_be_hidden()
    page.locator("#id_product_type").select_option(label="Cup")
    expect(volume).to_be_visible()
    volume.fill("300")
    page.get_by_role("button", name="More actions").last.click()
    page.get_by_role("button", name="Publish").click()

    expect(page.locator(".messages")).to_contain_text("Published now.")
    saved = Product.objects.get(pk=product.pk)
    combinations = {(str(row.option_1.label), str(row.option_2.label), row.price) for row in saved.variants.all()}
    assert combinations == {(a, b, 12) for a in ("S", "L") for b in ("red", "blue")}
    assert saved.variants.filter(sku="CUP-1").exists() and saved.variants.count() == 4
    assert [value.shown for value in saved.attribute_values.all()] == ["300\u00a0ml"]
