"""What is typed, and what is found."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils.translation import override

from catalog import popularity
from catalog.models import Product
from catalog.tests.factories import make_category, make_product
from search import boosts
from search.models import Entry, Kind
from search.query import search

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    teas = make_category("Tea", texts={"de": {"name": "Tee"}})
    make_product("Sencha Morning Mist", texts={"de": {"name": "Sencha Morgennebel"}}, category=teas, tags=["japan"])
    make_product("Everyday Teapot", texts={"de": {"name": "Teekanne für alle Tage"}}, variants=[{"sku": "POT-1.0-SND"}])
    make_product("White Peony", texts={"de": {"name": "Weiße Pfingstrose"}, "ar": {"name": "الفاوانيا البيضاء"}})
    make_product("Green Bowl", texts={"de": {"name": "Grüne Schale"}})
    make_product("Only English", languages=("en",))
    make_product("Secret Blend", live=False)
    call_command("rebuild_search", stdout=StringIO())


def names(text: str, language: str = "en") -> list[str]:
    with override(language):
        return [hit.title for hit in search(text, language).hits[Kind.PRODUCT]]


MEANT = [
    ("en", "sencha", "Sencha Morning Mist"),
    ("en", "SENCHA", "Sencha Morning Mist"),
    ("en", "teapots", "Everyday Teapot"),
    ("en", "mornings", "Sencha Morning Mist"),
    ("en", "teap", "Everyday Teapot"),
    ("en", "sensha", "Sencha Morning Mist"),
    ("en", "sencah", "Sencha Morning Mist"),
    ("en", "white pony", "White Peony"),
    ("en", "tea pot", "Everyday Teapot"),
    ("en", "greenbowl", "Green Bowl"),
    ("en", "japan", "Sencha Morning Mist"),
    ("de", "grune schale", "Grüne Schale"),
    ("de", "gruene schale", "Grüne Schale"),
    ("de", "grünen Schalen", "Grüne Schale"),
    ("de", "weisse pfingstrose", "Weiße Pfingstrose"),
    ("de", "kanne", "Teekanne für alle Tage"),
    ("de", "tee kanne", "Teekanne für alle Tage"),
    ("de", "tekanne", "Teekanne für alle Tage"),
    ("ar", "بيضاء", "الفاوانيا البيضاء"),
    ("ar", "الفاونيا", "الفاوانيا البيضاء"),
]


def test_the_thing_that_was_meant_comes_first(shop):
    found = [(language, text, (names(text, language) or [""])[0]) for language, text, _first in MEANT]

    assert found == MEANT


def test_a_slip_is_put_right_and_said(shop):
    found = search("white pony", "en")

    assert found.corrected == "white peony"


def test_a_short_word_keeps_its_first_letter():
    make_product("Nothing to Lose", languages=("en",))
    call_command("rebuild_search", stdout=StringIO())

    assert names("rose") == []
    assert names("lsoe") == ["Nothing to Lose"]


def test_names_of_other_languages_are_a_last_resort_and_marked(shop):
    with override("de"):
        found = search("white peony", "de")

    [hit] = found.hits[Kind.PRODUCT]
    assert (hit.title, hit.language, hit.foreign) == ("White Peony", "en", True)
    assert found.corrected == ""


def test_the_parts_of_a_known_compound_do_not_count_in_long_texts(shop):
    body = '[{"type": "paragraph", "value": "<p>Diesen Tee kann man aus einer Kanne oft aufgiessen.</p>"}]'
    make_product("Fine Green", texts={"de": {"name": "Feines Blatt", "body": body}})
    make_product("Tea and Pot", texts={"de": {"name": "Tee mit Kanne"}})
    call_command("rebuild_search", stdout=StringIO())

    for language in ("de", "en"):
        assert names("teekanne", language) == ["Teekanne für alle Tage", "Tee mit Kanne"]


def test_what_has_no_text_here_is_found_by_the_text_it_has(shop):
    assert names("only english", "de") == ["Only English"]


def test_some_of_the_words_when_nothing_has_all(shop):
    found = search("sencha peony", "en")

    assert found.partly
    assert {hit.title for hit in found.hits[Kind.PRODUCT]} == {"Sencha Morning Mist", "White Peony"}


def test_a_rare_word_says_more_than_a_common_one_when_nothing_has_all():
    for number in range(5):
        make_product(f"Tea {number}")
    make_product("Caddy", texts={"en": {"summary": "Keeps things airtight."}})
    call_command("rebuild_search", stdout=StringIO())

    assert names("store tea airtight")[0] == "Caddy"
    assert len(names("store tea airtight")) == 6


def test_some_of_the_words_unless_something_else_is_called_so(shop):
    make_category("Sencha Gifts")
    call_command("rebuild_search", stdout=StringIO())

    named = search("sencha gifts", "en")
    assert not named.partly
    assert not named.hits[Kind.PRODUCT]
    assert names("sencha gift box") == ["Sencha Morning Mist"]


def test_a_word_put_right_means_all_that_it_means_when_typed_so():
    make_product(texts={"de": {"name": "Schwarzer Tee"}})
    make_product(texts={"de": {"name": "Schwarztee mit Zimt"}})
    call_command("rebuild_search", stdout=StringIO())

    assert sorted(names("schwarztee", "de")) == ["Schwarzer Tee", "Schwarztee mit Zimt"]
    assert sorted(names("schwartztee", "de")) == sorted(names("schwarztee", "de"))


def test_german_plurals_with_an_s_and_umlauts_spelled_out():
    make_product(texts={"de": {"name": "Weißer Tee"}})
    make_product(texts={"de": {"name": "Die Welt des Tees"}})
    make_product(texts={"de": {"name": "Frühstücksmischung"}})
    make_product(texts={"de": {"name": "Ein Frühstück"}})
    call_command("rebuild_search", stdout=StringIO())

    assert names("weiße tees", "de") == ["Weißer Tee"]
    assert sorted(names("fruehstueck", "de")) == ["Ein Frühstück", "Frühstücksmischung"]


def test_the_title_for_search_engines_is_found_too():
    make_product("Hibiscus", texts={"en": {"seo_title": "Hibiscus tea (karkadeh)"}})
    call_command("rebuild_search", stdout=StringIO())

    assert names("karkadeh") == ["Hibiscus"]


def test_of_skus_that_differ_in_signs_only_the_typed_one_counts(client: Client):
    make_product("First", variants=[{"sku": "A-11"}])
    make_product("Second", variants=[{"sku": "A1-1"}])
    call_command("rebuild_search", stdout=StringIO())

    assert client.get("/en/search/", {"q": "a1-1"})["Location"] == "/en/product/second/"
    assert client.get("/en/search/", {"q": "a-11"})["Location"] == "/en/product/first/"
    assert client.get("/en/search/", {"q": "a11"}).status_code == 200


def test_what_is_sold_out_stands_lower():
    make_product("Milk Oolong", variants=[{"stock": 0}])
    make_product("Milk Oolong Two", variants=[{"stock": 1}])
    make_product("Milk Oolong Too", variants=[{"stock": 0}])
    call_command("rebuild_search", stdout=StringIO())

    assert names("oolong") == ["Milk Oolong Two", "Milk Oolong", "Milk Oolong Too"]


def test_what_is_popular_stands_higher_among_equals():
    first, second = make_product("Milk Oolong"), make_product("Milk Oolong")
    call_command("rebuild_search", stdout=StringIO())
    popularity.write({second.pk: 3}, {})
    boosts.refresh()

    assert [hit.object_id for hit in search("oolong", "en").hits[Kind.PRODUCT]] == [second.pk, first.pk]


def test_products_can_be_narrowed_and_counted_over(shop):
    white = Product.objects.filter(translations__name="White Peony")
    found = search("sencha peony", "en", products=white)

    assert [hit.title for hit in found.hits[Kind.PRODUCT]] == ["White Peony"]
    assert Product.objects.shown().filter(pk__in=found.product_ids()).count() == 2


def test_nothing_is_found_that_came_down_a_moment_ago(shop):
    Product.objects.filter(translations__name="White Peony").update(live=False)

    assert Entry.objects.filter(title="White Peony").exists()  # the table is late
    assert names("white peony") == []


def test_drafts_are_not_there(shop):
    assert names("secret") == []


HOSTILE = [
    "' OR 1=1 --", "a & | ! ( ) <-> :*", "%", "_", "\\", "'", '"', "\\'", "𝕊𝕖𝕟𝕔𝕙𝕒", "🍵", "\u202etea\u202c", "\ud800",
    "a" * 10_000, "tea " * 3000, "ﷺ", "e" + "\u0301" * 500, "-tea", "tea:*", "<script>alert(1)</script>", "１２３",
    "\x1b[0m", "()", "\'\'\'\'", "the", "und der die das",
]  # fmt: skip


@pytest.mark.parametrize("language", ["en", "ar"])
def test_hostile_text_is_only_text(shop, language):
    with override(language):
        for text in HOSTILE:
            search(text, language)


ADDRESSES = ["%00", "%ff%fe", "%ed%a0%80", "%F0%9F%8D%B5", "a&q=b", "%27%5C%25", "x&page=-1", "x&page=9e9"]


def test_hostile_addresses_are_answered(shop, client: Client):
    for query in ADDRESSES:
        for path in ("search/", "search/suggest/"):
            assert client.get(f"/en/{path}?q={query}").status_code in (200, 400)


def test_markup_in_texts_stays_text(client: Client):
    body = '[{"type": "paragraph", "value": "<p>Tea &lt;script&gt;alert(1)&lt;/script&gt; zebra</p>"}]'
    make_product("Plain", texts={"en": {"name": "Plain", "body": body}})
    call_command("rebuild_search", stdout=StringIO())

    page = client.get("/en/search/?q=zebra").content.decode()

    assert "<mark>zebra</mark>" in page
    assert "<script>alert" not in page


def test_a_sku_leads_to_its_product(shop, client: Client):
    for typed in ("POT-1.0-SND", "pot 1.0 snd", "pot10snd"):
        response = client.get("/en/search/", {"q": typed})
        assert (response.status_code, response["Location"]) == (302, "/en/product/everyday-teapot/")


def test_a_gtin_leads_to_its_product(client: Client):
    make_product("Whisk", variants=[{"sku": "W-1", "gtin": "012345678905"}, {"sku": "W-2", "gtin": "9521000000018"}])
    make_product("Bowl", variants=[{"sku": "B-1", "gtin": "96385074", "active": False}])
    call_command("rebuild_search", stdout=StringIO())

    for typed in (
        "012345678905",
        "0 12345 67890 5",
        "0012345678905",
        "00012345678905",
        "9-521000-000018",
        "٠١٢٣٤٥٦٧٨٩٠٥",
    ):
        response = client.get("/en/search/", {"q": typed})
        assert (response.status_code, response["Location"]) == (302, "/en/product/whisk/")
    assert client.get("/en/search/", {"q": "96385074"}).status_code == 200


def test_a_sku_is_found_with_the_digits_of_any_script(client: Client):
    make_product("Kanne", variants=[{"sku": "A-١٢٣"}])
    call_command("rebuild_search", stdout=StringIO())

    for typed in ("A-١٢٣", "a 123"):
        assert client.get("/en/search/", {"q": typed})["Location"] == "/en/product/kanne/"


def test_a_sku_counts_before_a_gtin_of_the_same_digits(client: Client):
    make_product("Whisk", variants=[{"sku": "W-1", "gtin": "96385074"}])
    make_product("Bowl", variants=[{"sku": "96385074"}])
    call_command("rebuild_search", stdout=StringIO())

    assert client.get("/en/search/", {"q": "96385074"})["Location"] == "/en/product/bowl/"


def test_the_page_without_results_shows_a_way_on(shop, client: Client):
    Product.objects.filter(translations__name="Green Bowl").update(featured=True)  # nothing is popular yet

    for query in ("", "?q=", "?q=zzzzqqqq"):
        page = client.get(f"/en/search/{query}").content.decode()
        assert "Green Bowl" in page
        assert 'content="noindex"' in page


def test_suggestions_are_for_no_search_engine(client):
    assert client.get("/en/search/suggest/?q=te")["X-Robots-Tag"] == "noindex"
