"""What an import would do with one product: compares the record of a file with what is stored. Writes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import TextChoices
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from catalog import amend
from catalog.exchange import content as stored_content
from catalog.exchange.bodies import Unusable, html_of, pictures_in, stored
from catalog.exchange.columns import LANGUAGES, SIMPLE_FIELDS, TEXTS, translated
from catalog.exchange.content import Content
from catalog.exchange.facts import wanted_facts
from catalog.exchange.html import to_html
from catalog.exchange.pictures import known
from catalog.exchange.record import Problem, ProductRecord, VariantRecord
from catalog.exchange.vocabulary import References, Vocabulary, product_of
from catalog.forms import reserved_gtins, reserved_skus
from catalog.gtin import spellings
from catalog.models import Product, ProductTranslation, Variant


class Outcome(TextChoices):
    CREATED = "created", pgettext_lazy("result of an import", "New")
    CHANGED = "changed", pgettext_lazy("result of an import", "Changed")
    UNCHANGED = "unchanged", pgettext_lazy("result of an import", "Unchanged")
    SKIPPED = "skipped", pgettext_lazy("result of an import", "Left alone")  # somebody else has to act on it first
    FAILED = "failed", pgettext_lazy("result of an import", "Not imported")


class StockRule(TextChoices):
    LEAVE = "leave", _("Leave all stock alone")
    NEW = "new", _("Set the stock of new variants")
    ALL = "all", _("Set the stock of all variants to the counts in the file")


@dataclass
class Job:
    """Who imports and how; and what is looked up once for many products. `handles`: all that the file has."""

    user: User
    publish: bool = False
    overwrite_drafts: bool = False
    stock: StockRule = StockRule.LEAVE
    handles: set[str] = field(default_factory=set)
    vocabulary: Vocabulary = field(default_factory=Vocabulary)

    def __post_init__(self) -> None:
        self.references = References(self.vocabulary)

    def refresh(self) -> None:
        """Reads the words anew."""
        self.vocabulary = Vocabulary()
        self.references = References(self.vocabulary)


@dataclass
class Plan:
    """`changes`: the columns that differ. `later`: it names products that the same file brings further down.
    `images`: address of each picture -> id, None where it cannot be had; those still to be fetched are not in it."""

    record: ProductRecord
    product: Product | None = None
    content: Content | None = None
    outcome: Outcome = Outcome.FAILED
    changes: list[str] = field(default_factory=list)
    images: dict[str, int | None] = field(default_factory=dict)
    facts: dict[str, dict[str, str]] = field(default_factory=dict)
    bodies: dict[str, str] = field(default_factory=dict)
    targets: dict[str, list[int]] = field(default_factory=dict)
    later: bool = False
    last: bool = False  # nothing comes any more: who is not there now never will be

    def problem(self, text: str, column: str = "", line: int = 0, fatal: bool = True) -> None:
        self.record.problems.append(Problem(text, line or self.record.line, column, fatal))


def plan(record: ProductRecord, job: Job, images: dict[str, int | None] | None = None, last: bool = False) -> Plan:
    """Finds the product, looks up what the record names and tells what would change. `images`: see Plan."""
    made = Plan(record, last=last)
    if record.failed:
        return made
    made.product = find(record)
    if made.product:
        made.content = stored_content.content_of(made.product)
    made.images = {**known(addresses(record)), **(images or {})}
    made.facts = wanted_facts(record, made.content, job.vocabulary)
    _check(made, job)
    if record.failed:
        return made
    made.changes = list(dict.fromkeys(differences(made, job)))
    made.outcome = _outcome(made, job)
    return made


def find(record: ProductRecord) -> Product | None:
    """By handle; a product whose draft has this handle, and no row yet, is known by its SKUs."""
    pk = product_of(record.handle)
    if pk is None:
        skus = [variant.sku for variant in record.variants or []]
        owners = Product.objects.filter(variants__sku__in=skus).select_related("latest_revision").distinct()
        drafts = (
            row for row in owners if stored_content.handle_of_content(stored_content.content_of(row)) == record.handle
        )
        return next(drafts, None)
    return Product.objects.select_related("latest_revision").get(pk=pk)


def addresses(record: ProductRecord) -> list[str]:
    """All pictures that the record names, each once."""
    found = [picture.address for picture in record.pictures or []]
    found += [variant.fields["image"] for variant in record.variants or [] if variant.fields.get("image")]
    found += [address for texts in record.texts.values() for address in pictures_in(texts.get("body") or [])]
    return list(dict.fromkeys(found))


def _outcome(made: Plan, job: Job) -> Outcome:
    product = made.product
    if product is None:
        if not job.user.has_perm("catalog.add_product"):
            made.problem(gettext("You may not add products."))
            return Outcome.FAILED
        return Outcome.CREATED
    publishes = job.publish and made.record.published is not False and not product.live
    if not made.changes and not publishes:
        return Outcome.UNCHANGED
    try:
        amend.free_to_edit(product, job.user)
    except amend.Skipped as reason:
        made.problem(str(reason))
        return Outcome.SKIPPED
    if made.changes and not job.overwrite_drafts and has_own_draft(product):
        made.problem(gettext("Somebody is working on a draft of it."))
        return Outcome.SKIPPED
    return Outcome.CHANGED if made.changes else Outcome.UNCHANGED


def has_own_draft(product: Product) -> bool:
    """True when the latest revision waits to be published and a person, not an import, has made it."""
    if not product.has_unpublished_changes or not product.latest_revision_id:
        return False
    return not product.import_entries.filter(revision=product.latest_revision_id).exists()


def _check(made: Plan, job: Job) -> None:
    """What would clash with other products, or needs words that this person may not add."""
    record = made.record
    if made.product is None and not any(texts.get("name") for texts in record.texts.values()):
        made.problem(gettext("The title is missing."), "Title")
    _check_skus(made)
    _check_gtins(made)
    _check_slugs(made)
    _check_words(made, job)


def _check_skus(made: Plan) -> None:
    lines = {variant.sku: variant.line for variant in made.record.variants or []}
    pk = made.product.pk if made.product else None
    if not lines:
        return
    taken = {row.sku: str(row.product) for row in _others(lines, pk)}
    taken.update(reserved_skus(set(lines) - set(known_skus(made)) - set(taken), by_others_than=pk))
    for sku, owner in taken.items():
        text = gettext("The SKU %(sku)s belongs to “%(product)s”.") % {"sku": sku, "product": owner}
        made.problem(text, "Variant SKU", lines[sku])


def _check_gtins(made: Plan) -> None:
    """Of the active variants as they would be, with those that the file does not have. Only what the file changes is
    compared with other products: what stood twice before holds no other change back."""
    stored, records = known_skus(made), {record.sku: record for record in made.record.variants or []}
    lines: dict[str, int] = {}
    changed: set[str] = set()
    for sku in dict.fromkeys([*stored, *records]):
        record, before = records.get(sku), stored.get(sku, {})
        row = {**before, **(record.fields if record else {})}
        line, gtin = record.line if record else 0, row.get("gtin")
        if gtin and row.get("active", True):
            if lines.keys() & spellings(gtin):
                made.problem(gettext("This GTIN stands twice in this product."), "Variant Barcode", line)
            lines[gtin] = line
            if (gtin, True) != (before.get("gtin"), before.get("active")):
                changed.add(gtin)
    for gtin, owner in reserved_gtins(changed, by_others_than=made.product.pk if made.product else None).items():
        text = gettext("The GTIN %(gtin)s belongs to “%(product)s”.") % {"gtin": gtin, "product": owner}
        made.problem(text, "Variant Barcode", lines[gtin])


def _others(skus: dict[str, int], pk: int | None) -> Any:
    rows = Variant.objects.filter(sku__in=skus).exclude(product=pk) if pk else Variant.objects.filter(sku__in=skus)
    return rows.select_related("product").prefetch_related("product__translations")


def known_skus(made: Plan) -> dict[str, Any]:
    return stored_content.variants(made.content or {})


def _check_slugs(made: Plan) -> None:
    pk = made.product.pk if made.product else None
    for code, texts in made.record.texts.items():
        slug = texts.get("slug")
        if not slug or (code == settings.LANGUAGE_CODE and made.product is None):
            continue
        if ProductTranslation.objects.filter(language_code=code, slug=slug).exclude(master_id=pk).exists():
            column = translated("Handle", code)
            made.problem(gettext("Another product has the handle %(slug)s.") % {"slug": slug}, column)


def _check_words(made: Plan, job: Job) -> None:
    fields, words, user = made.record.fields, job.vocabulary, job.user
    path = fields.get("category")
    if path and path not in words.category_of_path:
        text = gettext("There is no category %(path)s. Write the path of its handles, like tea/green-tea.")
        made.problem(text % {"path": path}, "Category")
    key, name = fields.get("type") or ("", "")
    if key and not words.product_type(key, name) and not user.has_perm("catalog.add_producttype"):
        text = gettext("There is no type “%(name)s”, and you may not add one.") % {"name": name}
        made.problem(text, "Type", fatal=False)
        del fields["type"]
    may_add = user.has_perms(["catalog.add_option", "catalog.change_option"])
    for variant in made.record.variants or []:
        for choice in variant.choices or []:
            if not may_add and not words.value(choice):
                text = gettext("There is no %(option)s “%(value)s”, and you may not add one.")
                made.problem(text % {"option": choice.option, "value": choice.value}, "", variant.line)


def differences(made: Plan, job: Job) -> Iterator[str]:
    """The columns in which the record differs from what is stored; for a new product all that it fills."""
    content = made.content or {}
    yield from _field_changes(made, content, job)
    yield from _text_changes(made, content, job)
    yield from _variant_changes(made, content, job)
    yield from _picture_changes(made, content)
    before = stored_content.attribute_values(content, job.vocabulary.attributes.values())
    for key, cells in made.facts.items():
        if cells != before.get(key, {}):
            yield f"Attribute: {key}"


def _field_changes(made: Plan, content: Content, job: Job) -> Iterator[str]:
    fields = made.record.fields
    if "tags" in fields:
        names = stored_content.tag_names([content])
        if {name.casefold() for name in fields["tags"]} != {name.casefold() for name in names.values()}:
            yield "Tags"
    if "type" in fields:
        kind = job.vocabulary.product_type(*fields["type"]) if fields["type"][0] else None
        if (kind.pk if kind else None) != content.get("product_type") or (fields["type"][0] and not kind):
            yield "Type"
    if "category" in fields:
        pk = job.vocabulary.category_of_path.get(fields["category"])
        if pk != content.get("category"):
            yield "Category"
    for column, name in SIMPLE_FIELDS.items():
        if name in fields and fields[name] != _simple(name, content):
            yield column
    for column, name in (("Accessories", "accessory"), ("Similar", "similar")):
        if column.lower() in fields:
            made.targets[name] = _targets(made, job, column, fields[column.lower()])
            if made.targets[name] != stored_content.association_targets(content, name):
                yield column


def _simple(name: str, content: Content) -> Any:
    empty = {"vendor": "", "tax_class": "standard", "featured": False, "position": 0}
    if name in ("go_live_at", "expire_at"):
        return stored_content.moment(content.get(name))
    return content.get(name, empty[name])


def _targets(made: Plan, job: Job, column: str, handles: list[str]) -> list[int]:
    """Ids of associated products. What the file brings later waits; what nobody has is left out, and said."""
    found = []
    for handle in handles:
        pk = job.references.id_of(Product, handle)
        if pk:
            found.append(pk)
        else:
            _missing_product(made, job, handle, column)
    return found


def _missing_product(made: Plan, job: Job, handle: str, column: str) -> None:
    if handle in job.handles and not made.last:
        made.later = True
    else:
        made.problem(gettext("There is no product %(handle)s.") % {"handle": handle}, column, fatal=False)


def _text_changes(made: Plan, content: Content, job: Job) -> Iterator[str]:
    rows = stored_content.texts(content)
    for code in LANGUAGES:
        texts, row = made.record.texts.get(code), rows.get(code)
        if texts is None:
            continue
        if row is None and not texts.get("name"):
            made.problem(gettext("The title is missing."), translated("Title", code))
            continue
        for base, name in TEXTS.items():
            if name == "body" and name in texts:
                if _body_differs(made, job, code, (row or {}).get("body")):
                    yield translated(base, code)
            elif name in texts and texts[name] != (row or {}).get(name, ""):
                yield translated(base, code)


def _body_differs(made: Plan, job: Job, code: str, raw: str | None) -> bool:
    wanted = made.record.body(code)
    before = html_of(raw, job.references)
    if to_html(wanted) == before:
        return False
    column = translated("Body (HTML)", code)
    text, left_out = stored(wanted, job.references, made.images)
    pending = any(address not in made.images for address in pictures_in(wanted))
    for block in left_out:
        _say_left_out(made, job, block, column, pending)
    made.bodies[code] = text
    return pending or html_of(text, job.references) != before


def _say_left_out(made: Plan, job: Job, block: Unusable, column: str, pending: bool) -> None:
    for handle in block.handles:
        _missing_product(made, job, handle, column)
    if not block.handles and not pending:
        made.problem(gettext("A part of the text cannot be shown and was left out."), column, fatal=False)


def _variant_changes(made: Plan, content: Content, job: Job) -> Iterator[str]:
    rows = stored_content.variants(content)
    records = made.record.variants or []
    for record in records:
        row = rows.get(record.sku)
        if row is None:
            yield "Variant SKU"
        else:
            yield from _changes_of_variant(made, record, row, job)
    listed = [record.sku for record in records if record.sku in rows]
    if listed != [sku for sku in rows if sku in set(listed)]:
        yield gettext("Order of variants")


def _changes_of_variant(made: Plan, record: VariantRecord, row: dict[str, Any], job: Job) -> Iterator[str]:
    fields = record.fields
    if record.choices is not None:
        found = [job.vocabulary.value(choice) for choice in record.choices]
        before = [row[name] for name in ("option_1", "option_2", "option_3") if row[name]]
        if None in found or [value.pk for value in found if value] != before:
            yield "Option1 Value"
    for name, column, stored_as in (
        ("price", "Variant Price", stored_content.price),
        ("sale_price", "Variant Compare At Price", stored_content.price),
        ("sale_from", "Variant Sale From", stored_content.moment),
        ("sale_until", "Variant Sale Until", stored_content.moment),
        ("gtin", "Variant Barcode", str),
        ("weight_grams", "Variant Grams", int),
        ("active", "Variant Active", bool),
    ):
        if name in fields and fields[name] != stored_as(row.get(name, "")):  # old revisions lack gtin
            yield column
    if "image" in fields and _image_differs(made.images, fields["image"], row["image"]):
        yield "Variant Image"


def _image_differs(images: dict[str, int | None], address: str, before: int | None) -> bool:
    """A picture that failed leaves the old one; one that is still to be fetched counts as another."""
    if not address:
        return before is not None
    return address not in images or images[address] not in (None, before)


def _picture_changes(made: Plan, content: Content) -> Iterator[str]:
    wanted = made.record.pictures
    if wanted is None or (made.product and any(made.images.get(row.address, 0) is None for row in wanted)):
        return  # a gallery with a picture that failed stays as it is
    if any(row.address not in made.images for row in wanted):
        yield "Image Src"
        return
    rows = stored_content.ordered(content, "images")
    if list(dict.fromkeys(pk for row in wanted if (pk := made.images[row.address]))) != [row["image"] for row in rows]:
        yield "Image Src"
        return
    alts = {row["image"]: stored_content.localized(row["alt"]) for row in rows}
    for picture in wanted:
        pk = made.images[picture.address]
        before = alts.get(pk or 0, {})
        if pk and {code: text for code, text in {**before, **picture.alt}.items() if text} != before:
            yield "Image Alt Text"
