"""RSS 2.0 and Atom feeds whose entries carry their whole text and a picture (Django's generator writes the XML)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urljoin
from uuid import NAMESPACE_URL, uuid5

from bs4 import BeautifulSoup
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response, patch_cache_control, set_response_etag
from django.utils.encoding import escape_uri_path
from django.utils.feedgenerator import Atom1Feed, Enclosure, Rss201rev2Feed
from django.utils.html import escape
from django.utils.translation import get_language

from core.about import Shared, absolute

MOST = 30  # entries of a feed
MAX_AGE = 600  # seconds
CONTENT = "http://purl.org/rss/1.0/modules/content/"
JPEG = "image/jpeg"
UNKNOWN_LENGTH = "0"  # rssboard.org/rss-profile: what to say of a size that is not known
MEDIA = "http://search.yahoo.com/mrss/"
# What XML 1.0 has no way to write.
FORBIDDEN = re.compile(r"[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]")


@dataclass(frozen=True)
class Entry:
    """`key`: identifies the entry for good, whatever becomes of its address: "product/12/en". `url`: path. `html`: its
    whole text, with absolute addresses."""

    key: str
    title: str
    url: str
    summary: str
    html: str
    published: datetime
    changed: datetime
    picture: Shared | None = None
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


class Rss(Rss201rev2Feed):
    """With the whole text and a picture; RSS has an element for neither."""

    def rss_attributes(self) -> dict[str, str]:
        return {**super().rss_attributes(), "xmlns:content": CONTENT, "xmlns:media": MEDIA}

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        handler.addQuickElement("content:encoded", item["html"])
        add_picture(handler, item["picture"])


class Atom(Atom1Feed):
    def root_attributes(self) -> dict[str, str]:
        return {**super().root_attributes(), "xmlns:media": MEDIA}

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        handler.addQuickElement("content", item["html"], {"type": "html"})
        add_picture(handler, item["picture"])


def feeds_of(title: str, path: str) -> list[tuple[str, str, str]]:
    """For the head of a page: (media type, title, path). `path`: of the RSS feed; the Atom feed stands below it."""
    return [
        ("application/rss+xml", f"{title} (RSS)", path),
        ("application/atom+xml", f"{title} (Atom)", f"{path}atom/"),
    ]


KINDS: dict[str, type[Rss | Atom]] = {"rss": Rss, "atom": Atom}


def add_picture(handler: Any, picture: Shared | None) -> None:
    if picture is not None:
        size = {"width": str(picture.width), "height": str(picture.height)}
        handler.startElement("media:content", {"url": picture.url, "medium": "image", "type": JPEG, **size})
        if picture.alt:
            handler.addQuickElement("media:description", writable(picture.alt), {"type": "plain"})
        handler.endElement("media:content")


def feed_response(
    request: HttpRequest, kind: str, title: str, description: str, page: str, entries: Iterable[Entry]
) -> HttpResponseBase:
    """A feed in the active language; 304 to a reader who has it already. `page`: path of the page it follows.

    Raises KeyError for an unknown `kind`.
    """
    feed = KINDS[kind](
        writable(title),
        absolute(page),
        writable(description),
        get_language(),
        feed_url=settings.BASE_URL + escape_uri_path(request.path),
    )
    for entry in entries:
        feed.add_item(
            writable(entry.title),
            absolute(entry.url),
            escape(writable(entry.summary)),  # both formats read it as HTML
            unique_id=uuid5(NAMESPACE_URL, f"{settings.BASE_URL}/{entry.key}").urn,
            unique_id_is_permalink=False,
            author_name=writable(", ".join(entry.authors)) or None,
            pubdate=entry.published,
            updateddate=entry.changed,
            categories=[writable(tag) for tag in entry.tags],
            enclosures=[Enclosure(entry.picture.url, UNKNOWN_LENGTH, JPEG)] if entry.picture else None,
            html=writable(entry.html),
            picture=entry.picture,
        )
    response = HttpResponse(feed.writeString("utf-8"), content_type=feed.content_type)
    patch_cache_control(response, public=True, max_age=MAX_AGE)
    set_response_etag(response)
    return get_conditional_response(request, etag=response["ETag"], response=response) or response


def writable(text: str) -> str:
    """Without what no XML may hold, as texts that were pasted from elsewhere do: the whole feed would be lost.

    >>> writable("Green\\x0btea\\x1f")
    'Greentea'
    """
    return FORBIDDEN.sub("", str(text))


def with_whole_addresses(html: str) -> str:
    """With host: a mail and a feed stand on no site."""
    soup = BeautifulSoup(html, "html.parser")
    for name in ("href", "src"):
        for tag in soup.select(f"[{name}]"):
            tag[name] = urljoin(settings.BASE_URL + "/", str(tag[name]))
    return str(soup)
