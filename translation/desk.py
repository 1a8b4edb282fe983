"""One object at the translators' desk: opened with its permission, saved as a draft of one language, sent to review."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext, override
from wagtail.admin.models import EditingSession
from wagtail.coreutils import find_available_slug
from wagtail.models import Page, Revision

from catalog.models import Category, Product
from catalog.publishing import missing
from core.permissions import may_translate_into
from translation import pages, standing
from translation.pieces import Piece, field_pieces, pieces, row_in, same, translated_models, write, write_fields

PAGE = "wagtailcore.page"  # in addresses
PRESENT = timedelta(minutes=2)


@dataclass
class Desk:
    """An object and its latest draft, with the texts of two languages side by side."""

    instance: Any
    draft: Any
    source: str
    target: str

    @property
    def address(self) -> tuple[str, int, str]:
        """Of its screen: what the view takes."""
        return self.instance._meta.label_lower, self.instance.pk, self.target

    @property
    def content_type(self) -> ContentType:
        """How revisions and Wagtail's editors name this kind of object."""
        return ContentType.objects.get_for_model(self.instance, for_concrete_model=False)

    @property
    def slugs(self) -> Any:
        """What knows `slug_taken` and `free_slug` here; None where there are no slugs."""
        if not hasattr(self.draft, "translations"):
            return None
        row = row_in(self.draft, self.target) or self.draft.translations.model(language_code=self.target)
        row.master_id = self.instance.pk
        return row

    @cached_property
    def pieces(self) -> list[Piece]:
        return self.pieces_of(self.draft)

    def pieces_of(self, draft: Any) -> list[Piece]:
        """The texts of another draft of this object."""
        return pieces(draft, self.source, self.target)

    @cached_property
    def outdated(self) -> dict[str, standing.Change]:
        return standing.outdated(self.draft, self.target)

    @property
    def live_url(self) -> str:
        """Where shoppers see it in this language; empty when they do not."""
        if not self.instance.live or not hasattr(self.instance, "get_absolute_url"):
            return ""
        with override(self.target):
            return self.instance.get_absolute_url()

    def write(self, texts: Mapping[str, str]) -> None:
        write(self.draft, self.source, self.target, texts)

    def observe(self, confirmed: Collection[str]) -> None:
        """Takes down how the latest draft stands."""
        latest = self.instance.get_latest_revision_as_object()
        standing.observe(latest, {(self.target, path) for path in confirmed})

    @property
    def revision(self) -> int:
        return self.instance.latest_revision_id or 0

    @property
    def words_left(self) -> int:
        return sum(piece.words for piece in self.pieces if piece.is_missing or piece.path in self.outdated)


@dataclass
class Outcome:
    """What became of a save. `conflicts`: path -> what somebody else wrote there meanwhile; then nothing was saved,
    and `typed` is what this person has changed."""

    saved: bool = False
    typed: dict[str, str] = field(default_factory=dict)
    conflicts: dict[str, str] = field(default_factory=dict)


def open_desk(user: User, label: str, pk: int, source: str, target: str) -> Desk:
    """The object with its latest draft. Raises PermissionDenied for a language of others, Http404 for what is not
    translated here."""
    if not may_translate_into(user, target) or target == settings.LANGUAGE_CODE:
        raise PermissionDenied
    if label == PAGE:
        return open_page(pk, source, target)
    model = apps.get_model(label) if label in {each._meta.label_lower for each in translated_models()} else None
    instance = model._default_manager.filter(pk=pk).first() if model else None
    if instance is None or source not in dict(settings.LANGUAGES) or source == target:
        raise Http404
    return Desk(instance, instance.get_latest_revision_as_object(), source, target)


def reopened(user: User, desk: Desk) -> Desk:
    """The same as it is now."""
    label, pk, target = desk.address
    return open_desk(user, label, pk, desk.source, target)


def why_locked(desk: Desk, user: User) -> str:
    """Why this person cannot write here now; empty when they can."""
    lock = desk.instance.get_lock()
    if lock is None or not lock.for_user(user):
        return ""
    if desk.instance.workflow_in_progress:
        return gettext("This is in review. You can write again when the reviewers have decided.")
    return gettext("This is locked by a colleague. You can write again when it is unlocked.")


def save(
    desk: Desk, user: User, seen_revision: int, texts: Mapping[str, str], confirmed: Collection[str] = ()
) -> Outcome:
    """Writes a new draft on top of the latest one, with only this language's changed texts in it.

    `seen_revision`: the draft that the translator had before their eyes. Where somebody else has changed the very same
    text since, nothing is saved and both are told; every other change of theirs stays. `confirmed`: paths of outdated
    texts that are still correct.
    """
    with transaction.atomic():
        type(desk.instance)._base_manager.select_for_update(of=("self",)).get(pk=desk.instance.pk)
        now = reopened(user, desk)
        if why_locked(now, user):
            raise PermissionDenied
        before = _texts_of(now, seen_revision)
        current = {piece.path: piece.target for piece in now.pieces}
        changed = {path: text for path, text in texts.items() if not same(text, before.get(path, ""))}
        conflicts = {
            path: current.get(path, "")
            for path, text in changed.items()
            if not same(current.get(path, ""), before.get(path, "")) and not same(current.get(path, ""), text)
        }
        if conflicts:
            return Outcome(typed=changed, conflicts=conflicts)
        if changed:
            now.write(changed)
            now.draft.save_revision(user=user, log_action=True, changed=True, clean=False)
            now.instance.refresh_from_db()
        if changed or confirmed:
            now.observe({*confirmed, *changed})
        return Outcome(saved=bool(changed or confirmed))


