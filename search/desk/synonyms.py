"""Synonyms at query time: which other words stand for typed ones. One step only, so that loops mean nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from django.db import connection

from search import languages
from search.desk.models import Synonym, terms_of
from search.words import distance, respelled, split

MOST = 12  # other terms for one typed one, however many rows say so
MOST_IN_ALL = 24  # for all that is typed

Word = tuple[str, ...]  # the forms of a word that an entry may have: folded, and its stems
Target = tuple[Word, ...]  # all of these words


class Rewriting(NamedTuple):
    """`source`: the forms of each of the words that must be typed one after the other. `first`: the first of them,
    folded."""

    source: tuple[frozenset[str], ...]
    targets: tuple[Target, ...]
    first: str = ""


class Match(NamedTuple):
    """The typed words from `start` to before `end` may be any of these instead."""

    start: int
    end: int
    targets: tuple[Target, ...]


STEMS = """
    SELECT word, tsvector_to_array(to_tsvector(%s::regconfig, word)) FROM unnest(%s::text[]) AS typed (word)
"""


def rewritings(language: str, rows: Iterable[Synonym]) -> dict[str, list[Rewriting]]:
    """The rows by every form of the first typed word; one query."""
    pairs = [pair for row in rows for pair in sides(row)]
    parts = {term: split(term) for term in {term for source, targets in pairs for term in (source, *targets)}}
    stems = stems_of(sorted({written for words in parts.values() for _folded, written in words}), language)
    wanted = {term: target(words, stems) for term, words in parts.items()}
    found: dict[str, list[Rewriting]] = {}
    for source, targets in pairs:
        words = parts[source]
        forms = tuple(frozenset([folded, *respelled(written), *stems[written]]) for folded, written in words)
        rewriting = Rewriting(forms, tuple(wanted[term] for term in targets), words[0][0] if words else "")
        for form in forms[0] if forms else ():
            found.setdefault(form, []).append(rewriting)
    return found


def sides(row: Synonym) -> Iterator[tuple[str, list[str]]]:
    """(what is typed, what it also finds), each of a row's terms."""
    words, others = terms_of(row.words), terms_of(row.others)
    if row.direction == Synonym.Direction.ONE:
        yield from ((word, others) for word in words)
        return
    every = list(dict.fromkeys([*words, *others]))
    yield from ((word, [other for other in every if other != word]) for word in every)


def target(words: Iterable[tuple[str, str]], stems: dict[str, list[str]]) -> Target:
    return tuple(tuple(dict.fromkeys([folded, *stems[written]])) for folded, written in words)


def stems_of(words: Sequence[str], language: str) -> dict[str, list[str]]:
    if not words:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(STEMS, [languages.configuration(language), list(words)])
        return dict(cursor.fetchall())


def matches(typed: Sequence[set[str]], known: dict[str, list[Rewriting]]) -> list[Match]:
    """What the typed words, each with all its forms, can be replaced by; from the left, the longest first."""
    found: list[Match] = []
    start = 0
    while start < len(typed):
        here = [each for form in sorted(typed[start]) for each in known.get(form, []) if fits(each, typed[start:])]
        length = max((len(each.source) for each in here), default=0)
        if length and sum(len(match.targets) for match in found) < MOST_IN_ALL:
            targets = dict.fromkeys(one for each in here if len(each.source) == length for one in each.targets)
            room = MOST_IN_ALL - sum(len(match.targets) for match in found)
            found.append(Match(start, start + length, tuple(targets)[: min(MOST, room)]))
        start += length or 1
    return found


def fits(rewriting: Rewriting, typed: Sequence[set[str]]) -> bool:
    words = rewriting.source
    return len(words) <= len(typed) and all(forms & own for forms, own in zip(words, typed, strict=False))


def nearest(typed: str, known: dict[str, list[Rewriting]], most: int) -> str:
    """The single word with synonyms that is the fewest edits away, at most so many; "" for none. It must begin or end
    with the same letter: there may be thousands, and few slips change both."""
    letters = set(typed)
    close = [
        (edits, word[0] != typed[0], word)
        for word, found in known.items()
        if abs(len(word) - len(typed)) <= most
        and (word[0] == typed[0] or word[-1] == typed[-1])
        and len(letters.symmetric_difference(word)) <= 2 * most
        and (edits := distance(typed, word, most)) <= most
        and any(len(each.source) == 1 and each.first == word for each in found)
    ]
    return min(close)[2] if close else ""
