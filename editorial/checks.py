"""What a draft lacks before it may go live, and how much each lack weighs. `catalog.publishing` asks here by a hook."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db.models import Model
from django.utils.translation import get_language_info, gettext
from wagtail.blocks.stream_block import StreamValue
from wagtail.fields import StreamField
from wagtail.models import Locale, Page

from catalog.models import Category, Product
from catalog.publishing import Missing
from core.panels import tab_id
from editorial.models import PublishRules, Weight

LANGUAGES = [code for code, _name in settings.LANGUAGES]
Found = tuple[str, str, str]  # rule, sentence, tab


def lacks(draft: Model) -> list[Missing]:
    """What the rules find missing in a draft, translated; `blocking` by the rule's weight. One query for the rules."""
    rules = PublishRules.load()
    return [
        Missing(text, tab, blocking=getattr(rules, rule) == Weight.BLOCK)
        for rule, text, tab in _found(draft)
        if getattr(rules, rule) != Weight.OFF
    ]


def _found(draft: Model) -> Iterator[Found]:
    if isinstance(draft, Product | Category):
        yield from _snippet(draft)
    elif isinstance(draft, Page):
        yield from _page(draft.specific)


def _snippet(draft: Product | Category) -> Iterator[Found]:
    texts = {row.language_code: row for row in draft.translations.all() if row.name}
    for code in LANGUAGES:
        if code not in texts:
            text = gettext("There is no text in %(language)s.")
            yield "languages", text % {"language": _language(code)}, tab_id(code)
    for code, row in texts.items():
        if _has_picture_without_alt(row):
            text = gettext("Describe the pictures in the %(language)s text (alt text).")
            yield "alt_text", text % {"language": _language(code)}, tab_id(code)
        if not row.search_description:
            text = gettext("Write an SEO description in %(language)s.")
            yield "search_texts", text % {"language": _language(code)}, tab_id(code)
    if isinstance(draft, Product):
        yield from _gallery(draft, list(texts))


def _gallery(draft: Product, codes: list[str]) -> Iterator[Found]:
    pictures = list(draft.images.all())
    if not pictures:
        yield "picture", gettext("Add at least one picture."), "tab-pictures"
    for code in codes:
        number = sum(1 for picture in pictures if not (picture.alt or {}).get(code))
        if number:
            text = gettext("Write the alt text of every picture in %(language)s.")
            yield "alt_text", text % {"language": _language(code)}, "tab-pictures"


def _page(draft: Page) -> Iterator[Found]:
    if _has_picture_without_alt(draft):
        yield "alt_text", gettext("Describe the pictures in the text (alt text)."), ""
    if not draft.search_description:
        yield "search_texts", gettext("Write a description for search engines."), "tab-promote"
    if draft.locale.language_code == settings.LANGUAGE_CODE:
        siblings = Page.objects.filter(translation_key=draft.translation_key).values("locale")
        for locale in Locale.objects.filter(language_code__in=LANGUAGES).exclude(pk__in=siblings):
            text = gettext("There is no page in %(language)s.")
            if locale.pk != draft.locale_id:
                yield "languages", text % {"language": _language(locale.language_code)}, ""


def _has_picture_without_alt(holder: Model) -> bool:
    fields = [field.name for field in holder._meta.get_fields() if isinstance(field, StreamField)]
    return any(_lacks_alt(_raw(getattr(holder, name))) for name in fields)


def _raw(value: StreamValue | None) -> Any:
    """The blocks as they are stored."""
    return [] if value is None else value.stream_block.get_prep_value(value)


def _lacks_alt(value: Any) -> bool:
    """True when somewhere inside an image is chosen and the alt text beside it is empty."""
    if isinstance(value, dict):
        if value.get("image") and "alt" in value and not value["alt"]:
            return True
        return any(_lacks_alt(part) for part in value.values())
    return isinstance(value, list) and any(_lacks_alt(part) for part in value)


def _language(code: str) -> str:
    return gettext(get_language_info(code)["name"])
