"""A mail server that can refuse, hang, or keep a mail and say so only later; remembers every mail it kept."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field
from email import policy
from email.parser import BytesParser
from enum import StrEnum
from typing import Any, Self

from aiosmtpd.controller import Controller


class Mood(StrEnum):
    KIND = "accepts"
    REFUSING = "refuses with 451"
    HANGING = "hangs before it takes a mail"
    SLOW = "keeps a mail and says so 2 s later"


@dataclass
class Mail:
    to: str
    identity: str
    subject: str
    has_pdf: bool
    at: float


@dataclass
class Postbox:
    """Runs from `with` to its end, also when nobody listens (`close`)."""

    port: int
    mood: Mood = Mood.KIND
    kept: list[Mail] = field(default_factory=list)
    turned_away: int = 0
    server: Controller | None = None

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def open(self) -> None:
        self.server = Controller(self, hostname="127.0.0.1", port=self.port)
        self.server.start()

    def close(self) -> None:
        server, self.server = self.server, None
        if server is not None:
            server.stop(no_assert=True)

    async def handle_MAIL(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        if self.mood is Mood.REFUSING:
            self.turned_away += 1
            return "451 try again later"
        while self.mood is Mood.HANGING:
            await asyncio.sleep(0.1)
        envelope.mail_from = address
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        mail = BytesParser(policy=policy.default).parsebytes(envelope.content)
        has_pdf = any(part.get_content_type() == "application/pdf" for part in mail.walk())
        to, identity, subject = (str(mail[name]) for name in ("To", "Message-ID", "Subject"))
        self.kept.append(Mail(to, identity, subject, has_pdf, time.time()))
        if self.mood is Mood.SLOW:
            await asyncio.sleep(2)
        return "250 kept"

    def confirmations(self) -> Counter[str]:
        """Address -> how many confirmations it got."""
        return Counter(mail.to for mail in self.kept if "order_confirmation" in mail.identity)

    def first_at(self) -> dict[str, float]:
        """Address -> when its first confirmation came."""
        first: dict[str, float] = {}
        for mail in self.kept:
            if "order_confirmation" in mail.identity:
                first.setdefault(mail.to, mail.at)
        return first
