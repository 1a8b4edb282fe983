"""Looks at products, counted in Redis, and the nightly and hourly work on all that is counted."""

from __future__ import annotations

import re
from datetime import timedelta

from django.conf import settings
from django.db.models import Sum
from django.utils import timezone
from django.utils.crypto import salted_hmac
from redis import Redis

from catalog import popularity
from commerce.models import OrderLine
from commerce.suggestions import together
from core import scores

VIEWS = f"{scores.PREFIX}views"
SAME_LOOK = 1800  # seconds in which the same network looks at a product once
DECAY = 0.9  # per night: a look counts half after a week
KEPT = 10_000
BOTS = re.compile(
    r"bot|crawl|spider|slurp|preview|fetch|scan|monitor|headless|lighthouse|python|curl|wget|java/|go-http|okhttp"
    r"|facebookexternalhit|whatsapp|telegram|ia_archiver",
    re.IGNORECASE,
)


def is_bot(user_agent: str) -> bool:
    """Those that say so. Those that run no scripts never get here."""
    return not user_agent or bool(BOTS.search(user_agent))


def count(product_id: int, client: str) -> None:
    """One look, once per network and half an hour; who it was is kept as a digest. Without Redis it is lost."""
    who = salted_hmac("commerce.suggestions.looks", f"{client} {product_id}").hexdigest()[:32]

    def write(redis: Redis) -> None:
        if redis.set(f"{VIEWS}:seen:{who}", 1, nx=True, ex=SAME_LOOK):
            redis.zincrby(VIEWS, 1, str(product_id))

    scores.ask(write, None)


def counted() -> dict[int, float] | None:
    """The most viewed products and how often; None without Redis."""
    return scores.ask(lambda redis: scores.numbered(redis.zrevrange(VIEWS, 0, KEPT - 1, withscores=True)), None)


def sold() -> dict[int, int]:
    """Units of each product in the paid orders of the last BEST_SELLER_DAYS."""
    since = timezone.now() - timedelta(days=settings.BEST_SELLER_DAYS)
    lines = OrderLine.objects.filter(order__status__in=together.COUNTED, order__paid_at__gt=since)
    units = lines.order_by().values("variant__product").annotate(units=Sum("quantity"))
    return dict(units.values_list("variant__product", "units"))


def refresh() -> int:
    """Writes popularity anew from orders and looks; returns how many products have any."""
    return popularity.write(sold(), counted())


def hourly() -> int:
    """Popularity anew, and what Redis has lost since. Raises RedisError when that fails half-way."""
    products = refresh()
    together.restore()
    return products


def decay() -> None:
    """Raises RedisError."""
    with scores.client().pipeline(transaction=False) as pipe:
        pipe.zunionstore(VIEWS, {VIEWS: DECAY})
        pipe.zremrangebyscore(VIEWS, "-inf", "(0.05")
        pipe.zremrangebyrank(VIEWS, 0, -KEPT - 1)
        pipe.execute()


def nightly() -> None:
    """Lets everything fade. Raises RedisError."""
    decay()
    together.decay()
