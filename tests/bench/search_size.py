"""A shop of many products in three languages, made for measuring: its words follow Zipf's law, as real ones do."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import accumulate
from typing import Any

from django.db import connection, transaction
from django.http import HttpRequest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from search import boosts, index, languages
from search.query import search
from search.suggestions import suggest

LANGUAGES = ("en", "de", "ar")
REFERENCE = "by slug, to compare"
VOCABULARY = 30_000  # words of each language
TITLE, KEYWORDS, BODY = 4, 6, 40  # words of each entry
ROUNDS = 120
SYLLABLES = {
    "en": "ba,ce,di,fo,gu,hal,in,ker,lo,men,no,or,pa,qui,re,ster,ti,ul,ver,win,ash,ble,con,dra,el",
    "de": "ge,ver,schla,be,kan,nen,ter,lich,ung,rei,stein,wald,hof,mat,tig,kel,bur,fen,dor,ler,zan,zim,ost,gru",
    "ar": "با,تا,مي,نو,سا,لي,را,كو,دي,في,شا,هم,عر,قا,زي,جو,خل,طي,صا,غر,من,سل,كر,در,نا",
}


class Words:
    """The words of one language, the first being the most common."""

    def __init__(self, language: str, random_: random.Random) -> None:
        syllables = SYLLABLES[language].split(",")
        found: dict[str, bool] = {}
        while len(found) < VOCABULARY:
            found["".join(random_.choices(syllables, k=random_.choice((2, 2, 3, 3, 4))))] = True
        self.words = list(found)
        self.weights = list(accumulate(1 / (rank + 2.7) for rank in range(VOCABULARY)))
        self.random = random_

    def text(self, length: int) -> str:
        return " ".join(self.random.choices(self.words, cum_weights=self.weights, k=length))


def fill(rows: int, say: Callable[[str], None]) -> None:
    """Products, variants with stock, texts and entries; the same for the same number of rows."""
    random_ = random.Random(rows)
    with connection.cursor() as cursor:
        for statement in PRODUCTS:
            cursor.execute(statement, {"rows": rows})
    languages.prepare()
    for language in LANGUAGES:
        say(f"{rows} entries in {language}")
        write(language, rows, Words(language, random_))
    index.recount()
    boosts.refresh()
    with connection.cursor() as cursor:
        for language in LANGUAGES:
            config = languages.configuration(language)
            stem = f"coalesce((tsvector_to_array(to_tsvector('{config}', word)))[1], word)"
            cursor.execute(f"UPDATE search_word SET stem = {stem} WHERE language = %s", [language])
        cursor.execute("CLUSTER search_entry USING search_entry_once")  # the languages mixed, as a shop writes them
        cursor.execute("VACUUM ANALYZE")


PRODUCTS = (
    """INSERT INTO catalog_product
           (live, has_unpublished_changes, expired, locked, vendor, tax_class, featured, position)
       SELECT true, false, false, false, '', 'standard', n <= 4, n FROM generate_series(1, %(rows)s) AS n""",
    """INSERT INTO catalog_variant (sort_order, sku, price, weight_grams, active, product_id)
       SELECT 0, 'ART' || id, 1 + id %% 90, 100, true, id FROM catalog_product""",
    """INSERT INTO catalog_stock (variant_id, on_hand, reserved)
       SELECT id, CASE WHEN id %% 20 = 0 THEN 0 ELSE 7 END, 0 FROM catalog_variant""",
    """INSERT INTO catalog_popularity (product_id, sold, views, score)
       SELECT id, 0, 0, 1.0 / (1 + id %% 977) FROM catalog_product WHERE id %% 10 = 0""",
)
RAW = "CREATE TEMPORARY TABLE raw (id bigint, title text, keywords text, body text) ON COMMIT DROP"
TEXTS = """
    INSERT INTO catalog_producttranslation
        (language_code, name, slug, summary, seo_title, search_description, master_id)
    SELECT %(language)s, title, 'p' || id, left(body, 200), '', '', id FROM raw
"""
ENTRIES = """
    INSERT INTO search_entry
        (kind, object_id, language, title, folded, keywords, body, words, codes, vector, updated_at)
    SELECT 'product', id, %(language)s, title, title, keywords, body,
        ARRAY(SELECT DISTINCT unnest(string_to_array(title || ' ' || keywords || ' ' || body, ' '))),
        ARRAY['art' || id],
        setweight(to_tsvector(%(config)s, title) || to_tsvector('simple', title), 'A')
        || setweight(to_tsvector(%(config)s, keywords) || to_tsvector('simple', keywords), 'B')
        || setweight(to_tsvector(%(config)s, body) || to_tsvector('simple', body), 'D'), now()
    FROM raw
