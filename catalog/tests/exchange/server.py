"""A web server on this machine that answers like the ones pictures are fetched from, and like worse ones."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from threading import Thread
from zlib import crc32

from PIL import Image


def picture(name: str = "", size: tuple[int, int] = (8, 8), kind: str = "PNG") -> bytes:
    """A picture whose colour depends on its name."""
    buffer = BytesIO()
    Image.new("RGB", size, f"#{crc32(name.encode()) & 0xFFFFFF:06x}").save(buffer, kind)
    return buffer.getvalue()


class Handler(BaseHTTPRequestHandler):
    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(f"{self.headers['Host']} {self.path}")
        path, _mark, query = self.path.partition("?")
        if path == "/to":
            self.send_response(302)
            self.send_header("Location", query)
            self.end_headers()
        elif path == "/drip":
            self.drip()
        elif path == "/large":
            self.answer(b"x", length=2**40)
        elif path == "/endless":
            self.endless()
        elif path == "/short":
            self.answer(picture()[:20], length=2000)
        elif path == "/page":
            self.answer(b"<html>no picture</html>")
        elif path.endswith(".png"):
            self.answer(picture(path))
        else:
            self.send_error(404)

    def answer(self, body: bytes, length: int | None = None) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def drip(self) -> None:
        """One byte of a header now and then."""
        try:
            self.wfile.write(b"HTTP/1.0 200 OK\r\n")
            for _byte in range(100):
                self.wfile.write(b"X: y\r\n")
                time.sleep(0.2)
        except OSError:
            return

    def endless(self) -> None:
        self.send_response(200)
        self.end_headers()
        try:
            while True:
                self.wfile.write(b"\0" * 65536)
        except OSError:
            return

    def log_message(self, *args: object) -> None:
        return


@contextmanager
def served() -> Iterator[tuple[str, list[str]]]:
    """("http://127.0.0.1:port", what was asked)."""
    handler = type("H", (Handler,), {"asked": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", handler.asked
    finally:
        server.shutdown()
        server.server_close()
