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
from django.utils.translation import gettext
from wagtail.admin.models import EditingSession
from wagtail.models import Revision

from catalog.models import Category, Product
from catalog.publishing import missing
from core.permissions import may_translate_into
from translation import standing
from translation.pieces import Piece, pieces, same, translated_models, write

PRESENT = timedelta(minutes=2)


@dataclass
class Desk:
    """An object and its latest draft, with the texts of two languages side by side."""

    instance: Any
    draft: Any
    source: str
    target: str

    @cached_property
    def pieces(self) -> list[Piece]:
        return pieces(self.draft, self.source, self.target)

    @cached_property
    def outdated(self) -> dict[str, standing.Change]:
        return standing.outdated(self.draft, self.target)

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
    model = apps.get_model(label) if label in {each._meta.label_lower for each in translated_models()} else None
    instance = model._default_manager.filter(pk=pk).first() if model else None
    if instance is None or source not in dict(settings.LANGUAGES) or source == target:
        raise Http404
    return Desk(instance, instance.get_latest_revision_as_object(), source, target)


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
        type(desk.instance)._default_manager.select_for_update().get(pk=desk.instance.pk)
        now = open_desk(user, desk.instance._meta.label_lower, desk.instance.pk, desk.source, desk.target)
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
            write(now.draft, now.source, now.target, changed)
            now.draft.save_revision(user=user, log_action=True, changed=True, clean=False)
            now.instance.refresh_from_db()
        if changed or confirmed:
            latest = now.instance.get_latest_revision_as_object()
            standing.observe(latest, {(now.target, path) for path in {*confirmed, *changed}})
        return Outcome(saved=bool(changed or confirmed))


def _texts_of(desk: Desk, revision: int) -> dict[str, str]:
    """The target's texts in an earlier draft; in this one when that is it, or is gone."""
    if revision != desk.revision:
        kind = ContentType.objects.get_for_model(desk.instance, for_concrete_model=False)
        earlier = Revision.objects.filter(pk=revision, base_content_type=kind, object_id=str(desk.instance.pk)).first()
        if earlier:
            return {piece.path: piece.target for piece in pieces(earlier.as_object(), desk.source, desk.target)}
        if revision == 0:  # there was no draft yet
            return {piece.path: piece.target for piece in pieces(desk.instance, desk.source, desk.target)}
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


def sent_back(desk: Desk) -> str:
    """What the reviewers wrote when they sent it back; empty when they did not."""
    state = desk.instance.current_workflow_state
    if state is None or state.status != state.STATUS_NEEDS_CHANGES or state.current_task_state is None:
        return ""
    return state.current_task_state.comment or gettext("no note")


def others_here(desk: Desk, user: User) -> list[str]:
    """Who else has this object open, by name; and tells Wagtail's editors that this person has."""
    kind = ContentType.objects.get_for_model(desk.instance)
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
