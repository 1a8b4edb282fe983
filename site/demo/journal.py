"""The demo's blog: its front page per language, authors, tags and posts. Every step creates only what is missing."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone
from wagtail.models import Page, Site

from blog.models import Author, BlogIndexPage, BlogPostPage, PostAuthor, PostTag, Topic
from demo.sources import Progress, body, content, homes, picture


def seed_blog() -> Progress:
    """Blog."""
    source = content("blog")
    home = Site.objects.get(is_default_site=True).root_page
    authors = {entry["key"]: author(entry) for entry in source["author"]}
    indexes = {code: index(code, parent, source["index"]) for code, parent in homes(home)}
    ahead = days_ahead([entry["date"] for entry in source["post"]], timezone.localdate())
    for number, entry in enumerate(source["post"], start=1):
        seed_post({**entry, "date": entry["date"] - ahead}, indexes, authors)
        yield number, len(source["post"])


def days_ahead(dates: list[date], today: date) -> timedelta:
    """By how much the newest is later than today: nobody reads a post before its day, whatever this clock says.

    >>> days_ahead([date(2026, 10, 8), date(2026, 11, 18)], date(2026, 11, 8)).days
    10
    """
    return max(max(dates) - today, timedelta())


def author(entry: dict[str, Any]) -> Author:
    found = Author.objects.filter(name__en=entry["name"]["en"]).first()
    return found or Author.objects.create(name=entry["name"], bio=entry["bio"], image=picture(entry["picture"]))


def topic(name: str) -> Topic:
    found, _created = Topic.objects.get_or_create(name=name, defaults={"label": content("blog")["tags"][name]})
    return found


def index(code: str, parent: Page, texts: dict[str, Any]) -> BlogIndexPage:
    """The blog below a home page; those of all languages are translations of each other."""
    found = BlogIndexPage.objects.child_of(parent).first()
    if found is None:
        first = BlogIndexPage.objects.first()
        found = BlogIndexPage(**texts[code], locale=parent.locale, show_in_menus=True)
        if first is not None:
            found.translation_key = first.translation_key
        parent.add_child(instance=found)
        found.save_revision().publish()
    return found


def seed_post(entry: dict[str, Any], indexes: dict[str, BlogIndexPage], authors: dict[str, Author]) -> None:
    first: BlogPostPage | None = None
    for code, parent in indexes.items():
        texts = entry[code]
        post = BlogPostPage.objects.child_of(parent).filter(slug=texts["slug"]).first()
        if post is None:
            post = BlogPostPage(
                **{**texts, "body": body(texts["body"])},
                date=entry["date"],
                cover=picture(entry["cover"]),
                locale=parent.locale,
                owner=User.objects.get(username="editor"),
            )
            post.post_authors = [
                PostAuthor(author=authors[key], sort_order=n) for n, key in enumerate(entry["authors"])
            ]
            post.tagged_items = [PostTag(tag=topic(name)) for name in entry["tags"]]
            if first is not None:
                post.translation_key = first.translation_key
            parent.add_child(instance=post)
            post.save_revision().publish(user=User.objects.get(username="moderator"))
        first = first or post
