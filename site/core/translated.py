"""Translated snippets: parler translations that are modelcluster children, so that they live in the revision.

Drafts, workflow, schedule, compare and revert then come from Wagtail's own code.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from parler.cache import MISSING
from parler.fields import TranslationsForeignKey
from parler.models import TranslatableModel, TranslatedFieldsModel
from wagtail.search import index

from core.models import OldSlug


class ParentalTranslationsKey(ParentalKey, TranslationsForeignKey):
    """parler puts the proxy attributes on the master; modelcluster serialises the rows."""


class ClusterTranslatableModel(TranslatableModel, ClusterableModel):
    """Base of translated snippets. Must stand left of Wagtail's mixins in the bases, or they win."""

    # relation -> the field that identifies a child across revisions, so that primary keys survive a publish
    natural_child_keys = {"translations": "language_code"}
    search_auto_update = False  # the signal comes before the texts are written

    class Meta:
        abstract = True

    def _get_translated_model(
        self,
        language_code: str | None = None,
        use_fallback: bool = False,
        auto_create: bool = False,
        meta: Any = None,
    ) -> Any:
        meta = meta or self._parler_meta.root
        held = getattr(self, "_cluster_related_objects", {}).get(meta.rel_name)
        cache = self._translations_cache[meta.model]
        if held is not None:  # unsaved state: never the live rows, never parler's shared cache
            cache.clear()
            cache.update({code: MISSING for code, _name in settings.LANGUAGES})
            cache.update({row.language_code: row for row in held})
        row = super()._get_translated_model(language_code, use_fallback, auto_create, meta)
        if auto_create and row.pk is None and not any(row is other for other in held or ()):
            getattr(self, meta.rel_name).add(row)
        return row

    def get_available_languages(self, related_name: str | None = None, include_unsaved: bool = False) -> list[str]:
        meta = self._parler_meta._get_extension_by_related_name(related_name)
        return sorted(row.language_code for row in getattr(self, meta.rel_name).all())

    def serializable_data(self) -> dict[str, Any]:
        for meta in self._parler_meta:
            for row in list(self._translations_cache[meta.model].values()):
                if row and row.is_modified:
                    getattr(self, meta.rel_name).add(row)
        return super().serializable_data()

    def with_content_json(self, content: dict[str, Any]) -> Any:
        """Children published after this revision was saved have a primary key now: find it by natural key."""
        content = {**content}
        for relation, key in self.natural_child_keys.items():
            rel = getattr(type(self), relation).rel
            live = dict(rel.related_model.objects.filter(**{rel.field.name: self.pk}).values_list(key, "pk"))
            content[relation] = _with_primary_keys(content.get(relation, []), key, live)
        return super().with_content_json(content)

    def save(self, *args: Any, **kwargs: Any) -> None:
        names = kwargs.get("update_fields")
        self._partial_save = names is not None
        try:
            with indexed_once(self, names):
                super().save(*args, **kwargs)
        finally:
            self._partial_save = False

    def save_translations(self, *args: Any, **kwargs: Any) -> None:
        if not self._partial_save:  # parler drops update_fields: a saved draft would go live
            super().save_translations(*args, **kwargs)

    @property
    def preview_modes(self) -> list[tuple[str, Any]]:
        return list(settings.LANGUAGES)

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        with translation.override(mode_name):
            self.set_current_language(mode_name)
            return super().serve_preview(request, mode_name).render()

    def text_in(self, code: str) -> Any:
        """The translation row to show: in that language, else the default one, else any, else None."""
        rows = {row.language_code: row for row in self.translations.all()}
        return rows.get(code) or rows.get(settings.LANGUAGE_CODE) or next(iter(rows.values()), None)

    @property
    def text(self) -> Any:
        """`text_in` the active language. Its `language_code` says which language the reader gets."""
        return self.text_in(translation.get_language() or settings.LANGUAGE_CODE)

    def __str__(self) -> str:
        return getattr(self.text, "name", "") or f"#{self.pk}"


