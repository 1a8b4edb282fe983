"""Mails to those who run the shop: settings.OPERATOR_EMAILS, or else its administrators."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.utils import translation
from wagtail.users.models import UserProfile

from core import mail, outbox
from core.models import Outbox


@dataclass(frozen=True)
class Reader:
    """Who gets a mail, and the language to write it in."""

    address: str
    language: str


def operators() -> list[Reader]:
    if settings.OPERATOR_EMAILS:
        return [Reader(address, settings.LANGUAGE_CODE) for address in settings.OPERATOR_EMAILS]
    return readers(User.objects.filter(is_active=True, is_superuser=True))


def readers(users: Iterable[User]) -> list[Reader]:
    """Those of the users who have an address, each in the language of their admin."""
    return [Reader(user.email, language_of(user)) for user in users if user.email]


def language_of(user: User) -> str:
    return str(UserProfile.get_for_user(user).get_preferred_language())


def tell(kind: str, key: str, payload: dict[str, Any], to: Iterable[Reader]) -> None:
    """Notes one mail for each reader in the current transaction; the handler of `kind` sends it with `send`."""
    for reader in to:
        whom = {"to": reader.address, "language": reader.language}
        outbox.put(kind, f"{key}:{outbox.digest(reader.address)}", {**payload, **whom})


def send(row: Outbox, subject: str, lines: Iterable[str], address: str, label: str) -> None:
    """One mail: sentences and a link into the admin. Called in the reader's language: see `reader_language`.

    Raises what the mail server's client raises.
    """
    context = {"lines": [line for line in lines if line], "url": settings.BASE_URL + address, "label": label}
    mail.send(row, row.payload["to"], subject, "operators", context)


def reader_language(row: Outbox) -> Any:
    """A block in which texts are in the reader's language."""
    return translation.override(row.payload["language"])
