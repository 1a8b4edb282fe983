"""Posts and their lists: order, tags, pages, languages, what is related, and a constant number of queries."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from wagtail.models import Locale

from blog.models import Author, BlogIndexPage, BlogPostPage, PostAuthor, Topic
from catalog.tests.factories import make_image, make_product
from core.models import HomePage

pytestmark = pytest.mark.django_db


@pytest.fixture
def blog() -> BlogIndexPage:
    home = HomePage.objects.get(locale__language_code="en")
    return home.add_child(instance=BlogIndexPage(title="Journal", slug="journal", locale=home.locale))


def in_german(page, parent, **texts):
    """The German version of a page, live at once."""
    german = page.copy_for_translation(Locale.objects.get(language_code="de"))
    for name, text in texts.items():
        setattr(german, name, text)
    german.live = True
    german.save()
    assert german.get_parent().pk == parent.pk
    return german


@pytest.fixture
def german_blog(blog) -> BlogIndexPage:
    home = HomePage.objects.get(locale__language_code="de")
    return in_german(blog, home, title="Tagebuch", slug="tagebuch")


def make_post(blog, title, *tags, **fields):
    post = BlogPostPage(title=title, slug=title.lower().replace(" ", "-"), locale=blog.locale, **fields)
    post.tags.add(*tags)
    blog.add_child(instance=post)
    post.save_revision().publish()
    return post


def titles(response):
    return [post.title for post in response.context["page_obj"].object_list]


def test_it_works(blog, client):
    image = make_image()
    tea = make_product("Sencha", variants=[{"price": "8.90"}])
    body = [("heading", "Water first"), ("product", {"product": tea, "note": "", "when_gone": "hide"})]
    post = make_post(blog, "Seventy degrees", "Brewing", cover=image, cover_alt="A kettle", body=body)
    post.post_authors.add(PostAuthor(author=Author.objects.create(name={"en": "Nadia", "de": "Nadja"})))
    post.save_revision().publish()

    html = client.get(post.url).content.decode()

    assert "<h1>Seventy degrees</h1>" in html
    assert "Nadia" in html and 'alt="A kettle"' in html
    assert "€8.90" in html and 'action="/en/cart/add/"' in html
    assert f'href="{blog.url}tag/brewing/"' in html


def test_the_newest_comes_first_and_drafts_do_not(blog, client):
    make_post(blog, "Old", date=date(2026, 1, 2))
    make_post(blog, "New", date=date(2026, 3, 4))
    blog.add_child(instance=BlogPostPage(title="Draft", slug="draft", live=False))

    assert titles(client.get(blog.url)) == ["New", "Old"]


def test_a_tag_lists_its_posts_and_an_unused_one_is_not_found(blog, client):
    make_post(blog, "Kettle", "Brewing")
    make_post(blog, "Kiln", "Workshop")
    Topic.objects.create(name="Unused", slug="unused")

    assert titles(client.get(f"{blog.url}tag/brewing/")) == ["Kettle"]
    assert client.get(f"{blog.url}tag/unused/").status_code == 404


def test_a_tag_is_named_in_the_readers_language(blog, german_blog, client):
    post = make_post(blog, "Kettle", "brewing")
    in_german(post, german_blog, title="Kessel", slug="kessel").save_revision().publish()
    Topic.objects.update(label={"en": "Brewing", "de": "Aufgießen"})

    with translation.override("de"):
        html = client.get(german_blog.url).content.decode()

    assert "Aufgießen" in html and 'href="/de/tagebuch/schlagwort/brewing/"' in html
    assert 'hreflang="de" href="http://testserver/de/tagebuch/schlagwort/brewing/"' in " ".join(
        client.get(f"{blog.url}tag/brewing/").content.decode().split()
    )


def test_other_languages_need_not_have_as_many_pages(blog, german_blog, client, monkeypatch):
    monkeypatch.setattr("blog.models.post.PER_PAGE", 1)
    for title in ("One", "Two"):
        make_post(blog, title)

    assert client.get(blog.url).content.decode().count(' rel="alternate" hreflang=') == 3  # x-default, too
    second = client.get(f"{blog.url}?page=2").content.decode()
    assert ' rel="alternate" hreflang=' not in second
    assert f'<link rel="canonical" href="{blog.full_url}?page=2">' in second


@pytest.mark.parametrize(("asked", "shown"), [("2", 2), ("99", 2), ("x", 1)])
def test_pages_of_the_list(blog, client, monkeypatch, asked, shown):
    monkeypatch.setattr("blog.models.post.PER_PAGE", 2)
    for number in range(3):
        make_post(blog, f"Post {number}")

    assert client.get(blog.url, {"page": asked}).context["page_obj"].number == shown


def test_related_posts_share_the_most_tags(blog, client):
    post = make_post(blog, "Kettle", "brewing", "green")
    make_post(blog, "One in common", "green", date=date(2026, 5, 5))
    make_post(blog, "Two in common", "brewing", "green", date=date(2026, 1, 1))
    make_post(blog, "Nothing in common", "kiln")

    related = client.get(post.url).context["related"]

    assert [other.title for other in related] == ["Two in common", "One in common"]


def test_an_author_who_is_a_draft_is_not_named(blog, client):
    post = make_post(blog, "Kettle")
    post.post_authors.add(PostAuthor(author=Author.objects.create(name={"en": "Hidden Hand"}, live=False)))
    post.save_revision().publish()

    assert "Hidden Hand" not in client.get(post.url).content.decode()


def test_authors_are_listed_as_their_language_does(blog, client):
    home = HomePage.objects.get(locale__language_code="ar")
    arabic = home.add_child(instance=BlogIndexPage(title="اليوميات", slug="journal", locale=home.locale))
    for index, listed in ((blog, "Mina</bdi>, <bdi>Jonas"), (arabic, "Mina</bdi>، <bdi>Jonas")):
        post = make_post(index, "Kettle")
        for order, name in enumerate(("Mina", "Jonas")):
            author = Author.objects.create(name={"en": name})
            post.post_authors.add(PostAuthor(author=author, sort_order=order))
        post.save_revision().publish()

        assert listed in client.get(post.url).content.decode()


def test_a_post_without_translation_leads_to_the_blog_of_that_language(blog, german_blog, client):
    post = make_post(blog, "Kettle")

    german = next(entry for entry in client.get(post.url).context["alternates"] if entry.code == "de")

    assert (german.url, german.exists) == ("/de/tagebuch/", False)


def test_an_empty_blog_shows_the_way_on(blog, client):
    assert "Nothing written yet" in client.get(blog.url).content.decode()


def test_a_list_costs_the_same_for_many(blog, client):
    def queries(number):
        for turn in range(number):
            post = make_post(blog, f"Post {number} {turn}", f"tag {turn}", cover=make_image())
            post.post_authors.add(PostAuthor(author=Author.objects.create(name={"en": f"A{number}{turn}"})))
            post.save_revision().publish()
        client.get(blog.url)
        with CaptureQueriesContext(connection) as captured:
            client.get(blog.url)
        return len(captured)

    assert queries(2) == queries(8)
