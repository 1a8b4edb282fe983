"""Fetches a file from the public web for somebody who may have written any address into a table.

Only http and https, only public addresses: the name is resolved once, every address it has must be public, and the
connection goes to exactly that address. Redirects are followed by hand, each checked like the first.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from certifi import where
from django.utils.translation import gettext

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
SILENT_SECONDS = 8  # without a byte
TOTAL_SECONDS = 20  # for each address, from the first byte sent to the last one read
MAX_REDIRECTS = 3
URL_SAFE = "/%:@!$&'()*+,;=~?"
NAT64 = ipaddress.ip_network("64:ff9b::/96")


class PictureProblem(Exception):
    """Why there is no picture, in the user's language."""


def is_public(address: Address) -> bool:
    """False for every address that leads into our own network, also when it is wrapped in an IPv6 one."""
    if isinstance(address, ipaddress.IPv6Address):
        if address in NAT64:
            return is_public(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if inner is not None:
            return is_public(inner)
    return address.is_global and not address.is_multicast


def fetch(
    url: str, limit: int, allowed: Callable[[Address], bool] = is_public, seconds: float = TOTAL_SECONDS
) -> bytes:
    """The body behind a web address, at most `limit` bytes. Raises PictureProblem."""
    for _hop in range(MAX_REDIRECTS + 1):
        parts = checked(url)
        with opened(parts, resolved(parts, allowed), seconds) as response:
            if response.status in (301, 302, 303, 307, 308) and response.headers["Location"]:
                url = urljoin(url, response.headers["Location"])
                continue
            if response.status != 200:
                raise PictureProblem(gettext("The server answered %(status)s.") % {"status": response.status})
            return _read(response, limit)
    raise PictureProblem(gettext("The address redirects too often."))


def checked(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and not parts.username and not parts.password
        usable = usable and parts.port != 0
    except ValueError:
        usable = False
    if not usable or any(ord(character) < 32 for character in url):
        raise PictureProblem(gettext("This is no web address."))
    return parts


def resolved(parts: SplitResult, allowed: Callable[[Address], bool]) -> tuple[str, int]:
    """Address and port. All addresses of the host must be allowed: nobody hides a private one among public ones."""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise PictureProblem(gettext("There is no such server.")) from error
    addresses = [str(entry[4][0]).split("%")[0] for entry in found]
    if not addresses or not all(allowed(ipaddress.ip_address(address)) for address in addresses):
        raise PictureProblem(gettext("Pictures are fetched from public addresses only."))
    return addresses[0], port


@contextmanager
def opened(parts: SplitResult, address: tuple[str, int], seconds: float) -> Iterator[http.client.HTTPResponse]:
    """The response, its body not yet read. Only TLS and `Host` use the name; the connection goes to the address.

    A timer cuts the line when time is up: a server that sends one byte now and then would hold the worker for ever.
    """
    connection = http.client.HTTPConnection(parts.hostname or "", address[1])
    timer: threading.Timer | None = None
    late = threading.Event()
    try:
        line = socket.create_connection(address, timeout=min(SILENT_SECONDS, seconds))
        timer = threading.Timer(seconds, _cut, [line, late])
        timer.start()
        if parts.scheme == "https":
            context = ssl.create_default_context(cafile=where())
            line = context.wrap_socket(line, server_hostname=parts.hostname)
            timer.args = [line, late]
        connection.sock = line
        path = quote(parts.path or "/", safe=URL_SAFE) + (
            f"?{quote(parts.query, safe=URL_SAFE)}" if parts.query else ""
        )
        connection.request("GET", path, headers={"Accept": "image/*", "User-Agent": "Vitrine"})
        yield connection.getresponse()
        if late.is_set():  # what was cut looks like a short answer
            raise PictureProblem(gettext("The server is too slow."))
    except (OSError, http.client.HTTPException, UnicodeError) as error:
        raise PictureProblem(gettext("The server does not answer as it should.")) from error
    finally:
        if timer:
            timer.cancel()
        connection.close()


def _cut(line: socket.socket, late: threading.Event) -> None:
    late.set()
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)


def _read(response: http.client.HTTPResponse, limit: int) -> bytes:
    body = bytearray()
    length = response.headers.get("Content-Length", "")
    expected = int(length) if length.isascii() and length.isdecimal() and len(length) < 16 else None
    while (expected or 0) <= limit and len(body) <= limit and (chunk := response.read1(65536)):
        body += chunk
    if (expected or 0) > limit or len(body) > limit:
        raise PictureProblem(gettext("The picture is larger than %(limit)s MB.") % {"limit": limit // 1024 // 1024})
    if expected is not None and len(body) < expected:
        raise PictureProblem(gettext("The server broke off."))
    return bytes(body)
