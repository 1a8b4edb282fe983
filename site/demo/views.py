"""The demo's mailbox: what the shop sent, readable without a mail server."""

from __future__ import annotations

from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.policy import replace_policy

SEPARATOR = b"-" * 79 + b"\n"


@dataclass(frozen=True)
class Mail:
    key: str
    message: EmailMessage

    @property
    def text(self) -> str:
        part = self.message.get_body(preferencelist=("plain",))
        return part.get_content() if part else ""

    @property
    def html(self) -> str:
        part = self.message.get_body(preferencelist=("html",))
        return part.get_content() if part else ""


def mailbox() -> list[Mail]:
    """Newest first. Django's file backend writes one file per connection, messages split by a line of dashes."""
    folder = Path(getattr(settings, "EMAIL_FILE_PATH", "") or settings.VAR_DIR / "mail")
    mails = []
    for file in sorted(folder.glob("*.log"), reverse=True):
        for number, raw in enumerate(part for part in file.read_bytes().split(SEPARATOR) if part.strip()):
            message = message_from_bytes(raw, _class=EmailMessage, policy=policy.default)
            mails.append(Mail(f"{file.stem}.{number}", message))
    return mails


def mail_or_404(key: str) -> Mail:
    for mail in mailbox():
        if mail.key == key:
            return mail
    raise Http404


@require_safe
def mail_list(request: HttpRequest) -> HttpResponse:
    return render(request, "demo/mail_list.html", {"mails": mailbox()})


@require_safe
def mail_detail(request: HttpRequest, key: str) -> HttpResponse:
    return render(request, "demo/mail_detail.html", {"mail": mail_or_404(key)})


@require_safe
def mail_html(request: HttpRequest, key: str) -> HttpResponse:
    """The mail's HTML as a mail program would show it: no scripts, nothing loaded, its own inline styles."""
    response = HttpResponse(mail_or_404(key).html)
    directives = {"default-src": ["'none'"], "style-src": ["'unsafe-inline'"], "img-src": ["data:"]}
    replace_policy(response, {**directives, "sandbox": ["allow-popups allow-top-navigation-by-user-activation"]})
    return response
