"""A mail server that refuses everybody, and says whom it refused."""

from __future__ import annotations

from collections.abc import Sequence
from smtplib import SMTPRecipientsRefused

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend


class EmailBackend(BaseEmailBackend):
    def send_messages(self, messages: Sequence[EmailMessage]) -> int:
        refused = {to: (550, b"no such user, card 4242 4242 4242 4242") for mail in messages for to in mail.to}
        raise SMTPRecipientsRefused(refused)
