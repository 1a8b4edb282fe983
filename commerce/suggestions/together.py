"""Bought together, in Redis: for each product a sorted set of the products that were in the same paid orders.

All sets of one generation are named by a pointer, so that a rebuild is seen at once or not at all. An order counts 1,
and a little less each night (DECAY). Losing all of it loses nothing but suggestions.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from itertools import permutations
from typing import Any

from django.db import connection, transaction
from redis import Redis

from commerce.models import Order, OrderLine, Status
from core import scores

POINTER = f"{scores.PREFIX}together"  # names the generation that is read
BUILDING = f"{scores.PREFIX}together:building"  # and the one that is being built
KEPT = 50  # partners per product
MOST_PRODUCTS = 20  # of one order: a wholesale order is no taste
DECAY = 0.98  # per night: an order counts half after five weeks
FAINT = 0.05  # less than that is forgotten
DAYS = 365
BATCH = 500
BUILD_SECONDS = 900  # after which a rebuild that died no longer stands in the way
COUNTED = (Status.PAID, Status.SHIPPED, Status.PART_REFUNDED)

# One row per pair, at most KEPT per product, ordered by product. PostgreSQL sorts on disk what is too much for memory.
PAIRS = """
    WITH bought AS (
        SELECT DISTINCT line.order_id, variant.product_id,
            power(%(decay)s, extract(epoch FROM now() - placed.paid_at) / 86400)::float AS weight
        FROM commerce_order placed
        JOIN commerce_orderline line ON line.order_id = placed.id
        JOIN catalog_variant variant ON variant.id = line.variant_id
        WHERE placed.status = ANY(%(counted)s) AND placed.paid_at > now() - make_interval(days => %(days)s)
    ), few AS (
        SELECT *, row_number() OVER (PARTITION BY order_id ORDER BY product_id) AS place FROM bought
    ), pairs AS (
        SELECT one.product_id AS product, other.product_id AS partner, sum(one.weight) AS weight
        FROM few one JOIN few other ON other.order_id = one.order_id AND other.product_id <> one.product_id
        WHERE one.place <= %(most)s AND other.place <= %(most)s
        GROUP BY 1, 2
    ), ranked AS (
        SELECT *, row_number() OVER (PARTITION BY product ORDER BY weight DESC, partner) AS rank FROM pairs
    )
    SELECT product, partner, weight FROM ranked WHERE rank <= %(kept)s AND weight >= %(faint)s ORDER BY product
"""


class AlreadyBuilding(Exception):
    """Another rebuild is under way."""


def learn(order: Order) -> None:
    """Counts the order's pairs, after the commit. A Redis that is gone, or anything else, harms nobody."""
    transaction.on_commit(lambda: _learn(order.pk), robust=True)


def _learn(order_id: int) -> None:
    lines = OrderLine.objects.filter(order=order_id)
    products = list(lines.order_by("variant__product").values_list("variant__product", flat=True).distinct())
    if len(products) > 1:
        scores.ask(lambda redis: _count(redis, products[:MOST_PRODUCTS]), None)


def _count(redis: Redis, products: list[int]) -> None:
    # None after a loss: `restore` reads this order with all others.
    generations = {name.decode() for name in _values(redis, POINTER, BUILDING)}
    with redis.pipeline(transaction=False) as pipe:
        for generation in generations:
            for product, partner in permutations(products, 2):
                pipe.zincrby(key(generation, product), 1, str(partner))
            for product in products:
                pipe.zremrangebyrank(key(generation, product), 0, -KEPT - 1)
        pipe.execute()


def partners(product_ids: Iterable[int]) -> dict[int, float]:
    """How strongly other products belong to any of these, by id; empty without Redis."""
    wanted = list(product_ids)
    return scores.ask(lambda redis: _partners(redis, wanted), {}) if wanted else {}


def _partners(redis: Redis, product_ids: list[int]) -> dict[int, float]:
    names = _values(redis, POINTER)
    if not names:
        return {}
    with redis.pipeline(transaction=False) as pipe:
        for product in product_ids:
            pipe.zrevrange(key(names[0].decode(), product), 0, KEPT - 1, withscores=True)
        answers = pipe.execute()
    found: dict[int, float] = {}
    for answer in answers:
        for partner, score in scores.numbered(answer).items():
            found[partner] = found.get(partner, 0) + score
    return {partner: score for partner, score in found.items() if partner not in product_ids}


def rebuild() -> int:
    """Reads the paid orders of the last DAYS anew; returns the number of pairs. Its memory does not grow with them.

    An order that is paid meanwhile counts in both generations, at worst twice. Raises RedisError; AlreadyBuilding.
    """
    redis = scores.client()
    generation = secrets.token_hex(4)
    if not redis.set(BUILDING, generation, nx=True, ex=BUILD_SECONDS):
        raise AlreadyBuilding
    try:
        pairs = 0
        for rows in _batches():
            with redis.pipeline(transaction=False) as pipe:
                for product, partner, weight in rows:
                    pipe.zincrby(key(generation, product), weight, str(partner))
                pipe.execute()
            pairs += len(rows)
        with redis.pipeline(transaction=True) as pipe:
            pipe.set(POINTER, generation)
            pipe.delete(BUILDING)
            pipe.execute()
    except BaseException:
        redis.delete(BUILDING)
        raise
    _sweep(redis, generation)
    return pairs


def _batches() -> Iterator[list[tuple[int, int, float]]]:
    asked: dict[str, Any] = {
        "decay": DECAY,
        "counted": [str(status) for status in COUNTED],
        "days": DAYS,
        "most": MOST_PRODUCTS,
        "kept": KEPT,
        "faint": FAINT,
    }
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(PAIRS, asked)
        while rows := cursor.fetchmany(BATCH):
            yield rows


def _sweep(redis: Redis, generation: str) -> None:
    """Forgets all other generations, those of rebuilds that died included."""
    for name in redis.scan_iter(f"{POINTER}:*:*", count=1000):
        if name.decode().split(":")[-2] != generation:
            redis.unlink(name)


def decay() -> int:
    """What was bought long ago counts less each night; returns the number of products. Raises RedisError."""
    redis = scores.client()
    names = _values(redis, POINTER)
    if not names:
        return 0
    number = 0
    for name in redis.scan_iter(key(names[0].decode(), "*"), count=1000):
        with redis.pipeline(transaction=False) as pipe:
            pipe.zunionstore(name, {name: DECAY})
            pipe.zremrangebyscore(name, "-inf", f"({FAINT}")
            pipe.execute()
        number += 1
    return number


def restore() -> int:
    """Rebuilds what Redis has lost; the number of pairs, 0 when nothing was lost or Redis does not answer."""
    if scores.ask(lambda redis: redis.exists(POINTER, BUILDING), 1):
        return 0
    return rebuild()


def key(generation: str, product: int | str) -> str:
    return f"{POINTER}:{generation}:{product}"


def _values(redis: Redis, *names: str) -> list[Any]:
    return [value for value in redis.mget(names) if value is not None]
