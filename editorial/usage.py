"""Where a product, category or page is used: in texts, blocks and menus, in open carts and in orders."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser, User
from django.contrib.sessions.models import Session
from django.db.models import Model
from django.utils import timezone
from wagtail.models import ReferenceIndex

from catalog.models import Product, Variant
from commerce.cart import CART
from commerce.models import Order, Status
from editorial import targets

SHOWN = 20
# Carts are packed into sessions, so each must be opened: this many are, the longest lasting first.
MOST_CARTS = 3000
UNSETTLED = [Status.PENDING, Status.AWAITING_FUNDS]


@dataclass(frozen=True)
class Place:
    """One object that shows or links to it. `url`: its editor, empty for who may not edit it."""

    name: str
    kind: str
    url: str


@dataclass(frozen=True)
class Usage:
    """All uses. `places` are the first of `count`; `carts` and `orders` are numbers, `unsettled` of the orders.
    `featured`: it stands in every list of featured products."""

    places: list[Place]
    count: int
    carts: int
    orders: int
    unsettled: int
    featured: bool

    @property
    def more(self) -> int:
        return self.count - len(self.places)

    @property
    def nowhere(self) -> bool:
        return not (self.count or self.carts or self.orders or self.featured)


def usage_of(instance: Model, reader: User | AnonymousUser) -> Usage:
    """In a constant number of queries, whatever the number of uses."""
    places, count = _places(instance, reader)
    variants = _variants(instance)
    orders = Order.objects.filter(lines__variant__in=variants).distinct()
    return Usage(
        places=places,
        count=count,
        carts=_carts_with(variants),
        orders=orders.count() if variants else 0,
        unsettled=orders.filter(status__in=UNSETTLED).count() if variants else 0,
        featured=isinstance(instance, Product) and instance.featured,
    )


def _places(instance: Model, reader: User | AnonymousUser) -> tuple[list[Place], int]:
    own = targets.key_of(instance)
    found = ReferenceIndex.get_references_to(instance).values_list("base_content_type_id", "object_id").distinct()
    keys = [key for key in found.order_by("base_content_type_id", "object_id") if key != own]
    names = targets.names(keys[:SHOWN])
    allowed = targets.may_edit(reader, names)
    places = [
        Place(name, _kind(key), targets.edit_address(key) if key in allowed else "") for key, name in names.items()
    ]
    return places, len(keys)


def _kind(key: targets.Key) -> str:
    model = targets.model_of(key[0])
    return str(model._meta.verbose_name) if model else ""


def _variants(instance: Model) -> set[int]:
    if not isinstance(instance, Product):
        return set()
    return set(Variant.objects.filter(product=instance.pk).values_list("pk", flat=True))


def _carts_with(variants: set[int]) -> int:
    """Open carts that hold one of these variants."""
    if not variants:
        return 0
    wanted = {str(pk) for pk in variants}
    sessions = Session.objects.filter(expire_date__gt=timezone.now()).order_by("-expire_date")[:MOST_CARTS]
    return sum(1 for session in sessions if wanted & set(session.get_decoded().get(CART) or {}))
