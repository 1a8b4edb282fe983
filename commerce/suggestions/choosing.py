"""Which products are suggested where: only shown ones, and only what can be bought now, unless the visitor has seen it.

First what staff have pinned, then what was bought together, then what shares tags or the category. What is banned, or
is there already, is left out. At most eight queries, whatever the number of products.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from catalog.cards import ProductCard, cards_by_id
from catalog.models import Association, Product
from catalog.popularity import popular
from catalog.related import related_ids
from commerce.models import Order, Pairing
from commerce.suggestions import recent, together
from core.sessions import SessionStore

SHOWN = 4
MORE = 8


@dataclass(frozen=True)
class Beside:
    """What goes with some products. `is_together`: at least one was bought with them, or pinned by staff."""

    product_ids: list[int]
    is_together: bool


@dataclass(frozen=True)
class Suggestions:
    """The cards of each row. `is_together`: see Beside."""

    beside: list[ProductCard] = field(default_factory=list)
    is_together: bool = False
    popular: list[ProductCard] = field(default_factory=list)
    recent: list[ProductCard] = field(default_factory=list)


def suggestions(
    session: SessionStore | None,
    product_ids: Collection[int] = (),
    *,
    without: Collection[int] = (),
    with_popular: bool = False,
) -> Suggestions:
    """What goes with these products, what is popular, and what this visitor has seen; each product once."""
    found = beside(product_ids, without)
    seen = [pk for pk in recent.seen(session) if pk not in product_ids] if session else []
    liked = list(popular().values_list("pk", flat=True)[:MORE]) if with_popular else []
    cards = cards_by_id([*found.product_ids, *seen, *liked])
    return Suggestions(
        in_order(cards, found.product_ids),
        found.is_together,
        in_order(cards, liked)[:SHOWN],
        in_order(cards, (pk for pk in seen if pk not in found.product_ids))[:MORE],
    )


def products_of(order: Order) -> set[int]:
    return set(order.lines.values_list("variant__product", flat=True))


def in_order(cards: dict[int, ProductCard], product_ids: Iterable[int]) -> list[ProductCard]:
    return [cards[pk] for pk in product_ids if pk in cards]


def beside(product_ids: Collection[int], besides: Collection[int] = ()) -> Beside:
    """`besides`: what the page shows already."""
    if not product_ids:
        return Beside([], False)
    rules = list(Pairing.objects.filter(product__in=product_ids).order_by("position", "pk"))
    banned = {rule.partner_id for rule in rules if rule.kind == Pairing.Kind.BAN}
    without = {*product_ids, *banned, *besides}
    pinned = [rule.partner_id for rule in rules if rule.kind == Pairing.Kind.PIN and rule.partner_id not in without]
    bought = together.partners(product_ids)
    ranked = [pk for pk, _score in sorted(bought.items(), key=lambda pair: (-pair[1], pair[0]))]
    wanted = [pk for pk in dict.fromkeys([*pinned, *ranked]) if pk not in without]
    chosen = buyable(wanted)[:SHOWN]
    missing = SHOWN - len(chosen)
    others = related_ids(product_ids, {*without, *chosen}, missing) if missing else []
    return Beside([*chosen, *others], bool(chosen))


def associated(product_id: int) -> list[int]:
    """What the product's own page shows already, under the editor's headings."""
    return list(Association.objects.filter(product=product_id).values_list("target", flat=True))


def buyable(product_ids: list[int]) -> list[int]:
    """Those of them that are shown and in stock, in their order."""
    if not product_ids:
        return []
    found = set(Product.objects.shown().in_stock().filter(pk__in=product_ids).values_list("pk", flat=True))
    return [pk for pk in product_ids if pk in found]
