"""Feeds of products: they parse, and hold only what is public in their language."""

from datetime import timedelta
from decimal import Decimal
from html import unescape
from xml.etree import ElementTree

import feedparser
import pytest
from bs4 import BeautifulSoup
from django.utils import timezone

from catalog.models import Product
from catalog.tests.factories import make_category, make_image, make_option, make_product

pytestmark = pytest.mark.django_db

G = "{http://base.google.com/ns/1.0}"


def published(name: str, days_ago: int = 0, **fields) -> Product:
    product = make_product(name, **fields)
    moment = timezone.now() - timedelta(days=days_ago)
    Product.objects.filter(pk=product.pk).update(first_published_at=moment, last_published_at=moment)
    return product


def parsed(client, url: str):
    response = client.get(url)
    assert response.status_code == 200
    feed = feedparser.parse(response.content, response_headers={"content-type": response["Content-Type"]})
    assert not feed.bozo, feed.get("bozo_exception")
    return feed


def merchants(client, url: str) -> list[dict[str, str]]:
    response = client.get(url)
    content = b"".join(response.streaming_content)
    assert not feedparser.parse(content).bozo
    root = ElementTree.fromstring(content)
    return [{node.tag.removeprefix(G): node.text for node in item} for item in root.iter("item")]


@pytest.mark.parametrize("kind", ["", "atom/"])
def test_the_newest_come_first(client, kind):
    published("Old", days_ago=9)
    published("New", images=[make_image()], texts={"en": {"summary": "Fresh & <green>"}})

    feed = parsed(client, f"/en/shop/feed/{kind}")

    assert [entry.title for entry in feed.entries] == ["New", "Old"]
    new = feed.entries[0]
    assert new.link == "http://testserver/en/product/new/"
    assert unescape(new.summary) == "Fresh & <green>"
    assert "<p>Fresh &amp; &lt;green&gt;</p>" in new.content[0].value
    assert "€8.90" in new.content[0].value
    assert new.media_content[0]["url"].startswith("http://testserver/media/")
    assert feed.feed.language == "en"


def test_only_what_is_public_and_written_in_the_language(client):
    published("Both")
    published("English only", languages=["en"])
    published("Draft", live=False)
    published("Scheduled", live=False, go_live_at=timezone.now() + timedelta(days=1))

    assert {entry.title for entry in parsed(client, "/en/shop/feed/").entries} == {"Both", "English only"}
    assert {entry.title for entry in parsed(client, "/de/laden/feed/").entries} == {"Both de"}
    assert {row["title"] for row in merchants(client, "/de/laden/feed/merchants/")} == {"Both de"}


def test_a_reader_who_has_it_gets_nothing_again(client):
    product = published("Sencha")
    first = client.get("/en/shop/feed/")

    again = client.get("/en/shop/feed/", headers={"if-none-match": first["ETag"]})
    assert again.status_code == 304

    product.unpublish()
    assert client.get("/en/shop/feed/", headers={"if-none-match": first["ETag"]}).status_code == 200


@pytest.mark.parametrize("kind", ["", "atom/"])
def test_an_entry_stays_the_same_at_a_new_address(client, kind):
    product = published("Sencha")
    before = parsed(client, f"/en/shop/feed/{kind}").entries[0]

    product.translations.filter(language_code="en").update(slug="morning", name="Morning")

    after = parsed(client, f"/en/shop/feed/{kind}").entries[0]
    assert after.link.endswith("/en/product/morning/")
    assert after.id == before.id
    assert after.id != parsed(client, f"/de/laden/feed/{kind}").entries[0].id


@pytest.mark.parametrize("kind", ["", "atom/"])
def test_a_feed_has_one_address_whatever_it_was_asked_with(client, kind):
    published("Sencha")

    feed = parsed(client, f"/en/shop/feed/{kind}?from=<&x").feed

    assert [link.href for link in feed.links if link.rel == "self"] == [f"http://testserver/en/shop/feed/{kind}"]


def test_characters_that_xml_does_not_know_spoil_no_feed(client):
    published("Sen\x01cha", vendor="Mi\x1fst", texts={"en": {"slug": "sencha", "summary": "Gr\x01een"}})

    for kind in ("", "atom/"):
        assert parsed(client, f"/en/shop/feed/{kind}").entries[0].title == "Sencha"
    row = merchants(client, "/en/shop/feed/merchants/")[0]
    assert (row["title"], row["brand"], row["description"]) == ("Sencha", "Mist", "Green")


