"""Short labels outside the review: names of options, attributes, types and their values. Saved, they are live."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.utils.text import capfirst
from modelcluster.fields import ParentalKey
from wagtail.log_actions import log
from wagtail.models import RevisionMixin

from core.cache import renew_window
from core.localized import LocalizedText, LocalizedTextField
from core.permissions import may_translate_into
from translation.pieces import count_words


@dataclass(frozen=True)
class Label:
    """One label in two languages. `key` names model, row and field."""

    key: str
    kind: str
    source: str
    target: str
    max_length: int

    @property
    def is_missing(self) -> bool:
        return bool(self.source) and not self.target


def labels(code: str) -> list[Label]:
    """Every label that has a text in the default language; one query per model."""
    found = []
    for model, fields in _models():
        for row in model._default_manager.order_by("pk"):
            for field in fields:
                text: dict[str, str] = getattr(row, field.name) or {}
                if text.get(settings.LANGUAGE_CODE):
                    found.append(
                        Label(
                            f"{model._meta.label_lower}-{row.pk}-{field.name}",
                            f"{capfirst(str(model._meta.verbose_name))}: {field.verbose_name}",
                            text[settings.LANGUAGE_CODE],
                            text.get(code, ""),
                            field.text_length,
                        )
                    )
    return found


def words_left() -> Counter[str]:
    """Language -> words of labels without a text in it."""
    left: Counter[str] = Counter()
    for model, fields in _models():
        for texts in model._default_manager.values_list(*(field.name for field in fields)):
            for text in texts:
                for code, _name in settings.LANGUAGES:
                    if not text.get(code):
                        left[code] += count_words(text.get(settings.LANGUAGE_CODE, ""))
    return left


@transaction.atomic
def save(user: User, code: str, seen: Mapping[str, str], written: Mapping[str, str]) -> dict[str, str]:
    """Writes the labels that were changed from what was `seen`. Returns those that somebody else has changed meanwhile,
    key -> their text: these are not written. Raises PermissionDenied for a language of others."""
    if not may_translate_into(user, code):
        raise PermissionDenied
    conflicts = {}
    for model, fields in _models():
        for row in model._default_manager.select_for_update().order_by("pk"):
            for field in fields:
                key = f"{model._meta.label_lower}-{row.pk}-{field.name}"
                text: dict[str, str] = getattr(row, field.name) or {}
                now = text.get(code, "")
                if key not in written or written[key] in (now, seen.get(key, now)):
                    continue
                if now != seen.get(key, now):
                    conflicts[key] = now
                    continue
                others = {each: words for each, words in text.items() if each != code}
                setattr(row, field.name, LocalizedText({**others, **({code: written[key]} if written[key] else {})}))
                row.save(update_fields=[field.name])
                log(row, "wagtail.edit", user=user)
    transaction.on_commit(renew_window)
    return conflicts


def _models() -> Iterator[tuple[type[models.Model], list[LocalizedTextField]]]:
    """Models with labels that no revision holds, neither their own nor their parent's."""
    for model in apps.get_models():
        fields = [field for field in model._meta.concrete_fields if isinstance(field, LocalizedTextField)]
        parents = [field.related_model for field in model._meta.concrete_fields if isinstance(field, ParentalKey)]
        if fields and not any(issubclass(each, RevisionMixin) for each in [model, *parents]):
            yield model, fields
