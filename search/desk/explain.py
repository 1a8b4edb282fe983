"""Why a query finds what it finds. Asks the shop's own search, then looks at the hits with the same questions again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import F, Q
from django.db.models.expressions import Combinable
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from catalog.popularity import popularity_of
from core.localized import listed
from search.boosts import SOLD_OUT, boosts_of
from search.desk.leads import lead
from search.desk.models import key_of
from search.desk.synonyms import Target
from search.meaning import Reading, Term, alike, either, lexeme
from search.models import Entry, Kind
from search.query import Found, Hit, limited, product_of_code, score, search, worth_if
from search.querysets import Has, Lexemes
from search.reading import LONGEST
from search.spelling import proposals
from search.suggestions import ADDRESSES

MOST = {Kind.PRODUCT: 24, Kind.CATEGORY: 8, Kind.POST: 8, Kind.PAGE: 8}
SECTIONS = {
    Kind.PRODUCT: _("Products"),
    Kind.CATEGORY: _("Categories"),
    Kind.POST: _("Posts"),
    Kind.PAGE: _("Pages"),
}
STAGES = {  # best first
    "exact": _("the word itself"),
    "joined": _("joined with the next word"),
    "stem": _("another form of the word"),
    "part": _("a beginning, or a part of a compound"),
    "synonym": _("a synonym"),
    "slip": _("a typing mistake put right"),
}


class AttemptForm(forms.Form):
    query = forms.CharField(
        label=_("Query"), max_length=4 * LONGEST, required=False, widget=forms.TextInput({"dir": "auto"})
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)


@dataclass(frozen=True)
class Word:
    """A typed word, or several that have a synonym together. `entries`: words of the table by stage that it may stand
    for; `stop`: too common to look for."""

    written: str
    folded: str
    stop: bool
    entries: list[tuple[Any, str]]


@dataclass(frozen=True)
class Reason:
    """Why a hit stands where it does. `words`: (typed, stages) of what it has. `text`: its score by words alone; None
    when no word of it fits. `stock` and `popular` multiply it: 1 changes nothing."""

    hit: Hit
    url: str
    words: list[tuple[str, list[Any]]] = field(default_factory=list)
    in_title: bool = False
    called: bool = False
    text: float | None = None
    stock: float = 1.0
    popular: float = 1.0
    popularity: float = 0.0


@dataclass(frozen=True)
class Explanation:
    """`leads_to`: where the shop goes instead of showing the results; `key`: the query as rules compare it;
    `proposals`: other spellings that the shop offers."""

    key: str
    found: Found
    words: list[Word]
    leads_to: str
    sections: list[tuple[Any, int, list[Reason]]]
    proposals: list[str]


def explain(request: HttpRequest, text: str, language: str) -> Explanation:
    """In `language`, which must be the active one. Raises TookTooLong."""
    found = search(text, language)
    best = {kind: hits[: MOST[kind]] for kind, hits in found.hits.items()}
    facts = facts_of(found, [hit for hits in best.values() for hit in hits])
    sections = [
        (SECTIONS[kind], found.totals[kind], list(reasons(request, kind, hits, facts)))
        for kind, hits in best.items()
        if hits
    ]
    words = words_of(found.reading)
    return Explanation(key_of(text), found, words, leads_to(request, text), sections, proposals(found))


def leads_to(request: HttpRequest, text: str) -> str:
    product = product_of_code(text)
    return lead(request, text) or (product.get_absolute_url() if product is not None and product.text else "")


def words_of(reading: Reading) -> list[Word]:
    found = []
    for term in reading.terms:
        parts = [*term.wide, *(" + ".join([left[0], right[0]]) for left, right in term.pairs)]
        entries = {
            "exact": term.exact,
            "joined": [term.joins] if term.joins else [],
            "stem": [] if term.slips else [word for word in term.mates if word not in term.exact],
            "part": [] if term.slips else parts,
            "synonym": named(term.synonyms),
            "slip": [*term.slips, *term.mates, *parts] if term.slips else [],
        }
        shown = [(STAGES[stage], listed(dict.fromkeys(words))) for stage, words in entries.items() if words]
        found.append(Word(term.written, term.typed, term.stop, shown))
    for match in reading.phrases:
        words = " ".join(term.written for term in reading.terms[match.start : match.end])
        found.append(Word(words, words, False, [(STAGES["synonym"], listed(named(match.targets)))]))
    return found


def named(targets: Iterable[Target]) -> list[str]:
    return [" ".join(word[0] for word in target) for target in targets]


def stages(reading: Reading) -> Iterator[tuple[int, str, str]]:
    """(number of the term, stage, tsquery of what counts as that)."""
    for number, term in enumerate(reading.terms):
        yield from ((number, stage, query) for stage, query in queries_of(term).items() if query)
    for match in reading.phrases:
        yield from ((number, "synonym", alike(match.targets)) for number in range(match.start, match.end))


def queries_of(term: Term) -> dict[str, str]:
    """By stage; what comes of a word that was put right is that slip's."""
    pairs = [f"(({either(left)}) & ({either(right)}))" for left, right in term.pairs]
    longer = [lexeme(word, "*") for word in term.slips if len(word) >= 5]
    stems, parts = either(term.stems), " | ".join(filter(None, [either(term.wide), *pairs]))
    slips = " | ".join(filter(None, [either(term.slips), *longer, stems, parts]))
    return {
        "exact": either(term.exact),
        "joined": either([term.joins]) if term.joins else "",
        "stem": "" if term.slips else stems,
        "part": "" if term.slips else parts,
        "synonym": alike(term.synonyms),
        "slip": slips if term.slips else "",
    }


