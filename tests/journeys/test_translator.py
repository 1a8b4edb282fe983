"""A translator of German at work in a real browser, from the home of the admin to the text on the site."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from django.contrib.auth.models import Group, User
from playwright.sync_api import Page, expect

from catalog.models import Product
from catalog.tests.factories import make_category, make_product
from translation import overlay, standing
from translation.models import Message
from translation.pieces import held, row_in

pytestmark = pytest.mark.journey

LogIn = Callable[[Page, User], None]
BODY = [
    {"type": "heading", "value": "Harvest", "id": "11111111-0000-4000-8000-000000000001"},
    {"type": "paragraph", "value": "<p>Picked in <b>May</b>.</p>", "id": "11111111-0000-4000-8000-000000000002"},
]


@pytest.fixture(autouse=True)
def as_shipped() -> Iterator[None]:
    """The live server is a thread of this process: what it saved is forgotten."""
    yield
    overlay._lay({})
    overlay._version = None


@pytest.fixture
def tarek(server: str) -> User:
    user = User.objects.create_user("tarek", "tarek@example.com", "secret-for-tests", first_name="Tarek")
    user.groups.set(Group.objects.filter(name__in=["Translators", "Translators: German"]))
    return user


@pytest.fixture
def sencha(server: str) -> Product:
    return make_product(
        "Sencha",
        category=make_category("Green tea", languages=["en", "de", "ar"]),
        languages=["en", "ar"],
        texts={"en": {"body": BODY, "seo_title": "Good tea"}},
    )


def draft(product: Product) -> Product:
    return held(Product.objects.get(pk=product.pk).get_latest_revision_as_object())


def desk(server: str, product: Product, code: str = "de") -> str:
    return f"{server}/admin/translation/catalog.product/{product.pk}/{code}/"


def no_errors(page: Page) -> list[str]:
    """Filled with what goes wrong in the browser from now on."""
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    return problems


def test_from_the_home_to_the_review(page: Page, server: str, log_in: LogIn, tarek: User, sencha: Product) -> None:
    log_in(page, tarek)
    problems = no_errors(page)

    page.goto(f"{server}/admin/")
    panel = page.locator(".sums-panel")
    expect(panel.get_by_role("heading", name="German")).to_be_visible()
    expect(panel.get_by_role("heading", name="Arabic")).to_have_count(0)
    panel.get_by_role("link", name="Next", exact=True).click()
    expect(page).to_have_url(re.compile(rf"catalog.product/{sencha.pk}/de/"))

    page.get_by_label("Name").fill("Grüner Tee")
    page.locator(".side__row", has_text="Good tea").get_by_role("button", name="Copy source").click()
    expect(page.get_by_label("SEO title")).to_have_value("Good tea")
    expect(page.get_by_label("Name")).to_have_value("Grüner Tee")
    page.get_by_label("SEO title").fill("Guter Tee")
    rich = page.locator(".Draftail-Editor [contenteditable=true]")
    rich.click()
    rich.press_sequentially("Im Mai gepflückt.")
    page.wait_for_timeout(500)  # the editor hands its text over now and then
    page.get_by_role("button", name="Save draft").last.click()
    expect(page.get_by_text("Saved as a draft.")).to_be_visible()

    page.reload()
    expect(rich).to_contain_text("Im Mai gepflückt.")
    saved = row_in(draft(sencha), "de")
    assert (saved.name, saved.seo_title, saved.slug) == ("Grüner Tee", "Guter Tee", "grüner-tee")
    assert "Im Mai gepflückt." in str(saved.body)
    assert not Product.objects.get(pk=sencha.pk).translations.filter(language_code="de").exists()

    page.get_by_role("button", name="Save and send to review").click()
    expect(page.get_by_text("sent to review.")).to_be_visible()
    expect(page.get_by_text("This is in review.")).to_be_visible()
    expect(page.get_by_role("button", name="Save draft")).to_have_count(0)
    assert Product.objects.get(pk=sencha.pk).workflow_in_progress
    assert problems == []


def test_german_and_nothing_else(page: Page, server: str, log_in: LogIn, tarek: User, sencha: Product) -> None:
    """Whatever the browser of a German translator sends: only German texts change."""
    log_in(page, tarek)
    page.goto(desk(server, sencha))
    page.get_by_label("Name").fill("Grüner Tee")
    page.evaluate(
        """() => {
            for (const [name, value] of Object.entries({
                "translations-0-name": "Hacked", "variants-0-price": "0.01", "featured": "on", "action-publish": "1",
            })) {
                const field = Object.assign(document.createElement("input"), {type: "hidden", name, value});
                document.querySelector("form.side").append(field);
            }
        }"""
    )
    page.get_by_role("button", name="Save draft").last.click()
    expect(page.get_by_text("Saved as a draft.")).to_be_visible()
    before = draft(sencha)
    assert [row_in(before, code).name for code in ("en", "de", "ar")] == ["Sencha", "Grüner Tee", "Sencha ar"]
    assert not before.featured and Product.objects.get(pk=sencha.pk).has_unpublished_changes

    forged = """async (url) => {
        const form = new FormData(document.querySelector("form.side"));
        form.set("t-name", "Hacked");
        return (await fetch(url, {method: "POST", body: form, redirect: "manual"})).type;
    }"""
    edit = f"{server}/admin/snippets/catalog/product/edit/{sencha.pk}/"
    for address in (desk(server, sencha, "ar"), desk(server, sencha, "en"), edit):
        assert page.evaluate(forged, address) == "opaqueredirect"  # sent away
    assert page.evaluate(forged, f"{server}/rosetta/files/project/ar/0/") == "basic"  # 403
    after = draft(sencha)
    assert [row_in(after, code).name for code in ("en", "de", "ar")] == ["Sencha", "Grüner Tee", "Sencha ar"]
    assert after.latest_revision_id == before.latest_revision_id
    assert not Message.objects.exists()

    page.goto(desk(server, sencha, "ar"))
    expect(page).to_have_url(f"{server}/admin/")
    assert page.goto(f"{server}/rosetta/files/project/ar/0/").status == 403
    page.goto(edit)
    expect(page).to_have_url(f"{server}/admin/")


def test_outdated_and_still_correct(page: Page, server: str, log_in: LogIn, tarek: User) -> None:
    tea = make_product("Sencha", texts={"en": {"seo_title": "Good tea"}, "de": {"seo_title": "Guter Tee"}})
    standing.catch_up()
    changed = draft(tea)
    row_in(changed, "en").seo_title = "Very good tea"
    changed.save_revision()
    log_in(page, tarek)

    page.goto(f"{server}/admin/translation/?state=outdated")
    page.get_by_role("link", name="Outdated").last.click()

    line = page.locator(".side__row--outdated")
    expect(line.locator("del")).to_have_text("Good")
    expect(line.locator("ins")).to_have_text("Very good")
    line.get_by_label("Still correct").check()
    page.get_by_role("button", name="Save draft").last.click()
    expect(page.locator(".side__row--outdated")).to_have_count(0)
    expect(page.get_by_label("SEO title")).to_have_value("Guter Tee")


def test_interface_texts(page: Page, server: str, log_in: LogIn, tarek: User) -> None:
    log_in(page, tarek)
    page.goto(f"{server}/admin/")
    page.get_by_role("link", name="Interface texts").first.click()
    expect(page).to_have_url(f"{server}/rosetta/files/project/de/0/")
    page.get_by_label("Search", exact=True).last.fill("Nothing in here yet")
    page.get_by_role("button", name="Show").click()
    field = page.get_by_label("Translation", exact=True)
    expect(field).to_have_value("Noch ist nichts darin")

    field.fill("<script>alert(1)</script>")
    page.get_by_role("button", name="Save and go on").click()
    expect(page.get_by_text("Markup not allowed here: <script>")).to_be_visible()
    expect(field).to_have_value("<script>alert(1)</script>")

    review = page.get_by_label("Needs review")
    review.check()
    field.fill("Hier fehlt der Tee")
    expect(review).not_to_be_checked()  # what is written anew is reviewed
    page.get_by_role("button", name="Save and go on").click()
    expect(page.get_by_text("Live within seconds.")).to_be_visible()
    page.goto(f"{server}/de/warenkorb/")
    expect(page.get_by_text("Hier fehlt der Tee")).to_be_visible()


def test_on_a_phone(page: Page, server: str, log_in: LogIn, tarek: User, sencha: Product) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    log_in(page, tarek)
    for address in (f"{server}/admin/translation/", desk(server, sencha), f"{server}/rosetta/files/project/de/0/"):
        page.goto(address)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, address
