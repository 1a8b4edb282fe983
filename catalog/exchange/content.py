"""What is stored of a product, as its latest revision has it, in the words of a file."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.dateparse import parse_datetime
from taggit.models import Tag

from catalog.models import Attribute, Product

Content = dict[str, Any]  # the JSON of a revision: fields, and a list of rows per child relation


def content_of(product: Product, published: bool = False) -> Content:
    """The latest draft; the rows themselves where there is none, or where only what is published is asked for."""
    revision = None if published else product.latest_revision
    if revision:
        return revision.content
    return json.loads(json.dumps(product.serializable_data(), cls=DjangoJSONEncoder))


def ordered(content: Content, relation: str) -> list[dict[str, Any]]:
    """Child rows in the order that editors gave them."""
    return sorted(content.get(relation) or [], key=lambda row: row.get("sort_order") or 0)


def texts(content: Content) -> dict[str, dict[str, Any]]:
    """Language -> row."""
    return {row["language_code"]: row for row in content.get("translations") or []}


def handle_of_content(content: Content) -> str:
    rows = texts(content)
    row = rows.get(settings.LANGUAGE_CODE) or next(iter(rows.values()), None)
    return row["slug"] if row else ""


def variants(content: Content) -> dict[str, dict[str, Any]]:
    """SKU -> row, in order."""
    return {row["sku"]: row for row in ordered(content, "variants")}


def price(value: Any) -> Decimal | None:
    return None if value in (None, "") else Decimal(str(value))


def moment(value: Any) -> datetime | None:
    return parse_datetime(value) if isinstance(value, str) and value else None


def localized(value: Any) -> dict[str, str]:
    """A short label from a revision, where it may be JSON within JSON."""
    found = json.loads(value) if isinstance(value, str) and value else value
    return {code: text for code, text in (found or {}).items() if text}


def association_targets(content: Content, kind: str) -> list[int]:
    return [row["target"] for row in ordered(content, "associations") if row["kind"] == kind]


def tag_names(contents: Iterable[Content]) -> dict[int, str]:
    """Id -> name of all tags of these products, in one query."""
    pks = {row["tag"] for content in contents for row in content.get("tagged_items") or []}
    return dict(Tag.objects.filter(pk__in=pks).values_list("pk", "name"))


def attribute_cells(row: dict[str, Any], attribute: Attribute) -> dict[str, str]:
    """Language -> cell; kinds without a language have theirs under the default one."""
    default = settings.LANGUAGE_CODE
    if attribute.kind == Attribute.Kind.TEXT:
        return localized(row.get("text"))
    if attribute.kind == Attribute.Kind.NUMBER:
        number = price(row.get("number"))
        return {default: format(number.normalize(), "f")} if number is not None else {}
    if attribute.kind == Attribute.Kind.YES_NO:
        return {} if row.get("yes_no") is None else {default: "TRUE" if row["yes_no"] else "FALSE"}
    keys = {choice.pk: choice.key for choice in attribute.choices.all()}
    return {default: keys[row["choice"]]} if row.get("choice") in keys else {}


def attribute_values(content: Content, attributes: Iterable[Attribute]) -> dict[str, dict[str, str]]:
    """Attribute key -> its cells."""
    by_pk = {attribute.pk: attribute for attribute in attributes}
    found = {}
    for row in content.get("attribute_values") or []:
        if attribute := by_pk.get(row["attribute"]):
            found[attribute.key] = attribute_cells(row, attribute)
    return {key: cells for key, cells in found.items() if cells}
