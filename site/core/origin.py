"""Forms without a token: public pages set no cookie, so their add-to-cart form proves its origin by headers.

Every browser since 2020 says on a POST where it comes from: `Sec-Fetch-Site` on https, `Origin` everywhere. Sources: Go
1.25 `net/http.CrossOriginProtection`; OWASP, Cross-Site Request Forgery Prevention, "Fetch Metadata headers". A client
that says nothing at all must send Django's own token instead. Why: docs/decisions/0003.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.views.decorators.csrf import csrf_exempt

View = Callable[..., HttpResponse]


def same_origin(request: HttpRequest) -> bool | None:
    """Does the request come from a page of this host? None: it does not say."""
    site = request.headers.get("Sec-Fetch-Site")
    if site:
        return site in ("same-origin", "none")  # none: the visitor's own doing, such as a reload
    source = request.headers.get("Origin") or request.headers.get("Referer")
    if not source:
        return None
    try:
        return urlsplit(source).netloc.lower() == request.get_host().lower()
    except ValueError:  # not an address
        return False


def has_token(request: HttpRequest, view: View) -> bool:
    """Does it show Django's token? `view` must not be exempt itself, or nothing is looked at."""
    # Django's whole check: its answer is the refusal, or None.
    return CsrfViewMiddleware(lambda _request: HttpResponse()).process_view(request, view, (), {}) is None


def late_token_allowed(view: View) -> View:
    """Wants Django's token, but tells the view (`token_is_late=True`) when a page of this host shows an old one:
    somebody signed in meanwhile, or the cookie is gone. The view must then order nothing. From elsewhere: 403.
    """

    @csrf_exempt
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        is_late = not has_token(request, view)
        if is_late and not same_origin(request):
            raise PermissionDenied
        return view(request, *args, token_is_late=is_late, **kwargs)

    return guarded


def same_origin_required(view: View) -> View:
    """Refuses (403) a request from elsewhere; replaces the token check for this view. Reading needs no origin."""

    @csrf_exempt
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method in ("GET", "HEAD"):
            return view(request, *args, **kwargs)
        ours = same_origin(request)
        if ours is None:
            ours = has_token(request, view)
        if not ours:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded
