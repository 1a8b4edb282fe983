"""How well the search finds what shoppers mean: the queries of `relevance/`, beside plain full text and `icontains`."""

from __future__ import annotations

import csv
import math
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from django.contrib.postgres.search import SearchQuery, SearchRank, SearchVector
from django.db.models import Case, Q, Value, When
from django.utils.translation import override

from search.languages import CONFIGURATIONS
from search.models import Entry, Kind
from search.query import product_of_code, search

FOLDER = Path(__file__).parent / "relevance"
HELD_OUT = FOLDER / "heldout"  # what the search was not tuned on
DEEP = 10

Key = tuple[str, int]  # kind, id
Finder = Callable[[str, str], list[Key]]


@dataclass(frozen=True)
class Query:
    language: str
    how: str
    text: str
    expected: dict[Key, int]


def queries(folder: Path = FOLDER) -> list[Query]:
    """Raises KeyError for a key that the demo does not have."""
    ids = keys_of_the_demo()
    found = []
    for file in sorted(folder.glob("*.csv")):
        with file.open(encoding="utf-8", newline="") as rows:
            for row in csv.DictReader(rows, delimiter=";"):
                expected = {}
                for word in row["expected"].split():
                    key, _sign, grade = word.partition("=")
                    expected[ids[file.stem, key]] = int(grade or 3)
                found.append(Query(file.stem, row["how"], row["query"], expected))
    return found


def keys_of_the_demo() -> dict[tuple[str, str], Key]:
    """(language, key) -> what it names. Products and categories have one id for all languages, posts one for each."""
    from blog.models import BlogPostPage
    from catalog.models import CategoryTranslation, ProductTranslation

    english = {"language_code": "en"}
    products = dict(ProductTranslation.objects.filter(**english).values_list("slug", "master_id"))
    categories = dict(CategoryTranslation.objects.filter(**english).values_list("slug", "master_id"))
    posts = {post.translation_key: post.slug for post in BlogPostPage.objects.filter(locale__language_code="en")}
    ids: dict[tuple[str, str], Key] = {}
    for language in ("en", "de", "ar"):
        ids |= {(language, slug): (Kind.PRODUCT.value, pk) for slug, pk in products.items()}
        ids |= {(language, f"category:{slug}"): (Kind.CATEGORY.value, pk) for slug, pk in categories.items()}
    for post in BlogPostPage.objects.select_related("locale"):
        ids[post.locale.language_code, f"post:{posts[post.translation_key]}"] = (Kind.POST.value, post.pk)
    return ids


def ours(text: str, language: str) -> list[Key]:
    """Each kind in its order, as the sections of the page show them."""
    with override(language):
        product = product_of_code(text)
        if product is not None:
            return [(Kind.PRODUCT.value, product.pk)]
        return [(hit.kind.value, hit.object_id) for hits in search(text, language).hits.values() for hit in hits]


def full_text(text: str, language: str) -> list[Key]:
    """PostgreSQL as it comes: websearch_to_tsquery and ts_rank in the language's own configuration."""
    config = CONFIGURATIONS[language]
    vector = (
        SearchVector("title", weight="A", config=config)
        + SearchVector("keywords", weight="B", config=config)
        + SearchVector("body", weight="D", config=config)
    )
    query = SearchQuery(text, config=config, search_type="websearch")
    with override(language):
        rows = Entry.objects.filter(language=language).shown().annotate(plain=vector).filter(plain=query)
        return list(rows.order_by(-SearchRank("plain", query), "pk").values_list("kind", "object_id"))


def icontains(text: str, language: str) -> list[Key]:
    here = Q(title__icontains=text) | Q(keywords__icontains=text) | Q(body__icontains=text)
    first = Case(When(title__icontains=text, then=Value(0)), default=Value(1))
    with override(language):
        rows = Entry.objects.filter(language=language).shown().filter(here)
        return list(rows.order_by(first, "pk").values_list("kind", "object_id"))


FINDERS: dict[str, Finder] = {"ours": ours, "full text": full_text, "icontains": icontains}


def ndcg(found: list[Key], expected: dict[Key, int], deep: int = DEEP) -> float:
    """Of each kind that is expected by itself, since each has its own section; the mean of those.

    >>> ndcg([("product", 1)], {("product", 1): 3}), ndcg([], {("product", 1): 3})
    (1.0, 0.0)
    """
    kinds = {kind for kind, _pk in expected}
    values = []
    for kind in kinds:
        grades = {key: grade for key, grade in expected.items() if key[0] == kind}
        section = [key for key in found if key[0] == kind][:deep]
        ideal = gain(sorted(grades.values(), reverse=True)[:deep])
        values.append(gain(grades.get(key, 0) for key in section) / ideal)
    return sum(values) / len(values)


def gain(grades: Iterable[int]) -> float:
    return sum((2**grade - 1) / math.log2(place + 2) for place, grade in enumerate(grades))


def recall(found: list[Key], expected: dict[Key, int], deep: int = 5) -> float:
    """How many of the things that were meant stand among the first of their section."""
    meant = [key for key, grade in expected.items() if grade == max(expected.values())]
    first = [key for kind in {key[0] for key in meant} for key in [k for k in found if k[0] == kind][:deep]]
    return sum(key in first for key in meant) / len(meant)


@dataclass
class Outcome:
    """`ndcg`: finder -> how ("" for all) -> mean. `typo_recall`: finder -> recall@5 of the typos."""

    ndcg: dict[str, dict[str, float]]
    typo_recall: dict[str, float]
    count: dict[str, int]
    worst: list[tuple[float, Query]]


def measure(folder: Path = FOLDER) -> Outcome:
    asked = queries(folder)
    values: dict[str, dict[str, list[float]]] = {name: defaultdict(list) for name in FINDERS}
    recalls: dict[str, list[float]] = {name: [] for name in FINDERS}
    worst = []
    for query in asked:
        for name, finder in FINDERS.items():
            found = finder(query.text, query.language)
            value = ndcg(found, query.expected)
            values[name][query.how].append(value)
            values[name][""].append(value)
            if query.how == "typo":
                recalls[name].append(recall(found, query.expected))
            if name == "ours" and value < 0.8:
                worst.append((value, query))
    return Outcome(
        {name: {how: sum(v) / len(v) for how, v in by_how.items()} for name, by_how in values.items()},
        {name: sum(v) / len(v) for name, v in recalls.items()},
        {how: len(v) for how, v in values["ours"].items()},
        sorted(worst, key=lambda entry: entry[0]),
    )


def report(title: str, outcome: Outcome) -> None:
    print(f"\n{title}")
    print(f"{'NDCG@10':<16}{'queries':>8}" + "".join(f"{name:>12}" for name in FINDERS))
    for how, count in outcome.count.items():
        cells = "".join(f"{outcome.ndcg[name][how]:>12.3f}" for name in FINDERS)
        print(f"{how or 'all':<16}{count:>8}{cells}")
    cells = "".join(f"{outcome.typo_recall[name]:>12.3f}" for name in FINDERS)
    print(f"{'typo recall@5':<16}{outcome.count['typo']:>8}{cells}")
    print("\nBelow 0.8:")
    for value, query in outcome.worst:
        print(f"  {value:.2f}  {query.language}  {query.how:<15} {query.text}")