def test_a_category_has_a_feed_of_all_below_it(client):
    tea = make_category("Tea")
    green = make_category("Green", parent=tea)
    published("Cup", category=make_category("Cups"))
    published("Assam", category=tea, days_ago=1)
    published("Sencha", category=green)
    page = BeautifulSoup(client.get("/en/shop/tea/").content, "html.parser")
    feeds = [link["href"] for link in page.find_all("link", rel="alternate", type=True)]

    assert feeds == ["/en/shop/tea/feed/", "/en/shop/tea/feed/atom/"]
    for address in feeds:
        assert [entry.title for entry in parsed(client, address).entries] == ["Sencha", "Assam"]
    assert [entry.title for entry in parsed(client, "/en/shop/tea/green/feed/").entries] == ["Sencha"]
    assert client.get("/en/shop/green/feed/atom/")["Location"] == "/en/shop/tea/green/feed/atom/"
    assert client.get("/en/shop/green/feed/")["Location"] == "/en/shop/tea/green/feed/"
    assert client.get("/en/shop/nothing/feed/").status_code == 404
    assert client.get("/en/shop/tea/feed/json/").status_code == 404


def test_other_kinds_are_not_there(client):
    assert client.get("/en/shop/feed/json/").status_code == 404


def test_merchants_read_each_variant(client):
    values = list(make_option("size").values.all())
    green = make_category("Green", parent=make_category("Tea"))
    start, end = timezone.now() - timedelta(days=1), timezone.now() + timedelta(days=1)
    make_product(
        "Sencha",
        category=green,
        vendor="Mist",
        images=[make_image()],
        variants=[
            {"sku": "S-50", "option_1": values[0], "price": Decimal("8.90"), "stock": 0, "weight_grams": 60},
            {
                "sku": "S-100",
                "option_1": values[1],
                "price": Decimal("16"),
                "sale_price": Decimal("12.50"),
                "sale_from": start,
                "sale_until": end,
            },
        ],
    )

    small, large = merchants(client, "/en/shop/feed/merchants/")

    assert small["id"] == "S-50"
    assert small["title"] == "Sencha, 50g"
    assert small["price"] == "8.90 EUR"
    assert "sale_price" not in small
    assert small["availability"] == "out_of_stock"
    assert small["brand"] == "Mist"
    assert small["product_type"] == "Tea > Green"
    assert small["shipping_weight"] == "60 g"
    assert small["link"] == "http://testserver/en/product/sencha/?variant=S-50"
    assert small["image_link"].startswith("http://testserver/media/")
    assert small["item_group_id"] == large["item_group_id"]
    assert (large["price"], large["sale_price"], large["availability"]) == ("16.00 EUR", "12.50 EUR", "in_stock")
    assert large["sale_price_effective_date"].count("/") == 1


def test_merchants_are_told_whether_there_is_a_gtin(client):
    make_product("Whisk", variants=[{"sku": "W-1", "gtin": "9521000000018"}, {"sku": "W-2"}])

    known, unknown = merchants(client, "/en/shop/feed/merchants/")

    assert (known["gtin"], "identifier_exists" in known) == ("9521000000018", False)
    assert (unknown["identifier_exists"], "gtin" in unknown) == ("no", False)


def test_merchants_read_as_much_as_they_take(client):
    words = "leaf " * 50
    make_product("Sencha", texts={"en": {"name": words[:200], "slug": "sencha", "summary": words}})

    row = merchants(client, "/en/shop/feed/merchants/")[0]

    assert row["description"] == words.strip()
    assert len(row["title"]) == 150


def test_merchants_cost_the_same_for_one_product_and_for_many(client, django_assert_max_num_queries):
    for number in range(8):
        make_product(f"Tea {number}", images=[make_image()])
    merchants(client, "/en/shop/feed/merchants/")  # pictures are made

    with django_assert_max_num_queries(11):
        merchants(client, "/en/shop/feed/merchants/")


def test_who_asks_for_all_products_again_and_again_has_to_wait(client):
    answers = [client.get("/de/laden/feed/merchants/") for _ in range(11)]

    assert [answer.status_code for answer in answers] == [200] * 10 + [429]
    assert "public" in answers[0]["Cache-Control"]
    assert "public" not in answers[-1].get("Cache-Control", "")
    assert "Bitte" in answers[-1].content.decode()
    assert answers[-1]["Retry-After"] == "900"
    assert client.get("/de/laden/feed/merchants/", REMOTE_ADDR="192.0.2.7").status_code == 200


def test_the_shop_names_its_feeds(client):
    page = BeautifulSoup(client.get("/en/shop/").content, "html.parser")
    feeds = {link["href"]: link["type"] for link in page.find_all("link", rel="alternate", type=True)}

    assert feeds == {"/en/shop/feed/": "application/rss+xml", "/en/shop/feed/atom/": "application/atom+xml"}


def test_no_category_takes_the_feed_s_place():
    category = make_category("Tea")
    text = category.translations.first()
    text.slug = "feed"

    with pytest.raises(Exception, match="taken by the shop itself"):
        text.clean()
