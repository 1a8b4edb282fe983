"""Pages in other languages: which are missing, outdated, begun or done. Their texts are edited with wagtail-localize.

A page that wagtail-localize does not keep (written by hand in its language) counts as outdated when its source was
published after it was last saved or last found to be still correct.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404
from wagtail.models import Locale, Page, WorkflowState
from wagtail_localize.models import StringSegment, StringTranslation, Translation, TranslationSource

from core.permissions import may_translate_into
from translation.models import Basis, Standing
from translation.pieces import count_words

PATH = "page"  # of the basis that "still correct" leaves
SAME_SAVE = timedelta(minutes=1)
State = Standing.State


@dataclass(frozen=True)
class PageStanding:
    """One page in one language. `target`: the page there, None when it is missing. `by_hand`: not in localize."""

    source: int
    target: int | None
    name: str
    code: str
    state: State
    words_left: int
    by_hand: bool = False


def standings(codes: Collection[str]) -> list[PageStanding]:
    """Every page of the default language in each of these languages; a constant number of queries."""
    kept = _kept_by_localize(codes)
    words = _words_left(codes)
    targets = _targets(codes)
    confirmed = _confirmed(codes)
    in_review = _in_review()
    rows = Page.objects.filter(locale__language_code=settings.LANGUAGE_CODE, depth__gt=1, alias_of=None)
    found = []
    for page in rows.order_by("path").select_related("latest_revision"):
        for code in codes:
            target = targets.get((page.translation_key, code))
            synced = kept.get((page.translation_key, code))
            left = words.get((page.translation_key, code), 0) if synced else 0
            if target is None:
                left = count_words(page.title + " " + _written(page))
            correct = confirmed.get(target.pk) if target else None
            state = State.REVIEW if target and target.pk in in_review else _state(page, target, synced, left, correct)
            key = target.pk if target else None
            found.append(PageStanding(page.pk, key, page.title, code, state, left, synced is None))
    return found


def begin(user: User, pk: int, code: str) -> Page:
    """The page in this language as a draft with the source's texts, kept by wagtail-localize. Made when missing.

    Raises PermissionDenied for a language of others, Http404 for what is no page of the default language.
    """
    source = source_page(user, pk, code)
    locale = Locale.objects.filter(language_code=code).first()
    if locale is None:
        raise Http404
    with transaction.atomic():
        list(Page.objects.filter(translation_key=source.translation_key).select_for_update())  # one of two at once
        there = source.get_translation_or_none(locale)
        if there is None:
            kept, _created = TranslationSource.update_or_create_from_instance(source.specific)
            translation, _created = Translation.objects.get_or_create(source=kept, target_locale=locale)
            translation.save_target(user=user, publish=False)
            there = source.get_translation(locale)
    return there


def source_page(user: User, pk: int, code: str) -> Page:
    """The page to translate into a language. Raises PermissionDenied, Http404 as `begin`."""
    if not may_translate_into(user, code) or code == settings.LANGUAGE_CODE:
        raise PermissionDenied
    source = Page.objects.filter(pk=pk, locale__language_code=settings.LANGUAGE_CODE, depth__gt=1).first()
    if source is None:
        raise Http404
    return source


def confirm(user: User, pk: int) -> Page:
    """Takes down that a page is still correct. Raises PermissionDenied, Http404 as `begin`."""
    page = Page.objects.filter(pk=pk, depth__gt=1).select_related("locale").first()
    if page is None:
        raise Http404
    if not may_translate_into(user, page.locale.language_code):
        raise PermissionDenied
    Basis.objects.update_or_create(
        content_type=ContentType.objects.get_for_model(Page),
        object_id=page.pk,
        language_code=page.locale.language_code,
        path=PATH,
        defaults={"source": "", "target": ""},
    )
    return page


def _state(page: Page, target: Any, synced: datetime | None, left: int, correct: datetime | None) -> State:
    if target is None:
        return State.MISSING
    if synced is not None:
        newer = page.last_published_at and page.last_published_at > synced + SAME_SAVE
    else:
        seen = max(filter(None, (target.latest_revision_created_at, target.last_published_at, correct)), default=None)
        newer = page.last_published_at and seen and page.last_published_at > seen + SAME_SAVE
    if newer:
        return State.OUTDATED
    return State.DRAFT if left or not target.live or target.has_unpublished_changes else State.DONE


def _targets(codes: Collection[str]) -> dict[tuple[UUID, str], Page]:
    rows = Page.objects.filter(locale__language_code__in=codes, depth__gt=1, alias_of=None).select_related("locale")
    return {(row.translation_key, row.locale.language_code): row for row in rows}


def _kept_by_localize(codes: Collection[str]) -> dict[tuple[UUID, str], datetime]:
    rows = Translation.objects.filter(enabled=True, target_locale__language_code__in=codes)
    keys = rows.values_list("source__object_id", "target_locale__language_code", "source__last_updated_at")
    return {(key, code): when for key, code, when in keys}


def _words_left(codes: Collection[str]) -> dict[tuple[UUID, str], int]:
    done = set(
        StringTranslation.objects.filter(locale__language_code__in=codes, has_error=False).values_list(
            "translation_of", "context", "locale__language_code"
        )
    )
    left: dict[tuple[UUID, str], int] = defaultdict(int)
    rows = StringSegment.objects.values_list("source__object_id", "string", "context", "string__data")
    for key, string, context, text in rows:
        for code in codes:
            if (string, context, code) not in done:
                left[key, code] += count_words(text)
    return left


def _confirmed(codes: Collection[str]) -> dict[int, datetime]:
    rows = Basis.objects.filter(
        content_type=ContentType.objects.get_for_model(Page), language_code__in=codes, path=PATH
    )
    return dict(rows.values_list("object_id", "seen_at"))


def _in_review() -> set[int]:
    rows = WorkflowState.objects.active().filter(base_content_type=ContentType.objects.get_for_model(Page))
    return {int(pk) for pk in rows.values_list("object_id", flat=True)}


def _written(page: Page) -> str:
    """All words of a page, roughly: the texts of its latest revision."""
    content = page.latest_revision.content if page.latest_revision else {}
    return " ".join(str(content.get(name) or "") for name in ("intro", "search_description"))
