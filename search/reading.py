"""What a shopper may have meant: typed words become a query of words that are really in the table.

Exact words, stems, beginnings and compounds, in this order; a word that is none of them is taken for a slip, and
replaced by the words nearest to it. docs/search.md tells it in prose.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Any, NamedTuple

from django.db import connection
from psycopg.sql import Literal

from catalog.gtin import padded
from core.prepared import prepared
from search import languages
from search.desk.rules import rules
from search.desk.synonyms import Match, matches
from search.desk.synonyms import nearest as nearest_synonym
from search.meaning import Reading, Term
from search.words import code, distance, edits_allowed, halves, respelled, split, tidy

LONGEST = 100  # characters of a query that are used
MOST_WORDS = 12
MOST_ALTERNATIVES = 20
MOST_PAIRS = 2
SHORTEST_COMPOUND = 7  # letters
ENOUGH = 1000  # entries that have words beginning as typed
PLENTY = 24  # entries, a page of results: a word that so many have is not taken apart
LINKS = ("s", "n", "en", "es")  # what German puts between the parts of a compound


Ask = tuple[str, list[Any]]  # a SELECT, and its parameters


class Known(NamedTuple):
    word: str
    entries: int


class Lexicon:
    """What the table says about typed words: their stems, and which of their possible forms it has."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.stems: dict[str, list[str]] = {}  # word as written -> its stems
        self.entries: dict[tuple[str, str], int] = {}  # (language, word)
        self.mates: dict[str, list[str]] = {}  # stem -> words of the language that have it
        self.compounds: dict[str, list[Known]] = {}  # typed word -> compounds that begin or end with it

    def has(self, word: str) -> bool:
        return (self.language, word) in self.entries

    def count(self, word: str) -> int:
        return self.entries.get((self.language, word), 0)

    def stems_of(self, word: str) -> list[str]:
        """Of a word that the table has."""
        return [stem for stem, words in self.mates.items() if word in words]

    def forms(self, part: str) -> list[str]:
        """The part of a compound as the table has it: itself, its stem; [] when it has neither."""
        known = [part] if self.has(part) else []
        return list(dict.fromkeys([*known, *(stem for stem in self.stems.get(part, []) if stem in self.mates)]))

    def elsewhere(self, word: str) -> set[str]:
        return {language for language, known in self.entries if known == word and language != self.language}


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
# LIKE of a beginning finds its index only when it is planned with the beginning.
LONGER = """
    UNION ALL
    SELECT -n, '{{}}', '', longer.word, entries FROM unnest(%(whole)s::text[]) WITH ORDINALITY AS t (word, n), LATERAL (
        SELECT word, entries FROM search_word
        WHERE language = {language} AND word <> t.word
        AND (word LIKE '%%' || t.word OR (word ~>=~ t.word AND word ~<~ (t.word || chr(1114111))))
        ORDER BY entries DESC LIMIT {most}
    ) AS longer
"""


def read(text: str, language: str, *, typing: bool = False, loose: bool = False, literal: bool = False) -> Reading:
    """Five queries at most, and as many more for words that were put right; to be called inside `query.limited()`.

    `typing`: the last word is perhaps not finished, so its beginning counts as known. `loose`: known words may have
    been meant otherwise, too. `literal`: no word is a slip.
    """
    typed = split(clean(text))[:MOST_WORDS]
    terms = [Term(folded, written) for folded, written in typed]
    phrases: list[Match] = []
    if terms:
        lexicon = look_up(terms, language, typing=typing)
        for number, term in enumerate(terms):
            following = terms[number + 1] if number + 1 < len(terms) else None
            apply_lexicon(term, lexicon, following)
        look_up_parts(terms, lexicon, loose=loose)
        phrases = apply_synonyms(terms, lexicon)
        widen(terms, lexicon, typing=typing, loose=loose)
        for term in terms:
            if literal:
                term.slips = []
            elif not (term.known or term.pairs or term.joins or term.elsewhere or term.replaced or term.stop):
                correct_by_synonyms(term, language)
        take_apart([term for term in terms if apart(term, lexicon, loose=loose)], lexicon)
        if not typing:
            understand_slips([term for term in terms if term.slips and not term.replaced], language)
    return Reading(clean(text), language, tuple(terms), tuple(phrases))


def clean(text: str) -> str:
    return tidy(text[: 4 * LONGEST])[:LONGEST].strip()


