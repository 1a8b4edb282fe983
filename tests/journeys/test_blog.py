"""A post with a product to buy in it: written in the admin, reviewed, read, and bought from, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group, User
from playwright.sync_api import Page, expect
from wagtail.models import Site
from wagtail.users.models import UserProfile

from blog.models import BlogIndexPage, BlogPostPage
from catalog.tests.factories import make_image, make_product

pytestmark = pytest.mark.journey

LogIn = Callable[[Page, User], None]


def person(name: str, group: str) -> User:
    user = User.objects.create_user(name, f"{name}@example.com", "secret-for-tests")
    user.groups.add(Group.objects.get(name=group))
    UserProfile.objects.create(user=user, preferred_language="en")
    return user


def choose_sencha(page: Page) -> None:
    page.get_by_role("button", name="Choose product", exact=True).first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Search term").fill("ench")
    row = dialog.get_by_role("row", name=re.compile("Sencha"))
    expect(dialog.get_by_role("row", name=re.compile("Bowl"))).to_have_count(0)
    expect(row).to_contain_text("€8.90")
    expect(row.locator("img")).to_be_visible()
    row.get_by_role("link", name="Sencha").click()
    expect(dialog).to_be_hidden()


def test_a_post_with_a_product_goes_through_review_and_sells(page: Page, server: str, log_in: LogIn) -> None:
    product = make_product("Sencha", variants=[{"price": "8.90", "stock": 3}], images=[make_image("Leaves")])
    make_product("Bowl")
    home = Site.objects.get(is_default_site=True).root_page
    blog = home.add_child(instance=BlogIndexPage(title="Journal", slug="journal", locale=home.locale))

    log_in(page, person("elif", "Editors"))
    page.goto(f"{server}/admin/pages/add/blog/blogpostpage/{blog.pk}/")
    page.wait_for_timeout(2500)
    page.get_by_role("textbox", name="Title").first.fill("Seventy degrees")
    page.get_by_role("button", name="Insert a block").first.click()
    page.get_by_role("option", name="Product", exact=True).click()
    choose_sencha(page)
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("button", name=re.compile("^Submit")).click()
    page.get_by_label("Note to the reviewers").fill("Please look at the name.")
    page.get_by_role("dialog").get_by_role("button", name="Submit", exact=True).click()
    expect(page.locator(".messages")).to_contain_text("submitted")
    post = BlogPostPage.objects.get()
    assert not post.live

    log_in(page, person("mona", "Moderators"))
    page.goto(f"{server}/admin/")
    waiting = page.locator("section", has=page.get_by_role("heading", name="Waiting for me"))
    waiting.get_by_role("link", name="Seventy degrees").click()
    page.get_by_role("button", name="More actions").last.click()
    page.locator("button[data-workflow-action-name=approve]:visible").first.click()
    expect(page.locator(".messages")).to_contain_text("Published now.")

    page.goto(server + post.get_url())
    article = page.locator("article.post")
    expect(article).to_contain_text("€8.90")
    article.get_by_role("button", name="Add to cart").click()
    expect(page.get_by_role("link", name=re.compile("Cart"))).to_contain_text("1")

    product.unpublish()
    page.goto(server + post.get_url())
    expect(page.locator("article.post")).not_to_contain_text("€8.90")
    page.goto(f"{server}/admin/")
    problem = page.locator("section", has=page.get_by_role("heading", name="Problems"))
    expect(problem).to_contain_text("Shows or links to “Sencha”, which is not live.")
