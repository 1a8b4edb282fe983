"""Attribute cells of a file: checked against the attribute's kind, and written to its column."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils.translation import gettext

from catalog.exchange.columns import ATTRIBUTE, translated
from catalog.exchange.content import Content, attribute_values
from catalog.exchange.parse import amount, yes_no
from catalog.exchange.record import Problem, ProductRecord
from catalog.exchange.vocabulary import Vocabulary, says
from catalog.models import Attribute, AttributeValue

DEFAULT = settings.LANGUAGE_CODE


def wanted_facts(record: ProductRecord, content: Content | None, vocabulary: Vocabulary) -> dict[str, dict[str, str]]:
    """Attribute key -> cells as they shall be, for the attributes that the file has. Notes what cannot be."""
    given: dict[str, dict[str, str]] = {}
    for (key, code), text in record.attributes.items():
        given.setdefault(key, {})[code] = text
    before = attribute_values(content or {}, vocabulary.attributes.values())
    found = {}
    for key, cells in given.items():
        attribute = vocabulary.attributes.get(key)
        if attribute is None:
            if any(cells.values()):
                problem(record, key, gettext("There is no attribute “%(key)s”.") % {"key": key}, fatal=False)
            continue
        try:
            found[key] = checked(attribute, cells, before.get(key, {}))
        except ValueError as error:
            problem(record, key, str(error))
    return found


def problem(record: ProductRecord, key: str, text: str, fatal: bool = True) -> None:
    record.problems.append(Problem(text, record.line, translated(ATTRIBUTE + key, DEFAULT), fatal))


def checked(attribute: Attribute, cells: dict[str, str], before: dict[str, str]) -> dict[str, str]:
    """The cells as an export would write them. Raises ValueError with the reason."""
    if attribute.kind == Attribute.Kind.TEXT:
        return {code: text for code, text in {**before, **cells}.items() if text}
    text = cells.get(DEFAULT, "")
    if not text:
        return {}
    if attribute.kind == Attribute.Kind.YES_NO:
        return {DEFAULT: "TRUE" if yes_no(text) else "FALSE"}
    if attribute.kind == Attribute.Kind.CHOICE:
        return {DEFAULT: choice_key(attribute, text)}
    sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
    try:
        number = amount(digits)
    except ValueError as error:
        raise ValueError(gettext("Write a number, for example 1250.5.")) from error
    return {DEFAULT: sign + format(number.normalize(), "f")}


def choice_key(attribute: Attribute, text: str) -> str:
    choices = list(attribute.choices.all())
    for choice in choices:
        if choice.key == text:
            return choice.key
    for choice in choices:
        if says(choice.label, text):
            return choice.key
    known = ", ".join(choice.key for choice in choices)
    raise ValueError(gettext("Write one of: %(choices)s.") % {"choices": known})


def write_facts(values: list[AttributeValue], facts: dict[str, dict[str, str]], vocabulary: Vocabulary) -> Any:
    """The attribute rows of a draft with these cells written; blank ones drop out."""
    rows = {row.attribute_id: row for row in values}
    for key, cells in facts.items():
        attribute = vocabulary.attributes[key]
        if not cells:
            rows.pop(attribute.pk, None)
            continue
        row = rows.setdefault(attribute.pk, AttributeValue(attribute=attribute))
        fill(row, attribute, cells)
    return list(rows.values())


def fill(row: AttributeValue, attribute: Attribute, cells: dict[str, str]) -> None:
    text = cells.get(DEFAULT, "")
    if attribute.kind == Attribute.Kind.TEXT:
        row.text = cells
    elif attribute.kind == Attribute.Kind.NUMBER:
        row.number = Decimal(text)
    elif attribute.kind == Attribute.Kind.YES_NO:
        row.yes_no = text == "TRUE"
    else:
        row.choice = next(choice for choice in attribute.choices.all() if choice.key == text)
