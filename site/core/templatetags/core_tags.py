"""Tags of every page: pictures, the language of a text, addresses in other languages, calls to action, videos."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import template
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, get_language_info, to_locale
from wagtail.models import Page

from core.about import About, as_script
from core.localized import LocalizedText, listed
from core.models import CallToAction
from core.pages import Alternate, alternates
from core.pictures import PLACES, renditions
from core.video import player

register = template.Library()
register.filter("listed", listed)


@register.simple_tag
def language_of(code: str | None) -> SafeString:
    """` lang="…" dir="…"` when a text is not in the page's language, else nothing."""
    if not code or code == get_language():
        return SafeString("")
    direction = "rtl" if get_language_info(code)["bidi"] else "ltr"
    return format_html(' lang="{}" dir="{}"', code, direction)


@register.inclusion_tag("components/picture.html")
def picture(image: Any, alt: str | LocalizedText = "", place: str = "card", eager: bool = False) -> dict[str, Any]:
    """A picture in the sizes of its place. `alt` empty: it only decorates. `eager`: among the first things seen."""
    text, code = alt.in_language(get_language() or "") if isinstance(alt, LocalizedText) else (alt, None)
    files = renditions(image, place) if image else []
    return {
        "file": files[-1] if files else None,
        "srcset": ", ".join(f"{file.url} {file.width}w" for file in files),
        "sizes": PLACES[place].sizes,
        "alt": text,
        "code": code if text else None,
        "eager": eager,
    }


def shown_alternates(context: template.Context) -> list[Alternate]:
    """What the view says, or the home pages where it says nothing (errors)."""
    return context.get("alternates") or alternates(lambda code: f"/{code}/")


@register.simple_tag(takes_context=True)
def language_links(context: template.Context) -> list[tuple[Alternate, str]]:
    """(alternate, address) of this object in every language, with the query (search words, page) kept."""
    request: HttpRequest | None = context.get("request")
    query = request.GET.urlencode() if request and context.get("alternates") else ""
    return [(other, f"{other.url}?{query}" if query else other.url) for other in shown_alternates(context)]


def in_default_language(others: list[Alternate]) -> Alternate | None:
    return next((other for other in others if other.exists and other.code == settings.LANGUAGE_CODE), None)


def canonical_of(others: list[Alternate]) -> Alternate | None:
    """Itself where the text is really in this language, else where the fallback is."""
    return next((other for other in others if other.exists and other.current), None) or in_default_language(others)


@register.inclusion_tag("components/head-links.html", takes_context=True)
def head_links(context: template.Context) -> dict[str, Any]:
    """Canonical address and hreflang. A fallback text is canonical where it is really written.

    `canonical_query` of the context: what belongs to the address; where it says nothing, the number of the page, which
    need not be there in other languages.
    """
    others: list[Alternate] = context.get("alternates") or []
    page = context.get("page_obj")
    asked = context.get("canonical_query", f"page={page.number}" if page and page.number > 1 else "")
    query = f"?{asked}" if asked else ""
    alone = "canonical_query" not in context and bool(asked)
    written = [other for other in others if other.exists]
    default, canonical = in_default_language(others), canonical_of(others)
    return {
        "canonical": f"{canonical.absolute_url}{query}" if canonical else None,
        "others": [(other.code, f"{other.absolute_url}{query}") for other in written if len(written) > 1 and not alone],
        "default": f"{default.absolute_url}{query}" if default else None,
    }


@register.inclusion_tag("components/about.html", takes_context=True)
def about_page(context: template.Context) -> dict[str, Any]:
    """What the view tells of its page; nothing of pages that are not for search engines."""
    about: About | None = context.get("about")
    if about is None:
        return {}
    others: list[Alternate] = context.get("alternates") or []
    canonical = canonical_of(others)
    first = canonical.code if canonical else get_language() or ""
    languages = [first, *(other.code for other in others if other.exists and other.code != first)]
    return {
        "about": about,
        "script": as_script(about.data) if about.data else "",
        "address": canonical.absolute_url if canonical else "",
        "locales": [to_locale(code) for code in languages],
        "shop_name": context.get("shop_name"),
    }


@register.simple_tag
def block_link(link: Any) -> str:
    """The address of a LinkBlock: its page, or all products. "" when the page is not published."""
    return address_of(link.get("page"))


def address_of(page: Page | None) -> str:
    """Of the page in the active language where it is published there, else as chosen; all products without a page."""
    if page is None:
        return reverse("catalog:shop")
    here = page.localized
    shown = here if here.live else page
    return (shown.url or "") if shown.live else ""


@dataclass(frozen=True)
class Call:
    """A call to action as it is shown. `address` "": its page is not published, so there is no button."""

    title: str | LocalizedText
    text: str | LocalizedText
    label: str | LocalizedText
    address: str


@register.simple_tag
def call_of(snippet: CallToAction) -> Call:
    return Call(snippet.title, snippet.text, snippet.label, address_of(snippet.page))


@register.simple_tag
def call_to_action(value: Any) -> Call | None:
    """Of a CallToActionBlock: the ready-made one while it is published, else what is written in the block."""
    chosen = value["chosen"]
    if chosen and chosen.live:
        return call_of(chosen)
    if not value["heading"]:
        return None
    return Call(value["heading"], value["text"], value["label"], address_of(value["page"]))


@dataclass(frozen=True)
class Player:
    host: str
    address: str


@register.simple_tag
def video_player(url: str) -> Player | None:
    found = player(url)
    return Player(*found) if found else None
