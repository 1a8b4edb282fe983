"""What search engines and shared links are told equals what the page shows."""

import json
import re
from datetime import timedelta
from decimal import Decimal

import pytest
from bs4 import BeautifulSoup
from django.utils import timezone

from catalog.tests.factories import make_category, make_image, make_option, make_product

pytestmark = pytest.mark.django_db


def soup(client, url: str) -> BeautifulSoup:
    response = client.get(url)
    assert response.status_code == 200
    return BeautifulSoup(response.content, "html.parser")


def structured(page: BeautifulSoup) -> dict[str, dict]:
    """{type: object}"""
    script = page.find("script", type="application/ld+json")
    data = json.loads(script.string)
    assert data["@context"] == "https://schema.org"
    return {entry["@type"]: entry for entry in data["@graph"]}


def meta(page: BeautifulSoup, name: str) -> str | None:
    tag = page.find("meta", property=name) or page.find("meta", attrs={"name": name})
    return tag["content"] if tag else None


def test_a_product_s_offer_is_the_price_on_its_page(client):
    category = make_category("Green", parent=make_category("Tea"))
    product = make_product(
        "Sencha",
        category=category,
        vendor="Morning Mist",
        images=[make_image()],
        texts={"en": {"summary": "Steamed, from Shizuoka."}},
        variants=[{"price": Decimal("8.90"), "stock": 3}],
    )

    page = soup(client, "/en/product/sencha/")
    told = structured(page)["Product"]

    assert told["name"] == page.h1.text == "Sencha"
    assert told["description"] == "Steamed, from Shizuoka." in page.get_text()
    assert told["brand"]["name"] == "Morning Mist"
    assert told["sku"] == product.variants.get().sku
    offer = told["offers"]
    assert f"€{offer['price']}" in page.find(class_="price").get_text()
    assert offer["priceCurrency"] == "EUR"
    assert offer["availability"].endswith("LimitedAvailability")
    assert offer["url"] == page.find("link", rel="canonical")["href"]


def test_each_variant_has_its_offer_and_a_sale_says_when_it_ends(client):
    values = list(make_option("size").values.all())
    ends = timezone.now() + timedelta(days=3)
    make_product(
        "Sencha",
        images=[make_image()],
        variants=[
            {"sku": "S-50", "option_1": values[0], "price": Decimal("8.90"), "stock": 0, "image": make_image()},
            {
                "sku": "S-100",
                "option_1": values[1],
                "price": Decimal("16"),
                "sale_price": Decimal("12.50"),
                "sale_until": ends,
            },
        ],
    )

    group = structured(soup(client, "/en/product/sencha/"))["ProductGroup"]
    small, large = group["hasVariant"]

    assert (small["sku"], small["name"], small["offers"]["price"]) == ("S-50", "Sencha, 50g", "8.90")
    assert small["offers"]["availability"].endswith("OutOfStock")
    assert "priceValidUntil" not in small["offers"]
    assert large["offers"]["price"] == "12.50"
    assert large["offers"]["priceValidUntil"] == ends.isoformat()
    assert large["image"] == group["image"] != small["image"]


def details(page: BeautifulSoup) -> list[str]:
    """What the table of details says of GTINs, without a script."""
    return [code.get_text(" ", strip=True) for code in page.select("[data-gtin-of]:not([hidden])")]


def test_a_gtin_is_told_where_the_page_shows_it(client):
    make_product("Whisk", variants=[{"sku": "W-1", "gtin": "9521000000018"}])

    page = soup(client, "/en/product/whisk/")

    assert details(page) == [structured(page)["Product"]["gtin"]] == ["9521000000018"]


def test_each_variant_has_its_own_gtin_or_none(client):
    values = list(make_option("size", ["50g", "100g", "250g"]).values.all())
    rows = [("S-50", "9521000000025"), ("S-100", ""), ("S-250", "9521000000032")]
    make_product(
        "Sencha",
        variants=[
            {"sku": sku, "gtin": gtin, "option_1": value} for value, (sku, gtin) in zip(values, rows, strict=True)
        ],
    )

    page = soup(client, "/en/product/sencha/")
    told = structured(page)["ProductGroup"]["hasVariant"]

    assert [(variant["sku"], variant.get("gtin", "")) for variant in told] == rows
    assert details(page) == ["9521000000025 (50g)", "9521000000032 (250g)"]


