"""Slips put right, the way back to what was typed, and what is offered where little or nothing was found."""

from __future__ import annotations

from io import StringIO
from urllib.parse import quote

import pytest
from bs4 import BeautifulSoup
from django.core.management import call_command
from django.test import Client
from django.utils.translation import override

from catalog.models import Product
from catalog.tests.factories import make_product
from core.cache import renew_window
from core.models import ShopSettings
from search.models import QueryCount, Word
from search.query import TookTooLong, search
from search.spelling import proposals

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    for name in ("Everyday Teapot", "Glass Teapot", "Grand Teapot"):
        make_product(name, texts={"de": {"name": f"{name} Kanne"}})
    make_product("Chamomile Meadow", texts={"de": {"name": "Wiesenkamille"}, "ar": {"name": "بابونج المروج"}})
    make_product("Green Bowl", texts={"de": {"name": "Grüne Schale"}})
    make_product("Zanzibar Secret", live=False)
    call_command("rebuild_search", stdout=StringIO())


def page(client: Client, text: str, more: str = "", path: str = "/en/search/") -> BeautifulSoup:
    response = client.get(f"{path}?q={quote(text)}{more}")
    assert response.status_code == 200
    return BeautifulSoup(response.content, "html.parser")


def proposed(text: str, language: str = "en", *, literal: bool = False) -> list[str]:
    with override(language):
        return proposals(search(text, language, literal=literal))


def offered(soup: BeautifulSoup) -> list[tuple[str, str]]:
    return [(link.get_text(), link["href"]) for link in soup.select(".did-you-mean a")]


def test_a_slip_is_put_right_and_the_typed_word_is_one_click_away(shop, client: Client):
    soup = page(client, "teepot")

    assert soup.h1.get_text(" ", strip=True) == "Results for teapot"
    assert len(soup.select(".product-card")) == 3
    [back] = soup.select('.page-heading a[href*="exact"]')
    assert back["href"] == "/en/search/?q=teepot&exact=1"

    soup = page(client, "teepot", "&exact=1")
    assert soup.h1.get_text(" ", strip=True) == "Nothing found for teepot"
    assert offered(soup) == [("teapot", "/en/search/?q=teapot")]
    assert soup.select_one('meta[name="robots"]')["content"] == "noindex"


def test_as_typed_finds_what_has_the_word_and_stays_so(shop, client: Client):
    make_product("Teepot by Wu", languages=("en",), tags=["gift"])
    call_command("rebuild_search", stdout=StringIO())

    soup = page(client, "teepot", "&exact=1")

    assert [card.get_text(strip=True) for card in soup.select(".product-card__name")] == ["Teepot by Wu"]
    assert soup.select_one('#facets input[name="exact"]')["value"] == "1"
    assert offered(soup) == []  # it is called so


def test_what_little_is_found_may_have_been_meant_otherwise(client: Client):
    for number in range(12):
        make_product(f"Teapot {number}", languages=("en",))
    body = '[{"type": "paragraph", "value": "<p>A teepot, as they wrote.</p>"}]'
    make_product("Bowl", languages=("en",), texts={"en": {"name": "Bowl", "body": body}})
    call_command("rebuild_search", stdout=StringIO())

    soup = page(client, "teepot")

    assert soup.h1.get_text(" ", strip=True) == "Results for teepot"
    assert offered(soup) == [("teapot", "/en/search/?q=teapot")]
    assert offered(page(client, "teapot")) == []


def test_a_proposal_is_written_as_the_shop_writes_it(shop):
    assert proposed("grünne Schale", "de", literal=True) == ["grüne Schale"]
    with override("de"):
        assert search("Grünne", "de").corrected == "grune"
    assert proposed("بابونح", "ar", literal=True) == ["بابونج"]


def test_an_edit_more_than_is_put_right_is_proposed(shop):
    assert search("xhamomyle", "en").corrected == "chamomile"
    assert search("kamomille", "en").total == 0
    assert proposed("kamomille") == ["chamomile"]


def test_a_word_of_another_language_does_not_hide_that_of_this_one(shop):
    with override("en"):
        found = search("wiesenkamile", "en")
    assert found.reading.language == "de"

    make_product("Wiesencamillo", languages=("en",))
    call_command("rebuild_search", stdout=StringIO())
    assert proposed("wiesenkamile") == ["wiesencamillo"]


def test_nothing_is_proposed_that_is_not_public(shop):
    assert not Word.objects.filter(word="zanzibar").exists()
    assert proposed("zanzibor") == []

    Product.objects.filter(translations__name="Chamomile Meadow").update(live=False)
    assert Word.objects.filter(word="chamomile").exists()  # the table is late
    assert proposed("chamomyle", literal=True) == []


def test_two_queries_and_none_where_enough_was_found(shop, django_assert_num_queries):
    few, many = search("teepot green bowll", "en", literal=True), search("teapot", "en")
    with django_assert_num_queries(5):  # three of them for the transaction and its limit
        assert proposals(few) == []
    many.totals[next(iter(many.totals))] = 9
    named = search("glass teapot", "en")
    assert named.total == 1
    with django_assert_num_queries(0):
        assert proposals(many) == proposals(named) == []


def test_words_that_nothing_has_are_named(shop, client: Client):
    def intro(text: str) -> str:
        return " ".join(page(client, text).select_one(".page-heading__intro").get_text().split())

    assert intro("glass teapot for zebras and giraffes") == (
        "No product has all of these words. These have some of them. Found nowhere: zebras giraffes"
    )
    assert intro("chamomile bowl") == "No product has all of these words. These have some of them."


@pytest.mark.parametrize("text", ["", "%00", "'", "a" * 100, "teepot " * 14, "!!!", "\u202e", "4711", "的" * 40])
def test_hostile_text_proposes_nothing_bad(shop, client: Client, text):
    assert client.get("/en/search/", {"q": text, "exact": "1"}).status_code == 200
    assert client.get("/en/search/", {"q": text, "exact": "\x00"}).status_code in (200, 400)


def test_markup_is_text(shop, client: Client):
    soup = page(client, '"><b>teepot</b>')

    assert soup.select(".page-heading b") == []


def test_too_slow_a_proposal_costs_only_itself(shop, client: Client, monkeypatch):
    def slow(found):
        raise TookTooLong

    monkeypatch.setattr("search.views.proposals", slow)

    assert "Nothing found for" in client.get("/en/search/?q=zzzzqqqq").content.decode()


def test_the_empty_page_says_where_to_ask(shop, client: Client):
    ShopSettings.objects.update_or_create(defaults={"email": "hello@example.com"})
    renew_window()

    soup = page(client, "zzzzqqqq")
    renew_window()  # other tests must not see this shop

    assert soup.select_one('#main a[href="mailto:hello@example.com"]')
    assert offered(soup) == []


def test_the_second_look_is_not_counted(shop, client: Client, monkeypatch):
    noted: list[str] = []
    monkeypatch.setattr("search.views.querylog.note", lambda request, text, language, results: noted.append(text))

    page(client, "teepot")
    page(client, "teepot", "&exact=1")

    assert noted == ["teepot"]
    assert not QueryCount.objects.exists()