def _texts_of(desk: Desk, revision: int) -> dict[str, str]:
    """The target's texts in an earlier draft; in this one when that is it, or is gone."""
    if revision != desk.revision:
        own = Revision.objects.filter(base_content_type=desk.content_type, object_id=str(desk.instance.pk))
        earlier = own.filter(pk=revision).first()
        if earlier:
            return {piece.path: piece.target for piece in desk.pieces_of(earlier.as_object())}
        if revision == 0:  # there was no draft yet
            return {piece.path: piece.target for piece in desk.pieces_of(desk.instance)}
    return {piece.path: piece.target for piece in desk.pieces}


def lacking(desk: Desk) -> list[str]:
    """What keeps this draft from review."""
    if not isinstance(desk.draft, Product | Category):
        return []
    return [lack.text for lack in missing(desk.draft)]


def submit(desk: Desk, user: User) -> bool:
    """Sends the latest draft to the review that editors use, too. False when none is set up for this kind of object."""
    workflow = desk.instance.get_workflow()
    state = desk.instance.current_workflow_state
    if state and state.status == state.STATUS_NEEDS_CHANGES:
        state.resume(user)
    elif workflow:
        workflow.start(desk.instance, user)
    return bool(workflow)


def changes_of_others(desk: Desk, user: User) -> str:
    """Who else has changes in this draft that are not live: they go to review with it. Empty when nobody has."""
    if not desk.instance.has_unpublished_changes or not desk.instance.latest_revision_id:
        return ""
    since = Revision.objects.filter(base_content_type=desk.content_type, object_id=str(desk.instance.pk))
    if desk.instance.live_revision_id:
        since = since.filter(pk__gt=desk.instance.live_revision_id)
    people = {revision.user for revision in since.exclude(user=user).select_related("user")} - {None}
    return ", ".join(sorted(person.get_full_name() or person.get_username() for person in people))


def sent_back(desk: Desk) -> str:
    """What the reviewers wrote when they sent it back; empty when they did not."""
    state = desk.instance.current_workflow_state
    if state is None or state.status != state.STATUS_NEEDS_CHANGES or state.current_task_state is None:
        return ""
    return state.current_task_state.comment or gettext("no note")


def others_here(desk: Desk, user: User) -> list[str]:
    """Who else has this object open, by name; and tells Wagtail's editors that this person has."""
    kind = desk.content_type
    here = EditingSession.objects.filter(content_type=kind, object_id=str(desk.instance.pk))
    since = timezone.now() - PRESENT
    others = here.filter(last_seen_at__gte=since).exclude(user=user).select_related("user")
    names = sorted({session.user.get_full_name() or session.user.get_username() for session in others})
    mine = here.filter(user=user).first()
    if mine is None:
        mine = EditingSession(user=user, content_type=kind, object_id=str(desk.instance.pk))
    mine.last_seen_at, mine.is_editing = timezone.now(), False
    mine.save()
    return names


# Pages: two rows of Wagtail's tree instead of two of one object


@dataclass
class PageDesk(Desk):
    """A page in one language beside the one it is translated from. `origin`: the page of the language translated from;
    `main`: that of the default language, which names both."""

    origin: Any = None
    main: Any = None

    @property
    def address(self) -> tuple[str, int, str]:
        return PAGE, self.main.pk, self.target

    @property
    def content_type(self) -> ContentType:
        return ContentType.objects.get_for_model(Page)

    @property
    def slugs(self) -> PageSlugs:
        return PageSlugs(self.instance)

    def pieces_of(self, draft: Any) -> list[Piece]:
        return list(field_pieces(type(draft), self.origin, draft))

    @cached_property
    def outdated(self) -> dict[str, standing.Change]:
        found = pages.pieces_of(self.main, self.draft)
        return standing.outdated_among(found, standing.bases_of(self.content_type, self.main.pk)[self.target])

    @property
    def live_url(self) -> str:
        return self.instance.get_url() or "" if self.instance.live else ""

    def write(self, texts: Mapping[str, str]) -> None:
        write_fields(self.origin, self.draft, texts)

    def observe(self, confirmed: Collection[str]) -> None:
        pages.observe(self.main, self.instance, self.target, confirmed)


@dataclass
class PageSlugs:
    """The slugs beside a page."""

    page: Page

    def slug_taken(self, slug: str) -> bool:
        return not Page._slug_is_available(slug, self.page.get_parent(), self.page)

    def free_slug(self, slug: str) -> str:
        return find_available_slug(self.page.get_parent(), slug, ignore_page_id=self.page.pk)


def open_page(pk: int, source: str, target: str) -> PageDesk:
    """`pk`: of the page in the default language. Raises Http404 while there is no page in the target language."""
    main = Page.objects.filter(pk=pk, locale__language_code=settings.LANGUAGE_CODE, depth__gt=1).first()
    if main is None:
        raise Http404
    siblings = {page.locale.language_code: page for page in main.get_translations().select_related("locale")}
    if target not in siblings or pages.is_kept_by_localize(main, target):
        raise Http404
    origin = siblings.get(source)
    instance = siblings[target].specific
    draft = instance.get_latest_revision_as_object()
    shown = pages.shown(origin or main)
    return PageDesk(instance, draft, source if origin else settings.LANGUAGE_CODE, target, shown, pages.shown(main))
