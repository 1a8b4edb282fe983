"""The demo's newsletter: its front page and an issue per language, and subscribers. Creates only what is missing."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone
from wagtail.models import Page, Site

from blog.models import NewsletterIndexPage, NewsletterIssuePage, Subscriber, SubscriberState, WhenMissing
from demo.sources import Progress, body, content, homes


def seed_newsletter() -> Progress:
    """Newsletter."""
    source = content("newsletter")
    home = Site.objects.get(is_default_site=True).root_page
    for number, (code, parent) in enumerate(homes(home), start=1):
        seed_issue(index(parent, source["index"][code]), source["issue"][code])
        seed_subscribers(code, source["subscribers"][code])
        yield number, len(source["index"])


def index(parent: Page, texts: dict[str, Any]) -> NewsletterIndexPage:
    """The newsletter below a home page; those of all languages are translations of each other."""
    found = NewsletterIndexPage.objects.child_of(parent).first()
    if found is None:
        found = NewsletterIndexPage(**texts, locale=parent.locale)
        first = NewsletterIndexPage.objects.order_by("pk").first()
        if first is not None:
            found.translation_key = first.translation_key
        parent.add_child(instance=found)
        found.save_revision().publish()
    return found


def seed_issue(parent: NewsletterIndexPage, texts: dict[str, Any]) -> None:
    if NewsletterIssuePage.objects.child_of(parent).exists():
        return
    issue = NewsletterIssuePage(
        **{**texts, "body": body(texts["body"])},
        when_missing=WhenMissing.FALLBACK,
        locale=parent.locale,
        owner=User.objects.get(username="editor"),
    )
    first = NewsletterIssuePage.objects.order_by("pk").first()
    if first is not None:
        issue.translation_key = first.translation_key
    parent.add_child(instance=issue)
    issue.save_revision().publish(user=User.objects.get(username="moderator"))


def seed_subscribers(code: str, names: list[str]) -> None:
    now = timezone.now()
    Subscriber.objects.bulk_create(
        (
            Subscriber(
                email=f"{name}@example.com",
                language=code,
                state=SubscriberState.CONFIRMED,
                source="/demo/",
                asked_at=now,
                confirmed_at=now,
            )
            for name in names
        ),
        ignore_conflicts=True,
    )
