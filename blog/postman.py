"""One mail to one reader over a connection that stays open, and what the mail server's answer means for it."""

from __future__ import annotations

import logging
import re
import smtplib
from typing import Any, Self

from django.core.mail import get_connection
from django.utils import timezone

from blog.letters import Letter
from blog.models import Delivery, DeliveryState, Subscriber, SubscriberState
from core.outbox import wait_after

log = logging.getLogger(__name__)

MOST_TRIES = 8  # within about two hours
GOES_AWAY = 421
MOST_BREAKS = 3  # connections that break one after the other, before the mail server is left alone for a while
NO_SUCH_MAILBOX = re.compile(rb"\b5\.1\.\d")  # RFC 3463: the address itself is bad, now and later


class ServerGone(Exception):
    """Nothing can be sent at the moment, to nobody."""


class Postman:
    """Holds the connection. `letters`: by language."""

    def __init__(self, letters: dict[str, Letter]) -> None:
        self.letters = letters
        self.connection: Any = get_connection()
        self.breaks = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def open(self) -> None:
        """Raises ServerGone."""
        try:
            self.connection.open()
        except (OSError, smtplib.SMTPException) as error:
            raise ServerGone(f"{type(error).__name__}: {error}") from error

    def close(self) -> None:
        try:
            self.connection.close()
        except (OSError, smtplib.SMTPException):
            log.info("the mail server had closed the connection")
        self.connection = get_connection()

    def deliver(self, row: Delivery) -> None:
        """Sets the row's new state, unsaved: sent, left out, failed, or waiting for another try. Raises ServerGone."""
        reader = row.subscriber
        if reader is None or reader.state != SubscriberState.CONFIRMED:
            row.state = DeliveryState.SKIPPED
            return
        self.open()
        row.tries += 1
        mail = self.letters[row.used_language].to(reader.email, reader.key, f"{row.sending_id}.{row.pk}")
        try:
            self.connection.send_messages([mail])
        except smtplib.SMTPException as error:  # a kind of OSError, so it comes first
            code, words = answer_of(error)
            if code in (0, GOES_AWAY) or isinstance(error, smtplib.SMTPSenderRefused):
                self._broken(row, error)
            else:
                self._refused(row, reader, code, words)
        except OSError as error:
            self._broken(row, error)
        except ValueError as error:  # no address that a mail could carry
            row.state, row.error = DeliveryState.FAILED, type(error).__name__
        else:
            self.breaks = 0
            row.state, row.sent_at, row.error = DeliveryState.SENT, timezone.now(), ""

    def _broken(self, row: Delivery, error: Exception) -> None:
        """Perhaps this mail is what broke it, so it comes last, and the others get a new connection."""
        put_off(row, type(error).__name__)
        self.close()
        self.breaks += 1
        if self.breaks >= MOST_BREAKS:
            raise ServerGone(type(error).__name__)

    def _refused(self, row: Delivery, reader: Subscriber, code: int, words: bytes) -> None:
        """Only an answer about the mailbox itself is final; a server that refuses all mails is soon repaired."""
        self.breaks = 0
        if 500 <= code < 600 and NO_SUCH_MAILBOX.search(words):
            row.state, row.error = DeliveryState.FAILED, str(code)
            confirmed = Subscriber.objects.filter(pk=reader.pk, state=SubscriberState.CONFIRMED)
            confirmed.update(state=SubscriberState.BOUNCED)
        else:
            put_off(row, str(code))


def put_off(row: Delivery, error: str) -> None:
    """Another try later, or failed after too many."""
    row.error = error
    if row.tries >= MOST_TRIES:
        row.state = DeliveryState.FAILED
    else:
        row.next_try_at = timezone.now() + wait_after(row.tries)


def answer_of(error: smtplib.SMTPException) -> tuple[int, bytes]:
    """The server's code and words; (0, b"") when it gave none."""
    code: int = 0
    words: bytes | str = b""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, words = next(iter(error.recipients.values()), (0, b""))
    elif isinstance(error, smtplib.SMTPResponseException):
        code, words = error.smtp_code, error.smtp_error
    return code, words.encode() if isinstance(words, str) else words
