"""What the shop's views share: the visitor's request, and answers that are kept nowhere."""

from __future__ import annotations

from typing import TypeVar

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import add_never_cache_headers
from django_htmx.middleware import HtmxDetails

from core.sessions import SessionStore

AnyResponse = TypeVar("AnyResponse", bound=HttpResponseBase)


class VisitorRequest(HttpRequest):
    """What the middleware adds."""

    htmx: HtmxDetails
    session: SessionStore


def private(response: AnyResponse) -> AnyResponse:
    """Kept nowhere, found by no search engine."""
    add_never_cache_headers(response)
    response.headers["X-Robots-Tag"] = "noindex"
    return response
