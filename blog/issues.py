"""Questions to an issue in all its languages: who would get which version, and what still stands in the way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import Count
from django.utils.translation import gettext as _

from blog.models import NewsletterIssuePage, Sending, SendingState, Subscriber, WhenMissing
from core.localized import listed

MAIN = settings.LANGUAGE_CODE


@dataclass(frozen=True)
class Reach:
    """One language. `used`: language of the mail its subscribers get, "" none. `missing`: it holds up everybody."""

    code: str
    name: str
    subscribers: int
    page: NewsletterIssuePage | None
    used: str
    missing: bool

    @property
    def used_name(self) -> str:
        return str(dict(settings.LANGUAGES).get(self.used, ""))


@dataclass(frozen=True)
class Issue:
    """An issue in all its languages. `pages`: by language code, drafts included; copies of another language are not."""

    key: UUID
    pages: dict[str, NewsletterIssuePage]
    reach: list[Reach]

    @property
    def main(self) -> NewsletterIssuePage:
        """The version in the shop's main language, or the first there is."""
        return self.pages.get(MAIN) or next(iter(self.pages.values()))

    @property
    def live(self) -> dict[str, NewsletterIssuePage]:
        return {code: page for code, page in self.pages.items() if page.live}

    @property
    def recipients(self) -> int:
        return sum(row.subscribers for row in self.reach if row.used)


def load_issue(key: UUID) -> Issue | None:
    """None when there is no such issue."""
    pages = pages_of(key)
    if not pages:
        return None
    rows = Subscriber.objects.confirmed().order_by().values_list("language").annotate(number=Count("pk"))
    counted = dict(rows)
    policy = (pages.get(MAIN) or next(iter(pages.values()))).when_missing
    reach = [reach_of(code, str(name), counted.get(code, 0), pages, policy) for code, name in settings.LANGUAGES]
    return Issue(key, pages, reach)


def pages_of(key: UUID) -> dict[str, NewsletterIssuePage]:
    """Those that somebody has written or translated, by language code."""
    pages = NewsletterIssuePage.objects.filter(translation_key=key, alias_of=None).select_related("locale")
    return {page.locale.language_code: page for page in pages}


def reach_of(code: str, name: str, subscribers: int, pages: dict[str, NewsletterIssuePage], policy: str) -> Reach:
    page = pages.get(code)
    used, missing = "", False
    if page is not None and page.live:
        used = code
    elif policy == WhenMissing.FALLBACK:
        main = pages.get(MAIN)
        used = MAIN if main is not None and main.live else ""
        missing = not used and subscribers > 0
    elif policy == WhenMissing.BLOCK:
        missing = subscribers > 0
    return Reach(code, name, subscribers, page, used, missing)


def planned(start: datetime, end: datetime) -> list[tuple[datetime, int, str]]:
    """Sendings planned in [start, end): when, id of the page in the main language, languages. Two queries."""
    times = dict(
        Sending.objects.filter(state=SendingState.SCHEDULED, send_at__gte=start, send_at__lt=end).values_list(
            "issue_key", "send_at"
        )
    )
    pages = NewsletterIssuePage.objects.filter(translation_key__in=times, alias_of=None)
    written: dict[UUID, dict[str, int]] = {}
    for key, code, pk in pages.values_list("translation_key", "locale__language_code", "pk"):
        written.setdefault(key, {})[code] = pk
    return [
        (times[key], found.get(MAIN) or next(iter(found.values())), listed(code.upper() for code in found))
        for key, found in written.items()
    ]


def obstacle(issue: Issue) -> str:
    """Why it cannot be sent now; "" when it can."""
    if not issue.live:
        return _("The issue is not published.")
    if issue.main.when_missing == WhenMissing.FALLBACK and any(row.missing for row in issue.reach):
        return _("The issue is not published in the shop’s main language, which others are to get instead.")
    missing = [row.name for row in issue.reach if row.missing]
    if missing:
        return _("The issue is not published in: %(languages)s.") % {"languages": listed(missing)}
    if not issue.recipients:
        return _("Nobody is subscribed.")
    return ""
