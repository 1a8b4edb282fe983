"""How many products each choice leaves. Each facet is counted as if nothing were chosen in it, all others as they are.

Everything is one statement, whatever the number of facets and values. Each product and each of its variants gets a
number whose bits say which chosen facets it misses. Without a bit it counts everywhere; with a single one it counts in
that facet only, because it would be back if that one were dropped; with more it counts nowhere and is left aside at
once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import BigIntegerField, BooleanField, Case, Q, Value, When
from django.db.models.expressions import Combinable

from catalog.facets.selection import Selection, buyable, offered, plain
from catalog.facets.vocabulary import YES, Facet, Kind
from catalog.models import Attribute
from catalog.prices import on_sale_at
from catalog.querysets import ProductQuerySet
from core.money import Money

STEPS = [step * 10**power for power in range(7) for step in (1, 2, 5)]  # where the offered ranges of prices meet
SALE_BIT, STOCK_BIT = 1 << len(STEPS) + 1, 1 << len(STEPS) + 2
MOST_TAGS = 40
WORD = 62  # bits of a number that PostgreSQL knows, without its sign

# "< 1" stands for "= 0": of an inequality that it knows nothing about the planner expects a third of the rows, of an
# equation next to none, and would walk through thousands of products one by one.
SQL = """
WITH listed (product_id, category_id, missed) AS MATERIALIZED ({products}),
offered (product_id, option_1, option_2, option_3, price, on_sale, in_stock, missed) AS ({variants}),
units AS {several} (
    SELECT offered.product_id, option_1, option_2, option_3, on_sale, in_stock, offered.missed,
        listed.missed AS apart, width_bucket((price * {minor})::bigint, %s::bigint[]) AS step
    FROM listed JOIN offered ON offered.product_id = listed.product_id
    WHERE {one_product_bit} AND {one_variant_bit}
),
fitting AS {several} (
    SELECT product_id, category_id, missed FROM listed WHERE {one_product_bit} AND {with_a_variant}
),
inside AS NOT MATERIALIZED (SELECT * FROM units WHERE {no_product_bit}),
products AS {for_each_word} (
    SELECT bit_or(
        CASE WHEN {price} THEN 1 << step ELSE 0 END
        | CASE WHEN on_sale AND {sale} THEN {sale_bit} ELSE 0 END
        | CASE WHEN in_stock AND {stock} THEN {stock_bit} ELSE 0 END
    ) AS steps {values}
    FROM inside GROUP BY product_id
)
(SELECT 'tag', tag.id, tag.slug, tag.name, number FROM (
    SELECT tag_id, count(*) AS number
    FROM fitting JOIN catalog_producttag AS tagged ON tagged.content_object_id = fitting.product_id
    WHERE {tag} GROUP BY tag_id
 ) AS counted JOIN taggit_tag AS tag ON tag.id = tag_id
 ORDER BY tag.id = ANY(%s) DESC, number DESC, tag.slug LIMIT {most_tags})
