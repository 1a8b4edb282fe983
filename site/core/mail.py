"""What all mails of the shop share: their identity, and the context of their templates."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import css_inline
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation

from core.context_processors import shop_details
from core.models import Outbox

# Mail programs that know no style sheets still show the colours; media queries stay behind for those that do.
INLINER = css_inline.CSSInliner(load_remote_stylesheets=False, keep_at_rules=True)


@dataclass(frozen=True)
class Letter:
    """A mail as its reader will see it."""

    subject: str
    text: str
    html: str


def message_id(row: Outbox) -> str:
    """The same for every try of a row, so that a mail sent twice is recognised as one."""
    return f"<{row.kind}.{row.pk}@{urlsplit(settings.BASE_URL).hostname}>"


def mail_context(**more: Any) -> dict[str, Any]:
    """Shop, language and direction, in the active language."""
    details = shop_details()
    return {
        "shop_name": details.name,
        "shop_details": details,
        "shop_url": f"{settings.BASE_URL}/{translation.get_language()}/",
        "language": translation.get_language(),
        "direction": "rtl" if translation.get_language_bidi() else "ltr",
        **more,
    }


def write(subject: str, template: str, context: dict[str, Any]) -> Letter:
    """Renders `mail/<template>.txt` and `.html` in the active language."""
    subject = " ".join(subject.split())
    context = mail_context(subject=subject, **context)
    text = render_to_string(f"mail/{template}.txt", context)
    return Letter(subject, text, INLINER.inline(render_to_string(f"mail/{template}.html", context)))


def post(row: Outbox, to: str, letter: Letter, attachments: Iterable[tuple[str, bytes, str]] = ()) -> None:
    """`attachments`: (file name, content, type). Nobody gets it when the address was erased.

    Raises what the mail server's client raises.
    """
    if not to:
        return
    headers = {"Message-ID": message_id(row), "Auto-Submitted": "auto-generated"}
    mail = EmailMultiAlternatives(letter.subject, letter.text, to=[to], headers=headers)
    mail.attach_alternative(letter.html, "text/html")
    for attachment in attachments:
        mail.attach(*attachment)
    mail.send()


def send(
    row: Outbox,
    to: str,
    subject: str,
    template: str,
    context: dict[str, Any],
    attachments: Iterable[tuple[str, bytes, str]] = (),
) -> None:
    """One mail from `mail/<template>.txt` and `.html`, as `write` and `post` do it."""
    post(row, to, write(subject, template, context), attachments)
