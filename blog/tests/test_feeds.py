"""The blog's feeds: whole posts, valid, and nothing that is not public."""

from datetime import timedelta
from html import unescape

import feedparser
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import PageViewRestriction

from blog.models import Author, PostAuthor
from blog.tests.factories import make_post
from catalog.tests.factories import make_image, make_product

pytestmark = pytest.mark.django_db


def parsed(client, url: str):
    response = client.get(url)
    assert response.status_code == 200
    feed = feedparser.parse(response.content, response_headers={"content-type": response["Content-Type"]})
    assert not feed.bozo, feed.get("bozo_exception")
    return feed


@pytest.mark.parametrize("kind", ["", "atom/"])
def test_a_post_is_there_as_a_whole(client, kind):
    tea = make_product("Sencha", images=[make_image()])
    body = [
        ("heading", "Water first"),
        ("paragraph", '<p>Not <b>boiling</b>. <a href="/en/shop/">Shop</a></p>'),
        ("product", {"product": tea, "note": "", "when_gone": "hide"}),
        ("newsletter", {"heading": "Mail", "text": ""}),
    ]
    post = make_post(
        "Seventy degrees", tags=["brewing"], summary="Why & how", body=body, cover=make_image(), cover_alt="A kettle"
    )
    author = Author.objects.create(name={"en": "Nadia"})
    PostAuthor.objects.create(page=post, author=author)

    entry = parsed(client, f"{post.get_parent().url}feed/{kind}").entries[0]

    assert entry.title == "Seventy degrees"
    assert entry.link == post.full_url
    assert unescape(entry.summary) == "Why & how"
    assert entry.author == "Nadia"
    assert [tag.term for tag in entry.tags] == ["brewing"]
    content = entry.content[0].value
    assert "<h2>Water first</h2>" in content
    assert 'href="http://testserver/en/shop/"' in content
    assert "Sencha" in content
    assert "<form" not in content
    assert entry.media_content[0]["url"].startswith("http://testserver/media/")


def test_only_public_posts(client):
    shown = make_post("Shown")
    make_post("Draft", live=False)
    make_post("Scheduled", live=False, go_live_at=timezone.now() + timedelta(days=1))
    private = make_post("Private")
    PageViewRestriction.objects.create(page=private, restriction_type=PageViewRestriction.LOGIN)

    assert [entry.title for entry in parsed(client, f"{shown.get_parent().url}feed/").entries] == ["Shown"]


def test_products_of_all_posts_are_loaded_together(client):
    def post(number: int) -> None:
        block = {"product": make_product(f"Tea {number}"), "note": "", "when_gone": "hide"}
        make_post(f"Post {number}", body=[("product", block), ("product", block)])

    post(1)
    client.get("/en/blog/feed/")
    with CaptureQueriesContext(connection) as before:
        client.get("/en/blog/feed/")
    for number in range(2, 6):
        post(number)
    with CaptureQueriesContext(connection) as after:
        entries = parsed(client, "/en/blog/feed/").entries

    assert [f"Tea {5 - at}" in entry.content[0].value for at, entry in enumerate(entries)] == [True] * 5
    assert len(after) == len(before) + 4  # Wagtail reads which products a post names, post by post


def test_a_tag_has_a_feed_of_its_own(client):
    post = make_post("Brewing well", tags=["brewing"])
    make_post("Clay", tags=["kiln"])
    blog = post.get_parent().url

    feed = parsed(client, f"{blog}tag/brewing/feed/")
    assert [entry.title for entry in feed.entries] == ["Brewing well"]
    assert feed.feed.title.startswith("brewing")
    assert parsed(client, f"{blog}tag/brewing/feed/atom/").entries
    assert client.get(f"{blog}tag/unknown/feed/").status_code == 404
    assert client.get(f"{blog}feed/json/").status_code == 404


def test_pages_name_their_feeds(client):
    post = make_post("Brewing well", tags=["brewing"])
    blog = post.get_parent().url

    assert f'href="{blog}feed/"' in client.get(blog).content.decode()
    assert f'href="{blog}tag/brewing/feed/atom/"' in client.get(f"{blog}tag/brewing/").content.decode()


def test_posts_cost_the_same_number_of_queries(client, django_assert_max_num_queries):
    for number in range(6):
        make_post(f"Post {number}", tags=["brewing"], cover=make_image())
    url = f"{make_post('Last').get_parent().url}feed/"
    client.get(url)

    with django_assert_max_num_queries(16):
        client.get(url)


def test_characters_that_xml_does_not_know_spoil_no_feed(client):
    post = make_post("Steep\x0bing", summary="Why\x0c not", tags=["brew\x0bing"])

    for kind in ("", "atom/"):
        assert parsed(client, f"{post.get_parent().url}feed/{kind}").entries[0].title == "Steeping"
