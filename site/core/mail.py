"""What all mails of the shop share: their identity, and the context of their templates."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation

from core.context_processors import shop_details
from core.models import Outbox


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


def send(
    row: Outbox,
    to: str,
    subject: str,
    template: str,
    context: dict[str, Any],
    attachments: Iterable[tuple[str, bytes, str]] = (),
) -> None:
    """One mail from `mail/<template>.txt` and `.html`. `attachments`: (file name, content, type).

    Raises what the mail server's client raises.
    """
    context = mail_context(subject=subject, **context)
    mail = EmailMultiAlternatives(
        " ".join(subject.split()),
        render_to_string(f"mail/{template}.txt", context),
        to=[to],
        headers={"Message-ID": message_id(row), "Auto-Submitted": "auto-generated"},
    )
    mail.attach_alternative(render_to_string(f"mail/{template}.html", context), "text/html")
    for attachment in attachments:
        mail.attach(*attachment)
    mail.send()