def look_up(terms: list[Term], language: str, *, typing: bool) -> Lexicon:
    lexicon = Lexicon(language)
    forms = {form for term in terms for form in [term.typed, *respelled(term.written), *shorter(term.typed)]}
    forms |= {singular(term.typed, language) for term in terms}
    forms |= {first.typed + second.typed for first, second in zip(terms, terms[1:], strict=False)}
    finished = terms[:-1] if typing else terms
    whole = [term.typed for term in finished if makes_compounds(term, language)]
    learn(lexicon, list(dict.fromkeys(term.written for term in terms)), forms, whole)
    return lexicon


def makes_compounds(term: Term, language: str) -> bool:
    """May it be a part of compounds?"""
    return languages.compounds(language) and len(term.typed) >= 3 and not term.typed.isdigit()


def learn(lexicon: Lexicon, written: list[str], forms: Iterable[str], whole: Sequence[str] = ()) -> None:
    """Notes the stems of these words, which of these forms there are, and the compounds of these whole words; one
    query."""
    row: dict[str, Any] = {"config": languages.configuration(lexicon.language), "language": lexicon.language}
    sql, whole = LOOK_UP, list(dict.fromkeys(whole))
    if whole:
        sql += LONGER.format(language=Literal(lexicon.language).as_string(), most=MOST_ALTERNATIVES)
        row["whole"] = whole
    lexicon.compounds |= {word: [] for word in whole}
    with prepared(), connection.cursor() as cursor:
        cursor.execute(sql, {**row, "written": written, "forms": list(forms)})
        for number, stems, found_in, word, entries in cursor.fetchall():
            if number > 0:
                lexicon.stems[written[number - 1]] = stems
                continue
            if number < 0:
                lexicon.compounds[whole[-number - 1]].append(Known(word, entries))
                continue
            lexicon.entries[found_in, word] = entries
            if found_in == lexicon.language:
                mates = lexicon.mates.setdefault(stems[0], [])
                mates += [] if word in mates else [word]


def look_up_parts(terms: list[Term], lexicon: Lexicon, *, loose: bool) -> None:
    """What the shop knows of the parts of words that it does not know, or that are rare compounds."""
    unknown = [term for term in terms if loose or not (term.exact or term.stems)]
    rare = [term for term in terms if term not in unknown and rare_compound(term, lexicon)]
    parts = {part for term in [*unknown, *rare] for pair in cuts(term.typed, lexicon.language) for part in pair}
    if parts:
        learn(lexicon, sorted(parts), parts)
    for term in unknown:
        halved = ((lexicon.forms(left), lexicon.forms(right)) for left, right in cuts(term.typed, lexicon.language))
        term.pairs = [(left, right) for left, right in halved if left and right][:MOST_PAIRS]


def rare_compound(term: Term, lexicon: Lexicon) -> bool:
    rare = lexicon.count(term.typed) < PLENTY
    return languages.compounds(lexicon.language) and len(term.typed) >= SHORTEST_COMPOUND and rare


def cuts(word: str, language: str) -> Iterator[tuple[str, str]]:
    """A compound cut in two, the letters that German puts between its parts left out."""
    for left, right in halves(word):
        yield left, right
        for link in LINKS if languages.compounds(language) else ():
            if left.endswith(link) and len(left) - len(link) >= 4:
                yield left[: -len(link)], right


def singular(word: str, language: str) -> str:
    """A plural that German stemmers do not know, without its ending (Tees, Sofas); every other word as it is."""
    plural = languages.compounds(language) and len(word) > 3 and word[-1] == "s" and word[-2] in "aeiou"
    return word[:-1] if plural else word


def shorter(word: str) -> list[str]:
    """Beginnings that may be the word without an ending that the stemmer does not know."""
    return [word[:length] for length in range(max(4, len(word) - 4), len(word))]


def apply_lexicon(term: Term, lexicon: Lexicon, following: Term | None) -> None:
    stems = lexicon.stems.get(term.written, [])
    term.stop = not stems
    term.elsewhere = lexicon.elsewhere(term.typed)
    term.exact = [form for form in [term.typed, *respelled(term.written)] if lexicon.has(form)]
    alike = lexicon.stems_of(singular(term.typed, lexicon.language))
    term.stems = [stem for stem in dict.fromkeys([*stems, *alike]) if stem in lexicon.mates]
    term.mates = [word for stem in term.stems for word in lexicon.mates[stem]]
    term.entries = max((lexicon.count(word) for word in [*term.exact, *term.mates]), default=0)
    if following and lexicon.has(term.typed + following.typed):
        term.joins = term.typed + following.typed


