"""Changing many products at once without losing anybody's draft: each change lands on the latest revision.

A live product without a pending draft is published again when the user may publish; every other keeps the change in
its draft.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils.translation import gettext
from wagtail.permissions import policy_registry

from catalog.models import Product
from catalog.publishing import missing

log = logging.getLogger(__name__)


class Skipped(Exception):
    """This product is left alone; the message says why, in the user's language."""


@dataclass
class Report:
    """What became of each product. `skipped`: with the reason."""

    published: list[Product] = field(default_factory=list)
    drafted: list[Product] = field(default_factory=list)
    unpublished: list[Product] = field(default_factory=list)
    skipped: list[tuple[Product, str]] = field(default_factory=list)

    @property
    def changed(self) -> int:
        return len(self.published) + len(self.drafted) + len(self.unpublished)


def may(user: User, action: str, product: Product) -> bool:
    return bool(policy_registry.get_by_type(Product).user_has_permission_for_instance(user, action, product))


def free_to_edit(product: Product, user: User) -> Product:
    """The row, locked until the transaction ends. Raises Skipped when somebody else has to act on it first."""
    product = Product.objects.select_for_update().get(pk=product.pk)
    if not may(user, "change", product):
        raise Skipped(gettext("You may not change it."))
    lock = product.get_lock()
    if lock and lock.for_user(user):
        raise Skipped(gettext("It is locked."))
    if product.workflow_in_progress:
        raise Skipped(gettext("It is being reviewed."))
    return product


def amend(products: Iterable[Product], user: User, change: Callable[[Product], bool], report: Report) -> None:
    """Applies `change` to the latest revision of each; it returns False where there is nothing to change."""
    for product in products:
        _each(product, report, lambda product: _amended(free_to_edit(product, user), user, change, report))


def publish(products: Iterable[Product], user: User, report: Report) -> None:
    """Publishes the latest revision of each, as the publish button of the editor does."""
    for product in products:
        _each(product, report, lambda product: _published(free_to_edit(product, user), user, report))


def unpublish(products: Iterable[Product], user: User, report: Report) -> None:
    """Takes each from the shop; drafts and history stay."""
    for product in products:
        _each(product, report, lambda product: _unpublished(free_to_edit(product, user), user, report))


def _each(product: Product, report: Report, act: Callable[[Product], None]) -> None:
    try:
        with transaction.atomic():
            act(product)
    except Skipped as reason:
        report.skipped.append((product, str(reason)))
    except IntegrityError:
        log.exception("cannot change %s", product)
        report.skipped.append((product, gettext("One of its SKUs is taken by another product.")))


def _amended(product: Product, user: User, change: Callable[[Product], bool], report: Report) -> None:
    draft = product.get_latest_revision_as_object()
    if not change(draft):
        raise Skipped(gettext("Nothing to change."))
    pending = product.has_unpublished_changes
    revision = draft.save_revision(user=user, log_action=True)
    if product.live and not pending and may(user, "publish", product) and not missing(draft):
        revision.publish(user=user)
        report.published.append(product)
    else:
        report.drafted.append(product)


def _published(product: Product, user: User, report: Report) -> None:
    if not may(user, "publish", product):
        raise Skipped(gettext("You may not publish it."))
    draft = product.get_latest_revision_as_object()
    if lacking := missing(draft):
        raise Skipped(" ".join(entry.text for entry in lacking))
    if product.live and not product.has_unpublished_changes:
        raise Skipped(gettext("Nothing to change."))
    revision = product.latest_revision or draft.save_revision(user=user)
    revision.publish(user=user)
    report.published.append(product)


def _unpublished(product: Product, user: User, report: Report) -> None:
    if not may(user, "publish", product):
        raise Skipped(gettext("You may not publish it."))
    if not product.live:
        raise Skipped(gettext("Nothing to change."))
    product.unpublish(user=user)
    report.unpublished.append(product)
