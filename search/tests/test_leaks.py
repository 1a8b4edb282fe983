"""What is not public is found by nobody, even while the table still says that it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from wagtail.models import Page, PageViewRestriction

from blog.models import BlogPostPage
from blog.tests.factories import make_post
from catalog.models import Category, Product
from catalog.tests.factories import make_category, make_product
from search import index
from search.models import Entry, Kind
from search.query import search

pytestmark = pytest.mark.django_db

TOMORROW = timedelta(days=1)


def draft_of_a_product() -> None:
    Product.objects.update(live=False)


def scheduled_product() -> None:
    product = Product.objects.get()
    product.unpublish()
    product.go_live_at = timezone.now() + TOMORROW
    product.save_revision().publish()
    assert not Product.objects.get().live


def expired_product() -> None:
    Product.objects.update(live=False, expired=True, expire_at=timezone.now() - TOMORROW)


def unpublished_category() -> None:
    Category.objects.update(live=False)


def draft_of_a_post() -> None:
    BlogPostPage.objects.update(live=False)


def post_of_tomorrow() -> None:
    BlogPostPage.objects.update(date=timezone.localdate() + TOMORROW)


def private_blog() -> None:
    PageViewRestriction.objects.create(page=Page.objects.get(slug="blog"), restriction_type="login")


def private_post() -> None:
    PageViewRestriction.objects.create(page=Page.objects.get(slug="zebrawood"), restriction_type="login")


HIDDEN: list[tuple[Kind, Callable[[], None]]] = [
    (Kind.PRODUCT, draft_of_a_product),
    (Kind.PRODUCT, scheduled_product),
    (Kind.PRODUCT, expired_product),
    (Kind.CATEGORY, unpublished_category),
    (Kind.POST, draft_of_a_post),
    (Kind.POST, post_of_tomorrow),
    (Kind.POST, private_blog),
    (Kind.POST, private_post),
]


@pytest.mark.parametrize(("kind", "hide"), HIDDEN, ids=lambda value: getattr(value, "__name__", value))
def test_nothing_hidden_is_found(client: Client, kind: Kind, hide: Callable[[], None]):
    if kind == Kind.PRODUCT:
        make_product("Zebrawood", variants=[{"sku": "ZEB-77"}])
    elif kind == Kind.CATEGORY:
        make_category("Zebrawood")
    else:
        make_post("Zebrawood")
    call_command("rebuild_search", stdout=StringIO())
    assert search("zebrawood", "en").totals[kind] == 1

    hide()

    assert Entry.objects.filter(kind=kind).exists()  # the table is late
    assert_unfound(client)
    index.repair()
    index.catch_up()
    assert not Entry.objects.filter(kind=kind).exclude(title="Blog").exists()
    assert_unfound(client)


def test_a_private_translation_is_not_shown_in_the_place_of_what_was_found(client: Client):
    found = make_post("Zebrawood", "de")
    own = make_post("Secret", like=found)
    call_command("rebuild_search", stdout=StringIO())
    assert "Secret" in client.get("/en/search/", {"q": "zebrawood"}).content.decode()

    PageViewRestriction.objects.create(page=own, restriction_type="login")

    text = client.get("/en/search/", {"q": "zebrawood"}).content.decode()
    assert "Zebrawood" in text
    assert "secret" not in text.lower()


def assert_unfound(client: Client) -> None:
    for typed in ("zebrawood", "zebrawod", "zebra"):
        found = search(typed, "en")
        assert (found.total, found.corrected) == (0, "")
        assert not Product.objects.shown().filter(pk__in=found.product_ids()).exists()
        for path in ("search/", "search/suggest/"):
            assert "Zebrawood" not in client.get(f"/en/{path}", {"q": typed}).content.decode()
    assert client.get("/en/search/", {"q": "ZEB-77"}).status_code == 200  # not led to the product
