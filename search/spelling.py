"""What else may have been meant: words of the shop near the typed ones, offered where little or nothing was found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import product
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import QuerySet, Value

from search import languages
from search.meaning import Reading, Term
from search.models import Entry
from search.query import Found, limited
from search.reading import near, read
from search.words import distance, edits_allowed, respelled, split

MEAGRE = 4  # results; with more, nothing needs to be proposed
MOST = 3  # proposals
MOST_TRIED = 4
MOST_TERMS = 4  # typed words that are looked at
MOST_WORDS = 3  # for each of them
COMMONER = 10  # times as many entries as a typed word that the shop knows
FURTHER = 1  # an edit more than the search puts right by itself: a proposal may be wrong

NEAR = """
    SELECT number, word, entries, tsvector_to_array(to_tsvector(%s::regconfig, word))
    FROM ({}) AS known (number, how, word, entries)
"""


class Near(NamedTuple):
    """A known word near a typed one; without stems it is a word like "for" and "the"."""

    word: str
    entries: int
    stems: list[str]


class Guess(NamedTuple):
    """A term instead of a typed one, which it may be itself; `edits` lie between them."""

    term: Term
    edits: int


def proposals(found: Found) -> list[str]:
    """Queries in the language searched in that find more, the nearest first; none where enough was found, or a slip was
    put right by a word of this language. Only what is public at this moment counts. Two queries at most, three more
    when words of another language were found. Raises TookTooLong."""
    if is_enough(found):
        return []
    with limited():
        tried = list(others(found, own_reading(found)))[:MOST_TRIED]
        titles: dict[int, list[str]] = {}
        for number, title in rows_of(tried):
            titles.setdefault(number, []).append(title)
    least = 0 if found.partly or is_foreign(found) else found.total
    better = [number for number in sorted(titles) if len(titles[number]) > least][:MOST]
    return [as_written((term.written for term in tried[number].terms), titles[number]) for number in better]


def is_enough(found: Found) -> bool:
    """Was something found that the words, as typed or put right, are the name of, or much that has them?"""
    if is_foreign(found):
        return not found.corrected
    if found.total and (found.corrected or not (found.partly or found.total <= MEAGRE)):
        return True
    return not doubtful(found, found.reading)


def is_foreign(found: Found) -> bool:
    return found.reading.language != found.language


def own_reading(found: Found) -> Reading:
    return read(found.text, found.language, literal=True) if is_foreign(found) else found.reading


def doubtful(found: Found, reading: Reading) -> list[int]:
    """Numbers of the terms that may be slips: a word in the name of something found was meant as it is."""
    titles = {folded for hits in found.hits.values() for hit in hits for folded, _written in split(hit.title)}
    unsure = [
        number
        for number, term in enumerate(reading.terms)
        if not (term.stop or term.replaced or term.typed in titles) and edits_allowed(term.typed)
    ]
    return unsure[:MOST_TERMS]


def others(found: Found, reading: Reading) -> Iterator[Reading]:
    """The query with other words in it, the fewest edits first."""
    unsure = doubtful(found, reading)
    known = near_words({number: reading.terms[number].typed for number in unsure}, reading.language)
    guesses = [[Guess(replace(term, joins=""), 0)] for term in reading.terms]
    for number in unsure:
        guesses[number] = guesses_for(guesses[number][0], known.get(number, []))
    for line in sorted(product(*guesses), key=lambda line: sum(guess.edits for guess in line)):
        if any(guess.edits for guess in line):
            yield Reading(found.text, reading.language, tuple(guess.term for guess in line))


def near_words(typed: dict[int, str], language: str) -> dict[int, list[Near]]:
    """By the number of the typed word; one query."""
    asks = [near(word, number, language) for number, word in typed.items()]
    found: dict[int, list[Near]] = {}
    if asks:
        parts = " UNION ALL ".join(f"({query})" for query, _params in asks)
        with connection.cursor() as cursor:
            params = [languages.configuration(language), *(param for _query, params in asks for param in params)]
            cursor.execute(NEAR.format(parts), params)
            for number, *row in cursor.fetchall():
                found.setdefault(number, []).append(Near(*row))
    return found


def guesses_for(own: Guess, known: list[Near]) -> list[Guess]:
    """Other words, of those equally near the more common first, one of those with the same stem, none much rarer than
    the first. A typed word that the shop knows stays possible, and gives way only to much more common ones."""
    term = own.term
    entries = next((each.entries for each in known if each.word == term.typed), 0)
    most = edits_allowed(term.typed) + (0 if entries or len(term.typed) < 6 else FURTHER)
    forms = [term.typed, *respelled(term.written)]
    seen = {term.typed, *term.exact, *term.mates, *term.wide}
    close = []
    for each in known:
        edits = min(distance(form, each.word, most) for form in forms)
        if each.stems and edits <= most and each.entries >= COMMONER * entries and each.word not in seen:
            close.append((max(edits, 1), each.word[0] != term.typed[0], -each.entries, each))
    best: dict[str, Guess] = {}
    nearest = sorted(close)
    for edits, _first, _entries, each in nearest:
        if each.entries * COMMONER < nearest[0][3].entries:
            continue
        guess = Guess(Term(each.word, each.word, exact=[each.word], stems=each.stems), edits)
        best.setdefault(each.stems[0], guess)
    return [*([own] if entries or not best else []), *list(best.values())[:MOST_WORDS]]


def rows_of(readings: list[Reading]) -> Iterable[tuple[int, str]]:
    """(number of the reading, title) of some entries that each finds; one query."""
    parts: list[QuerySet[Any, Any]] = []
    for number, reading in enumerate(readings):
        if query := reading.query():
            entries = Entry.objects.candidates(reading.language, query, "", 4 * (MEAGRE + 1)).shown()
            parts.append(entries.annotate(number=Value(number)).values_list("number", "title"))
    return parts[0].union(*parts[1:], all=True) if parts else []


def as_written(words: Iterable[str], titles: Iterable[str]) -> str:
    """The folded ones of these words as they stand in the titles, in small letters: "gruner" is no word to offer.

    >>> as_written(["gruner", "sencha"], ["Grüner Tee"])
    'grüner sencha'
    """
    known = {folded: written.lower() for title in titles for folded, written in split(title)}
    return " ".join(known.get(word, word) for word in words)


def corrected(found: Found) -> str:
    """The query with its slips put right, as the results write its words; "" when nothing was taken for a slip."""
    titles = (hit.title for hits in found.hits.values() for hit in hits)
    return as_written(found.corrected.split(), titles) if found.corrected else ""


def unknown(found: Found) -> list[str]:
    """The typed words that nothing has in any way, when some results have only the others."""
    reading = found.reading
    if not found.partly:
        return []
    together = {number for phrase in reading.phrases for number in range(phrase.start, phrase.end)}
    alone = [term for number, term in enumerate(reading.terms) if number not in together]
    return [term.written for term in alone if not (term.stop or reading.alternatives(term, "", exactly=False))]
