"""Addresses of one object in all languages, for the language switch and hreflang."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils import translation

if TYPE_CHECKING:
    from wagtail.models import Page


class Gone(Http404):
    """Was public and is not any more: 410 instead of 404, unless an editor leads its visitors elsewhere.

    `context`: what `errors/410.html` offers in its place.
    """

    def __init__(self, context: dict[str, Any]) -> None:
        super().__init__("gone")
        self.context = context


@dataclass(frozen=True)
class Alternate:
    """The same object in one language. `exists`: its text is really in that language (else a fallback shows)."""

    code: str
    name: str  # in the language itself: العربية
    url: str  # path without host
    current: bool
    exists: bool

    @property
    def absolute_url(self) -> str:
        return settings.BASE_URL + self.url


def alternates(url_in: Callable[[str], str], existing: set[str] | None = None) -> list[Alternate]:
    """One entry per site language. `url_in(code)` runs with that language active."""
    active = translation.get_language()
    result = []
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            result.append(
                Alternate(
                    code=code,
                    name=translation.get_language_info(code)["name_local"],
                    url=url_in(code),
                    current=code == active,
                    exists=existing is None or code in existing,
                )
            )
    return result


def current_url(others: list[Alternate]) -> str:
    """The path in the active language; "" for a draft that has none."""
    return next((other.url for other in others if other.current), "")


def view_alternates(name: str, *args: object) -> list[Alternate]:
    """Alternates of a view whose arguments are the same in every language."""
    return alternates(lambda _code: reverse(name, args=args))


def page_alternates(page: Page, request: HttpRequest) -> list[Alternate]:
    """Alternates of a Wagtail page; a language without it leads to the nearest page above it that is there."""
    from wagtail.models import Page  # read before the apps are loaded

    line = page.get_ancestors(inclusive=True).filter(depth__gt=1).values("translation_key")
    live = Page.objects.live().filter(translation_key__in=line).select_related("locale")
    versions = (live.public() | live.filter(pk=page.pk)).order_by("depth")  # who may read the page may know of itself
    nearest = {version.locale.language_code: version for version in versions}
    existing = {code for code, version in nearest.items() if version.translation_key == page.translation_key}
    urls = {code: version.get_url(request) for code, version in nearest.items()}
    return alternates(lambda code: urls.get(code) or f"/{code}/", existing=existing)
