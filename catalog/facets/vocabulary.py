"""What a list of products can be narrowed by: the facets, with the names they have in addresses, in no language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from catalog.models import Attribute, Option, ProductTag
from catalog.tree import Node
from core.cache import remember_window
from core.localized import LocalizedText

RESERVED = {"category", "price", "sale", "stock", "tag", "sort", "page", "q"}
YES = "yes"


class Kind(StrEnum):
    """CATEGORY, ATTRIBUTE and TAG tell about a product. The others tell about a variant: chosen together, one and the
    same variant has them all."""

    CATEGORY = "category"
    OPTION = "option"
    PRICE = "price"
    SALE = "sale"
    STOCK = "stock"
    ATTRIBUTE = "attribute"
    TAG = "tag"

    @property
    def of_variants(self) -> bool:
        return self in {Kind.OPTION, Kind.PRICE, Kind.SALE, Kind.STOCK}


@dataclass(frozen=True)
class Value:
    """`key`: as in addresses. `ids`: the rows it stands for; of a category those below it, too."""

    key: str
    label: str | LocalizedText | Promise
    ids: tuple[int, ...] = ()
    colour: str = ""
    language: str = ""  # of the label, when it is a plain text


@dataclass(frozen=True)
class Facet:
    """`key`: its name in addresses. `pk`: of the option or attribute. `values`: those that are known before counting;
    prices, numbers and tags are not."""

    kind: Kind
    key: str
    name: str | LocalizedText | Promise
    pk: int = 0
    values: tuple[Value, ...] = ()
    of: str = ""  # Attribute.Kind
    unit: str = ""


def facets(categories: Iterable[Node] = ()) -> list[Facet]:
    """All that exist, in the order they are shown in. `categories`: those to choose between; with what is below."""
    below = tuple(
        Value(neutral_slug(node), node.name, tuple(deeper.pk for deeper in node.descendants), language=node.lang)
        for node in categories
    )
    options, attributes = remember_window("facets", lambda: (option_facets(), attribute_facets()))
    everything = [
        Facet(Kind.CATEGORY, "category", _("Category"), values=below),
        Facet(Kind.PRICE, "price", _("Price")),
        *options,
        *unlike(attributes, {facet.key for facet in options}),
        Facet(Kind.TAG, "tag", _("Tags")),
        Facet(Kind.SALE, "sale", _("Sale"), values=(Value(YES, _("On sale")),)),
        Facet(Kind.STOCK, "stock", _("Availability"), values=(Value(YES, _("In stock")),)),
    ]
    return list({facet.key: facet for facet in reversed(everything)}.values())[::-1]  # one per name in addresses


def neutral_slug(node: Node) -> str:
    """The same in every language, so that a chosen category stays chosen when the language is switched."""
    return node.texts[settings.LANGUAGE_CODE if settings.LANGUAGE_CODE in node.texts else min(node.texts)][1]


def option_facets() -> list[Facet]:
    rows = Option.objects.prefetch_related("values")
    return [
        Facet(
            Kind.OPTION,
            f"option-{row.key}" if row.key in RESERVED else row.key,
            row.name,
            row.pk,
            tuple(Value(value.key, value.label, (value.pk,), value.colour) for value in row.values.all()),
        )
        for row in rows
    ]


def attribute_facets() -> list[Facet]:
    """Of the attributes that editors have marked as filters."""
    rows = Attribute.objects.filter(facet=True).exclude(kind=Attribute.Kind.TEXT).prefetch_related("choices")
    return [Facet(Kind.ATTRIBUTE, row.key, row.name, row.pk, attribute_values(row), row.kind, row.unit) for row in rows]


def attribute_values(attribute: Attribute) -> tuple[Value, ...]:
    if attribute.kind == Attribute.Kind.YES_NO:
        return (Value(YES, _("Yes")), Value("no", _("No")))
    return tuple(Value(choice.key, choice.label, (choice.pk,)) for choice in attribute.choices.all())


def unlike(attributes: list[Facet], taken: set[str]) -> list[Facet]:
    """With other names where an option or the shop itself already uses theirs in addresses."""
    clashing = RESERVED | taken
    return [
        Facet(**{**vars(facet), "key": f"attribute-{facet.key}"}) if facet.key in clashing else facet
        for facet in attributes
    ]


def tags_of(slugs: Iterable[str]) -> tuple[Value, ...]:
    """Those of these tags that live products have; one query, none without slugs."""
    wanted = list(slugs)
    if not wanted:
        return ()
    live = ProductTag.objects.filter(tag__slug__in=wanted, content_object__live=True)
    rows = live.values_list("tag__slug", "tag__name", "tag_id").distinct()
    return tuple(Value(slug, name, (pk,)) for slug, name, pk in sorted(rows))
