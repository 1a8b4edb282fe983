"""One HTTP request and its answer, stripped to what the gateway needs of WSGI."""

import html
from collections.abc import Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

MAX_BODY = 1_000_000


class TooLarge(Exception):
    """The body is longer than anything the shop sends."""


@dataclass(frozen=True)
class Request:
    """Header names are lowercase; the body is read whole."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes

    @classmethod
    def from_wsgi(cls, environ: WSGIEnvironment) -> "Request":
        """Raises TooLarge."""
        length = environ.get("CONTENT_LENGTH") or "0"
        size = int(length) if length.isascii() and length.isdigit() else 0
        if size > MAX_BODY:
            raise TooLarge
        headers = {
            name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name.startswith("HTTP_")
        }
        return cls(
            method=environ["REQUEST_METHOD"],
            path=environ.get("PATH_INFO", "/"),
            query=environ.get("QUERY_STRING", ""),
            headers=headers,
            body=environ["wsgi.input"].read(size) if size else b"",
        )


@dataclass(frozen=True)
class Response:
    body: bytes
    status: int = 200
    content_type: str = "text/html; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)

    def send(self, start: StartResponse, *, head: bool = False) -> Iterable[bytes]:
        """Answer through WSGI; `head` leaves the body out."""
        lines = [
            ("Content-Type", self.content_type),
            ("Content-Length", str(len(self.body))),
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "no-referrer"),
            *self.headers.items(),
        ]
        start(f"{self.status} {HTTPStatus(self.status).phrase}", lines)
        return [] if head else [self.body]


def plain(text: str, status: int = 200) -> Response:
    """A short answer for machines and for errors that no page explains."""
    return Response(text.encode(), status, "text/plain; charset=utf-8")


def redirect(location: str) -> Response:
    """See other: the browser asks again with GET."""
    link: Any = html.escape(location)
    return Response(
        f'<!doctype html><title>303</title><a href="{link}">{link}</a>'.encode(), 303, headers={"Location": location}
    )
