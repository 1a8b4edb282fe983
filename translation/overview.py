"""Everything there is to translate: products, categories, labels, pages and interface texts in one list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db.models import CharField, Exists, OuterRef
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext
from wagtail.models import WorkflowState

from translation import catalogs, labels, pages, standing
from translation.desk import PAGE
from translation.models import Standing
from translation.pieces import translated_models

State = Standing.State
INTERFACE, LABELS = "interface", "labels"
TO_DO = (State.OUTDATED, State.MISSING, State.DRAFT)  # in the order of the "next" button
OBSERVED_AT_ONCE = 20  # the scheduler observes the rest


@dataclass(frozen=True)
class Entry:
    """One object in one language. `kind`: a model's label, or labels, interface."""

    kind: str
    kind_name: str
    pk: int
    name: str
    code: str
    state: str
    words_left: int
    source: int = 0  # of a page: the page it is translated from
    by_hand: bool = False

    @property
    def key(self) -> str:
        """Names the object, whichever language this is."""
        return f"{self.kind}:{self.source or self.pk}"

    @property
    def is_to_do(self) -> bool:
        return self.state in TO_DO

    @property
    def label(self) -> str:
        return str(State(self.state).label)

    @cached_property
    def url(self) -> str:
        if self.kind == INTERFACE:
            wanted = "?msg_filter=untranslated" if self.words_left else ""
            return reverse("rosetta-form", args=["project", self.code, 0]) + wanted
        if self.kind == LABELS:
            return reverse("translation:labels", args=[self.code])
        if self.kind == PAGE:
            if not self.pk:
                return reverse("translation:start-page", args=[self.source, self.code])
            if not self.by_hand:
                return reverse("wagtailadmin_pages:edit", args=[self.pk])
            return reverse("translation:side-by-side", args=[PAGE, self.source, self.code])
        return reverse("translation:side-by-side", args=[self.kind, self.pk, self.code])


def entries(codes: Collection[str]) -> list[Entry]:
    """All of these languages, in a constant number of queries: what to do first stands first."""
    standing.catch_up(OBSERVED_AT_ONCE)
    pages.catch_up(OBSERVED_AT_ONCE)
    found = [*_interface(codes), *_labels(codes), *_pages(codes), *_snippets(codes)]
    order = {state: number for number, state in enumerate((*TO_DO, State.REVIEW, State.DONE))}
    return sorted(found, key=lambda entry: order[State(entry.state)])


def next_entry(found: list[Entry], after: str) -> Entry | None:
    """What to do after the object of this key, in the order of the list; after the last one, the first again."""
    to_do = [entry for entry in found if entry.is_to_do]
    keys = [entry.key for entry in found]
    later = found[keys.index(after) + 1 :] if after in keys else []
    others = [entry for entry in to_do if entry.key != after]
    return next((entry for entry in later if entry.is_to_do), None) or next(iter(others), None)


@dataclass(frozen=True)
class Row:
    """One object in several languages: an entry per language, None where there is nothing to translate."""

    kind_name: str
    name: str
    cells: list[Entry | None]


def rows(found: Iterable[Entry], codes: Collection[str]) -> list[Row]:
    """Objects × languages, in the order of the entries."""
    by_key: dict[str, dict[str, Entry]] = {}
    for entry in found:
        by_key.setdefault(entry.key, {})[entry.code] = entry
    return [
        Row(first.kind_name, first.name, [entries.get(code) for code in codes])
        for entries in by_key.values()
        for first in [next(iter(entries.values()))]
    ]


@dataclass(frozen=True)
class Sum:
    """One language as a whole. `states`: (state, its name, objects, words left) in the order of states."""

    code: str
    name: Any
    states: list[tuple[str, str, int, int]]

    @property
    def is_to_do(self) -> bool:
        return any(objects for state, _name, objects, _words in self.states if state in TO_DO)


def sums(found: Iterable[Entry], codes: Collection[str]) -> list[Sum]:
    objects: Counter[tuple[str, str]] = Counter()
    words: Counter[tuple[str, str]] = Counter()
    for entry in found:
        objects[entry.code, entry.state] += 1
        words[entry.code, entry.state] += entry.words_left
    names = dict(settings.LANGUAGES)
    return [
        Sum(
            code,
            names[code],
            [(each.value, str(each.label), objects[code, each], words[code, each]) for each in State],
        )
        for code in codes
    ]


def kinds() -> list[tuple[str, Any]]:
    """For the filter."""
    snippets = [model._meta for model in translated_models()]
    return [
        *((meta.label_lower, capfirst(str(meta.verbose_name_plural))) for meta in snippets),
        (PAGE, gettext("Pages")),
        (LABELS, gettext("Labels")),
        (INTERFACE, gettext("Interface texts")),
    ]


def _snippets(codes: Collection[str]) -> list[Entry]:
    models = {ContentType.objects.get_for_model(model).pk: model for model in translated_models()}
    active = WorkflowState.objects.active().filter(
        base_content_type=OuterRef("content_type"), object_id=Cast(OuterRef("object_id"), CharField())
    )
    rows = Standing.objects.filter(language_code__in=codes, content_type__in=models).annotate(waits=Exists(active))
    values = rows.order_by("name").values_list(
        "content_type", "object_id", "name", "language_code", "state", "words_left", "waits"
    )
    names = {pk: (model._meta.label_lower, capfirst(str(model._meta.verbose_name))) for pk, model in models.items()}
    return [
        Entry(*names[kind], pk, name, code, State.REVIEW if waits and state == State.DRAFT else state, words)
        for kind, pk, name, code, state, words, waits in values
    ]


def _pages(codes: Collection[str]) -> list[Entry]:
    name = gettext("Page")
    return [
        Entry(PAGE, name, row.target or 0, row.name, row.code, row.state, row.words_left, row.source, row.by_hand)
        for row in pages.standings(codes)
    ]


def _labels(codes: Collection[str]) -> list[Entry]:
    title, words = gettext("Labels"), labels.words_left()
    name = gettext("Options, attributes and their values")
    return [
        Entry(LABELS, title, 0, name, code, State.DRAFT if words[code] else State.DONE, words[code]) for code in codes
    ]


def _interface(codes: Collection[str]) -> list[Entry]:
    title, name = gettext("Interface"), gettext("Interface texts")
    return [
        Entry(INTERFACE, title, 0, name, code, State.DRAFT if left else State.DONE, left)
        for code, left in catalogs.words_left(codes).items()
    ]