UNION ALL
SELECT 'attribute', attribute_id, coalesce(choice_id::text, number::text, yes_no::text, ''), '', count(*)
FROM fitting JOIN catalog_attributevalue AS has ON has.product_id = fitting.product_id
WHERE attribute_id = ANY(%s) AND {attribute} GROUP BY attribute_id, choice_id, number, yes_no
UNION ALL
SELECT 'category', category_id, '', '', count(*) FROM fitting WHERE {category} GROUP BY category_id
UNION ALL
SELECT 'step', steps, '', '', count(*) FROM products GROUP BY steps
"""
# Each of these reads all rows again, so each is asked only where its answer is used.
OF_PRODUCTS = "SELECT 'product', missed, '', '', count(*) FROM fitting GROUP BY missed"
OF_ALL = "SELECT 'any', 0, '', '', count(*) FROM listed WHERE missed < 1"
OF_VARIANTS = """
SELECT 'variant', missed, '', '', count(DISTINCT product_id) FROM inside WHERE missed > 0 GROUP BY missed"""
OF_WORD = "SELECT 'option', {word}, word_{word}::text, '', count(*) FROM products GROUP BY word_{word}"


@dataclass
class Counts:
    """`total`: products that fit everything chosen. `values`: by facet and value, only those above 0. `dropped`: how
    many there would be without a facet, right only when `total` is 0. `tags`: slug -> name, of those counted."""

    total: int = 0
    values: dict[str, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    dropped: dict[str, int] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)


def counted(products: ProductQuerySet, selection: Selection, *, many: bool = False) -> Counts:
    """Of these products, which must be shown ones; any queryset of them will do. One query.

    `many`: they may be tens of thousands although PostgreSQL expects few, as of words that often stand together; three
    queries, inside a transaction.
    """
    of_products, of_variants = selection.products(), selection.variants()
    bits = {
        facet.key: 1 << place
        for conditions in (of_products, of_variants)
        for place, (facet, _q) in enumerate(conditions)
    }
    try:
        listed = (
            products.order_by().annotate(missed=missed(of_products, bits)).values_list("pk", "category_id", "missed")
        )
        first, first_params = listed.query.sql_with_params()
        second, second_params = variants_of(selection, of_variants, bits).query.sql_with_params()
    except EmptyResultSet:
        return Counts()
    with connection.cursor() as cursor, one_by_one(cursor, allowed=not many):
        sql = SQL.format(products=first, variants=second, **places(selection, bits)) + further(selection)
        attributes = [facet.pk for facet in of_kind(selection, Kind.ATTRIBUTE)]
        tags = [pk for facet in of_kind(selection, Kind.TAG) for pk in ids_of(facet)]
        steps = [step * minor() for step in STEPS]
        cursor.execute(sql, [*first_params, *second_params, steps, tags, attributes])
        return named(cursor.fetchall(), selection, bits)


@contextmanager
def one_by_one(cursor: CursorWrapper, *, allowed: bool) -> Iterator[None]:
    """May rows be looked up one after the other, or are whole tables to be read at once?"""
    if not allowed:
        cursor.execute("SET LOCAL enable_nestloop = off")
    yield
    if not allowed:
        cursor.execute("SET LOCAL enable_nestloop = on")


def variants_of(selection: Selection, conditions: list[tuple[Facet, Q]], bits: dict[str, int]) -> Any:
    rows = offered(selection.at).order_by()
    return rows.annotate(
        on_sale=truth(on_sale_at(selection.at)), in_stock=truth(buyable()), missed=missed(conditions, bits)
    ).values_list("product_id", "option_1_id", "option_2_id", "option_3_id", "now", "on_sale", "in_stock", "missed")


def truth(condition: Q) -> Case:
    return Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())


def missed(conditions: list[tuple[Facet, Q]], bits: dict[str, int]) -> Combinable:
    """The bits of the conditions that do not hold."""
    total: Combinable = Value(0, BigIntegerField())
    for facet, condition in conditions:
        total = total + Case(
            When(condition, then=Value(0)), default=Value(bits[facet.key]), output_field=BigIntegerField()
        )
    return total


def places(selection: Selection, bits: dict[str, int]) -> dict[str, Any]:
    """The conditions of the statement. Those that cannot fail are left out: they would mislead the planner."""
    products, variants = (len(selection.chosen_facets(of_variants=side)) for side in (False, True))
    exists = "EXISTS (SELECT FROM units WHERE units.product_id = listed.product_id AND units.missed = 0)"
    attribute = which(
        "attribute_id", [((facet.pk,), bits.get(facet.key)) for facet in of_kind(selection, Kind.ATTRIBUTE)]
    )
    return {
        **{kind.value: counts_in(bits.get(kind.value, 0), variants if kind.of_variants else products) for kind in Kind},
        "attribute": counts_in(attribute, products),
        "values": "".join(f", {bits_of_word(word, selection, bits)} AS word_{word}" for word in words(selection)),
        "one_product_bit": "listed.missed & (listed.missed - 1) < 1" if products > 1 else "TRUE",
        "one_variant_bit": "offered.missed & (offered.missed - 1) < 1" if variants > 1 else "TRUE",
        "no_product_bit": "apart < 1" if products else "TRUE",
        "with_a_variant": exists if variants else "TRUE",
        "several": "MATERIALIZED" if variants else "NOT MATERIALIZED",
        "for_each_word": "MATERIALIZED" if words(selection) else "NOT MATERIALIZED",
        "sale_bit": SALE_BIT,
        "stock_bit": STOCK_BIT,
        "most_tags": MOST_TAGS,
        "minor": minor(),
    }


def further(selection: Selection) -> str:
    """The parts of the statement that not every selection needs: how many products fit is told by their categories when
    nothing is chosen about products, and what dropping a facet gives matters only where one is chosen."""
    products, variants = (len(selection.chosen_facets(of_variants=side)) for side in (False, True))
    parts = [OF_WORD.format(word=word) for word in words(selection)]
    parts += [OF_PRODUCTS] if products else []
    parts += [OF_ALL] if variants == 1 else [OF_VARIANTS] if variants else []
    return "".join(f"UNION ALL\n{part}\n" for part in parts)


def minor() -> int:
    """Minor units in one of the shop's currency: prices are told apart as whole numbers, in a third of the time."""
    return Money(Decimal(1), settings.SHOP_CURRENCY).minor_units()


def counts_in(bit: int | str, conditions: int) -> str:
    """Is a row without any bit but this one? `conditions`: how many of its kind are chosen."""
    return f"missed & ~{bit} < 1" if conditions else "TRUE"


