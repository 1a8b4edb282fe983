"""Writes one product of an import: a new draft through its revision, never the live rows of a published product."""

from __future__ import annotations

from typing import Any, cast

from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from wagtail.log_actions import log
from wagtail.models import ReferenceIndex, Revision
from wagtail.signal_handlers import disable_reference_index_auto_update

from catalog import amend, stock
from catalog.exchange.columns import LANGUAGES, SIMPLE_FIELDS
from catalog.exchange.facts import write_facts
from catalog.exchange.plan import Job, Outcome, Plan, StockRule
from catalog.exchange.record import PictureRecord, VariantRecord
from catalog.models import Association, Product, ProductImage, ProductTranslation, Stock, Variant
from catalog.publishing import missing

OPTION_FIELDS = ("option_1", "option_2", "option_3")


def apply(made: Plan, job: Job) -> Revision | None:
    """Writes what the plan says, inside the caller's transaction. Returns the new revision, if one was needed.

    Raises ValidationError or IntegrityError: then nothing of the product is written.
    """
    revision = None
    before: set[str] = set()
    if made.outcome == Outcome.CREATED:
        draft = Product(live=False)
        write(draft, made, job)
        draft.full_clean()
        with disable_reference_index_auto_update():  # once in the end, not for each row of it
            draft.save()
            revision = draft.save_revision(user=job.user, clean=False)
        ReferenceIndex.create_or_update_for_object(draft)
        log(instance=draft, action="wagtail.create", user=job.user)
        made.product = draft
    else:
        product = cast(Product, made.product)
        before = set(product.variants.values_list("sku", flat=True))
        if made.outcome == Outcome.CHANGED:
            draft = product.get_latest_revision_as_object()
            write(draft, made, job)
            with disable_reference_index_auto_update():  # what is live stays as it is
                revision = draft.save_revision(user=job.user, log_action=True)
    _publish(made, job, revision)
    _count(made, job, before)
    return revision


def write(draft: Product, made: Plan, job: Job) -> None:
    """Puts the record into a draft, new or old. What the record does not say stays."""
    _write_fields(draft, made, job)
    _write_texts(draft, made)
    if made.record.variants is not None:
        _write_variants(draft, made, job)
    if made.record.pictures is not None:
        _write_pictures(draft, made)
    draft.attribute_values = write_facts(list(draft.attribute_values.all()), made.facts, job.vocabulary)


def _write_fields(draft: Product, made: Plan, job: Job) -> None:
    fields = made.record.fields
    for name in SIMPLE_FIELDS.values():
        if name in fields:
            setattr(draft, name, fields[name])
    if "tags" in fields and {tag.casefold() for tag in draft.tags.names()} != {
        tag.casefold() for tag in fields["tags"]
    }:
        draft.tags.set(fields["tags"])
    if "type" in fields:
        draft.product_type = job.vocabulary.add_type(*fields["type"]) if fields["type"][0] else None
    if "category" in fields:
        draft.category_id = job.vocabulary.category_of_path.get(fields["category"])
    if made.targets:
        kept = [row for row in draft.associations.all() if row.kind not in made.targets]
        found = [(kind, pk) for kind, pks in made.targets.items() for pk in pks]
        new = [Association(kind=kind, target_id=pk) for kind, pk in found]
        for order, row in enumerate([*kept, *new]):
            row.sort_order = order
        draft.associations = [*kept, *new]


def _write_texts(draft: Product, made: Plan) -> None:
    rows = {row.language_code: row for row in draft.translations.all()}
    for code in LANGUAGES:
        texts = made.record.texts.get(code)
        if texts is None:
            continue
        row = rows.setdefault(code, ProductTranslation(language_code=code))
        for name, text in texts.items():
            if name != "body":
                setattr(row, name, text)
            elif code in made.bodies:
                row.body = made.bodies[code]
    draft.translations = list(rows.values())


def _write_variants(draft: Product, made: Plan, job: Job) -> None:
    rows = {row.sku: row for row in draft.variants.all()}
    listed = []
    for record in made.record.variants or []:
        row = rows.pop(record.sku, None) or Variant(sku=record.sku, price=0)
        _write_variant(row, record, made, job)
        listed.append(row)
    everything = [*listed, *rows.values()]  # what the file does not list stays, at the end
    for order, row in enumerate(everything):
        row.sort_order = order
    draft.variants = everything


