"""Counts what is searched for, per day and language, and keeps nothing of who did it.

Visits leave their queries in Redis, where they may be lost; a job adds them to the table every few minutes.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.db import connection, transaction
from django.http import HttpRequest
from django.utils import timezone
from redis import Redis

from commerce.suggestions.looks import is_bot
from core import scores
from search.desk.models import QueryCount, key_of

WAITING = f"{scores.PREFIX}queries"
TAKEN = f"{WAITING}:taken"
MOST_WAITING = 15_000  # fields in Redis, three for each query: a flood of them is not kept
MOST_A_DAY = 20_000  # different queries
LONGEST = 60  # letters of what is meant as a query; longer texts were pasted, and may be anything
NEVER = 3 * 24 * 3600  # seconds until Redis drops what no job has fetched

# Without vowels, as `commerce` writes order numbers; eight letters of which any may be a digit.
ORDER_NUMBER = re.compile(r"(?<![a-z0-9])[2-9bcdfghjkmnpqrstvwxz]{4}[\s\-–]?[2-9bcdfghjkmnpqrstvwxz]{4}(?![a-z0-9])")
DIGITS = re.compile(r"\d(?:[\s\-–./()+]*\d){5,}")  # telephone, card, account, customer and postal numbers
MAILS = re.compile(r"@|\bmailto:|\bhttps?:|\bwww\.")
ACCOUNT = re.compile(r"\b[a-z]{2}\d{2}(?:\s?[a-z0-9]{4}){2,}")  # IBAN

ADD = """
    INSERT INTO search_querycount AS known (day, language, query, searches, empty, results)
    SELECT * FROM unnest(%s::date[], %s::text[], %s::text[], %s::int[], %s::int[], %s::int[])
    ON CONFLICT (day, language, query) DO UPDATE SET
        searches = known.searches + excluded.searches, empty = known.empty + excluded.empty, results = excluded.results
"""


@dataclass
class Count:
    searches: int = 0
    empty: int = 0
    results: int = 0


Asked = tuple[date, str, str]  # day, language, key of the query


def is_private(text: str) -> bool:
    """Does it look like something about a person: an address, a number of a telephone, card, account or order?

    >>> [is_private(text) for text in ("mia@example.com", "+49 (0)151 2345-678", "4242 4242 4242 4242", "k7f3-9qwm")]
    [True, True, True, True]
    >>> [is_private(text) for text in ("sencha 100 g", "teapot 0.8 l", "gift-card", "2 x 250 g")]
    [False, False, False, False]
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    return len(plain) > LONGEST or any(form.search(plain) for form in (MAILS, DIGITS, ORDER_NUMBER, ACCOUNT))


def note(request: HttpRequest, text: str, language: str, results: int | None) -> None:
    """One search by a person. `results`: how many; None when the query led elsewhere. Without Redis it is lost."""
    key = key_of(text)
    if key and is_person(request) and not (is_private(text) or is_private(key)):
        count(key, language, results)


def is_person(request: HttpRequest) -> bool:
    """Who looks at the first page of results, and does not merely fetch it ahead."""
    ahead = "prefetch" in request.headers.get("Sec-Purpose", request.headers.get("Purpose", ""))
    first = request.method == "GET" and "page" not in request.GET
    return first and not ahead and not is_bot(request.headers.get("User-Agent", ""))


def count(key: str, language: str, results: int | None) -> None:
    asked = json.dumps([timezone.localdate().isoformat(), language, key])

    def write(redis: Redis) -> None:
        if redis.hlen(WAITING) > MOST_WAITING:
            return
        with redis.pipeline(transaction=True) as pipe:
            pipe.hincrby(WAITING, f"searches {asked}", 1)
            if results is not None:
                pipe.hset(WAITING, f"results {asked}", results)
            if results == 0:
                pipe.hincrby(WAITING, f"empty {asked}", 1)
            pipe.expire(WAITING, NEVER)
            pipe.execute()

    scores.ask(write, None)


def store() -> int:
    """Moves what waits in Redis to the table; returns how many queries. Dying half-way loses what was taken, rather
    than counting it twice. Raises RedisError."""
    counts = take(scores.client())
    if not counts:
        return 0
    rows = [(*asked, found.searches, min(found.empty, found.searches), found.results) for asked, found in counts]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(ADD, [list(column) for column in zip(*rows, strict=True)])
    return len(rows)


def take(redis: Redis) -> list[tuple[Asked, Count]]:
    if not redis.exists(WAITING):
        return []
    with redis.pipeline(transaction=True) as pipe:
        pipe.rename(WAITING, TAKEN)
        pipe.hgetall(TAKEN)
        pipe.delete(TAKEN)
        fields = pipe.execute()[1]
    counts: dict[Asked, Count] = defaultdict(Count)
    for name, number in fields.items():
        what, asked = bytes(name).decode().split(" ", 1)
        day, language, key = json.loads(asked)
        setattr(counts[date.fromisoformat(day), language, key], what, int(number))
    return sorted(within_the_day(counts).items())


def within_the_day(counts: dict[Asked, Count]) -> dict[Asked, Count]:
    """Without what a day has no room for any more: only known queries are counted then."""
    kept = dict(counts)
    for day in {day for day, _language, _key in counts}:
        known = QueryCount.objects.filter(day=day)
        if known.count() + sum(asked[0] == day for asked in counts) <= MOST_A_DAY:
            continue
        there = set(known.filter(query__in=[key for _day, _code, key in counts]).values_list("language", "query"))
        kept = {asked: count for asked, count in kept.items() if asked[0] != day or asked[1:] in there}
    return kept
