"""What product blocks show: collected from a whole stream, loaded in a constant number of queries.

Blocks store ids of products only. Price and stock are read here, when the page is rendered.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, FloatField, IntegerField, Prefetch, Value
from django.db.models.functions import Cast
from django.http import HttpRequest
from wagtail.blocks import StreamValue, StructValue

from catalog.cards import Choices, ProductCard, choices, offers, product_card
from catalog.models import Product, ProductImage, Variant
from catalog.popularity import best_sellers, most_viewed
from catalog.querysets import pictures
from catalog.tree import load_tree, tree_of

PRODUCT_BLOCKS = ("product", "products", "comparison")
POPULAR = {"best_sellers": best_sellers, "most_viewed": most_viewed}
PLACES = {"best_sellers": "popularity__sold", "most_viewed": "popularity__views"}
Grid = tuple[str, str, int]  # source, what it is of (category id, tag), limit


@dataclass
class Shelf:
    """The published products that the blocks of one stream may show, by id; and the ids of each listing."""

    products: dict[int, Product] = field(default_factory=dict)
    listings: dict[Grid, list[int]] = field(default_factory=dict)

    def card(self, product_id: int | None) -> ProductCard | None:
        product = self.products.get(product_id or 0)
        return product_card(product) if product and product.text else None

    def cards(self, product_ids: Iterable[int]) -> list[ProductCard]:
        return [card for pk in product_ids if (card := self.card(pk))]


@dataclass(frozen=True)
class Shown:
    """A product block as it is shown. `instead`: it is the substitute."""

    card: ProductCard
    choices: Choices
    instead: bool


@dataclass(frozen=True)
class Comparison:
    """Columns of products; each fact is its name and one cell per column, "" where a product does not say."""

    cards: list[ProductCard]
    facts: list[tuple[str, list[str]]]


def load_shelf(blocks: Iterable[tuple[str, StructValue]], request: HttpRequest | None = None) -> Shelf:
    """All that the (type, value) pairs may show: one query for the listings, five for the products."""
    wanted: list[int] = []
    grids: dict[Grid, None] = {}
    for kind, value in blocks:
        if kind == "products" and (grid := grid_of(value)):
            grids[grid] = None
        else:
            wanted += chosen(kind, value)
    listings = listed(list(grids), request)
    wanted += [pk for pks in listings.values() for pk in pks]
    return Shelf({product.pk: product for product in for_blocks(wanted)}, listings)


def product_blocks(stream: StreamValue) -> Iterator[tuple[str, StructValue]]:
    """The product blocks of a stream; the other blocks are not touched."""
    for block in stream:
        if block.block_type in PRODUCT_BLOCKS:
            yield block.block_type, block.value


def chosen(kind: str, value: StructValue) -> list[int]:
    """Ids of the products that a block names."""
    named = [value["product"], value["substitute"]] if kind == "product" else value["products"]
    return [product.pk for product in named if product]


def grid_of(value: StructValue) -> Grid | None:
    """The listing that a grid shows; None when its products are chosen by hand."""
    source, limit = value["source"] or "chosen", value["limit"] or 8
    if source in ("category", *POPULAR):
        return source, str(value["category"].pk if value["category"] else ""), limit
    if source == "tag":
        return source, value["tag"] or "", limit
    if source == "featured" or not any(value["products"]):
        return "featured", "", limit
    return None


def listed(grids: list[Grid], request: HttpRequest | None) -> dict[Grid, list[int]]:
    """Ids of each listing, in the shop's order, by one query for all of them."""
    found: dict[Grid, list[int]] = {grid: [] for grid in grids}
    if not grids:
        return found
    parts = [listing(grid, number, request) for number, grid in enumerate(grids)]
    rows = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
    for number, _position, pk in sorted(rows):
        found[grids[number]].append(pk)
    return found


def listing(grid: Grid, number: int, request: HttpRequest | None) -> Any:
    """Rows of (number of the grid, place, product id)."""
    source, of, limit = grid
    products = POPULAR[source]() if source in POPULAR else Product.objects.shown()
    if source == "featured":
        products = products.filter(featured=True)
    elif source == "tag":
        products = products.filter(pk__in=Product.tags.through.objects.filter(tag__name=of).values("content_object"))
    elif source == "category" or of:
        node = (tree_of(request) if request else load_tree()).nodes.get(int(of or 0))
        products = products.in_categories(below.pk for below in node.descendants) if node else products.none()
    place = Cast(-F(PLACES[source]) if source in POPULAR else F("position"), FloatField())
    rows = products.annotate(grid=Value(number, IntegerField()), place=place).order_by("place", "pk")
    return rows.values_list("grid", "place", "pk")[:limit]


def for_blocks(product_ids: Iterable[int]) -> Iterable[Product]:
    """Published products with all that a block shows, names of their options included."""
    options = ("option_1__option", "option_2__option", "option_3__option")
    variants = Variant.objects.filter(active=True).select_related("stock", *options)
    wanted = set(product_ids)
    if not wanted:
        return []
    return (
        Product.objects.shown()
        .filter(pk__in=wanted)
        .with_translations()
        .prefetch_related(Prefetch("images", queryset=pictures(ProductImage)), Prefetch("variants", queryset=variants))
    )


def shown_product(value: StructValue, shelf: Shelf) -> Shown | None:
    """The chosen product while it can be bought, else its substitute if one is set, else nothing."""
    candidates = [(value["product"], False)]
    if value["when_gone"] == "substitute":
        candidates.append((value["substitute"], True))
    for product, instead in candidates:
        card = shelf.card(product.pk) if product else None
        if card and card.price and card.available > 0:
            return Shown(card, choices(offers(card.product)), instead)
    return None


def grid_cards(value: StructValue, shelf: Shelf) -> list[ProductCard]:
    """Cards of a grid: at most its limit."""
    grid = grid_of(value)
    pks = shelf.listings.get(grid, []) if grid else chosen("products", value)
    return shelf.cards(pks)[: value["limit"] or 8]


def compared(value: StructValue, shelf: Shelf) -> Comparison | None:
    """None when fewer than two products are left: one alone is no comparison."""
    cards = shelf.cards(chosen("comparison", value))
    if len(cards) < 2:
        return None
    columns = [facts_of(card) for card in cards]
    names = dict.fromkeys(name for column in columns for name in column)
    return Comparison(cards, [(name, [column.get(name, "") for column in columns]) for name in names])


def facts_of(card: ProductCard) -> dict[str, str]:
    """Name -> text of the two-column facts in a product's own text."""
    blocks = [block.value for block in card.text.body or [] if block.block_type == "facts"]
    rows = [list(row) for block in blocks if not block["header"] for row in block["rows"]]
    return {row[0]: row[1] for row in rows if len(row) == 2 and row[0]}
