"""What commerce forgets by itself. Invoices and credit notes have no rule: PostgreSQL keeps them for eight years."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from commerce.erasure import OPEN, anonymise
from commerce.models import (
    Dispute,
    Document,
    Order,
    OrderExport,
    OrderExportFile,
    PaymentAttempt,
    Refund,
    Status,
    WebhookEvent,
)
from core.retention import Rule, register

ENDED = (Status.EXPIRED, Status.CANCELLED)


def with_money() -> Q:
    """Something was paid or written about these orders, however they ended."""
    paid = PaymentAttempt.objects.filter(order=OuterRef("pk"), paid_amount__isnull=False)
    return Q(Exists(paid)) | Q(Exists(Document.objects.filter(order=OuterRef("pk"))))


def unpaid(before: datetime) -> QuerySet[Order]:
    ended = Order.objects.filter(status__in=ENDED, erased_at=None, placed_at__lt=before)
    return ended.exclude(with_money())


def finished(before: datetime) -> QuerySet[Order]:
    old = Order.objects.filter(erased_at=None, placed_at__lt=before).exclude(status__in=OPEN)
    refunding = Refund.objects.filter(order=OuterRef("pk"), state__in=(Refund.State.REQUESTED, Refund.State.PENDING))
    return old.exclude(Exists(refunding)).exclude(Exists(Dispute.objects.filter(order=OuterRef("pk"), closed_at=None)))


def without_buyer(model: type[Model], pks: list[Any]) -> None:
    anonymise(pks)


register(
    Rule(
        "payment-messages",
        _("Messages of the payment service"),
        lambda before: WebhookEvent.objects.filter(received_at__lt=before),
    ),
    Rule(
        "order-export-files",
        _("Files of exported orders past their time"),
        lambda _before: OrderExportFile.objects.filter(export__expires_at__lt=timezone.now()),
    ),
    Rule(
        "order-exports",
        _("Notes on who exported orders"),
        lambda before: OrderExport.objects.filter(created_at__lt=before),
    ),
    Rule("unpaid-orders", _("Who the buyer was, of orders that were never paid"), unpaid, without_buyer),
    Rule("finished-orders", _("Who the buyer was, of orders long done; invoices stay"), finished, without_buyer),
)