def words(selection: Selection) -> list[int]:
    """The numbers of the words that hold a bit for each value of an option: their ids divided by the size of a word."""
    return sorted({pk // WORD for facet in of_kind(selection, Kind.OPTION) for pk in ids_of(facet)})


def bits_of_word(word: int, selection: Selection, bits: dict[str, int]) -> str:
    """The values of this word that a product's variants have, as bits. Products that have the same are counted
    together: telling apart each value with each product would take longer than all the rest."""
    options = [(ids_of(facet), bits.get(facet.key)) for facet in of_kind(selection, Kind.OPTION)]
    variants = len(selection.chosen_facets(of_variants=True))
    cases = [
        f"CASE WHEN {column} / {WORD} = {word} AND {counts_in(which(column, options), variants)}"
        f" THEN 1::bigint << mod({column}, {WORD})::int ELSE 0 END"
        for column in ("option_1", "option_2", "option_3")
    ]
    return f"bit_or({' | '.join(cases)})"


def of_kind(selection: Selection, kind: Kind) -> list[Facet]:
    return [facet for facet in selection.facets if facet.kind == kind]


def ids_of(facet: Facet) -> tuple[int, ...]:
    return tuple(pk for value in facet.values for pk in value.ids)


def which(column: str, choices: Iterable[tuple[tuple[int, ...], int | None]]) -> str:
    """The bit that belongs to a row, by one of its columns, as SQL. Only numbers of ours get into it."""
    cases = [
        f"WHEN {column} IN ({', '.join(str(int(pk)) for pk in pks)}) THEN {int(bit)}"
        for pks, bit in choices
        if bit and pks
    ]
    return f"(CASE {' '.join(cases)} ELSE 0 END)::bigint" if cases else "0"


def named(rows: Iterable[tuple[str, int | None, str, str, int]], selection: Selection, bits: dict[str, int]) -> Counts:
    """The rows under the names that addresses use."""
    counts = Counts()
    by_kind: dict[str, dict[Any, int]] = defaultdict(dict)
    for kind, pk, key, label, count in rows:
        if kind == Kind.TAG:
            counts.values["tag"][key] = count
            counts.tags[key] = label
        elif kind == "step":
            add_steps(by_kind, pk or 0, count)
        elif kind == Kind.OPTION:
            add_values(by_kind[kind], pk or 0, int(key), count)
        else:
            by_kind[kind][(pk, key) if kind == Kind.ATTRIBUTE else pk] = count
    of_products = selection.chosen_facets(of_variants=False)
    counts.total = by_kind["product"].get(0, 0) if of_products else sum(by_kind[Kind.CATEGORY].values())
    for facet in selection.facets:
        found = {key: count for key, count in values_of(facet, by_kind) if count}
        if found:
            counts.values[facet.key] = found
    counts.dropped = {facet.key: left_without(facet, selection, by_kind, bits) for facet in of_bits(selection, bits)}
    return counts


def of_bits(selection: Selection, bits: dict[str, int]) -> list[Facet]:
    return [facet for facet in selection.facets if facet.key in bits]


def left_without(facet: Facet, selection: Selection, by_kind: dict[str, dict[Any, int]], bits: dict[str, int]) -> int:
    """How many products there would be without this facet, when with it there is none."""
    if not facet.kind.of_variants:
        return by_kind["product"].get(bits[facet.key], 0)
    if len(selection.chosen_facets(of_variants=True)) == 1:
        return by_kind["any"].get(0, 0)  # those without any variant come back as well
    return by_kind["variant"].get(bits[facet.key], 0)


def add_steps(by_kind: dict[str, dict[Any, int]], steps: int, count: int) -> None:
    """So many products have variants in all of these steps of prices, on sale and in stock where those bits say so."""
    for step in range(len(STEPS) + 1):
        if steps >> step & 1:
            by_kind[Kind.PRICE][step] = by_kind[Kind.PRICE].get(step, 0) + count
    for kind, bit in ((Kind.SALE, SALE_BIT), (Kind.STOCK, STOCK_BIT)):
        by_kind[kind][0] = by_kind[kind].get(0, 0) + (count if steps & bit else 0)


def add_values(found: dict[Any, int], word: int, held: int, count: int) -> None:
    """So many products have all the option values whose bits are set."""
    for place in range(held.bit_length()):
        if held >> place & 1:
            found[word * WORD + place] = found.get(word * WORD + place, 0) + count


def values_of(facet: Facet, by_kind: dict[str, dict[Any, int]]) -> list[tuple[str, int]]:
    """(value, products) of one facet; tags have been named already."""
    found = by_kind[facet.kind]
    match facet.kind:
        case Kind.PRICE:
            return [(price_range(step), count) for step, count in sorted(found.items())]
        case Kind.SALE | Kind.STOCK:
            return [(YES, found.get(0, 0))]
        case Kind.ATTRIBUTE if facet.of == Attribute.Kind.NUMBER:
            own = sorted((Decimal(key), count) for (pk, key), count in found.items() if pk == facet.pk and key)
            return [(plain(number), count) for number, count in own]
        case Kind.ATTRIBUTE if facet.of == Attribute.Kind.YES_NO:
            return [(value.key, found.get((facet.pk, str(value.key == YES).lower()), 0)) for value in facet.values]
        case Kind.ATTRIBUTE:
            return [(value.key, found.get((facet.pk, str(value.ids[0])), 0)) for value in facet.values]
        case Kind.TAG:
            return []
        case _:
            return [(value.key, sum(found.get(pk, 0) for pk in value.ids)) for value in facet.values]


def price_range(step: int) -> str:
    """The range between two steps, as it stands in an address: `width_bucket` counts steps from 1."""
    low = STEPS[step - 1] if step else ""
    high = STEPS[step] if step < len(STEPS) else ""
    return f"{low}-{high}"
