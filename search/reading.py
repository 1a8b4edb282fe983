"""What a shopper may have meant: typed words become a query of words that are really in the table.

Exact words, stems, beginnings and compounds, in this order; a word that is none of them is taken for a slip, and
replaced by the words nearest to it. docs/search.md tells it in prose.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from django.db import connection

from search import languages
from search.words import code, distance, edits_allowed, halves, respelled, split, tidy

LONGEST = 100  # characters of a query that are used
MOST_WORDS = 12
MOST_ALTERNATIVES = 20
LINKS = ("", "s", "n", "en", "es")  # what German puts between the parts of a compound


Ask = tuple[str, list[Any]]  # a SELECT, and its parameters


class Known(NamedTuple):
    word: str
    entries: int


@dataclass
class Term:
    """One typed word and what it may stand for. All but `typed` and `written` are words of the table, folded."""

    typed: str
    written: str
    stop: bool = False  # too common to look for beside other words
    exact: list[str] = field(default_factory=list)
    stems: list[str] = field(default_factory=list)
    mates: list[str] = field(default_factory=list)  # words that have these stems
    wide: list[str] = field(default_factory=list)  # beginnings and compounds
    pairs: list[tuple[str, str]] = field(default_factory=list)  # a compound that the shop writes as two words
    slips: list[str] = field(default_factory=list)  # the nearest words, when nothing else is known
    joins: str = ""  # together with the next word: one word of the table
    elsewhere: bool = False  # a word of another language of the shop

    @property
    def known(self) -> bool:
        return bool(self.exact or self.stems or self.wide or self.pairs)


def lexeme(word: str, label: str = "") -> str:
    """A word inside a tsquery. It cannot be anything but a word: operators in it mean nothing.

    >>> print(lexeme("o'clock|!x", "A"))
    'o''clock|!x':A
    """
    quoted = word.replace("\\", "\\\\").replace("'", "''")
    return f"'{quoted}':{label}" if label else f"'{quoted}'"


def flat(pairs: Iterable[tuple[str, str]]) -> list[str]:
    return [word for pair in pairs for word in pair]


def either(words: Iterable[str], label: str = "") -> str:
    return " | ".join(lexeme(word, label) for word in dict.fromkeys(words))


@dataclass(frozen=True)
class Reading:
    """A query as it is understood in one language. The queries are PostgreSQL tsquerys of finished lexemes."""

    text: str
    language: str
    terms: tuple[Term, ...]

    @cached_property
    def wanted(self) -> list[Term]:
        """Without words like "for" and "the", unless there are no others."""
        return [term for term in self.terms if not term.stop] or list(self.terms)

    def query(self, label: str = "", *, exactly: bool = False) -> str:
        """Entries that have all words, in some way. `label`: only there ("A": in the title). "": none can."""
        parts: list[str] = []
        joins = ""
        for term in self.wanted:
            part = self.alternatives(term, label, exactly=exactly)
            if joins:
                both = f"({parts[-1]} & {part})" if parts[-1] and part else ""
                parts[-1] = f"({' | '.join(filter(None, [both, lexeme(joins, label)]))})"
            else:
                parts.append(part)
            joins = "" if joins else term.joins
        return " & ".join(parts) if parts and all(parts) else ""

    def alternatives(self, term: Term, label: str, *, exactly: bool) -> str:
        if exactly:
            found = either(term.exact or term.slips[:1], label)
        else:
            words = [*term.exact, *term.stems, *term.wide, *term.slips]
            pairs = [f"({lexeme(left, label)} & {lexeme(right, label)})" for left, right in term.pairs]
            found = " | ".join(filter(None, [either(words, label), *pairs]))
        return f"({found})" if found else ""

    @property
    def some(self) -> str:
        """Entries that have any of the words that are known at all."""
        return " | ".join(filter(None, (self.alternatives(term, "", exactly=False) for term in self.wanted)))

    def ranks(self) -> tuple[str, str, str]:
        """For ranking: exact words, then stems, then everything else that counts as found. "" where there is none."""
        exact = [word for term in self.wanted for word in [*term.exact, term.joins] if word]
        stems = [word for term in self.wanted for word in term.stems]
        wide = [word for term in self.wanted for word in [*term.wide, *term.slips, *flat(term.pairs)]]
        return either(exact), either(stems), either(wide)

    @property
    def title(self) -> str:
        """What the title of the very thing would be, folded."""
        return " ".join(term.slips[0] if term.slips else term.typed for term in self.terms)

    @property
    def corrected(self) -> str:
        """The words with slips put right, for "Results for …"; "" when nothing was taken for a slip."""
        if not any(term.slips for term in self.terms):
            return ""
        return " ".join(term.slips[0] if term.slips else term.written for term in self.terms)

    @property
    def marks(self) -> set[str]:
        """Folded words to mark in snippets."""
        lists = ([*term.exact, *term.mates, *term.wide, *term.slips, *flat(term.pairs)] for term in self.wanted)
        return {word for words in lists for word in words} | {term.joins for term in self.wanted if term.joins}


class Lexicon:
    """What the table says about typed words: their stems, and which of their possible forms it has."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.stems: dict[int, list[str]] = {}
        self.entries: dict[tuple[str, str], int] = {}  # (language, word)
        self.mates: dict[str, list[str]] = {}  # stem -> words of the language that have it

    def has(self, word: str) -> bool:
        return (self.language, word) in self.entries

    def elsewhere(self, word: str) -> bool:
        return any(known == word and language != self.language for language, known in self.entries)


