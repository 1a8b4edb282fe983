"""What a typed query means: each of its words, what it may stand for, and the tsqueries that come of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from search.desk.synonyms import Match, Target

MOST_DROPPED = 3  # words of a query that nothing answers as a whole

Pair = tuple[list[str], list[str]]  # words for the first part of a compound, words for the second


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
    pairs: list[Pair] = field(default_factory=list)  # a compound that the shop writes as two words
    slips: list[str] = field(default_factory=list)  # the nearest words, when nothing else is known
    synonyms: tuple[Target, ...] = ()  # what the search desk says it may be called, too
    replaced: bool = False  # it has synonyms, alone or with its neighbours
    joins: str = ""  # together with the next word: one word of the table
    entries: int = 0  # how many have the most common of its forms
    elsewhere: set[str] = field(default_factory=set)  # other languages of the shop that have it

    @property
    def known(self) -> bool:
        return bool(self.exact or self.stems or self.wide)


def lexeme(word: str, label: str = "") -> str:
    """A word inside a tsquery. It cannot be anything but a word: operators in it mean nothing.

    >>> print(lexeme("o'clock|!x", "A"))
    'o''clock|!x':A
    """
    quoted = word.replace("\\", "\\\\").replace("'", "''")
    return f"'{quoted}':{label}" if label else f"'{quoted}'"


def flat(pairs: Iterable[Pair]) -> list[str]:
    return [word for pair in pairs for part in pair for word in part]


def either(words: Iterable[str], label: str = "") -> str:
    return " | ".join(lexeme(word, label) for word in dict.fromkeys(words))


def alike(targets: Iterable[Target], label: str = "") -> str:
    """Synonyms inside a tsquery: any of these terms, each with all its words."""
    terms = (" & ".join(f"({either(word, label)})" for word in target) for target in targets)
    return " | ".join(f"({term})" for term in terms)


@dataclass(frozen=True)
class Reading:
    """A query as it is understood in one language. The queries are PostgreSQL tsquerys of finished lexemes.
    `phrases`: synonyms of several typed words together."""

    text: str
    language: str
    terms: tuple[Term, ...]
    phrases: tuple[Match, ...] = ()

    @cached_property
    def wanted(self) -> list[Term]:
        """Without words like "for" and "the", unless there are no others."""
        return [term for term in self.terms if not term.stop] or list(self.terms)

    def query(self, label: str = "", *, exactly: bool = False) -> str:
        """Entries that have all words, in some way. `label`: only there ("A": in the title). "": none can."""
        parts = [self.piece(terms, targets, label, exactly=exactly) for terms, targets in self.pieces]
        return " & ".join(parts) if parts and all(parts) else ""

    @cached_property
    def pieces(self) -> list[tuple[list[Term], tuple[Target, ...]]]:
        """The wanted terms in order: those of each phrase together, with its synonyms; others without."""
        found, at = [], 0
        for phrase in self.phrases:
            found += [(self.terms[at : phrase.start], ()), (self.terms[phrase.start : phrase.end], phrase.targets)]
            at = phrase.end
        found.append((self.terms[at:], ()))
        wanted = [([term for term in terms if term in self.wanted], targets) for terms, targets in found]
        return [(terms, targets) for terms, targets in wanted if terms]

    def piece(self, terms: list[Term], targets: tuple[Target, ...], label: str, *, exactly: bool) -> str:
        own = self.all_of(terms, label, exactly=exactly)
        if exactly or not targets:
            return own
        return f"({' | '.join(filter(None, [own and f'({own})', alike(targets, label)]))})"

    def all_of(self, terms: list[Term], label: str, *, exactly: bool) -> str:
        parts: list[str] = []
        joins = ""
        for term in terms:
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
            words = either([*term.exact, *term.stems, *term.wide, *term.slips], label)
            longer = [lexeme(word, f"*{label}") for word in term.slips if len(word) >= 5]
            ahead = label or ("ABC" if term.exact else "")  # Tee and kann in some text are no Teekanne
            pairs = [f"(({either(left, ahead)}) & ({either(right, ahead)}))" for left, right in term.pairs]
            found = " | ".join(filter(None, [words, *longer, *pairs, alike(term.synonyms, label)]))
        return f"({found})" if found else ""

    @property
    def others(self) -> set[str]:
        """Other languages that have every one of these words."""
        return set.intersection(*(term.elsewhere for term in self.wanted)) if self.wanted else set()

    @property
    def some(self) -> str:
        """Entries that have any of the words that are known at all."""
        own = (self.alternatives(term, "", exactly=False) for term in self.wanted)
        return " | ".join(filter(None, [*own, *(alike(phrase.targets) for phrase in self.phrases)]))

    @property
    def fewer(self) -> list[str]:
        """Entries that have all words but those that nothing is known of and the most common one; then without the next
        common one, and so on: what is rare says most."""
        known = [(self.alternatives(term, "", exactly=False), term.entries) for term in self.wanted]
        rare_first = sorted((part for part in known if part[0]), key=lambda part: part[1])
        longest = min(len(rare_first), len(known) - 1)
        counts = range(longest, max(longest - MOST_DROPPED, 0), -1)
        return [" & ".join(part for part, _entries in rare_first[:count]) for count in counts]

    def ranks(self) -> tuple[str, str, str]:
        """For ranking: exact words, then stems, then everything else that counts as found. "" where there is none."""
        exact = [word for term in self.wanted for word in [*term.exact, *term.slips, term.joins] if word]
        stems = [word for term in self.wanted for word in term.stems]
        wide = [word for term in self.wanted for word in [*term.wide, *flat(term.pairs)]]
        return either(exact), either(stems), either([*wide, *self.other_words])

    @property
    def other_words(self) -> list[str]:
        """The words of all synonyms."""
        groups = [*(term.synonyms for term in self.wanted), *(phrase.targets for phrase in self.phrases)]
        targets = [target for group in groups for target in group]
        return [form for target in targets for word in target for form in word]

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
        words = {word for words in lists for word in words} | {term.joins for term in self.wanted if term.joins}
        return words | set(self.other_words)
