"""Pages in other languages: which are missing, outdated, begun or done, and how a missing one is begun.

Most are two pages of Wagtail's tree, translated at the desk. What somebody has handed to wagtail-localize ("Translate
this page") is kept by that: its texts are edited there, and it is outdated when its source was published since.
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
from django.db import models, transaction
from django.http import Http404
from wagtail.fields import StreamField
from wagtail.models import Locale, Page, WorkflowState
from wagtail_localize.models import StringSegment, StringTranslation, Translation

from core.permissions import may_translate_into
from translation import standing
from translation.models import Standing
from translation.pieces import PAGE_FIRST, Piece, count_words, field_pieces, text_fields

SAME_SAVE = timedelta(minutes=1)
State = Standing.State
Key = tuple[UUID, str]  # translation key and language


class ParentMissing(Exception):
    """The page above is not there in this language yet."""


@dataclass(frozen=True)
class PageStanding:
    """One page in one language. `target`: the page there, None when it is missing. `by_hand`: not in localize."""

    source: int
    target: int | None
    name: str
    code: str
    state: State
    words_left: int
    by_hand: bool = True


def standings(codes: Collection[str]) -> list[PageStanding]:
    """Every page of the default language in each of these languages, as last observed; a constant number of queries."""
    kept, targets, in_review = _kept_by_localize(codes), _targets(codes), _in_review()
    words = _words_left(codes) if kept else {}
    own = Standing.objects.filter(content_type=_page_type(), language_code__in=codes)
    known = {(row.object_id, row.language_code): row for row in own}
    found = []
    for page in _sources().order_by("path"):
        for code in codes:
            key = (page.translation_key, code)
            target, row = targets.get(key), known.get((page.pk, code))
            left, state = (row.words_left, State(row.state)) if row else (0, State.MISSING)
            if key in kept and target:
                left, state = words[key], _state_in_localize(page, target, kept[key], words[key])
            if target and target.pk in in_review and state == State.DRAFT:
                state = State.REVIEW
            found.append(PageStanding(page.pk, target and target.pk, page.title, code, state, left, key not in kept))
    return found


def catch_up(limit: int) -> int:
    """Observes pages that were saved or published since, in either language. Returns how many."""
    codes = standing.TARGETS
    targets = _targets(codes)
    rows = Standing.objects.filter(content_type=_page_type())
    known = {(row.object_id, row.language_code): row for row in rows}
    sources = {page.pk: page for page in _sources()}
    rows.exclude(object_id__in=sources).delete()
    stale = [
        (page, targets.get((page.translation_key, code)), code)
        for page in sources.values()
        for code in codes
        if _is_stale(page, targets.get((page.translation_key, code)), known.get((page.pk, code)))
    ]
    for page, target, code in stale[:limit]:
        observe(shown(page), target and target.specific, code)
    return len(stale[:limit])


def observe(main: Page, target: Page | None, code: str, confirmed: Collection[str] = ()) -> None:
    """Takes down how a page stands. `main`: as `shown`. `confirmed`: paths of texts found to be still correct."""
    content_type = _page_type()
    draft = target and target.get_latest_revision_as_object()
    found = pieces_of(main, draft)
    bases = standing.bases_of(content_type, main.pk)[code]
    with transaction.atomic():
        standing.remember(content_type, main.pk, code, found, bases, confirmed)
        changed = standing.outdated_among(found, bases)
        is_live = bool(target and target.live and not target.has_unpublished_changes)
        state, left = standing.summary(found, changed, is_live)
        revision = (target.latest_revision_id or 0) if target else None
        standing.note(content_type, main.pk, code, main.title, revision, state, left)


def pieces_of(main: Page, draft: Page | None) -> list[Piece]:
    return list(field_pieces(type(main), main, draft))


def shown(page: Page) -> Any:
    """The page as it is translated from: what is live, or the latest draft of what is not."""
    return page.specific if page.live else page.specific.get_latest_revision_as_object()


def begin(user: User, pk: int, code: str) -> Page:
    """The page in this language as a draft, with the source's pictures and links but no words. Made when missing.

    Raises PermissionDenied for a language of others, Http404 for what is no page of the default language,
    ParentMissing when it would have no place.
    """
    source = source_page(user, pk, code)
    locale = Locale.objects.filter(language_code=code).first()
    if locale is None:
        raise Http404
    with transaction.atomic():
        list(Page.objects.filter(translation_key=source.translation_key).select_for_update())  # one of two at once
        there = source.get_translation_or_none(locale)
        if there is None:
            if source.get_parent().get_translation_or_none(locale) is None:
                raise ParentMissing
            there = shown(source).copy_for_translation(locale)
            _blank(there)
            there.save()
            there.save_revision(user=user, clean=False)
    return there


def source_page(user: User, pk: int, code: str) -> Page:
    """The page to translate into a language. Raises PermissionDenied, Http404 as `begin`."""
    if not may_translate_into(user, code) or code == settings.LANGUAGE_CODE:
        raise PermissionDenied
    source = _sources().filter(pk=pk).first()
    if source is None:
        raise Http404
    return source


def is_kept_by_localize(main: Page, code: str) -> bool:
    return (main.translation_key, code) in _kept_by_localize([code])


def _blank(page: Page) -> None:
    """A title and a slug every page must have; whoever sees the rest empty knows that it is not translated."""
    for field in text_fields(type(page)):
        if field.name not in PAGE_FIRST:
            setattr(page, field.name, field.to_python([]) if isinstance(field, StreamField) else "")


def _is_stale(source: Page, target: Page | None, row: Standing | None) -> bool:
    if row is None or row.revision_id != ((target.latest_revision_id or 0) if target else None):
        return True
    drafted = None if source.live else source.latest_revision_created_at
    moments = [source.last_published_at, drafted, target and target.last_published_at]
    return any(moment > row.seen_at for moment in moments if moment)


def _sources() -> models.QuerySet[Page]:
    return Page.objects.filter(locale__language_code=settings.LANGUAGE_CODE, depth__gt=1, alias_of=None)


def _page_type() -> ContentType:
    return ContentType.objects.get_for_model(Page)


def _state_in_localize(page: Page, target: Page, synced: datetime, left: int) -> State:
    if page.last_published_at and page.last_published_at > synced + SAME_SAVE:
        return State.OUTDATED
    return State.DRAFT if left or not target.live or target.has_unpublished_changes else State.DONE


def _targets(codes: Collection[str]) -> dict[Key, Page]:
    rows = Page.objects.filter(locale__language_code__in=codes, depth__gt=1, alias_of=None).select_related("locale")
    return {(row.translation_key, row.locale.language_code): row for row in rows}


def _kept_by_localize(codes: Collection[str]) -> dict[Key, datetime]:
    rows = Translation.objects.filter(enabled=True, target_locale__language_code__in=codes)
    keys = rows.values_list("source__object_id", "target_locale__language_code", "source__last_updated_at")
    return {(key, code): when for key, code, when in keys}


def _words_left(codes: Collection[str]) -> dict[Key, int]:
    done = set(
        StringTranslation.objects.filter(locale__language_code__in=codes, has_error=False).values_list(
            "translation_of", "context", "locale__language_code"
        )
    )
    left: dict[Key, int] = defaultdict(int)
    rows = StringSegment.objects.values_list("source__object_id", "string", "context", "string__data")
    for key, string, context, text in rows:
        for code in codes:
            if (string, context, code) not in done:
                left[key, code] += count_words(text)
    return left


def _in_review() -> set[int]:
    rows = WorkflowState.objects.active().filter(base_content_type=ContentType.objects.get_for_model(Page))
    return {int(pk) for pk in rows.values_list("object_id", flat=True)}
