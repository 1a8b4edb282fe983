"""The note that an author may send along with a submission: asked for by the editor's dialog (submit.js), mailed to the
reviewers and shown in their inbox."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.http import HttpRequest

LONGEST = 1000

_note: ContextVar[str] = ContextVar("note", default="")


@contextmanager
def taken_from(request: HttpRequest) -> Iterator[None]:
    """While the request is answered: Wagtail starts a review without saying which request asked for it."""
    token = _note.set(request.POST.get("submission_note", "").strip()[:LONGEST] if request.method == "POST" else "")
    try:
        yield
    finally:
        _note.reset(token)


def current() -> str:
    """The note of the submission that is being answered; empty without one."""
    return _note.get()
