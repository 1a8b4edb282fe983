"""Posts, subscribers and newsletter issues for tests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from django.utils import timezone
from django.utils.text import slugify
from wagtail.models import Locale

from blog.models import (
    BlogIndexPage,
    BlogPostPage,
    NewsletterIndexPage,
    NewsletterIssuePage,
    Subscriber,
    SubscriberState,
)
from core.models import HomePage


def make_subscriber(email: str = "", language: str = "en", **fields: Any) -> Subscriber:
    """Confirmed unless told otherwise."""
    row = {"state": SubscriberState.CONFIRMED, "confirmed_at": timezone.now(), **fields}
    return Subscriber.objects.create(email=email or f"{uuid4().hex[:12]}@example.org", language=language, **row)


def newsletter_of(code: str) -> NewsletterIndexPage:
    """The newsletter of a language, made when missing."""
    locale = Locale.objects.get(language_code=code)
    found = NewsletterIndexPage.objects.filter(locale=locale).first()
    if found:
        return found
    home = HomePage.objects.get(locale=locale)
    other = NewsletterIndexPage.objects.first()
    key = {"translation_key": other.translation_key} if other else {}
    return home.add_child(instance=NewsletterIndexPage(title="News", slug="news", locale=locale, **key))


def make_issue(code: str = "en", like: NewsletterIssuePage | None = None, **fields: Any) -> NewsletterIssuePage:
    """An issue in one language, published unless `live=False`. `like`: the same issue in another language."""
    index = newsletter_of(code)
    key = {"translation_key": like.translation_key} if like else {}
    body = fields.pop("body", [("paragraph", f"<p>Words in {code}</p>")])
    subject = fields.pop("subject", f"Spring teas ({code})")
    issue = NewsletterIssuePage(
        title=fields.pop("title", f"Spring {code}"),
        slug=fields.pop("slug", f"spring-{code}-{uuid4().hex[:6]}"),
        subject=subject,
        body=body,
        when_missing=fields.pop("when_missing", "fallback"),
        locale=index.locale,
        **key,
        **fields,
    )
    index.add_child(instance=issue)
    return issue


def blog_of(code: str) -> BlogIndexPage:
    """The blog of a language, made when missing."""
    locale = Locale.objects.get(language_code=code)
    found = BlogIndexPage.objects.filter(locale=locale).first()
    if found:
        return found
    home = HomePage.objects.get(locale=locale)
    other = BlogIndexPage.objects.first()
    key = {"translation_key": other.translation_key} if other else {}
    return home.add_child(instance=BlogIndexPage(title="Blog", slug="blog", locale=locale, **key))


def make_post(
    title: str, code: str = "en", like: BlogPostPage | None = None, tags: Sequence[str] = (), **fields: Any
) -> BlogPostPage:
    """A post in one language, published unless `live=False`. `like`: the same post in another language."""
    index = blog_of(code)
    key = {"translation_key": like.translation_key} if like else {}
    post = BlogPostPage(title=title, slug=slugify(title), locale=index.locale, **key, **fields)
    post.tags.add(*tags)
    return index.add_child(instance=post)
