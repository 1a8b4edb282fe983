"""A demo shop in which every public template has something to show."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from email.message import EmailMessage
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from wagtail.models import Page

from blog.models import BlogPostPage, Comment, CommentSettings
from catalog.models import Product
from commerce.tests.factories import make_coupon
from core import pictures
from core.models import ContentPage, HomePage
from demo import sources

# One of each kind: with attributes and a story, two options, on sale, sold out, in one language only, without options.
SAMPLE = (
    "matcha-ceremony-set",
    "everyday-teapot",
    "earl-grey-bergamot",
    "oriental-beauty",
    "travel-cup",
    "first-steps-box",
)
COUPON = "MARKUP"
VIDEO = "https://www.youtube.com/watch?v=dQw4w9WgXcQ"


def complete(*, whole: bool) -> None:
    """Adds to the demo what it lacks; unless `whole`, takes down the products that only repeat others."""
    if not whole:
        kept = [product.pk for product in map(sources.product_of, SAMPLE) if product]
        Product.objects.exclude(pk__in=kept).update(live=False)
    make_coupon(COUPON)
    add_blocks()
    open_comments()
    call_command("rebuild_search", stdout=StringIO())


def make_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures and pages of lists: what is read here is the mark-up, which is the same for large ones."""
    for name, place in pictures.PLACES.items():
        monkeypatch.setitem(pictures.PLACES, name, replace(place, widths=tuple(width // 20 for width in place.widths)))
    monkeypatch.setattr("catalog.facets.listing.PER_PAGE", 2)
    monkeypatch.setattr("blog.models.post.PER_PAGE", 2)


def add_blocks() -> None:
    """The blocks that no page of the demo uses, on a page of every language."""
    product = Product.objects.live().filter(variants__stock__on_hand__gt=0).first()
    picture = product.images.first().image if product else None
    for home in HomePage.objects.live():
        body: list[tuple[str, Any]] = [
            ("video", {"video": VIDEO, "title": "Whisking matcha", "image": picture}),
            ("product", {"product": product, "substitute": None, "note": "Ours"}),
            ("newsletter", {"heading": "Letters", "text": "Now and then."}),
        ]
        page = ContentPage(title="Everything", slug="everything", intro="All blocks", body=body, locale=home.locale)
        Page.objects.get(pk=home.pk).specific.add_child(instance=page)


def open_comments() -> None:
    CommentSettings.objects.update_or_create(defaults={"switched_on": True})
    comments = [
        Comment(post=post, name="Mina", email="mina@example.org", text="Two lines\n\nand one", state="approved")
        for post in BlogPostPage.objects.live()
    ]
    Comment.objects.bulk_create(comments)


def deliver_mail(folder: Path, subjects: Iterable[str]) -> None:
    """Mails in the demo's mailbox."""
    for number, subject in enumerate(subjects):
        mail = EmailMessage()
        mail["Subject"], mail["From"], mail["To"] = subject, "shop@example.org", "mina@example.org"
        mail["Date"] = "Sat, 21 Nov 2026 12:00:00 +0100"
        mail.set_content("Look at http://testserver/en/")
        mail.add_alternative("<p>Look</p>", subtype="html")
        (folder / f"{number}.log").write_bytes(bytes(mail) + b"-" * 79 + b"\n")