LOOK_UP = """
    WITH typed AS (
        SELECT n, tsvector_to_array(to_tsvector(%(config)s::regconfig, word)) AS stems
        FROM unnest(%(written)s::text[]) WITH ORDINALITY AS t (word, n))
    SELECT n, stems, '', '', 0 FROM typed
    UNION ALL
    SELECT 0, ARRAY[stem], language, word, entries FROM search_word WHERE word = ANY(%(forms)s::text[])
    UNION ALL
    SELECT 0, ARRAY[known.stem], language, word, entries FROM search_word AS known
    WHERE known.stem = ANY(ARRAY(SELECT unnest(stems) FROM typed)) AND language = %(language)s
"""


def read(text: str, language: str, *, typing: bool = False) -> Reading:
    """Two queries at most. `typing`: the last word is perhaps not finished, so its beginning counts as known."""
    typed = split(clean(text))[:MOST_WORDS]
    terms = [Term(folded, written) for folded, written in typed]
    if not terms:
        return Reading(clean(text), language, ())
    lexicon = look_up(terms, language)
    for number, term in enumerate(terms):
        apply_lexicon(term, number, lexicon, terms[number + 1] if number + 1 < len(terms) else None)
    widen(terms, language, typing=typing)
    return Reading(clean(text), language, tuple(terms))


def clean(text: str) -> str:
    return tidy(text[: 4 * LONGEST])[:LONGEST].strip()


def look_up(terms: list[Term], language: str) -> Lexicon:
    lexicon = Lexicon(language)
    forms = {form for term in terms for form in [term.typed, *respelled(term.written)]}
    forms |= {first.typed + second.typed for first, second in zip(terms, terms[1:], strict=False)}
    forms |= {part for term in terms for pair in cuts(term.typed, language) for part in pair}
    row: dict[str, Any] = {
        "config": languages.configuration(language),
        "language": language,
        "written": [term.written for term in terms],
        "forms": list(forms),
    }
    with connection.cursor() as cursor:
        cursor.execute(LOOK_UP, row)
        for number, stems, found_in, word, entries in cursor.fetchall():
            if number:
                lexicon.stems[number - 1] = stems
                continue
            lexicon.entries[found_in, word] = entries
            if found_in == language:
                mates = lexicon.mates.setdefault(stems[0], [])
                mates += [] if word in mates else [word]
    return lexicon


def cuts(word: str, language: str) -> Iterator[tuple[str, str]]:
    """A compound cut in two, the letters that German puts between its parts left out."""
    for left, right in halves(word):
        for link in LINKS if languages.compounds(language) else LINKS[:1]:
            if left.endswith(link) and len(left) - len(link) >= 3:
                yield left[: len(left) - len(link)], right


