"""Everything that happens by the clock: go-live, expiry, windows of sales and coupons, newsletter sends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import AnonymousUser, User
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page, Revision

from blog.issues import planned
from catalog.models import Product, Variant
from commerce.models import Coupon
from editorial import targets
from editorial.targets import Key


class Kind(models.TextChoices):
    """What happens at the moment."""

    GO_LIVE = "go_live", _("Goes live")
    EXPIRE = "expire", _("Comes down")
    SALE_START = "sale_start", _("Sale starts")
    SALE_END = "sale_end", _("Sale ends")
    COUPON_START = "coupon_start", _("Coupon starts")
    COUPON_END = "coupon_end", _("Coupon ends")
    SEND = "send", _("Newsletter is sent")


@dataclass(frozen=True)
class Event:
    """One thing that will happen, and where to change it. `detail`: SKUs of a sale, languages of a newsletter."""

    when: datetime
    kind: Kind
    name: str
    url: str
    detail: str = ""


@dataclass
class Found:
    """An event whose object has not been named yet."""

    when: datetime
    kind: Kind
    key: Key
    anchor: str = ""
    detail: str = ""


def events(user: User | AnonymousUser, start: datetime, end: datetime) -> list[Event]:
    """What happens in [start, end) to things this user may edit, in order; a constant number of queries."""
    kinds = (_go_lives, _expiries, _sales, _coupons, _sends)
    found = [event for kind in kinds for event in kind(start, end)]
    keys = {event.key for event in found}
    allowed = targets.may_edit(user, keys)
    names = targets.names(keys & allowed)
    listed = [
        Event(event.when, event.kind, names[event.key], targets.edit_address(event.key) + event.anchor, event.detail)
        for event in found
        if event.key in names
    ]
    return sorted(listed, key=lambda event: (event.when, event.name, event.kind))


def _go_lives(start: datetime, end: datetime) -> Iterator[Found]:
    rows = Revision.objects.filter(approved_go_live_at__gte=start, approved_go_live_at__lt=end)
    for when, content_type, pk in rows.values_list("approved_go_live_at", "base_content_type_id", "object_id"):
        yield Found(when, Kind.GO_LIVE, (content_type, pk))


def _expiries(start: datetime, end: datetime) -> Iterator[Found]:
    """Of what is live."""
    for model in targets.editorial_models():
        content_type = ContentType.objects.get_for_model(model).pk
        live = model._default_manager.filter(live=True, expire_at__gte=start, expire_at__lt=end)
        for pk, when in live.values_list("pk", "expire_at"):
            yield Found(when, Kind.EXPIRE, (content_type, str(pk)))


def _sales(start: datetime, end: datetime) -> Iterator[Found]:
    """Windows of live prices; one event for all variants of a product that begin or end in the same minute."""
    content_type = ContentType.objects.get_for_model(Product).pk
    on_sale = Variant.objects.filter(active=True, sale_price__isnull=False, product__live=True)
    for kind, field in ((Kind.SALE_START, "sale_from"), (Kind.SALE_END, "sale_until")):
        rows = on_sale.filter(**{f"{field}__gte": start, f"{field}__lt": end}).order_by("sku")
        minute: dict[tuple[int, datetime], list[str]] = {}
        for product, when, sku in rows.values_list("product_id", field, "sku"):
            minute.setdefault((product, when.replace(second=0, microsecond=0)), []).append(sku)
        for (product, when), skus in minute.items():
            yield Found(when, kind, (content_type, str(product)), "#tab-variants", ", ".join(skus))


def _coupons(start: datetime, end: datetime) -> Iterator[Found]:
    """Windows of live coupons."""
    content_type = ContentType.objects.get_for_model(Coupon).pk
    for kind, field in ((Kind.COUPON_START, "starts_at"), (Kind.COUPON_END, "ends_at")):
        rows = Coupon.objects.filter(live=True, **{f"{field}__gte": start, f"{field}__lt": end})
        for pk, when in rows.values_list("pk", field):
            yield Found(when, kind, (content_type, str(pk)))


def _sends(start: datetime, end: datetime) -> Iterator[Found]:
    """Planned newsletter issues, each by the page of its main language."""
    content_type = ContentType.objects.get_for_model(Page).pk
    for when, page, languages in planned(start, end):
        yield Found(when, Kind.SEND, (content_type, str(page)), detail=languages)