@contextmanager
def indexed_once(saved: ClusterTranslatableModel, names: Iterable[str] | None) -> Iterator[None]:
    """For the time of a save of the object, or only of its fields `names`: who searches names and who asks what
    refers to what finds it as it is in the end. Wagtail would read the whole object anew after each row of it.
    """
    from wagtail import signal_handlers  # wants all models to be there

    if getattr(signal_handlers.reference_index_auto_update_disabled, "value", False):  # the caller sees to it
        yield
    else:
        with signal_handlers.disable_reference_index_auto_update():
            yield
        if names is None or any(_may_refer(saved._meta.get_field(name)) for name in names):
            signal_handlers.update_reference_index_on_save(saved)
    if names is None and isinstance(saved, index.Indexed):
        index.insert_or_update_object(saved)


def _may_refer(field: Any) -> bool:
    related = field.related_model if field.is_relation else None
    ignored = any(getattr(each, "wagtail_reference_index_ignore", False) for each in (field, related))
    return not ignored and (related is not None or hasattr(field, "extract_references"))


def _with_primary_keys(rows: list[dict[str, Any]], key: str, live: dict[Any, int]) -> list[dict[str, Any]]:
    """The rows of a revision, one per natural key (the last one wins), with the primary keys of the live rows.

    A live row belongs to the natural key it has; only an unclaimed primary key stays with the row that was renamed.
    """
    unique = {row[key] or number: row for number, row in enumerate(rows)}
    claimed = {live[name] for name in unique if name in live}
    return [{**row, "pk": live.get(name, None if row["pk"] in claimed else row["pk"])} for name, row in unique.items()]


class TranslationModel(TranslatedFieldsModel):
    """Base of one language of a snippet: name, slug and what search engines show."""

    name: str
    slug: str

    class Meta:
        abstract = True

    def _get_field_values(self) -> list[Any]:
        # parler 2.4 recurses here under .only() and .defer()
        return [self.__dict__.get(field.attname) for field in self._meta.concrete_fields]

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Frees the slug: publishing runs no validation, and a clash would stop the whole publish run."""
        own = str(self.master_id)
        unset = self.slug in ("", own)  # a nameless draft row has only its number
        self.slug = (slugify(self.name, allow_unicode=True)[:180] if unset else self.slug) or own
        if self.slug_taken(self.slug):
            self.slug = self.free_slug(f"{self.slug}-{own}")
        before = type(self).objects.filter(pk=self.pk).values_list("slug", flat=True).first() if self.pk else None
        super().save(*args, **kwargs)
        if before and before != self.slug:
            self.remember(before)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        self.remember(self.slug)
        return super().delete(*args, **kwargs)

    def remember(self, slug: str) -> None:
        """Keeps an address that may have been linked."""
        OldSlug.objects.update_or_create(
            kind=self.shared_kind(),
            language_code=self.language_code,
            slug=slug,
            defaults={"object_id": self.master_id},
        )

    @classmethod
    def shared_kind(cls) -> str:
        """The model whose texts these are, as OldSlug names it."""
        return cls._meta.get_field("master").related_model._meta.label_lower

    @classmethod
    def earlier_owner(cls, slug: str) -> int | None:
        """Id of the object that had this slug before in the active language, or has or had it in the default one:
        without a text in the active language it was found there. None when nothing did."""
        code, default = translation.get_language(), settings.LANGUAGE_CODE
        old = OldSlug.objects.filter(kind=cls.shared_kind(), slug=slug, language_code__in=(code, default))
        owners = dict(old.values_list("language_code", "object_id"))
        now = cls.objects.filter(language_code=default, slug=slug).values_list("master_id", flat=True).first()
        return owners.get(code) or now or owners.get(default)

    @property
    def live(self) -> bool:
        """True when the slug is public: Wagtail's title field leaves it alone then, so a new name keeps the address."""
        return bool(self.master_id and self.master.live)

    def slug_taken(self, slug: str) -> bool:
        """True when another object has this slug in this language."""
        others = type(self).objects.filter(language_code=self.language_code).exclude(master_id=self.master_id)
        return others.filter(slug=slug).exists()

    def free_slug(self, slug: str) -> str:
        """The slug itself or, where another object has it, the first free one of slug-2, slug-3…"""
        numbered = (f"{slug}-{number}" for number in itertools.count(2))
        return next(free for free in itertools.chain([slug], numbered) if not self.slug_taken(free))


def slug_field() -> models.SlugField:
    """A Unicode slug, filled from the name when left empty."""
    return models.SlugField(
        _("Slug"),
        max_length=200,
        blank=True,
        allow_unicode=True,
        help_text=_("The last part of the address in this language. Empty: made from the name."),
    )
