"""What is wrong in the shop window right now, and where to put it right. Reads; changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import CharField, Exists, F, JSONField, Lookup, Model, OuterRef, Q
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import get_language_info, gettext
from wagtail.fields import StreamField
from wagtail.models import Locale, Page, ReferenceIndex, Revision

from blog.issues import planned
from catalog.models import Category, Product, ProductImage, Stock
from core.panels import tab_id
from core.translated import TranslationModel
from editorial import targets
from editorial.targets import Key

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
LANGUAGES = [code for code, _name in settings.LANGUAGES]
# A picture in a block: an image is chosen, and its alt text is there and empty.
NO_ALT = '$.** ? (@.image > 0 && @.alt == "")'
ENOUGH = 200  # nobody works off more in one go; the count says how many there are at least


@dataclass(frozen=True)
class Problem:
    """One thing to put right: which object, what about it, and the address of the place."""

    name: str
    text: str
    url: str


@dataclass(frozen=True)
class Found:
    key: Key
    text: str
    anchor: str = ""


@JSONField.register_lookup  # StreamField asks there
class MatchesPath(Lookup):
    """True when a SQL/JSON path finds something in the blocks."""

    lookup_name = "matches_path"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[str | int, ...]]:
        left, params = self.process_lhs(compiler, connection)
        return f"jsonb_path_exists({left}, %s::jsonpath)", (*params, self.rhs)


def problems(user: User | AnonymousUser) -> list[Problem]:
    """All problems of what this user may edit, the most pressing first; a constant number of queries."""
    found = [each for check in CHECKS for each in check()]
    keys = {each.key for each in found}
    names = targets.names(targets.may_edit(user, keys))
    return [
        Problem(names[each.key], each.text, targets.edit_address(each.key) + each.anchor)
        for each in found
        if each.key in names
    ]


def overdue() -> Iterator[Found]:
    """Was to go live, and did not: something was missing when its time came."""
    late = Revision.objects.filter(approved_go_live_at__lt=timezone.now() - timedelta(minutes=5))
    for content_type, pk in late.values_list("base_content_type_id", "object_id")[:ENOUGH]:
        yield Found((content_type, pk), gettext("Did not go live on time, because something is missing."))


def unsent_newsletters() -> Iterator[Found]:
    """Was to be sent, and was not: not published, or not in a language that it must not leave out."""
    for _when, page, _languages in planned(LONG_AGO, timezone.now() - timedelta(minutes=5)):
        yield Found(_key(Page, page), gettext("Was to be sent as a newsletter, and waits: see menu “Newsletter”."))


def sold_out_but_featured() -> Iterator[Found]:
    in_stock = Stock.objects.filter(variant__product=OuterRef("pk"), variant__active=True, on_hand__gt=F("reserved"))
    rows = Product.objects.live().filter(~Exists(in_stock), featured=True)
    for pk in rows.values_list("pk", flat=True)[:ENOUGH]:
        yield Found(_key(Product, pk), gettext("Featured, but sold out."), "#tab-shop")


def leads_to_something_unpublished() -> Iterator[Found]:
    """A live page, product or category whose blocks show or link to a product, category or page that is not live."""
    hidden = Q()
    for model in (Product, Category, Page):
        rows = model._default_manager.filter(live=False)
        hidden |= Q(to_content_type=_type(model), to_object_id__in=_as_text(rows))
    live = Q()
    for model in (Product, Category, Page):
        rows = model._default_manager.filter(live=True)
        live |= Q(base_content_type=_type(model), object_id__in=_as_text(rows))
    texts = ReferenceIndex.objects.filter(hidden & live).exclude(model_path__in=OWN_LINKS)
    rows = texts.values_list("base_content_type_id", "object_id", "to_content_type_id", "to_object_id").distinct()
    rows = list(rows.order_by("base_content_type_id", "object_id")[:ENOUGH])
    names = targets.names((to_type, to_pk) for _type_id, _pk, to_type, to_pk in rows)
    for content_type, pk, to_type, to_pk in rows:
        name = names.get((to_type, to_pk), f"#{to_pk}")
        yield Found((content_type, pk), gettext("Shows or links to “%(name)s”, which is not live.") % {"name": name})


def without_alt_text() -> Iterator[Found]:
    """Pictures of live products and pages that a screen reader cannot tell of."""
    missing = Q()
    for code in LANGUAGES:
        wanted = Exists(Product.objects.filter(pk=OuterRef("product"), translations__language_code=code))
        missing |= Q(wanted) & (~Q(alt__has_key=code) | Q(**{f"alt__{code}": ""}))
    rows = ProductImage.objects.filter(missing, product__live=True).values_list("product", flat=True)
    for pk in rows.distinct().order_by("product")[:ENOUGH]:
        yield Found(_key(Product, pk), gettext("A picture has no alt text in one of its languages."), "#tab-pictures")
    for model, field in _stream_fields():
        yield from _blocks_without_alt(model, field)


def _blocks_without_alt(model: type[Model], field: str) -> Iterator[Found]:
    text = gettext("A picture in the text has no alt text.")
    if issubclass(model, TranslationModel):
        rows = model.objects.filter(**{f"{field}__matches_path": NO_ALT}, master__live=True)
        shared = model._meta.get_field("master").related_model
        for pk, code in rows.values_list("master", "language_code")[:ENOUGH]:
            yield Found(_key(shared, pk), text, f"#{tab_id(code)}")
    else:
        rows = model._default_manager.filter(**{f"{field}__matches_path": NO_ALT}, live=True)
        for pk in rows.values_list("pk", flat=True)[:ENOUGH]:
            yield Found(_key(Page, pk), text)


def missing_languages() -> Iterator[Found]:
    """Live products and categories without a text, and live pages without a page, in a language of the shop."""
    for model in (Product, Category):
        rows = model.objects.filter(live=True).annotate(written=ArrayAgg("translations__language_code", default=[]))
        rows = rows.exclude(written__contains=LANGUAGES).order_by("pk")
        for pk, written in rows.values_list("pk", "written")[:ENOUGH]:
            lacking = [code for code in LANGUAGES if code not in written]
            yield Found(_key(model, pk), _missing_text(lacking), f"#{tab_id(lacking[0])}")
    yield from _pages_without_languages()


def _pages_without_languages() -> Iterator[Found]:
    locales = list(Locale.objects.filter(language_code__in=LANGUAGES))
    main = next((locale for locale in locales if locale.language_code == settings.LANGUAGE_CODE), None)
    if main is None:
        return
    siblings = Page.objects.filter(translation_key=OuterRef("translation_key"))
    has = {f"has_{locale.pk}": Exists(siblings.filter(locale=locale)) for locale in locales}
    lacking = Q()
    for name in has:
        lacking |= Q(**{name: False})
    rows = Page.objects.filter(live=True, locale=main, depth__gt=1).annotate(**has).filter(lacking).order_by("path")
    for row in rows.values("pk", *has)[:ENOUGH]:
        missing = [locale.language_code for locale in locales if not row[f"has_{locale.pk}"]]
        yield Found(_key(Page, row["pk"]), _missing_text(missing))


def outdated_translations() -> Iterator[Found]:
    """What the translators' room says is outdated; nothing when that room does not tell."""
    tell: Callable[[], Any] | None = getattr(import_module("translation"), "outdated_for_inbox", None)
    if tell is None:
        return
    for content_type, pk, code in tell():
        language = gettext(get_language_info(code)["name"])
        text = gettext("The translation into %(language)s is outdated.") % {"language": language}
        yield Found((content_type, str(pk)), text, f"#{tab_id(code)}")


CHECKS = [
    overdue,
    unsent_newsletters,
    sold_out_but_featured,
    leads_to_something_unpublished,
    without_alt_text,
    missing_languages,
    outdated_translations,
]
# References an object has by itself, not by what it shows: its parent, its category.
OWN_LINKS = ["parent", "category", "alias_of"]


def _missing_text(codes: list[str]) -> str:
    languages = [gettext(get_language_info(code)["name"]) for code in codes]
    return gettext("Not in %(languages)s yet.") % {"languages": get_text_list(languages, gettext("and"))}


def _stream_fields() -> Iterator[tuple[type[Model], str]]:
    """Every model with blocks, and the name of the field: pages, and the texts of products and categories."""
    for model in apps.get_models():
        if issubclass(model, Page | TranslationModel):
            for field in model._meta.local_fields:
                if isinstance(field, StreamField):
                    yield model, field.name


def _type(model: type[Model]) -> ContentType:
    return ContentType.objects.get_for_model(model)


def _key(model: type[Model], pk: int) -> Key:
    return _type(model).pk, str(pk)


def _as_text(rows: Any) -> Any:
    """Their ids as the reference index keeps them."""
    return rows.annotate(pk_text=Cast("pk", CharField())).values("pk_text")