def apply_synonyms(terms: list[Term], lexicon: Lexicon) -> list[Match]:
    """Notes the synonyms of single terms; returns those of several together."""
    forms = [{term.typed, *respelled(term.written), *lexicon.stems.get(term.written, [])} for term in terms]
    found = matches(forms, rules(lexicon.language).synonyms)
    for match in found:
        for term in terms[match.start : match.end]:
            term.replaced = True
        if match.end - match.start == 1:
            terms[match.start].synonyms = match.targets
    return [match for match in found if match.end - match.start > 1]


def understand_slips(terms: list[Term], language: str) -> None:
    """Words that were put right mean all that they would mean if they had been typed so."""
    if terms:
        meant = read(" ".join(term.slips[0] for term in terms), language, literal=True).terms
        for term, known in zip(terms, meant, strict=True):
            term.stems, term.mates, term.wide = known.stems, known.mates, known.wide
            term.pairs += known.pairs


def correct_by_synonyms(term: Term, language: str) -> None:
    """A slip in a word that perhaps only synonyms know, when it is nearer than the words of the table."""
    known = rules(language).synonyms
    most = distance(term.typed, term.slips[0], 2) - 1 if term.slips else edits_allowed(term.typed)
    if most > 0 and (word := nearest_synonym(term.typed, known, most)):
        [match] = matches([{word}], known)
        term.slips, term.synonyms, term.replaced = [word], match.targets, True


def widen(terms: list[Term], lexicon: Lexicon, *, typing: bool, loose: bool) -> None:
    """Asks for beginnings, compounds and near words of those terms that need them, all in one query; in two when no
    word begins as what is being typed."""
    asks: list[Ask] = []
    for number, term in enumerate(terms):
        unfinished = typing and number == len(terms) - 1
        asks += questions(term, number, lexicon, unfinished=unfinished, loose=loose)
    rows = ask_all(asks)
    if typing and not any(how == "begin" for number, how, _word, _entries in rows if number == len(terms) - 1):
        rows += ask_all(list(spellings(terms[-1], len(terms) - 1, lexicon.language, loose=loose)))
    for number, term in enumerate(terms):
        found = {how: [Known(word, entries) for n, h, word, entries in rows if n == number and h == how] for how in HOW}
        begin = enough(found["begin"]) if typing else found["begin"]
        compounds = found["compound"] or ([] if term.stop else lexicon.compounds.get(spelt(term), []))
        term.wide = [known.word for known in [*begin, *compounds] if known.word not in term.exact]
        joined = term.joins or (number and terms[number - 1].joins)
        if (loose or not (term.known or term.elsewhere or term.replaced)) and not joined and not term.stop:
            near_words = nearest(term, found["near"])
            term.slips = [each.word for each in near_words if each.word not in term.exact]
            term.entries = max([term.entries, *(each.entries for each in near_words)])


def enough(known: list[Known]) -> list[Known]:
    """The most common of these words, until so many entries have them that more would only take time.

    >>> [word for word, _entries in enough([Known("tea", 900), Known("teapot", 400), Known("teak", 2)])]
    ['tea', 'teapot']
    """
    before = accumulate((entries for _word, entries in known), initial=0)
    return [each for each, so_far in zip(known, before, strict=False) if so_far < ENOUGH]


HOW = ("begin", "compound", "near")
HEAD = "SELECT %s, %s, word, entries FROM search_word WHERE language = %s AND "
TAIL = f" ORDER BY entries DESC LIMIT {MOST_ALTERNATIVES}"


def spelt(term: Term) -> str:
    """As the table has the word, if it has it."""
    return term.exact[0] if term.exact else term.typed


def questions(term: Term, number: int, lexicon: Lexicon, *, unfinished: bool, loose: bool) -> Iterator[Ask]:
    """The parts of the query of `widen` for one term."""
    language, known = lexicon.language, spelt(term)
    word, unknown = term.typed, loose or not (term.exact or term.stems)
    if word.isdigit() or term.stop:
        return
    if unfinished or (unknown and len(word) >= 3):
        yield HEAD + "word LIKE %s" + TAIL, [number, "begin", language, f"{word}%"]
    if makes_compounds(term, language) and not unfinished:
        if known not in lexicon.compounds:
            ends = [number, "compound", language, f"%{known}", f"{known}%", known]
            yield HEAD + "(word LIKE %s OR word LIKE %s) AND word <> %s" + TAIL, ends
    elif unknown and len(word) >= 4:
        yield HEAD + "word LIKE %s AND word <> %s" + TAIL, [number, "compound", language, f"%{word}%", word]
    if not unfinished:
        yield from spellings(term, number, language, loose=loose)


