"""The press: HTML in, PDF out, in a process of its own that is stopped when it takes too long.

So a page that never ends, or a fault in a native library, costs one document and not the worker. The process stays for
a minute of idleness, because starting it takes longer than printing. Run as a script it is that process.

It reaches nothing: `data:` is the only kind of address it follows, whatever the HTML says (WeasyPrint's own fetcher
would read files and ask the network).
"""

from __future__ import annotations

import contextlib
import os
import select
import struct
import subprocess
import sys
import threading
from typing import IO

SECONDS = 30.0  # for one document
IDLE_SECONDS = 60
MOST_HTML = 5_000_000  # bytes
MOST_DOCUMENTS = 500  # by one process, so that a leak stays small
NO_PANGO = b"no pango"
HEAD = struct.Struct(">?I")  # printed or failed; length of what follows


class CannotPrint(Exception):
    """There is no PDF; the text tells staff why."""


class PangoMissing(CannotPrint):
    """This machine lacks the library that sets the text; scripts/setup.py says how to install it."""


class Press:
    """The child process of this process. Threads take turns."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self.seconds = seconds
        self.lock = threading.Lock()
        self.child: subprocess.Popen[bytes] | None = None
        self.owner = 0

    def print(self, html: str) -> bytes:
        """The PDF. Raises CannotPrint."""
        source = html.encode()
        if len(source) > MOST_HTML:
            raise CannotPrint(f"the document is too long: {len(source)} bytes")
        with self.lock:
            try:
                return self.ask(source)
            except (BrokenPipeError, EOFError):
                pass  # it had just gone home
            try:
                return self.ask(source)
            except (BrokenPipeError, EOFError):
                raise CannotPrint("the press died of this document") from None

    def ask(self, source: bytes) -> bytes:
        child = self.started()
        assert child.stdin and child.stdout
        is_late = threading.Event()

        def give_up() -> None:
            is_late.set()
            child.kill()

        clock = threading.Timer(self.seconds, give_up)
        clock.daemon = True
        clock.start()
        try:
            send(child.stdin, True, source)
            is_pdf, answer = receive(child.stdout)
        except (BrokenPipeError, EOFError):
            self.stop()
            if is_late.is_set():
                raise CannotPrint(f"the document took longer than {self.seconds:g} seconds") from None
            raise
        finally:
            clock.cancel()
        if answer == NO_PANGO:
            raise PangoMissing("Pango is not installed")
        if not is_pdf:
            raise CannotPrint(answer.decode(errors="replace"))
        return answer

    def started(self) -> subprocess.Popen[bytes]:
        if self.child is None or self.owner != os.getpid() or self.child.poll() is not None:
            self.stop()
            command = [sys.executable, "-I", __file__]
            self.child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            self.owner = os.getpid()
        return self.child

    def stop(self) -> None:
        child, self.child = self.child, None
        if child is None or self.owner != os.getpid():
            return
        child.kill()
        child.wait()
        for pipe in filter(None, (child.stdin, child.stdout)):
            with contextlib.suppress(OSError):  # what was not sent any more
                pipe.close()


def send(pipe: IO[bytes], is_good: bool, content: bytes) -> None:
    pipe.write(HEAD.pack(is_good, len(content)) + content)
    pipe.flush()


def receive(pipe: IO[bytes]) -> tuple[bool, bytes]:
    """Raises EOFError when the other side is gone."""
    is_good, length = HEAD.unpack(exactly(pipe, HEAD.size))
    return is_good, exactly(pipe, length)


def exactly(pipe: IO[bytes], length: int) -> bytes:
    content = pipe.read(length)
    if len(content) < length:
        raise EOFError
    return content


# The other side


def attempt(html: str) -> tuple[bool, bytes]:
    """(True, PDF) or (False, why not)."""
    try:
        import weasyprint  # noqa: F401  (loads Pango)
    except OSError:
        return False, NO_PANGO
    try:
        return True, to_pdf(html)
    except Exception as error:  # whatever it is, the next document may be better
        return False, f"{type(error).__name__}: {error}".encode()


def to_pdf(html: str) -> bytes:
    """Tagged (readable aloud) and fit for archives: PDF/A-3a."""
    from weasyprint import HTML
    from weasyprint.urls import URLFetcher

    fetcher = URLFetcher(allowed_protocols=("data",), allow_redirects=False)
    return HTML(string=html, url_fetcher=fetcher).write_pdf(pdf_variant="pdf/a-3a")


def work() -> None:
    """Answers until nobody asks any more. Libraries that print to stdout would break the protocol: they get stderr."""
    asked, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    for _document in range(MOST_DOCUMENTS):
        if not select.select([asked], [], [], IDLE_SECONDS)[0]:
            return
        try:
            source = receive(asked)[1]
        except EOFError:
            return
        send(answers, *attempt(source.decode()))


PRESS = Press()

if __name__ == "__main__":
    work()