def test_without_a_gtin_nothing_is_said_of_it(client):
    make_product("Sencha")

    page = soup(client, "/en/product/sencha/")

    assert "gtin" not in structured(page)["Product"]
    assert "GTIN" not in page.get_text()


def test_the_address_of_an_offer_has_its_variant_chosen(client):
    values = list(make_option("size", ["50g", "100g", "250g"]).values.all())
    rows = [("S-50", "8.90", 3), ("S 100/x", "16", 3), ("S-250", "30", 0)]
    product = make_product(
        "Sencha",
        variants=[
            {"sku": sku, "option_1": value, "price": Decimal(price), "stock": stock}
            for value, (sku, price, stock) in zip(values, rows, strict=True)
        ],
    )
    ids = {variant.sku: str(variant.pk) for variant in product.variants.all()}
    offers = structured(soup(client, "/en/product/sencha/"))["ProductGroup"]["hasVariant"]

    for told, chosen in zip(offers, ("S-50", "S 100/x", "S-50"), strict=True):
        page = soup(client, told["offers"]["url"].removeprefix("http://testserver"))
        assert page.find("input", checked=True)["value"] == ids[chosen]  # what is sold out cannot be
        assert page.find("link", rel="canonical")["href"] == "http://testserver/en/product/sencha/"


def test_what_only_search_engines_read_is_not_told_as_the_product_s_own(client):
    make_product("Sencha", texts={"en": {"search_description": "Buy it now"}})

    page = soup(client, "/en/product/sencha/")

    assert meta(page, "description") == "Buy it now"
    assert "description" not in structured(page)["Product"]


def test_the_trail_is_the_one_above_the_heading(client):
    make_product("Sencha", category=make_category("Green", parent=make_category("Tea")))

    page = soup(client, "/en/product/sencha/")
    shown = [(link.text.strip(), link["href"]) for link in page.select(".breadcrumbs a")]
    told = structured(page)["BreadcrumbList"]["itemListElement"]

    assert [(step["name"], step["item"].removeprefix("http://testserver")) for step in told] == shown
    assert [step["position"] for step in told] == [1, 2, 3]


def test_no_text_ends_the_script(client):
    name = '</script><script>alert("1")</script>&'
    make_product("Sencha", texts={"en": {"name": name, "slug": "sencha"}})

    html = client.get("/en/product/sencha/").content.decode()
    inside = re.search(r'<script type="application/ld\+json">(.*?)</script>', html, re.S).group(1)

    assert json.loads(inside)["@graph"][-1]["name"] == name
    assert "<script>alert" not in html


def test_a_shared_link_has_title_description_and_picture(client):
    make_product(
        "Sencha",
        images=[make_image(size=(1600, 1200))],
        texts={"en": {"body": [("paragraph", "<p>" + "Green &amp; <b>fresh</b>. " * 30 + "</p>")]}},
    )

    page = soup(client, "/en/product/sencha/")

    assert meta(page, "og:title") == "Sencha"
    assert page.title.text.startswith("Sencha · ")
    assert meta(page, "description") == meta(page, "og:description")
    assert meta(page, "description").startswith("Green & fresh. Green")
    assert len(meta(page, "description")) <= 160
    assert meta(page, "og:url") == "http://testserver/en/product/sencha/"
    assert meta(page, "og:locale") == "en"
    assert (meta(page, "og:image:width"), meta(page, "og:image:height")) == ("1200", "630")
    assert client.get(meta(page, "og:image").removeprefix("http://testserver")).status_code == 200


def test_a_shared_fallback_is_the_page_that_it_falls_back_to(client):
    make_product("Sencha", languages=["en"])

    page = soup(client, "/de/produkt/sencha/")

    assert meta(page, "og:url") == page.find("link", rel="canonical")["href"] == "http://testserver/en/product/sencha/"
    assert meta(page, "og:locale") == "en"


def test_words_written_for_search_engines_come_first(client):
    make_category(
        "Tea", texts={"en": {"seo_title": "Loose-leaf tea", "search_description": "All of it.", "intro": "Ours."}}
    )

    page = soup(client, "/en/shop/tea/")

    assert page.title.text.startswith("Loose-leaf tea · ")
    assert meta(page, "description") == "All of it."


def test_a_page_that_nobody_shall_find_tells_nothing(client):
    page = soup(client, "/en/cart/")

    assert meta(page, "robots") == "noindex"
    assert meta(page, "og:title") is None
    assert page.find("script", type="application/ld+json") is None
