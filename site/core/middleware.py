"""Middleware of the house: probes, the request's id, who the client is, the address's language, the path's policy."""

import re
from collections.abc import Callable
from urllib.parse import unquote

from csp.middleware import CSPMiddleware
from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils import translation
from django.utils.cache import patch_vary_headers

from core import views
from core.logs import request_id_is
from core.policy import replace_policy, widen_policy

REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
GetResponse = Callable[[HttpRequest], HttpResponse]


class ProbeMiddleware:
    """Answers health probes before all else: they come to an address, not to the shop's name, and without HTTPS."""

    probes = {"/healthz": views.healthz, "/readyz": views.readyz}

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.probes.get(request.path_info, self.get_response)(request)


class RequestIdMiddleware:
    """Gives each request an id, which its log lines, its error pages and its payments carry.

    A trusted proxy's X-Request-Id is taken over, so that both logs speak of the same thing.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-Id", "")
        trusted = request.META.get("REMOTE_ADDR") in settings.TRUSTED_PROXIES
        with request_id_is(given if trusted and REQUEST_ID.fullmatch(given) else "") as number:
            response = self.get_response(request)
            response.headers["X-Request-Id"] = number
            return response


class NullMiddleware:
    """Refuses the character NUL in address, query and cookies: nobody types it, and PostgreSQL cannot store it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        asked = [request.path_info, unquote(request.META.get("QUERY_STRING", "")), *request.COOKIES.values()]
        if any("\0" in text for text in asked):
            raise BadRequest("NUL in the request")
        return self.get_response(request)


class TrustedProxyMiddleware:
    """Believes X-Forwarded-For and -Proto from TRUSTED_PROXIES only, and drops them from anybody else."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        meta = request.META
        chain = [part.strip() for part in meta.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
        if meta.get("REMOTE_ADDR") not in settings.TRUSTED_PROXIES:
            for name in ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST"):
                meta.pop(name, None)
        else:
            strangers = [address for address in chain if address not in settings.TRUSTED_PROXIES]
            if strangers:
                meta["REMOTE_ADDR"] = strangers[-1]
        return self.get_response(request)


class LanguageMiddleware(LocaleMiddleware):
    """The address decides the language. Unlike Django's own, it never redirects an address without one."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if not translation.get_language_from_path(request.path_info):
            patch_vary_headers(response, ("Accept-Language",))
        response.headers.setdefault("Content-Language", translation.get_language() or settings.LANGUAGE_CODE)
        return response


class GoneMiddleware:
    """Says 410 of what was there once, after the redirects of editors had their turn."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.headers.pop(views.GONE, None):
            response.status_code = 410
        return response


FRAMED = {"frame-ancestors": ["'self'"]}
INLINE = {"script-src": ["'unsafe-inline'"], "style-src": ["'unsafe-inline'"], "img-src": ["blob:"]}


class PolicyMiddleware(CSPMiddleware):
    """The strict content policy for the shop; Wagtail's and Rosetta's own inline scripts get a wider one."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if getattr(request, "is_preview", False):  # the shop's own policy, inside a frame of the admin
            replace_policy(response, FRAMED)
        elif request.path_info.startswith(("/admin/", "/rosetta/")):
            replace_policy(response, FRAMED)
            widen_policy(response, INLINE)
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
        return super().process_response(request, response)
