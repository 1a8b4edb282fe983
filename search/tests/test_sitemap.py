"""The sitemaps list what a visitor can reach by links, in each language, and nothing else."""

from datetime import timedelta
from pathlib import Path
from urllib.parse import urljoin, urlsplit
from xml.etree import ElementTree

import pytest
import xmlschema
from bs4 import BeautifulSoup
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from wagtail.models import Locale, Page, PageViewRestriction

from blog.models import BlogPostPage
from blog.tests.factories import make_issue, make_post
from catalog.models import Product
from catalog.tests.factories import make_category, make_product
from core.models import ContentPage, HomePage
from search import sitemap

pytestmark = pytest.mark.django_db

SPACE = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}
HOST = "http://testserver"


def read(client, url: str) -> ElementTree.Element:
    response = client.get(url)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/xml"
    content = b"".join(response.streaming_content) if response.streaming else response.content
    SCHEMA.validate(content.decode())
    return ElementTree.fromstring(content)


SCHEMA = xmlschema.XMLSchema(Path(__file__).parent / "schema" / "sitemap.xsd")


def files(client) -> list[str]:
    return [node.text for node in read(client, "/sitemap.xml").findall("s:sitemap/s:loc", SPACE)]


def listed(client) -> list[str]:
    return [
        node.text
        for file in files(client)
        for node in read(client, file.removeprefix(HOST)).findall("s:url/s:loc", SPACE)
    ]


def crawled(client) -> set[str]:
    """Every page that links lead to, that may be found and is not another one's copy. Queries are left out.

    The pages below the home pages, in whatever state, stand for the editors' menus.
    """
    found, seen = set(), set()
    todo = [f"{HOST}{page.url}" for page in Page.objects.filter(depth__in=(2, 3))]
    while todo:
        url = todo.pop()
        if url in seen:
            continue
        seen.add(url)
        response = client.get(urlsplit(url).path)
        if response.status_code != 200 or not response["Content-Type"].startswith("text/html"):
            continue
        page = BeautifulSoup(response.content, "html.parser")
        links = [urljoin(url, link["href"]) for link in page.select("a[href]")]
        todo += [link for link in links if link.startswith(HOST) and not urlsplit(link).query and "#" not in link]
        canonical = page.find("link", rel="canonical")
        if canonical and canonical["href"] == url and not page.find("meta", attrs={"name": "robots"}):
            found.add(url)
    return found


@pytest.fixture
def shop():
    """Something public of every kind in two languages, and one in each state that is not."""
    tea = make_category("Tea")
    green = make_category("Green", parent=tea, languages=["en"])
    make_category("Hidden", live=False)
    make_product("Sencha", category=green)
    make_product("Käse & Brot", category=tea, texts={"de": {"slug": "käse-brot"}})
    make_product("English only", category=tea, languages=["en"])
    make_product("Draft", category=tea, live=False)
    make_product("Scheduled", category=tea, live=False, go_live_at=timezone.now() + timedelta(days=1))
    make_product("Expired", category=tea, live=False, expired=True)
    post = make_post("Seventy degrees", tags=["brewing"])
    make_post("Siebzig Grad", "de", like=post, tags=["brewing"])
    make_post("Unpublished post", live=False)
    home = HomePage.objects.get(locale__language_code="en")
    private = home.add_child(instance=ContentPage(title="Private", slug="private"))
    PageViewRestriction.objects.create(page=private, restriction_type=PageViewRestriction.LOGIN)
    home.add_child(instance=ContentPage(title="Public", slug="public"))
    make_issue("en")


def test_every_public_address_is_listed_once_and_nothing_else(client, shop):
    in_sitemap = listed(client)

    assert len(in_sitemap) == len(set(in_sitemap))
    by_links = crawled(client)
    assert len(by_links) > 20
    assert set(in_sitemap) == by_links


def test_nothing_that_is_not_public_is_listed(client, shop):
    text = " ".join(listed(client))

    assert "sencha" in text
    for hidden in ("draft", "scheduled", "expired", "hidden", "unpublished", "private"):
        assert hidden not in text


def test_an_entry_names_the_languages_it_is_written_in(client, shop):
    root = read(client, "/sitemap-products-de-1.xml")
    entries = {node.find("s:loc", SPACE).text: node for node in root}

    product = Product.objects.get(translations__slug="käse-brot", translations__language_code="de")
    with override("de"):
        address = HOST + product.get_absolute_url()
    links = {link.get("hreflang"): link.get("href") for link in entries[address].findall("x:link", SPACE)}
    head = BeautifulSoup(client.get(urlsplit(address).path).content, "html.parser")
    assert links == {link["hreflang"]: link["href"] for link in head.find_all("link", rel="alternate", hreflang=True)}
    assert not any("english" in url for url in entries)


def test_a_language_that_the_shop_has_no_more_is_no_alternate(client):
    make_category("Tea", languages=["en", "de", "fr"])
    page = HomePage.objects.get(locale__language_code="en")
    french = Locale.objects.create(language_code="fr")
    make_product("Sencha", languages=["en", "de", "fr"])
    copy = page.copy_for_translation(french)
    HomePage.objects.filter(pk=copy.pk).update(live=True)

    for kind in ("categories", "products", "pages"):
        codes = {
            link.get("hreflang") for link in read(client, f"/sitemap-{kind}-en-1.xml").iter(f"{{{SPACE['x']}}}link")
        }
        assert codes == {"en", "de", "x-default"} | ({"ar"} if kind == "pages" else set())


def test_a_change_moves_lastmod(client, shop):
    moment = timezone.now().replace(microsecond=0)
    Product.objects.filter(translations__slug="sencha").update(last_published_at=moment)

    root = read(client, "/sitemap-products-en-1.xml")
    changed = {node.find("s:loc", SPACE).text: node.findtext("s:lastmod", None, SPACE) for node in root}

    assert changed[f"{HOST}/en/product/sencha/"] == moment.isoformat()
    index = {node.findtext("s:loc", None, SPACE): node for node in read(client, "/sitemap.xml")}
    assert index[f"{HOST}/sitemap-products-en-1.xml"].findtext("s:lastmod", None, SPACE) == moment.isoformat()


def test_files_are_split_without_loss(client, shop, monkeypatch):
    whole = listed(client)
    monkeypatch.setattr(sitemap, "MOST", 2)
    monkeypatch.setattr(sitemap, "CHUNK", 1)

    assert f"{HOST}/sitemap-products-en-2.xml" in files(client)
    assert sorted(set(listed(client))) == sorted(whole)


@pytest.mark.parametrize("name", ["products-xx-1", "nothing-en-1", "products-en-0", "products-en-999999999"])
def test_other_names_are_no_files(client, name):
    assert client.get(f"/sitemap-{name}.xml").status_code == 404


def test_products_cost_the_same_number_of_queries(client, django_assert_num_queries):
    for number in range(6):
        make_product(f"Tea {number}")

    with django_assert_num_queries(3):
        read(client, "/sitemap-products-en-1.xml")


def test_robots_names_the_sitemap_and_keeps_out_of_the_admin(client):
    text = client.get("/robots.txt").content.decode()

    assert f"Sitemap: {HOST}{reverse('sitemap_index')}" in text
    assert "Disallow: /admin/" in text


def test_posts_are_a_file_of_their_own(client, shop):
    urls = [node.text for node in read(client, "/sitemap-posts-en-1.xml").findall("s:url/s:loc", SPACE)]

    assert urls == [HOST + post.url for post in BlogPostPage.objects.live().filter(locale__language_code="en")]
