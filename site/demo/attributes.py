"""The demo's product types with their attributes, and what products have of them and beside them."""

from __future__ import annotations

from typing import Any

from catalog.models import Association, Attribute, AttributeChoice, AttributeValue, Product, ProductType
from demo.sources import Progress, content, product_of


def seed_types() -> Progress:
    """Product types."""
    entries = content("attributes")
    for position, entry in enumerate(entries["attribute"]):
        seed_attribute(entry, position)
    for number, entry in enumerate(entries["type"], start=1):
        if not ProductType.objects.filter(key=entry["key"]).exists():
            kind = ProductType(key=entry["key"], name=entry["name"])
            kind.attributes.set(Attribute.objects.filter(key__in=entry["attributes"]))
            kind.save()
        yield number, len(entries["type"])


def seed_attribute(entry: dict[str, Any], position: int) -> None:
    if Attribute.objects.filter(key=entry["key"]).exists():
        return
    fields = {name: entry[name] for name in ("key", "name", "kind", "unit", "facet") if name in entry}
    attribute = Attribute(**fields, position=position)
    attribute.choices = [
        AttributeChoice(key=row["key"], label=row["label"], sort_order=number)
        for number, row in enumerate(entry.get("choices", []))
    ]
    attribute.save()


def seed_associations() -> Progress:
    """What goes together."""
    entries = content("attributes")["product"]
    for number, (key, entry) in enumerate(entries.items(), start=1):
        product = product_of(key)
        if product is not None and product.live and not product.associations.exists():
            associate(product, entry)
        yield number, len(entries)


def associate(product: Product, entry: dict[str, Any]) -> None:
    found = [(kind, product_of(key)) for kind in ("accessory", "similar") for key in entry.get(kind, [])]
    product.associations = [
        Association(kind=kind, target=target, sort_order=order) for order, (kind, target) in enumerate(found) if target
    ]
    product.save_revision().publish()


def describe(product: Product, key: str) -> None:
    """Gives an unsaved product the type and the attribute values of its entry."""
    entry = content("attributes")["product"].get(key)
    if entry is not None:
        product.product_type = ProductType.objects.get(key=entry["type"])
        product.attribute_values = [value(name, given) for name, given in entry["values"].items()]


def value(key: str, given: Any) -> AttributeValue:
    attribute = Attribute.objects.get(key=key)
    if attribute.kind == Attribute.Kind.CHOICE:
        given = attribute.choices.get(key=given)
    return AttributeValue(attribute=attribute, **{attribute.kind: given})
