"""What search engines may know of: robots.txt, and a sitemap for each language and kind of page (sitemaps.org).

Streamed row by row, as a file may list 50,000 addresses; Django's own sitemaps would hold them all as rendered text.
An address is listed in the languages its text is really written in: elsewhere a fallback shows, whose canonical
address is another one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby, islice, product
from math import ceil
from typing import TypeVar
from urllib.parse import quote
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Max, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils.html import escape
from django.utils.translation import override
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from wagtail.models import Page
from wagtail.query import PageQuerySet

from blog.models import BlogIndexPage, BlogPostPage
from blog.posts import not_yet, topics_of
from catalog.models import Category, CategoryTranslation, ProductTranslation
from catalog.tree import load_tree

MOST = 50_000  # addresses in one file, by the protocol
CHUNK = 2_000
HOUR = 3600
SAFE = "!$&'()*+,;=~:@"  # what Django leaves as it is in a path
HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"

Row = TypeVar("Row")


@dataclass(frozen=True)
class Entry:
    """One address. `written`: {language code: path} of all languages it is written in, its own among them."""

    path: str
    changed: datetime | None = None
    written: dict[str, str] = field(default_factory=dict)


def product_entries(language: str, start: int, stop: int) -> Iterator[Entry]:
    own = product_texts().filter(language_code=language).order_by("master_id")[start:stop]
    address = {code: pattern(code) for code, _name in settings.LANGUAGES}
    for rows in in_chunks(own.values_list("master_id", "master__last_published_at").iterator(CHUNK)):
        changed = dict(rows)
        every = product_texts().filter(master__in=changed).order_by("master_id")
        texts = every.values_list("master_id", "language_code", "slug")
        for pk, group in groupby(texts, key=lambda row: row[0]):
            written = {code: address[code](slug) for _pk, code, slug in group if code in address}
            yield Entry(written[language], changed[pk], written)


def product_texts() -> QuerySet[ProductTranslation]:
    return ProductTranslation.objects.filter(master__live=True)


def pattern(code: str) -> Callable[[str], str]:
    """The address of a product by its slug: reversing each of 150,000 would take seconds."""
    with override(code):
        start, end = reverse("catalog:product", args=["-"]).rsplit("-", 1)
    return lambda slug: f"{start}{quote(slug, safe=SAFE)}{end}"


def in_chunks(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while chunk := list(islice(rows, CHUNK)):
        yield chunk


def category_entries(language: str, start: int, stop: int) -> Iterator[Entry]:
    changed = dict(Category.objects.live().values_list("pk", "last_published_at"))
    shop = dict(settings.LANGUAGES)
    with override(language):
        nodes = [node for node in load_tree().nodes.values() if language in node.texts]
        entries = [
            Entry(node.url(), changed[node.pk], {code: node.url(code) for code in node.texts if code in shop})
            for node in nodes
        ]
    yield from entries[start:stop]


def page_entries(chosen: PageQuerySet, language: str, start: int, stop: int) -> Iterator[Entry]:
    shop = dict(settings.LANGUAGES)
    own = chosen.filter(locale__language_code=language).order_by("pk")[start:stop]
    for pages in in_chunks(own.iterator(CHUNK)):
        versions: dict[UUID, dict[str, str]] = {}
        keys = [page.translation_key for page in pages]
        for page in chosen.filter(translation_key__in=keys).select_related("locale"):
            versions.setdefault(page.translation_key, {})[page.locale.language_code] = page.url or ""
        for page in pages:
            written = {code: url for code, url in versions[page.translation_key].items() if url and code in shop}
            if language in written:  # else it belongs to no site
                yield Entry(written[language], page.last_published_at, written)


def public_pages() -> PageQuerySet:
    return Page.objects.live().public().filter(depth__gt=1)


def posts() -> PageQuerySet:
    return public_pages().type(BlogPostPage).exclude(pk__in=not_yet().values("pk"))


def other_pages() -> PageQuerySet:
    return public_pages().not_type(BlogPostPage)


def list_entries(language: str, start: int, stop: int) -> Iterator[Entry]:
    """What is neither an object nor a page: all products, and the tags of the blog."""
    written = {code: path_of("catalog:shop", code) for code, _name in settings.LANGUAGES}
    yield Entry(written[language], None, written)
    for blog in BlogIndexPage.objects.live().public().filter(locale__language_code=language):
        for topic in topics_of(blog):
            yield Entry(blog.url + blog.tag_path(language, topic))


def path_of(name: str, code: str) -> str:
    with override(code):
        return reverse(name)


@dataclass(frozen=True)
class Kind:
    """`rows(language)`: (how many, last change). `entries(language, start, stop)`: the addresses of one file."""

    rows: Callable[[str], tuple[int, datetime | None]]
    entries: Callable[[str, int, int], Iterator[Entry]]


def counted(chosen: Callable[[], QuerySet], language_field: str, changed: str) -> Callable:
    def rows(language: str) -> tuple[int, datetime | None]:
        found = chosen().filter(**{language_field: language}).aggregate(number=Count("pk"), changed=Max(changed))
        return found["number"], found["changed"]

    return rows


def category_texts() -> QuerySet[CategoryTranslation]:
    return CategoryTranslation.objects.filter(master__live=True)


KINDS = {
    "products": Kind(counted(product_texts, "language_code", "master__last_published_at"), product_entries),
    "categories": Kind(counted(category_texts, "language_code", "master__last_published_at"), category_entries),
    "posts": Kind(
        counted(posts, "locale__language_code", "last_published_at"), lambda *part: page_entries(posts(), *part)
    ),
    "pages": Kind(
        counted(other_pages, "locale__language_code", "last_published_at"),
        lambda *part: page_entries(other_pages(), *part),
    ),
    "lists": Kind(lambda language: (1, None), list_entries),
}


# What is sent


@require_safe
@cache_control(public=True, max_age=HOUR)
def sitemap_index(request: HttpRequest) -> HttpResponse:
    """All sitemaps, each with its newest change."""
    lines = [HEAD, f'<sitemapindex xmlns="{NAMESPACE}">']
    for kind, (language, _name) in product(KINDS, settings.LANGUAGES):
        number, changed = KINDS[kind].rows(language)
        for part in range(ceil(number / MOST)):
            address = settings.BASE_URL + reverse("sitemap", args=[kind, language, part + 1])
            lines.append(f"<sitemap><loc>{escape(address)}</loc>{lastmod(changed)}</sitemap>")
    lines.append("</sitemapindex>")
    return HttpResponse("\n".join(lines), content_type="application/xml")


@require_safe
@cache_control(public=True, max_age=HOUR)
def sitemap(request: HttpRequest, kind: str, language: str, part: int) -> StreamingHttpResponse:
    """One file of addresses."""
    if kind not in KINDS or language not in dict(settings.LANGUAGES):
        raise Http404
    start = (part - 1) * MOST
    if not 0 <= start < KINDS[kind].rows(language)[0]:
        raise Http404
    entries = KINDS[kind].entries(language, start, start + MOST)
    return StreamingHttpResponse(written_out(entries), content_type="application/xml")


def written_out(entries: Iterable[Entry]) -> Iterator[str]:
    yield f'{HEAD}\n<urlset xmlns="{NAMESPACE}" xmlns:xhtml="http://www.w3.org/1999/xhtml">\n'
    for entry in entries:
        yield f"<url>{location(entry.path)}{lastmod(entry.changed)}{alternates(entry.written)}</url>\n"
    yield "</urlset>\n"


def location(path: str) -> str:
    return f"<loc>{escape(settings.BASE_URL + path)}</loc>"


def lastmod(changed: datetime | None) -> str:
    return f"<lastmod>{changed.isoformat(timespec='seconds')}</lastmod>" if changed else ""


def alternates(written: dict[str, str]) -> str:
    """As in the head of the page: none where there is one language only."""
    if len(written) < 2:
        return ""
    links = [*written.items()]
    if settings.LANGUAGE_CODE in written:
        links.append(("x-default", written[settings.LANGUAGE_CODE]))
    return "".join(
        f'<xhtml:link rel="alternate" hreflang="{code}" href="{escape(settings.BASE_URL + path)}"/>'
        for code, path in links
    )


@require_safe
@cache_control(public=True, max_age=HOUR)
def robots(request: HttpRequest) -> HttpResponse:
    """Cart, checkout and results say `noindex` themselves: what may not be read cannot say so."""
    closed = ["/admin/", "/rosetta/", "/documents/"]
    address = settings.BASE_URL + reverse("sitemap_index")
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed), "", f"Sitemap: {address}", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")
