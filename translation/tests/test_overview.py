"""The overview: own languages only, everything in one list, what is left, and where to go on."""

import pytest
from django.urls import reverse
from django.utils.translation import override
from wagtail.models import Locale

from catalog.models import Product
from catalog.tests.factories import make_category, make_option, make_product
from core.models import ContentPage, HomePage
from translation import overview, pages, standing, tasks
from translation.models import Standing
from translation.pieces import held, row_in
from translation.tests.conftest import signed_in
from translation.tests.desk_forms import desk_url, open_screen

pytestmark = pytest.mark.django_db
URL = "/admin/translation/"


def cells(client, query=""):
    """(name, state label) of the rows shown."""
    page = client.get(f"{URL}{query}")
    assert page.status_code == 200
    return {(row.name, entry.label, entry.words_left) for row in page.context["page"] for entry in row.cells if entry}


def content_page(title, code="en", **fields):
    parent = HomePage.objects.get(locale__language_code=code)
    page = ContentPage(title=title, slug=title.lower(), locale=Locale.objects.get(language_code=code), **fields)
    return parent.add_child(instance=page)


def test_states_and_words(german):
    make_product("Done", languages=["en", "de"])
    make_product("Missing", languages=["en"], texts={"en": {"name": "Two words", "seo_title": "And three more"}})
    begun = make_product("Begun", texts={"en": {"name": "Begun", "seo_title": "Two words"}})
    outdated = make_product("Changed")
    tasks.observe()
    draft = held(outdated.get_latest_revision_as_object())
    row_in(draft, "en").name = "Changed twice"
    draft.save_revision()

    found = cells(german)

    assert ("Done", "Done", 0) in found
    assert ("Two words", "Missing", 5) in found
    assert ("Begun", "Draft", 2) in found
    assert ("Changed twice", "Outdated", 2) in found
    assert begun.pk


def test_names_are_the_sources_in_every_language_of_the_admin(german):
    make_product("Sencha")
    with override("de"):
        tasks.observe()
    assert ("Sencha", "Done", 0) in cells(german)


def test_published_it_is_done(german):
    tea = make_product("Sencha")
    screen = open_screen(german, tea)
    screen.write(name="Grüner Tee")
    screen.post()
    assert ("Sencha", "Draft", 0) in cells(german)

    tea.refresh_from_db()
    tea.latest_revision.publish()

    assert ("Sencha", "Done", 0) in cells(german)
    assert not standing.unseen(Product).exists()


def test_one_list_of_everything(german):
    make_category("Tea", languages=["en"])
    make_product("Sencha", languages=["en"])
    make_option("size", ["50g"])
    content_page("About")

    page = german.get(URL)

    kinds = {row.kind_name for row in page.context["page"]}
    assert {"Product", "Category", "Page", "Labels", "Interface"} <= kinds
    assert {entry.code for row in page.context["page"] for entry in row.cells} == {"de"}


def test_own_languages_only(german, nobody_yet, editor, admin_client):
    make_product("Sencha")
    assert {code for code, _name in german.get(f"{URL}?language=ar").context["languages"]} == {"de"}
    assert {code for code, _name in admin_client.get(URL).context["languages"]} == {"de", "ar"}
    assert "You have no language yet" in nobody_yet.get(URL).content.decode()
    assert "Sencha" not in nobody_yet.get(URL).content.decode()
    assert editor.get(URL).status_code == 302
    assert german.get(f"{URL}next/?language=ar").status_code == 302
    assert german.get(f"{URL}next/?language=ar").url == "/admin/"


def test_filters(german):
    make_product("Sencha", languages=["en"])
    make_product("Assam")
    make_category("Assam teas")
    assert {name for name, *_rest in cells(german, "?q=assam")} == {"Assam", "Assam teas"}
    assert {name for name, *_rest in cells(german, "?q=assam&kind=catalog.category")} == {"Assam teas"}
    assert {name for name, *_rest in cells(german, "?state=missing&kind=catalog.product")} == {"Sencha"}
    assert "Nothing matches." in german.get(f"{URL}?q=xyz&page=7").content.decode()


def test_next_goes_through_the_list_and_begins_again(german):
    first, second = make_product("A", languages=["en"]), make_product("B", languages=["en"])
    at = f"{URL}next/?language=de&after="
    Standing.objects.all().delete()
    assert german.get(f"{at}catalog.product:{first.pk}").url == desk_url(second, "de")
    seen, url = set(), f"{URL}next/?language=de"
    for _step in range(20):
        entry = overview.next_entry(overview.entries(["de"]), url.partition("after=")[2])
        if entry.key in seen:
            break
        seen.add(entry.key)
        url = f"{at}{entry.key}"
    assert {f"catalog.product:{first.pk}", f"catalog.product:{second.pk}"} <= seen


def test_outdated_comes_before_missing(german):
    make_product("A missing one", languages=["en"])
    changed = make_product("B changed one")
    tasks.observe()
    draft = held(changed.get_latest_revision_as_object())
    row_in(draft, "en").name = "B changed twice"
    draft.save_revision()
    assert german.get(f"{URL}next/?language=de").url == desk_url(changed, "de")


def test_all_done(german, monkeypatch):
    ready = [entry for entry in overview.entries(["de"]) if not entry.is_to_do]
    monkeypatch.setattr(overview, "entries", lambda codes: ready)
    assert "All done." in german.get(URL).content.decode()
    assert "All done." in german.get("/admin/").content.decode()
    assert german.get(f"{URL}next/").url == URL


def test_in_review(german):
    tea = make_product("Sencha", category=make_category())
    screen = open_screen(german, tea)
    screen.write(name="Grüner Tee")
    screen.post(submit="1")
    assert ("Sencha", "In review", 0) in cells(german)


def test_the_home_shows_the_panel(german, nobody_yet, editor):
    make_product("Sencha", languages=["en"])
    assert "Sencha" in german.get("/admin/").content.decode()
    assert "You have no language yet" in nobody_yet.get("/admin/").content.decode()
    assert "You have no language yet" not in editor.get("/admin/").content.decode()


class TestLabels:
    def test_saved_is_live_and_both_are_kept(self, german, member):
        size = make_option("size", ["50g"])
        key = f"catalog.option-{size.pk}-name"
        url = reverse("translation:labels", args=["de"])
        colleague = signed_in(member("Translators: German"))
        assert colleague.post(url, {key: "Größe", f"{key}-seen": "size (de)"}).status_code == 302

        late = german.post(url, {key: "Maß", f"{key}-seen": "size (de)"})

        assert late.status_code == 200
        assert "Größe" in late.content.decode() and 'value="Maß"' in late.content.decode()
        assert german.post(url, {key: "Maß", f"{key}-seen": "Größe"}).status_code == 302
        size.refresh_from_db()
        assert size.name["de"] == "Maß"

    def test_too_long_is_refused_and_kept(self, german):
        size = make_option("size", ["50g"])
        key = f"catalog.option-{size.pk}-name"
        url = reverse("translation:labels", args=["de"])
        answer = german.post(url, {key: "x" * 500, f"{key}-seen": "size (de)"})
        assert answer.status_code == 200 and "x" * 500 in answer.content.decode()


def test_a_constant_number_of_queries(german):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def count():
        standing.catch_up()
        german.get(URL)
        with CaptureQueriesContext(connection) as queries:
            german.get(URL)
        return len(queries)

    make_product("First")
    content_page("About")
    few = count()
    for number in range(5):
        make_product(f"Tea {number}")
        content_page(f"Page-{number}")
    pages.catch_up(500)
    assert count() == few
