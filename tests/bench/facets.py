"""How long counting the facets of a large category takes, and the rest of its page.

    python -m tests.bench.facets                     10,000 products in one category, two variants each
    python -m tests.bench.facets --products 50000

Everything happens in a database of its own, dropped at the end.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench.search import own_database, say
from tests.environment import SERVERS

GOAL = 50  # milliseconds of computing, the median of counting all facets when nothing is chosen
TIMES = 15
CHOICES = {
    "nothing chosen": "",
    "one size": "size=size-1",
    "one size, in stock": "size=size-1&stock=yes",
    "of each kind one": "size=size-1&size=size-2&tag=tag-3&origin=origin-1&price=10-20&stock=yes&category=shelf-1",
    "nothing fits": "size=size-1&tag=tag-3&origin=origin-1&kind=kind-2&finish=finish-1&price=1-2&sale=yes",
}


def fill(count: int) -> None:
    """A category with three shelves; two options, three attributes and three of sixty tags for each product."""
    from django.db import connection
    from taggit.models import Tag

    from catalog.models import (
        Attribute,
        AttributeValue,
        Category,
        CategoryTranslation,
        Option,
        OptionValue,
        Product,
        ProductTag,
        ProductTranslation,
        Stock,
        Variant,
    )

    chance = random.Random(1)
    top = Category.objects.create(live=True)
    shelves = [Category.objects.create(live=True, parent=top) for _number in range(3)]
    for name, category in [("all", top), *((f"shelf-{number}", shelf) for number, shelf in enumerate(shelves))]:
        CategoryTranslation.objects.create(master=category, language_code="en", name=name, slug=name)
    values = []
    for key, size in (("size", 6), ("colour", 10)):
        option = Option.objects.create(key=key, name={"en": key})
        made = [OptionValue(option=option, key=f"{key}-{n}", label={"en": f"{key} {n}"}) for n in range(size)]
        values.append(OptionValue.objects.bulk_create(made))
    attributes = []
    for key, size in (("origin", 12), ("kind", 8), ("finish", 5)):
        attribute = Attribute(key=key, name={"en": key}, kind="choice", facet=True)
        attribute.choices = [attribute.choices.model(key=f"{key}-{n}", label={"en": f"{key} {n}"}) for n in range(size)]
        attribute.save()
        attributes.append((attribute, list(attribute.choices.all())))
    tags = Tag.objects.bulk_create([Tag(name=f"tag {number}", slug=f"tag-{number}") for number in range(60)])

    products = Product.objects.bulk_create(
        [Product(live=True, category=chance.choice(shelves), position=number) for number in range(count)]
    )
    ProductTranslation.objects.bulk_create(
        [
            ProductTranslation(master=product, language_code="en", name=f"Thing {number}", slug=f"thing-{number}")
            for number, product in enumerate(products)
        ]
    )
    variants = []
    for product in products:
        price = Decimal(chance.randrange(200, 12_000)) / 100
        for number, size in enumerate(chance.sample(values[0], 2)):
            sale = price * Decimal("0.8") if chance.random() < 0.2 else None
            fields = {"option_1": size, "option_2": chance.choice(values[1]), "price": price, "sale_price": sale}
            variants.append(Variant(product=product, sku=f"{product.pk}-{number}", sort_order=number, **fields))
    Variant.objects.bulk_create(variants, batch_size=5000)
    Stock.objects.bulk_create([Stock(variant=row, on_hand=chance.choice([0, 3, 9])) for row in variants])
    AttributeValue.objects.bulk_create(
        [
            AttributeValue(product=product, attribute=attribute, choice=chance.choice(choices))
            for product in products
            for attribute, choices in attributes
        ],
        batch_size=5000,
    )
    ProductTag.objects.bulk_create(
        [ProductTag(content_object=product, tag=tag) for product in products for tag in chance.sample(tags, 3)],
        batch_size=5000,
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def timed(work: Callable[[], object]) -> tuple[float, float, float]:
    """(median, 95th percentile, median of what the database computed) in milliseconds, after a first time."""
    work()
    taken, computed = [], []
    for _time in range(TIMES):
        start, before = time.perf_counter(), computing()
        work()
        taken.append((time.perf_counter() - start) * 1000)
        computed.append(computing() - before)
    return median(taken), sorted(taken)[int(len(taken) * 0.95)], median(computed)


def computing() -> float:
    """Milliseconds that the database's process for this connection has computed, as Linux tells; 0 elsewhere. Unlike
    the clock it says the same on a machine that is busy with other things."""
    from django.db import connection

    connection.ensure_connection()
    figures = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat")
    return int(figures.read_text().split()[0]) / 1e6 if figures.exists() else 0.0


def first_page(rows: Any) -> list[Any]:
    """Read anew each time: a query set keeps what it has read."""
    return list(rows.values_list("pk")[:24])


def measure() -> float:
    """Prints the table and returns what nothing chosen takes: computing, where that is told, else by the clock."""
    from django.http import QueryDict
    from django.test import Client

    from catalog.facets.counts import counted
    from catalog.facets.selection import Sort, read
    from catalog.models import Product
    from catalog.tree import load_tree

    nodes = load_tree().roots[0].children
    products = Product.objects.shown().in_categories(node.pk for node in nodes)
    outcome = {}
    print(f"\n{'median / p95 in ms':<32}{'counts':>16}{'computing':>12}{'products':>12}")
    for name, query in CHOICES.items():
        selection = read(QueryDict(query), nodes)
        outcome[name] = timed(partial(counted, products, selection))
        total = counted(products, selection).total
        print(f"{name:<32}{outcome[name][0]:>8.1f} / {outcome[name][1]:<6.1f}{outcome[name][2]:>13.1f}{total:>12,}")
    for sort in Sort:
        rows = read(QueryDict(f"sort={sort}"), nodes).ordered(products)
        middle, slow, computed = timed(partial(first_page, rows))
        print(f"{'first page by ' + sort:<32}{middle:>8.1f} / {slow:<6.1f}{computed:>13.1f}")
    client = Client()
    for name, query in (("whole page", ""), ("whole page, one size, by price", "size=size-1&sort=price")):
        middle, slow, computed = timed(partial(client.get, f"/en/shop/all/?{query}"))
        print(f"{name:<32}{middle:>8.1f} / {slow:<6.1f}{computed:>13.1f}")
    print(f"goal: counts with nothing chosen at most {GOAL} ms of computing")
    return min(outcome["nothing chosen"][0], outcome["nothing chosen"][2] or outcome["nothing chosen"][0])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--products", type=int, default=10_000, help="in one category, with two variants each")
    count = parser.parse_args().products

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.test_settings")
    django.setup()
    with own_database(f"bench_facets_{os.getpid()}"):
        say(f"{count} products")
        fill(count)
        met = measure() <= GOAL
    for server in SERVERS:
        server.stop()
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    main()