"""


def write(language: str, rows: int, words: Words) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT id FROM catalog_product ORDER BY id")
        pks = [pk for (pk,) in cursor.fetchall()]
        cursor.execute(RAW)
        with connection.connection.cursor() as plain, plain.copy("COPY raw FROM STDIN") as copy:
            for pk in pks[:rows]:
                copy.write_row((pk, words.text(TITLE), words.text(KEYWORDS), words.text(BODY)))
        row = {"language": language, "config": languages.configuration(language)}
        cursor.execute(TEXTS, row)
        cursor.execute(ENTRIES, row)
        cursor.execute("DROP TABLE raw")


@dataclass
class Stopwatch:
    """Milliseconds that the database took, one number per question."""

    values: list[float] = field(default_factory=list)

    @contextmanager
    def question(self) -> Iterator[None]:
        spent = 0.0

        def timed(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            nonlocal spent
            started = time.perf_counter()
            try:
                return execute(sql, params, many, context)
            finally:
                spent += (time.perf_counter() - started) * 1000

        with connection.execute_wrapper(timed):
            yield
        self.values.append(spent)

    def take(self, ask: Callable[[], object], times: int = 3) -> None:
        """The best of three: what else the machine does is not the search's."""
        taken = Stopwatch()
        for _time in range(times):
            with taken.question():
                ask()
        self.values.append(min(taken.values))

    def at(self, share: float) -> float:
        return statistics.quantiles(self.values, n=100, method="inclusive")[round(share * 100) - 1]


def slip(word: str, random_: random.Random) -> str:
    """One letter swapped, lost, doubled or replaced, not the first."""
    at = random_.randrange(1, len(word) - 1)
    kind = random_.randrange(4)
    if kind == 0:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind == 1:
        return word[:at] + word[at + 1 :]
    return word[:at] + word[at] + word[at:] if kind == 2 else word[:at] + random_.choice(word) + word[at + 1 :]


def questions(language: str, random_: random.Random) -> list[list[str]]:
    """Two words of the title of a random product, as somebody types who has seen it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT title FROM search_entry WHERE language = %s ORDER BY md5(object_id::text) LIMIT %s",
            [language, ROUNDS],
        )
        return [random_.sample(title.split(), 2) for (title,) in cursor.fetchall()]


@dataclass
class Outcome:
    """Milliseconds. `sql`: what was asked -> (median, p95). `page`: page -> (median, p95)."""

    rows: int
    sql: dict[str, tuple[float, float]]
    page: dict[str, tuple[float, float]]


def measure(rows: int) -> Outcome:
    random_ = random.Random(1)
    kinds = ("exact, two words", "one typo", "suggestion", "no hit", "common word", REFERENCE)
    watches = {name: Stopwatch() for name in kinds}
    pages = {name: Stopwatch() for name in ("search page", "product page")}
    client = Client()
    request = HttpRequest()
    for language in LANGUAGES:
        with override(language):
            for number, (first, second) in enumerate(questions(language, random_)):
                wrong = slip(second, random_) if len(second) > 4 else second
                asked: dict[str, Callable[[], object]] = {
                    "exact, two words": partial(search, f"{first} {second}", language),
                    "one typo": partial(search, f"{first} {wrong}", language),
                    "suggestion": partial(suggest, request, first[: 2 + number % 4], language),
                    "no hit": partial(search, f"xq{number}zzw", language),
                    "common word": partial(search, first, language),
                    REFERENCE: partial(look_up, language, 1 + number * (rows // ROUNDS)),
                }
                for name, ask in asked.items():
                    watches[name].take(ask)
                time_pages(client, pages, f"{first} {second}", 1 + number * (rows // ROUNDS))
    return Outcome(
        rows,
        {name: (watch.at(0.5), watch.at(0.95)) for name, watch in watches.items()},
        {name: (watch.at(0.5), watch.at(0.95)) for name, watch in pages.items()},
    )


def look_up(language: str, number: int) -> None:
    """The cheapest question to so large a table: what the machine can do at that moment."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name FROM catalog_producttranslation WHERE language_code = %s AND slug = %s",
            [language, f"p{number}"],
        )
        cursor.fetchall()


def time_pages(client: Client, pages: dict[str, Stopwatch], text: str, number: int) -> None:
    """One search and one product page, whole, in the active language."""
    asked = [
        ("search page", reverse("search:results"), {"q": text}),
        ("product page", reverse("catalog:product", args=[f"p{number}"]), {}),
    ]
    for name, path, data in asked:
        started = time.perf_counter()
        response = client.get(path, data)
        pages[name].values.append((time.perf_counter() - started) * 1000)
        if response.status_code != 200:
            raise SystemExit(f"{path} answers {response.status_code}")
