"""The words that products share (options, types, attributes, categories), and names instead of ids.

Loaded once per batch. What exists is never renamed by an import; what is missing may be added.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection
from django.utils.text import slugify
from wagtail.images import get_image_model

from catalog.exchange.record import Choice
from catalog.models import Attribute, Category, Option, OptionValue, Product, ProductTranslation, ProductType

Image = get_image_model()
LOCK = 7_310_001  # one transaction at a time adds words and products; see `serialised`


def serialised() -> None:
    """Lets the imports of the whole shop write one product after the other: released when the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def new_key(text: str, taken: Iterable[str]) -> str:
    """A key for a new word: its slug, told apart by a short hash where that is empty or taken."""
    slug = slugify(text)[:40]
    if slug and slug not in taken:
        return slug
    return f"{slug}-{hashlib.sha256(text.casefold().encode()).hexdigest()[:6]}".strip("-")


def says(word: Any, text: str) -> bool:
    """True when a label in some language is this text, whatever its case."""
    return text.casefold() in (label.casefold() for label in word.values())


class Vocabulary:
    """Options and their values, types, attributes and category paths, read in a handful of queries."""

    def __init__(self) -> None:
        self.read_options()
        self.types = {kind.key: kind for kind in ProductType.objects.all()}
        self.type_of_pk = {kind.pk: kind for kind in self.types.values()}
        self.attributes = {row.key: row for row in Attribute.objects.prefetch_related("choices")}
        self.paths = category_paths()
        self.category_of_path = {path: pk for pk, path in self.paths.items()}

    def read_options(self) -> None:
        self.options = {option.key: option for option in Option.objects.prefetch_related("values")}
        self.values = {value.pk: (option, value) for option in self.options.values() for value in option.values.all()}

    def option(self, choice: Choice) -> Option | None:
        if choice.option_key:
            return self.options.get(choice.option_key)
        named = [option for option in self.options.values() if says(option.name, choice.option)]
        return named[0] if named else self.options.get(choice.option.casefold())

    def value(self, choice: Choice) -> OptionValue | None:
        option = self.option(choice)
        if option is None:
            return None
        values = list(option.values.all())
        if choice.value_key:
            return next((value for value in values if value.key == choice.value_key), None)
        named = [value for value in values if says(value.label, choice.value)]
        return next(iter(named or [value for value in values if value.key == choice.value.casefold()]), None)

    def add_value(self, choice: Choice) -> OptionValue:
        """The value of a choice, made where it is missing, its option too."""
        if found := self.value(choice):
            return found
        self.read_options()  # another import may have added it since
        if found := self.value(choice):
            return found
        option = self.option(choice)
        if option is None:
            key = choice.option_key or new_key(choice.option, self.options)
            option = Option.objects.create(key=key, name=dict(choice.names), position=len(self.options))
        taken = {value.key for value in option.values.all()}
        value = OptionValue.objects.create(
            option=option,
            key=choice.value_key or new_key(choice.value, taken),
            label=dict(choice.labels),
            colour=choice.colour,
            sort_order=len(taken),
        )
        self.read_options()
        return value

    def product_type(self, key: str, name: str) -> ProductType | None:
        named = (kind for kind in self.types.values() if says(kind.name, name))
        return self.types.get(key) or next(named, None)

    def add_type(self, key: str, name: str) -> ProductType:
        found = self.product_type(key, name)
        if found is None:
            key = slugify(key)[:50] or new_key(name, self.types)
            found, _created = ProductType.objects.get_or_create(
                key=key, defaults={"name": {settings.LANGUAGE_CODE: name}}
            )
            self.types[key] = self.type_of_pk[found.pk] = found
        return found


def category_paths() -> dict[int, str]:
    """Path of slugs in the default language of every category, drafts included."""
    rows = {row.pk: row for row in Category.objects.prefetch_related("translations")}

    def slugs(row: Category | None, seen: tuple[int, ...] = ()) -> list[str]:
        if row is None or row.pk in seen:
            return []
        text = row.text_in(settings.LANGUAGE_CODE)
        return [*slugs(rows.get(row.parent_id or 0), (*seen, row.pk)), text.slug if text else str(row.pk)]

    return {pk: "/".join(slugs(row)) for pk, row in rows.items()}


class References:
    """Ids to names that mean the same in another database, and back. Remembers what it looked up."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.handles: dict[int, str] = {}
        self.addresses: dict[int, str] = {}

    def load_all(self) -> None:
        """For an export of everything: two queries instead of two per product."""
        for pk, slug in _handles().order_by("-language_code").values_list("master", "slug"):
            self.handles.setdefault(pk, slug)
        default = _handles().filter(language_code=settings.LANGUAGE_CODE)
        self.handles.update(default.values_list("master", "slug"))
        self.addresses = {pk: address_of(name) for pk, name in Image.objects.values_list("pk", "file")}

    def handle(self, pk: int) -> str:
        if pk not in self.handles:
            rows = dict(_handles().filter(master=pk).values_list("language_code", "slug"))
            self.handles[pk] = rows.get(settings.LANGUAGE_CODE) or next(iter(rows.values()), "")
        return self.handles[pk]

    def address(self, pk: int) -> str:
        if pk not in self.addresses:
            name = Image.objects.filter(pk=pk).values_list("file", flat=True).first()
            self.addresses[pk] = address_of(name) if name else ""
        return self.addresses[pk]

    def name_of(self, model: type, pk: Any) -> Any:
        """The name for an id, or the id itself where the object has no other name; None for what is gone."""
        if pk is None:
            return None
        if model is Product:
            return self.handle(pk) or None
        if model is Category:
            return self.vocabulary.paths.get(pk)
        return (self.address(pk) or None) if model is Image else pk

    def id_of(self, model: Any, name: Any) -> int | None:
        """The id behind a name; None when there is no such object."""
        if model is Product:
            return product_of(name) if isinstance(name, str) else None
        if model is Category:
            return self.vocabulary.category_of_path.get(name) if isinstance(name, str) else None
        if model is Image:
            return own_image(name) if isinstance(name, str) else None
        is_id = isinstance(name, int) and not isinstance(name, bool) and 0 < name < 2**31
        return name if is_id and model.objects.filter(pk=name).exists() else None


def _handles() -> Any:
    return ProductTranslation.objects.filter(master__isnull=False)


def product_of(handle: str) -> int | None:
    """Id of the product whose handle this is: its slug in the default language, or in another without such a text."""
    default = settings.LANGUAGE_CODE
    rows = list(ProductTranslation.objects.filter(slug=handle).values_list("language_code", "master"))
    found = [pk for code, pk in rows if code == default]
    if found or not rows:
        return found[0] if found else None
    others = [pk for _code, pk in rows]
    named = set(
        ProductTranslation.objects.filter(master__in=others, language_code=default).values_list("master", flat=True)
    )
    return next((pk for pk in others if pk not in named), None)


def address_of(name: str) -> str:
    """The full address of a file of the picture library."""
    url = default_storage.url(name)
    return url if url.startswith(("http://", "https://")) else f"{settings.BASE_URL}{url}"


def own_image(address: str) -> int | None:
    """Id of the picture of our library that is under this address."""
    base = address_of("")
    if not address.startswith(base):
        return None
    name = unquote(urlsplit(address).path)[len(urlsplit(base).path) :]
    return Image.objects.filter(file=name).values_list("pk", flat=True).first()
