"""What is not public shows nowhere: not in lists, search, suggestions, feeds, sitemaps or structured data."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone
from wagtail.models import PageViewRestriction

from blog.models import BlogPostPage
from blog.tests.factories import make_post
from catalog.models import Product
from catalog.tests.factories import make_category, make_product
from core.models import ContentPage, HomePage

pytestmark = pytest.mark.django_db

PUBLIC = "Sencha"
WORD = "Zanzibar"  # in the name of everything that is not public
LATER = timedelta(days=1)

PAGES = [
    "/en/",
    "/en/shop/",
    "/en/shop/tea/",
    "/en/shop/?q=zanzibar&tag=zanzibar",
    "/en/product/sencha/",
    "/en/blog/",
    "/en/blog/shown/",
    "/en/blog/tag/zanzibar/",
    f"/en/search/?q={WORD}",
    "/en/search/?q=Zanzibra",  # a slip
    "/en/search/?q=zanz",
    "/de/suche/?q=Zanzibar",
    "/en/search/suggest/?q=zan",
    "/en/search/suggest/?q=Zanzibar",
    "/en/shop/feed/",
    "/en/shop/feed/atom/",
    "/en/shop/feed/merchants/",
    "/en/blog/feed/",
    "/en/blog/tag/zanzibar/feed/",
    "/sitemap.xml",
    *(
        f"/sitemap-{kind}-{language}-1.xml"
        for kind in ("products", "categories", "posts", "pages", "lists")
        for language in ("en", "de")
    ),
    "/en/cart/beside/?popular=1",
    "/en/shop/tea/feed/",
]


POSTS = ("post", "once", "private", "tomorrow")


def was_public(product: Product) -> Product:
    product.save_revision().publish()
    return Product.objects.get(pk=product.pk)


@pytest.fixture
def shop():
    """A public product and post; beside them every state that is not, and a search table from when all were live."""
    tea = make_category("Tea")
    was_public(make_product(PUBLIC, category=tea, tags=["green"]))
    make_category(f"{WORD} category", parent=tea, live=False)
    hidden = {"category": tea, "tags": ["zanzibar"], "featured": True}
    make_product(f"{WORD} draft", live=False, **hidden)
    make_product(f"{WORD} scheduled", live=False, go_live_at=timezone.now() + LATER, **hidden)
    unpublished, expired = (
        was_public(make_product(f"{WORD} {state}", **hidden)) for state in ("unpublished", "expired")
    )
    make_post("Shown")
    make_post(f"{WORD} post", tags=["zanzibar"], live=False)
    once = make_post(f"{WORD} once", tags=["zanzibar"])
    private = make_post(f"{WORD} private", tags=["zanzibar"])
    make_post(f"{WORD} tomorrow", tags=["zanzibar"], date=timezone.localdate() + LATER)
    home = HomePage.objects.get(locale__language_code="en")
    page = home.add_child(instance=ContentPage(title=f"{WORD} page", slug="zanzibar-page", show_in_menus=True))

    call_command("rebuild_search", stdout=StringIO())

    unpublished.unpublish()
    Product.objects.filter(pk=expired.pk).update(expire_at=timezone.now() - LATER)
    call_command("publish_due")
    BlogPostPage.objects.get(pk=once.pk).unpublish()
    for closed in (private, page):
        PageViewRestriction.objects.create(page=closed, restriction_type=PageViewRestriction.LOGIN)
    return tea


def read(client, url: str) -> str:
    response = client.get(url)
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return content.decode().lower()


def test_it_works(client, shop):
    states = ("draft", "scheduled", "unpublished", "expired", "category", *POSTS, "page")
    names = [f"{WORD}{between}{state}".lower() for state in states for between in (" ", "-")]
    pages = {url: read(client, url) for url in PAGES}

    assert not [(url, name) for url, text in pages.items() for name in names if name in text]
    for url in ("/en/shop/", "/en/shop/feed/", "/en/shop/feed/merchants/", "/sitemap-products-en-1.xml"):
        assert PUBLIC.lower() in pages[url]
    assert not [url for url, text in pages.items() if "zan" not in url.lower() and "zanzibar" in text]  # tags, counts
    assert PUBLIC.lower() in read(client, "/en/search/?q=sencha")
    assert PUBLIC.lower() in pages["/en/cart/beside/?popular=1"]
    for state in ("draft", "scheduled"):
        assert client.get(f"/en/product/zanzibar-{state}/").status_code == 404


def test_what_a_visitor_has_seen_is_shown_while_it_is_public(client, shop):
    session = client.session
    session["recent"] = list(Product.objects.values_list("pk", flat=True))
    session.save()

    beside = read(client, "/en/cart/beside/")

    assert "recently viewed" in beside
    assert PUBLIC.lower() in beside
    assert "zanzibar" not in beside
