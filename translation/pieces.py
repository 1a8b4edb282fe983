"""All texts of an object that a translator writes: source beside target, field by field, and back into its draft.

For objects with translation rows (products, categories) and for those with short labels in all languages (alt texts,
calls to action). Whatever is no text, and every other language, is out of reach here.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.core.validators import validate_unicode_slug
from django.db import models
from django.utils.html import strip_tags
from django.utils.text import capfirst
from modelcluster.models import get_all_child_relations
from wagtail.admin.rich_text import get_rich_text_editor_widget
from wagtail.admin.widgets import AdminAutoHeightTextInput
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Page
from wagtail.snippets.models import get_workflow_enabled_models
from wagtail_localize.fields import TranslatableField, get_translatable_fields

from core.localized import LocalizedText, LocalizedTextField
from core.translated import ClusterTranslatableModel
from translation import blocks

SLUG = "slug"
PAGE_FIRST, PAGE_LAST = ("title", "slug"), ("seo_title", "search_description")
ONE_LINE = 100  # what may be longer gets a field that grows
BLOCK_KEYS = re.compile(r' data-block-key="[^"]*"')


@dataclass(frozen=True)
class Piece:
    """One text. `path` names it in this object, in every language and revision. `kind`: line, text, rich or slug."""

    path: str
    label: str
    kind: str
    source: str
    target: str
    field: forms.Field
    own: bool = False  # stands in the translation only

    @property
    def words(self) -> int:
        return 0 if self.kind == SLUG else count_words(self.source)

    @property
    def is_missing(self) -> bool:
        return bool(self.words) and not self.target.strip()


def count_words(text: str) -> int:
    """Words of a text, without its markup."""
    return len(re.findall(r"\w+", strip_tags(text.replace("><", "> <"))))


def same(one: str, other: str) -> bool:
    """True when nothing differs but the keys that the editor gives its paragraphs, and space around."""
    return BLOCK_KEYS.sub("", one).strip() == BLOCK_KEYS.sub("", other).strip()


def translated_models() -> list[type[models.Model]]:
    """Snippets that go through review and have texts in several languages in one row."""
    return [
        model
        for model in get_workflow_enabled_models()
        if issubclass(model, ClusterTranslatableModel) or _labels(model)
    ]


def pieces(draft: Any, source: str, target: str) -> list[Piece]:
    """The texts of a draft in two languages. Blank target: not translated yet."""
    return [*_row_pieces(draft, source, target), *_label_pieces(draft, source, target)]


def held(draft: Any) -> Any:
    """The same object with its children in memory: of one without a revision, each `all()` would be read anew."""
    for relation in get_all_child_relations(type(draft)):
        getattr(draft, relation.get_accessor_name()).get_object_list()
    return draft


def write(draft: Any, source: str, target: str, texts: Mapping[str, str]) -> None:
    """Puts texts into the draft in memory: only the target's, the rest of the draft stays as it is."""
    held(draft)
    if isinstance(draft, ClusterTranslatableModel):
        _write_row(draft, source, target, texts)
    for path, holder, field in _label_holders(draft):
        if path in texts:
            label = LocalizedText(getattr(holder, field.name) or {})
            label.pop(target, None)
            setattr(holder, field.name, LocalizedText({**label, **({target: texts[path]} if texts[path] else {})}))


def row_in(draft: Any, code: str) -> Any:
    return next((row for row in draft.translations.all() if row.language_code == code), None)


def text_fields(model: type[models.Model]) -> Iterator[models.Field]:
    """The fields of a translation row, in the order of the editor; of a page, those that differ by language."""
    if issubclass(model, Page):
        names = [field.field_name for field in get_translatable_fields(model) if isinstance(field, TranslatableField)]
        own = [name for name in names if name not in (*PAGE_FIRST, *PAGE_LAST)]
        names = [name for name in (*PAGE_FIRST, *own, *PAGE_LAST) if name in names]
        fields = [model._meta.get_field(name) for name in names]
    else:
        fields = [field for field in model._meta.concrete_fields if field.name not in ("id", "language_code", "master")]
    for field in fields:
        if isinstance(field, models.CharField | models.TextField | StreamField):
            yield field


