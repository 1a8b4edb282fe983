"""Results are narrowed and sorted as lists of products are."""

from __future__ import annotations

from decimal import Decimal
from io import StringIO

import pytest
from bs4 import BeautifulSoup
from django.core.management import call_command

from catalog.tests.factories import make_category, make_product

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shop():
    tea = make_category("Tea")
    make_product("Sencha Morning", category=tea, tags=["smoky"], variants=[{"sku": "A1", "price": Decimal("9")}])
    make_product("Sencha Evening", category=tea, variants=[{"sku": "A2", "price": Decimal("30"), "stock": 0}])
    make_product("Sencha Cup", category=make_category("Cups"), variants=[{"sku": "A3", "price": Decimal("15")}])
    make_product("Gyokuro", category=tea, variants=[{"sku": "A4", "price": Decimal("20")}])
    call_command("rebuild_search", stdout=StringIO())


def page(client, query: str) -> BeautifulSoup:
    response = client.get(f"/en/search/?q=sencha{query}")
    assert response.status_code == 200
    return BeautifulSoup(response.content, "html.parser")


def names(soup: BeautifulSoup) -> list[str]:
    return [card.get_text(strip=True) for card in soup.select("#listing-results .product-card__name")]


def test_facets_count_what_was_found(client):
    soup = page(client, "")

    assert set(names(soup)) == {"Sencha Morning", "Sencha Evening", "Sencha Cup"}
    categories = soup.select('#facets-groups input[name="category"]')
    assert {box["value"] for box in categories} == {"tea", "cups"}
    assert "Gyokuro" not in soup.select_one("#main").get_text()
    assert soup.select_one("#listing-status").get_text(strip=True) == "3"


def test_a_facet_narrows_and_is_taken_away_again(client):
    soup = page(client, "&category=tea&stock=yes")

    assert names(soup) == ["Sencha Morning"]
    chips = {chip["href"] for chip in soup.select(".listing-chips a")}
    assert "/en/search/?q=sencha&category=tea" in chips
    assert "/en/search/?q=sencha" in chips
    assert soup.select_one('#facets input[name="q"]')["value"] == "sencha"


def test_other_orders_than_the_best_match(client):
    assert names(page(client, "&sort=price")) == ["Sencha Morning", "Sencha Cup", "Sencha Evening"]
    assert names(page(client, "&sort=-price&category=tea")) == ["Sencha Evening", "Sencha Morning"]
    assert page(client, "").select_one("#facets-sort option").get_text(strip=True) == "Best match"


def test_where_nothing_is_left_it_says_what_to_drop(client):
    soup = page(client, "&tag=smoky&category=cups")

    assert names(soup) == []
    assert "Nothing fits all of these filters" in soup.get_text()


@pytest.mark.parametrize("query", ["&category=%00", "&price=9999999999-", "&sort=x&page=99999", "&tag=" + "a" * 5000])
def test_odd_wishes_are_no_errors(client, query):
    assert client.get(f"/en/search/?q=sencha{query}").status_code in (200, 400)


def test_links_repeat_no_more_of_a_query_than_is_used(client):
    long = "sencha" + "." * 5000

    text = client.get("/en/search/", {"q": long, "sale": "yes"}).content.decode()

    assert "sencha" + "." * 90 in text
    assert "." * 100 not in text.replace(f"q={long}", "")  # the language switch keeps the address as it was