def _write_variant(row: Variant, record: VariantRecord, made: Plan, job: Job) -> None:
    for name, value in record.fields.items():
        if name != "image":
            setattr(row, name, value)
        elif not value:
            row.image_id = None
        elif made.images.get(value):
            row.image_id = made.images[value]
    if record.choices is not None:
        values: list[Any] = [job.vocabulary.add_value(choice) for choice in record.choices]
        for name, value in zip(OPTION_FIELDS, [*values, None, None, None], strict=False):
            setattr(row, name, value)


def _write_pictures(draft: Product, made: Plan) -> None:
    wanted = made.record.pictures or []
    if made.product and any(made.images.get(picture.address) is None for picture in wanted):
        return
    rows = {row.image_id: row for row in draft.images.all()}
    gallery: dict[int, ProductImage] = {}
    for picture in wanted:
        pk = made.images.get(picture.address)
        if pk and pk not in gallery:
            gallery[pk] = _with_alt(rows.get(pk) or ProductImage(image_id=pk), picture)
    for order, row in enumerate(gallery.values()):
        row.sort_order = order
    draft.images = list(gallery.values())


def _with_alt(row: ProductImage, picture: PictureRecord) -> ProductImage:
    row.alt = {code: text for code, text in {**row.alt, **picture.alt}.items() if text}
    return row


def _publish(made: Plan, job: Job, revision: Revision | None) -> None:
    """Publishes where asked for and allowed; says why not otherwise."""
    product = cast(Product, made.product)
    if not job.publish:
        return
    if made.record.published is False:
        if product.live:
            made.problem(gettext("The file says not published; it stays in the shop."), "Published", fatal=False)
        return
    if not amend.may(job.user, "publish", product):
        made.problem(gettext("You may not publish it."), "Published", fatal=False)
        return
    if product.live and revision is None:
        return
    draft = product.get_latest_revision_as_object()
    lacking = missing(draft)
    if lacking:
        made.problem(" ".join(lack.text for lack in lacking), "Published", fatal=False)
        return
    (revision or product.latest_revision or draft.save_revision(user=job.user)).publish(user=job.user)
    made.changes.append("Published")
    if made.outcome == Outcome.UNCHANGED:
        made.outcome = Outcome.CHANGED


def _count(made: Plan, job: Job, before: set[str]) -> None:
    """Stock is no part of a draft: it is set at once, through its own ledger, where the rule says so."""
    counts = {row.sku: row.quantity for row in made.record.variants or [] if row.quantity is not None}
    if job.stock == StockRule.LEAVE or not counts:
        return
    if not job.user.has_perm("catalog.change_stock"):
        return
    if job.stock == StockRule.NEW:
        counts = {sku: units for sku, units in counts.items() if sku not in before}
    rows = {row.sku: row for row in Variant.objects.filter(product=made.product, sku__in=counts)}
    on_hand = dict(Stock.objects.filter(variant__in=rows.values()).values_list("variant__sku", "on_hand"))
    for sku in counts.keys() - rows.keys():
        text = gettext("%(sku)s gets its stock when it has been published: count it then.") % {"sku": sku}
        made.problem(text, "Variant Inventory Qty", fatal=False)
    for sku, row in sorted(rows.items(), key=lambda pair: pair[1].pk):
        if counts[sku] != on_hand.get(sku, 0):
            _adjust(made, job, row, counts[sku] or 0)


def _adjust(made: Plan, job: Job, variant: Variant, units: int) -> None:
    try:
        stock.adjust(variant, count=units, reason=gettext("Import"), actor=job.user)
    except stock.BelowHeld as error:
        text = gettext("%(held)d units are held for open orders: at least as many must stay on hand.")
        made.problem(text % {"held": error.held}, "Variant Inventory Qty", fatal=False)
        return
    made.changes.append("Variant Inventory Qty")
    if made.outcome == Outcome.UNCHANGED:
        made.outcome = Outcome.CHANGED


def words(error: ValidationError) -> str:
    return " ".join(error.messages)