def field_pieces(model: type[models.Model], before: Any, after: Any) -> Iterator[Piece]:
    """The texts of two rows, or of two pages. Either may be None."""
    for field in text_fields(model):
        label = capfirst(str(field.verbose_name))
        old, new = (getattr(row, field.name, None) if row else None for row in (before, after))
        if isinstance(field, StreamField):
            for text in blocks.texts(field.stream_block, blocks.stored(old), blocks.stored(new), field.name):
                own = f".{blocks.OWN}" in text.path
                yield Piece(
                    text.path, text.label or label, text.kind, text.source, text.target, _block_field(text), own
                )
        else:
            kind = _kind(field)
            yield Piece(field.name, label, kind, old or "", new or "", _column_field(kind, field.max_length))


def write_fields(before: Any, row: Any, texts: Mapping[str, str]) -> None:
    """Puts texts into a row or a page. A body gets the source's structure once one of its own texts is written."""
    for field in text_fields(type(row)):
        if isinstance(field, StreamField):
            if any(path.startswith(f"{field.name}.") for path in texts):
                old, new = blocks.stored(getattr(before, field.name, None)), blocks.stored(getattr(row, field.name))
                body = blocks.merged_stream(field.stream_block, old, new, field.name, texts)
                setattr(row, field.name, field.to_python(body))
        elif field.name in texts:
            setattr(row, field.name, texts[field.name])


def _row_pieces(draft: Any, source: str, target: str) -> Iterator[Piece]:
    if isinstance(draft, ClusterTranslatableModel):
        yield from field_pieces(draft.translations.model, row_in(draft, source), row_in(draft, target))


def _write_row(draft: Any, source: str, target: str, texts: Mapping[str, str]) -> None:
    after = row_in(draft, target)
    row = after or draft.translations.model(language_code=target)
    row.master_id = draft.pk
    write_fields(row_in(draft, source), row, texts)
    if after is not None or any(texts.values()):
        draft.translations.add(row)


def _label_pieces(draft: Any, source: str, target: str) -> Iterator[Piece]:
    for path, holder, field in _label_holders(draft):
        label: dict[str, str] = getattr(holder, field.name) or {}
        if label.get(source) or label.get(target):
            kind = blocks.TEXT if field.text_length > ONE_LINE else blocks.LINE
            form_field = _column_field(kind, field.text_length)
            name = capfirst(str(field.verbose_name))
            yield Piece(path, name, kind, label.get(source, ""), label.get(target, ""), form_field)


def _label_holders(draft: Any) -> Iterator[tuple[str, Any, LocalizedTextField]]:
    """(path, object, field) of every short label of a draft and of its children."""
    for field in _labels(type(draft)):
        yield field.name, draft, field
    keys = getattr(draft, "natural_child_keys", {})
    for relation in get_all_child_relations(type(draft)):
        fields = _labels(relation.related_model)
        if not fields:
            continue
        name, seen = relation.get_accessor_name(), set()
        for number, child in enumerate(getattr(draft, name).all()):
            key = getattr(child, f"{keys.get(name, 'image')}_id", None) or number
            key = f"{key}-{number}" if key in seen else str(key)
            seen.add(getattr(child, f"{keys.get(name, 'image')}_id", None) or number)
            for field in fields:
                yield f"{name}.{key}.{field.name}", child, field


def _labels(model: type[models.Model]) -> list[LocalizedTextField]:
    return [field for field in model._meta.concrete_fields if isinstance(field, LocalizedTextField)]


def _kind(field: models.Field) -> str:
    if isinstance(field, models.SlugField):
        return SLUG
    if isinstance(field, RichTextField):
        return blocks.RICH
    long = isinstance(field, models.TextField) or (field.max_length or 0) > ONE_LINE
    return blocks.TEXT if long else blocks.LINE


def _column_field(kind: str, longest: int | None) -> forms.Field:
    if kind == blocks.RICH:
        return forms.CharField(required=False, widget=get_rich_text_editor_widget())
    widget = AdminAutoHeightTextInput() if kind == blocks.TEXT else forms.TextInput()
    validators = [validate_unicode_slug] if kind == SLUG else []
    return forms.CharField(required=False, max_length=longest, widget=widget, validators=validators)


def _block_field(text: blocks.BlockText) -> forms.Field:
    if text.kind == blocks.RICH:
        return forms.CharField(required=False, widget=copy.deepcopy(text.block.field.widget))
    widget = AdminAutoHeightTextInput() if text.kind == blocks.TEXT else forms.TextInput()
    return forms.CharField(required=False, max_length=text.block.field.max_length, widget=widget)


def source_languages(target: str) -> list[tuple[str, Any]]:
    return [(code, name) for code, name in settings.LANGUAGES if code != target]
