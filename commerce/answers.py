"""What the shop's views share: the visitor's request, and how it is answered."""

from __future__ import annotations

from typing import TypeVar

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.cache import add_never_cache_headers
from django_htmx.middleware import HtmxDetails

from core.sessions import SessionStore

AnyResponse = TypeVar("AnyResponse", bound=HttpResponseBase)


class VisitorRequest(HttpRequest):
    """What the middleware adds."""

    htmx: HtmxDetails
    session: SessionStore


def see_other(url: str) -> HttpResponse:
    """After a POST: the browser gets `url` (303), and a reload does not send the form again."""
    response = HttpResponseRedirect(url)
    response.status_code = 303
    return response


def private(response: AnyResponse) -> AnyResponse:
    """Kept nowhere, found by no search engine."""
    add_never_cache_headers(response)
    response.headers["X-Robots-Tag"] = "noindex"
    return response