def facts_of(found: Found, hits: list[Hit]) -> dict[tuple[str, int, str], dict[str, Any]]:
    """What is known of each hit by the reading that found it first, by (kind, id, language). A query for each time that
    the search asked."""
    facts: dict[tuple[str, int, str], dict[str, Any]] = {}
    with limited():
        for (language, query), reading in zip(found.where, found.asked, strict=True):
            mine = Q(pk__in=[])
            for hit in hits:
                if hit.language == language and (hit.kind, hit.object_id, language) not in facts:
                    mine |= Q(kind=hit.kind, object_id=hit.object_id)
            rows = Entry.objects.filter(mine, language=language, vector__has=Lexemes(query))
            for row in rows.annotate(**questions(reading, partly=found.partly)).defer("body", "vector"):
                facts[row.kind, row.object_id, language] = {**vars(row), "reading": reading}
    return facts


def questions(reading: Reading, *, partly: bool) -> dict[str, Combinable]:
    asked: dict[str, Combinable] = {"of_text": score(reading, partly=partly)}
    for number, stage, query in stages(reading):
        asked[f"of_{number}_{stage}"] = has(query)
    if reading.query("A"):
        asked["of_title"] = has(reading.query("A"))
    if reading.title:
        asked["of_name"] = worth_if(Q(folded=reading.title), 1.0)
    return asked


def has(query: str) -> Combinable:
    return worth_if(Has(F("vector"), Lexemes(query)), 1.0)


def reasons(
    request: HttpRequest, kind: Kind, hits: list[Hit], facts: dict[tuple[str, int, str], dict[str, Any]]
) -> Iterator[Reason]:
    pks = [hit.object_id for hit in hits]
    urls = ADDRESSES[kind](request, pks)
    popularity, boosts = (popularity_of(pks), boosts_of(pks)) if kind == Kind.PRODUCT else ({}, {})
    for hit in hits:
        row = facts.get((hit.kind, hit.object_id, hit.language))
        boost = boosts.get(hit.object_id, 1.0)
        yield reason(hit, urls.get(hit.object_id, ""), row, boost, popularity.get(hit.object_id, 0.0))


def reason(hit: Hit, url: str, row: dict[str, Any] | None, boost: float, popularity: float) -> Reason:
    if row is None:
        return Reason(hit, url)
    stock = SOLD_OUT if boost < 1 else 1.0
    words = [(term.written, ways(row, number)) for number, term in enumerate(row["reading"].terms)]
    words = [(written, stages) for written, stages in words if stages]
    title, called = bool(row.get("of_title")), bool(row.get("of_name"))
    return Reason(hit, url, words, title, called, row["of_text"], stock, boost / stock, popularity)


def ways(row: dict[str, Any], number: int) -> list[Any]:
    """The stages by which an entry has a term; the same word in other forms says nothing new."""
    found = [stage for stage in STAGES if row.get(f"of_{number}_{stage}")]
    return [STAGES[stage] for stage in found if stage != "stem" or "exact" not in found]
