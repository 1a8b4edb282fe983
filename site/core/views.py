"""Views of no particular app: the root, health, media, errors."""

import logging
import posixpath

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe
from django.views.static import serve
from redis import Redis
from redis.exceptions import RedisError

from core.health import PROBES
from core.logs import request_id
from core.pages import Gone

GONE = "X-Gone"  # between `not_found` and GoneMiddleware

log = logging.getLogger(__name__)


@require_safe
def best_language(request: HttpRequest) -> HttpResponse:
    """Sends `/`, and nothing deeper, to the visitor's best language."""
    response = redirect(f"/{translation.get_language_from_request(request)}/")
    patch_vary_headers(response, ("Accept-Language", "Cookie"))
    return response


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Can this process sell? Without PostgreSQL: 503. Everything else is only reported: the shop sells without Redis,
    and a process taken out of service would not make a scheduler run.
    """
    state: dict[str, str | int] = {"database": "ok", "redis": "ok"}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM django_migrations LIMIT 1")
        state |= {name: probe() for name, probe in PROBES.items()}
    except DatabaseError:
        log.exception("readyz: the database does not answer")
        state["database"] = "unreachable or not migrated"
    try:
        Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1).ping()
    except (RedisError, OSError):
        log.warning("readyz: Redis does not answer", exc_info=True)
        state["redis"] = "unreachable"
    return JsonResponse(state, status=200 if state["database"] == "ok" else 503)


@require_safe
def media(request: HttpRequest, path: str) -> HttpResponse | FileResponse:
    """Uploaded files, inert: never a page of ours. Documents go through their own permission-checked view."""
    if path != posixpath.normpath(path).lstrip("/") or path.startswith("documents/"):  # `serve` tidies what it is given
        raise Http404
    response = serve(request, path, document_root=settings.MEDIA_ROOT)
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "public, max-age=2592000"
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "errors/400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "errors/403.html", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, Gone):
        response = render(request, "errors/410.html", exception.context, status=404)
        response.headers[GONE] = "1"  # the middleware of redirects, which comes next, looks at 404 only
        return response
    return render(request, "errors/404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Static by language: must work with the database gone."""
    language = translation.get_language_from_path(request.path_info) or settings.LANGUAGE_CODE
    with translation.override(language):
        direction = "rtl" if translation.get_language_bidi() else "ltr"
        return HttpResponse(
            render_to_string("errors/500.html", {"direction": direction, "request_id": request_id()}), status=500
        )
