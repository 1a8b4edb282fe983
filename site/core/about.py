"""What search engines and shared links are told about a page: title, description, picture and structured data.

Structured data is schema.org, as developers.google.com/search/docs/appearance/structured-data describes it.
It says nothing that the page does not show.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from html import unescape
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.urls import reverse
from django.utils.html import strip_tags
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import get_language, gettext
from wagtail.images.shortcuts import get_rendition_or_not_found

if TYPE_CHECKING:
    from wagtail.images.models import AbstractImage

    from core.context_processors import ShopDetails

LONGEST = 160  # characters that search results show of a description
SHARED_PICTURE = "fill-1200x630|format-jpeg"  # the size that the Open Graph readers agree on
UNSAFE_IN_SCRIPT = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


@dataclass(frozen=True)
class Shared:
    """A picture beside a shared link or in a feed, always a JPEG. `url`: absolute."""

    url: str
    width: int
    height: int
    alt: str = ""


@dataclass(frozen=True)
class About:
    """`kind`: an Open Graph type. `data`: schema.org objects without their @context. `feeds`: (type, title, path)."""

    title: str
    description: str = ""
    picture: Shared | None = None
    kind: str = "website"
    data: list[dict[str, Any]] = field(default_factory=list)
    feeds: list[tuple[str, str, str]] = field(default_factory=list)


def described(*texts: str | None, longest: int = LONGEST) -> str:
    """The first of these plain texts that says something, as long as search results show it."""
    plain = (" ".join((text or "").split()) for text in texts)
    return Truncator(next((text for text in plain if text), "")).chars(longest)


def first_words(body: Iterable[Any] | None) -> str:
    """The first paragraph of a StreamField as plain text; "" when it has none."""
    return next((unescape(strip_tags(str(block.value))) for block in body or () if block.block_type == "paragraph"), "")


def shared_picture(image: AbstractImage | None, alt: object = "") -> Shared | None:
    """None without an image, or when its file is lost. Asks no database for an image whose renditions are loaded."""
    if image is None:
        return None
    file = get_rendition_or_not_found(image, SHARED_PICTURE)
    return Shared(absolute(file.url), file.width, file.height, str(alt)) if file.width else None


def absolute(address: str) -> str:
    return address if "://" in address else settings.BASE_URL + address


def as_script(data: list[dict[str, Any]]) -> SafeString:
    """Structured data as the content of a script element: no text in it can end the element."""
    graph = {"@context": "https://schema.org", "@graph": data}
    return SafeString(json.dumps(graph, ensure_ascii=False).translate(UNSAFE_IN_SCRIPT))


# Objects that several pages tell of


def trail(crumbs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """The way here, as `components/breadcrumbs.html` shows it. `crumbs`: (name, path), without the page itself."""
    steps = [(gettext("Shop"), reverse("catalog:shop")), *crumbs]
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": number, "name": name, "item": absolute(path)}
            for number, (name, path) in enumerate(steps, 1)
        ],
    }


def organization(shop: ShopDetails) -> dict[str, Any]:
    """Who runs the shop, as its footer tells."""
    told = {"email": shop.email, "telephone": shop.phone, "vatID": shop.vat_id, "address": shop.address}
    return {
        "@type": "Organization",
        "@id": f"{settings.BASE_URL}/#shop",
        "name": shop.name,
        "url": f"{settings.BASE_URL}/",
        **{name: value for name, value in told.items() if value},
        **({"sameAs": [address for _label, address in shop.links]} if shop.links else {}),
    }


def website(shop: ShopDetails, search: str) -> dict[str, Any]:
    """The shop in the active language. `search`: path of the page of results."""
    return {
        "@type": "WebSite",
        "name": shop.name,
        "url": f"{settings.BASE_URL}/{get_language()}/",
        "inLanguage": get_language(),
        "publisher": {"@id": f"{settings.BASE_URL}/#shop"},
        "potentialAction": {
            "@type": "SearchAction",
            "target": {"@type": "EntryPoint", "urlTemplate": f"{absolute(search)}?q={{search_term_string}}"},
            "query-input": "required name=search_term_string",
        },
    }
