"""How far each object is in each language, and which of its fields are outdated. Only ever marks; changes no text.

A field is outdated when its source has changed and its translation has not since. A changed translation counts as made
from the source of that moment, wherever it was changed: here, in the normal editor, or by an import.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import override

from translation.models import Basis, Standing
from translation.pieces import Piece, pieces, same, translated_models

log = logging.getLogger(__name__)
SOURCE = settings.LANGUAGE_CODE
TARGETS = [code for code, _name in settings.LANGUAGES if code != SOURCE]


@dataclass(frozen=True)
class Change:
    """How the source of a translated text has changed."""

    before: str
    after: str


def outdated(draft: Any, code: str) -> dict[str, Change]:
    """Path -> change of the source, for the fields of a draft that are outdated in this language."""
    return outdated_among(pieces(draft, SOURCE, code), bases_of(*_key(draft))[code])


def observe(draft: Any, confirmed: Collection[tuple[str, str]] = ()) -> None:
    """Takes down how a draft stands. `confirmed`: (language, path) of texts found to be still correct."""
    key = _key(draft)
    bases = bases_of(*key)
    with override(SOURCE):  # whoever asked
        name = str(draft)
    with transaction.atomic():
        for code in TARGETS:
            found = pieces(draft, SOURCE, code)
            remember(*key, code, found, bases[code], {path for language, path in confirmed if language == code})
            changed = outdated_among(found, bases[code])
            is_live = _is_live(draft, code, found)
            note(*key, code, name, draft.latest_revision_id, *summary(found, changed, is_live))


def catch_up(limit: int = 500) -> int:
    """Observes what was saved since without telling (drafts of the normal editor, imports). Returns how many."""
    seen = 0
    for model in translated_models():
        content_type = ContentType.objects.get_for_model(model)
        gone = Standing.objects.filter(content_type=content_type).exclude(
            object_id__in=model._default_manager.values("pk")
        )
        gone.delete()
        for instance in unseen(model)[: max(limit - seen, 0)]:
            seen += _observe_one(instance)
    return seen


def _observe_one(instance: Any) -> bool:
    """One object that cannot be read must not hide all others."""
    try:
        with transaction.atomic():
            observe(instance.get_latest_revision_as_object())
    except Exception:
        log.exception("translations of %s %s cannot be read", instance._meta.label, instance.pk)
        return False
    return True


def unseen(model: type[models.Model]) -> models.QuerySet:
    """Objects without a standing, or with one of an older revision or from before they were published."""
    own = Standing.objects.filter(
        content_type=ContentType.objects.get_for_model(model), object_id=OuterRef("pk"), language_code=TARGETS[0]
    )
    rows = model._default_manager.annotate(
        known=Exists(own),
        at=Coalesce(Subquery(own.values("revision_id")[:1]), 0),
        seen=Subquery(own.values("seen_at")[:1]),
    )
    older = ~Q(at=Coalesce(F("latest_revision_id"), 0)) | Q(seen__lt=F("last_published_at"))
    return rows.filter(Q(known=False) | older).order_by("pk")


def bases_of(content_type: ContentType, pk: int) -> dict[str, dict[str, Basis]]:
    """Language -> path -> basis."""
    found: dict[str, dict[str, Basis]] = {code: {} for code in TARGETS}
    for row in Basis.objects.filter(content_type=content_type, object_id=pk, language_code__in=TARGETS):
        found[row.language_code][row.path] = row
    return found


def outdated_among(found: Iterable[Piece], bases: dict[str, Basis]) -> dict[str, Change]:
    changed = {}
    for piece in found:
        basis = bases.get(piece.path)
        if basis is None or not piece.words or not piece.target:
            continue
        if same(piece.target, basis.target) and not same(piece.source, basis.source):
            changed[piece.path] = Change(basis.source, piece.source)
    return changed


def remember(
    content_type: ContentType,
    pk: int,
    code: str,
    found: Iterable[Piece],
    bases: dict[str, Basis],
    confirmed: Collection[str],
) -> None:
    """Keeps bases of texts that are new, changed or confirmed; `bases` is brought up to date, too."""
    fresh = []
    for piece in found:
        basis = bases.get(piece.path)
        if not piece.words or not piece.target:
            continue
        if basis is None or piece.path in confirmed or not same(piece.target, basis.target):
            bases[piece.path] = Basis(
                content_type=content_type,
                object_id=pk,
                language_code=code,
                path=piece.path,
                source=piece.source,
                target=piece.target,
            )
            fresh.append(bases[piece.path])
    key = ["content_type", "object_id", "language_code", "path"]
    Basis.objects.bulk_create(
        fresh, update_conflicts=True, unique_fields=key, update_fields=["source", "target", "seen_at"]
    )


def note(
    content_type: ContentType,
    pk: int,
    code: str,
    name: str,
    revision: int | None,
    state: Standing.State,
    words_left: int,
) -> None:
    Standing.objects.update_or_create(
        content_type=content_type,
        object_id=pk,
        language_code=code,
        defaults={"revision_id": revision, "name": name[:255], "state": state, "words_left": words_left},
    )


def summary(found: list[Piece], changed: dict[str, Change], is_live: bool) -> tuple[Standing.State, int]:
    """State and words left."""
    left = sum(piece.words for piece in found if piece.is_missing or piece.path in changed)
    if changed:
        return Standing.State.OUTDATED, left
    if left and not any(piece.target for piece in found):
        return Standing.State.MISSING, left
    return (Standing.State.DRAFT if left or not is_live else Standing.State.DONE), left


def _key(draft: Any) -> tuple[ContentType, int]:
    return ContentType.objects.get_for_model(draft), draft.pk


def _is_live(draft: Any, code: str, found: list[Piece]) -> bool:
    """True when shoppers see these very texts, or would if the object were published."""
    if not draft.has_unpublished_changes:
        return True
    live = {piece.path: piece.target for piece in pieces(type(draft)._default_manager.get(pk=draft.pk), SOURCE, code)}
    return all(same(piece.target, live.get(piece.path, "")) for piece in found if piece.kind != "slug")
