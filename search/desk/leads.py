"""Queries that lead somewhere: only to what is public now, only inside this shop, and never round in circles."""

from __future__ import annotations

import unicodedata
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.http import HttpRequest, QueryDict
from django.urls import Resolver404, resolve
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _

from catalog.models import Product
from catalog.tree import tree_of
from search.desk.models import QueryRedirect, key_of
from search.desk.rules import Goal, rules
from search.texts import readable

Asked = tuple[str, str]  # a language, and the key of a query in it


def is_inside(path: str) -> bool:
    """Is it a path in this shop, and nothing that a browser could take for another host?

    >>> [is_inside(path) for path in ("/en/shop/", "//evil.example", "/\\\\evil.example", "https://evil.example")]
    [True, False, False, False]
    """
    odd = any(unicodedata.category(character).startswith("C") or character in "\\ " for character in path)
    return path.startswith("/") and not odd and url_has_allowed_host_and_scheme(path, None)


def searched(path: str) -> Asked | None:
    """What is searched for at this address; None when it is no address of the search. As Django reads it: percent signs
    decoded, a missing slash added, the last of several values."""
    parts = urlsplit(path)
    place = unquote(parts.path).rstrip("/") + "/"
    code = next((code for code, _name in settings.LANGUAGES if place.startswith(f"/{code}/")), "")
    if not code:
        return None
    with override(code):
        try:
            match = resolve(place)
        except Resolver404:
            return None
    if match.view_name != "search:results":
        return None
    return code, key_of(QueryDict(parts.query).get("q", ""))


def circles(start: Asked, paths: dict[Asked, str]) -> bool:
    """Does following these redirects from one query lead back to a query that was seen already?"""
    seen = {start}
    at: Asked | None = start
    while at in paths:
        at = searched(paths[at])
        if at is None:
            return False
        if at in seen:
            return True
        seen.add(at)
    return False


def wrong_with_path(row: QueryRedirect) -> str:
    """Why a redirect cannot lead to its path; "" when it can or has none."""
    if not row.path:
        return ""
    if not is_inside(row.path):
        return str(_("Write a path in this shop, like /en/shop/."))
    start = (row.language, key_of(row.query))
    others = QueryRedirect.objects.exclude(pk=row.pk).exclude(path="")
    paths = {(each.language, each.key): each.path for each in others}
    if circles(start, {**paths, start: row.path}):
        return str(_("This leads back to the same query."))
    return ""


def lead(request: HttpRequest, text: str) -> str:
    """The address in the active language that this query leads to; "" when it finds results as usual."""
    language = get_language() or ""
    key = key_of(text)
    goal = rules(language).goals.get(key) if key else None
    return address(request, goal, (language, key)) if goal else ""


def address(request: HttpRequest, goal: Goal, start: Asked) -> str:
    if goal.sort == "product":
        product = Product.objects.shown().filter(pk=goal.object_id).with_translations().first()
        return product.get_absolute_url() if product and product.text else ""
    if goal.sort == "category":
        node = tree_of(request).nodes.get(goal.object_id)
        return node.url() if node else ""
    if goal.sort == "page":
        return page_address(request, goal.object_id)
    return goal.path if is_inside(goal.path) and not meets_a_redirect(goal.path, start) else ""


def meets_a_redirect(path: str, start: Asked) -> bool:
    """Two rules saved at the same moment can lead to each other: an address of the search is followed before going."""
    at = searched(path)
    if at is None:
        return False
    paths = {
        (language, key): goal.path
        for language in {start[0], at[0]}
        for key, goal in rules(language).goals.items()
        if goal.path
    }
    return circles(start, paths)


def page_address(request: HttpRequest, pk: int) -> str:
    page = readable().filter(pk=pk).select_related("locale").first()
    if page is None:
        return ""
    here = readable().filter(translation_key=page.translation_key, locale__language_code=get_language())
    return (here.first() or page).get_url(request) or ""
