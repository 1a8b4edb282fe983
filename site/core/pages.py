"""Addresses of one object in all languages, for the language switch and hreflang."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import translation

if TYPE_CHECKING:
    from wagtail.models import Page


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


def view_alternates(name: str, *args: object) -> list[Alternate]:
    """Alternates of a view whose arguments are the same in every language."""
    return alternates(lambda _code: reverse(name, args=args))


def page_alternates(page: Page, request: HttpRequest) -> list[Alternate]:
    """Alternates of a Wagtail page; a language without this page leads to that language's home."""
    siblings = {
        sibling.locale.language_code: sibling.get_url(request)
        for sibling in page.get_translations(inclusive=True).live().select_related("locale").specific(defer=True)
    }
    return alternates(lambda code: siblings.get(code) or f"/{code}/", existing=set(siblings))