def spellings(term: Term, number: int, language: str, *, loose: bool) -> Iterator[Ask]:
    """For a word that is unknown; of one that is still being typed only when nothing begins so."""
    if edits_allowed(term.typed) and not term.stop and (loose or not (term.exact or term.stems)):
        yield near(term.typed, number, language)


def near(word: str, number: int, language: str) -> Ask:
    """Candidates for `nearest`. Short words have too few trigrams to be told apart by, but there are few of them."""
    if len(word) >= 6:
        alike = f"word %% %s ORDER BY similarity(word, %s) DESC LIMIT {2 * MOST_ALTERNATIVES}"
        return HEAD + alike, [number, "near", language, word, word]
    short = (
        "length(word) BETWEEN %s AND %s AND levenshtein_less_equal(word, %s, 2) <= 2 ORDER BY entries DESC LIMIT 200"
    )
    return HEAD + short, [number, "near", language, len(word) - 1, len(word) + 1, word]


def ask_all(asks: list[Ask]) -> list[tuple[int, str, str, int]]:
    if not asks:
        return []
    with connection.cursor() as cursor:
        parts = " UNION ALL ".join(f"({query})" for query, _params in asks)
        cursor.execute(parts, [param for _query, params in asks for param in params])
        return cursor.fetchall()


def apart(term: Term, lexicon: Lexicon, *, loose: bool) -> bool:
    """Is it a compound that may be written otherwise, or a word that nothing else is known about?"""
    if term.stop or term.slips:
        return False
    unknown = loose or not (term.known or term.pairs or term.joins or term.elsewhere)
    return unknown or rare_compound(term, lexicon)


def take_apart(terms: list[Term], lexicon: Lexicon) -> None:
    """For compounds whose parts stand alone or in other compounds (Hibiskustee: Hibiskusnacht, Kräutertee), and for
    endings that no stemmer knows."""
    asks: list[Ask] = []
    compounds = languages.compounds(lexicon.language)
    for number, term in enumerate(terms):
        if not compounds or len(term.typed) < SHORTEST_COMPOUND:
            continue
        for left, right in plausible(term, lexicon):
            asks.append((HEAD + "word LIKE %s" + TAIL, [number, f"{left}-", lexicon.language, f"{left}%"]))
            asks.append((HEAD + "word LIKE %s" + TAIL, [number, f"-{right}", lexicon.language, f"%{right}"]))
    inside: dict[tuple[int, str], list[str]] = {}
    for number, part, word, _entries in ask_all(asks):
        inside.setdefault((number, part), []).append(word)
    for number, term in enumerate(terms):
        halved = [
            (
                [*lexicon.forms(left), *inside.get((number, f"{left}-"), [])],
                [*lexicon.forms(right), *inside.get((number, f"-{right}"), [])],
            )
            for left, right in plausible(term, lexicon)
        ]
        term.pairs = [(left, right) for left, right in halved if left and right][-MOST_PAIRS:] or term.pairs
        if not term.known and not term.pairs:
            term.wide = [word for word in shorter(term.typed) if lexicon.has(word)][-1:]


def plausible(term: Term, lexicon: Lexicon) -> list[tuple[str, str]]:
    """Cuts between words that are known by themselves; all cuts when there is none."""
    every = list(cuts(term.typed, lexicon.language))
    both = [(left, right) for left, right in every if lexicon.forms(left) and lexicon.forms(right)]
    return both[:MOST_PAIRS] or every


def nearest(term: Term, known: list[Known], most: int = 3) -> list[Known]:
    """The words with the fewest edits, the more common first; spellings of umlauts are compared, too."""
    allowed = edits_allowed(term.typed)
    forms = [term.typed, *respelled(term.written)]
    near = []
    for word, entries in known:
        edits = min(distance(form, word, allowed) for form in forms)
        if edits <= allowed and (len(word) > 4 or word[0] == term.typed[0]):
            near.append((edits, word[0] != term.typed[0], -entries, word))
    best = sorted(near)
    return [Known(word, -fewer) for edits, _other, fewer, word in best if edits == best[0][0]][:most]


def product_codes(text: str) -> list[str]:
    """The query as SKUs are compared and, of digits only, as GTINs are; none when it cannot be one: SKUs of shops have
    a digit.

    >>> product_codes("SEN 100"), product_codes("4 006381 333931"), product_codes("sencha")
    (['sen100'], ['4006381333931', '04006381333931'], [])
    """
    found = code(clean(text))
    if not 3 <= len(found) <= 40 or not any(c.isdigit() for c in found):
        return []
    return [found, padded(found)] if found.isdigit() else [found]