def apply_lexicon(term: Term, number: int, lexicon: Lexicon, following: Term | None) -> None:
    stems = lexicon.stems.get(number, [])
    term.stop = not stems
    term.exact = [form for form in [term.typed, *respelled(term.written)] if lexicon.has(form)]
    term.stems = [stem for stem in stems if stem in lexicon.mates]
    term.mates = [word for stem in term.stems for word in lexicon.mates[stem]]
    if following and lexicon.has(term.typed + following.typed):
        term.joins = term.typed + following.typed
    if not term.exact and not term.stems:
        pairs = [pair for pair in cuts(term.typed, lexicon.language) if lexicon.has(pair[0]) and lexicon.has(pair[1])]
        term.pairs = pairs[:3]
        term.elsewhere = lexicon.elsewhere(term.typed)


def widen(terms: list[Term], language: str, *, typing: bool) -> None:
    """Asks for beginnings, compounds and near words of those terms that need them, all in one query."""
    asks: list[Ask] = []
    for number, term in enumerate(terms):
        unfinished = typing and number == len(terms) - 1
        asks += [ask for ask in questions(term, number, language, unfinished=unfinished)]
    if not asks:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            " UNION ALL ".join(f"({query})" for query, _params in asks),
            [param for _query, params in asks for param in params],
        )
        rows = cursor.fetchall()
    for number, term in enumerate(terms):
        found = {how: [Known(word, entries) for n, h, word, entries in rows if n == number and h == how] for how in HOW}
        term.wide = [known.word for known in [*found["begin"], *found["compound"]] if known.word not in term.exact]
        joined = term.joins or (number and terms[number - 1].joins)
        if not term.known and not joined and not term.elsewhere and not term.stop:
            term.slips = nearest(term, found["near"])


HOW = ("begin", "compound", "near")


def questions(term: Term, number: int, language: str, *, unfinished: bool) -> Iterator[Ask]:
    """The parts of the query of `widen` for one term."""
    word, unknown = term.typed, not (term.exact or term.stems)
    head = "SELECT %s, %s, word, entries FROM search_word WHERE language = %s AND "
    tail = f" ORDER BY entries DESC LIMIT {MOST_ALTERNATIVES}"
    if word.isdigit() or term.stop:
        return
    if unfinished or (unknown and len(word) >= 3):
        yield head + "word LIKE %s" + tail, [number, "begin", language, f"{word}%"]
    if languages.compounds(language) and len(word) >= 3 and not unfinished:
        yield (
            head + "(word LIKE %s OR word LIKE %s) AND word <> %s" + tail,
            [number, "compound", language, f"%{word}", f"{word}%", word],
        )
    elif unknown and len(word) >= 4:
        yield head + "word LIKE %s AND word <> %s" + tail, [number, "compound", language, f"%{word}%", word]
    if not unknown or not edits_allowed(word):
        return
    if len(word) < 6:
        near, params = (
            "length(word) BETWEEN %s AND %s AND levenshtein_less_equal(word, %s, 2) <= 2",
            [
                len(word) - 1,
                len(word) + 1,
                word,
            ],
        )
        yield head + near + tail.replace(str(MOST_ALTERNATIVES), "200"), [number, "near", language, *params]
    else:
        yield (
            head + f"word %% %s ORDER BY similarity(word, %s) DESC LIMIT {2 * MOST_ALTERNATIVES}",
            [number, "near", language, word, word],
        )


def nearest(term: Term, known: list[Known], most: int = 3) -> list[str]:
    """The words with the fewest edits, the more common first; spellings of umlauts are compared, too."""
    allowed = edits_allowed(term.typed)
    forms = [term.typed, *respelled(term.written)]
    near = []
    for word, entries in known:
        edits = min(distance(form, word, allowed) for form in forms)
        if edits <= allowed and (len(word) > 3 or word[0] == term.typed[0]):
            near.append((edits, word[0] != term.typed[0], -entries, word))
    best = sorted(near)
    return [word for edits, _other, _entries, word in best if edits == best[0][0]][:most]


def sku(text: str) -> str:
    """The query as a SKU is compared; "" when it cannot be one: SKUs of shops have a digit."""
    found = code(clean(text))
    return found if 3 <= len(found) <= 40 and any(c.isdigit() for c in found) else ""
