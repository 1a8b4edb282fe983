"""How a text becomes words that can be compared: without case, accents and spelling variants. Knows no database."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from core.digits import ascii_digits

# Scripts that write no spaces between words: each character is a word of its own (docs/search.md says what that means).
SPACELESS = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
    "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"  # Japanese, Chinese
)
MARKS = "\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u0900-\u0903\u093a-\u094f\u0951-\u0957\u0962\u0963"
# A word: letters or digits of one kind, so that "100g" and "100 g" are the same two words.
WORD = re.compile(rf"[{SPACELESS}]|\d+|(?:(?![{SPACELESS}])[^\W\d_])(?:(?![{SPACELESS}])(?:[^\W\d_]|[{MARKS}]))*")
ARTICLE = re.compile("^[وفبك]?ال(?=.{3})|^لل(?=.{3})")  # "the", with "and", "with", "like" before it
LETTERS = str.maketrans(
    {
        "ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "đ": "d", "ł": "l", "ı": "i", "þ": "th", "ð": "d",
        "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ئ": "ي", "ؤ": "و", "ة": "ه", "ـ": None,
    }
)  # fmt: skip
UMLAUTS = (("ae", "a"), ("oe", "o"), ("ue", "u"))
LONGEST = 40  # letters of a word that anybody types


def fold(text: str) -> str:
    """Lower case without accents: what "Grüner", "GRUNER" and "gru\u0308ner" have in common.

    >>> fold("Grüner Weiß-Tee"), fold("شَايٌ أَخْضَر")
    ('gruner weiss-tee', 'شاي اخضر')
    """
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKC", text).casefold().translate(LETTERS)
    marked = unicodedata.normalize("NFKD", plain)
    return unicodedata.normalize("NFC", "".join(c for c in marked if not unicodedata.combining(c)))


def tidy(text: str) -> str:
    """The text as it may be stored and shown: no control or surrogate characters, single spaces.

    >>> tidy("a\\x00b\\ud800\\u202e  c")
    'ab c'
    """
    kept = "".join(c for c in text if c.isspace() or unicodedata.category(c) not in {"Cc", "Cs", "Cf", "Cn", "Co"})
    return " ".join(kept.split())


def split(text: str) -> list[tuple[str, str]]:
    """(folded, as written) of each word, in order.

    >>> split("Grüne 100g-Tüte")
    [('grune', 'Grüne'), ('100', '100'), ('g', 'g'), ('tute', 'Tüte')]
    >>> [folded for folded, _written in split("الشاي الأخضر")]
    ['شاي', 'اخضر']
    """
    words = (match.group() for match in WORD.finditer(unicodedata.normalize("NFKC", text)))
    found = ((ARTICLE.sub("", fold(word)), ARTICLE.sub("", word)) for word in words)
    return [(folded[:LONGEST], written[:LONGEST]) for folded, written in found if folded]


def spelled(text: str) -> tuple[str, str]:
    """The words of a text, folded and as written, each as one line with spaces between them."""
    found = split(text)
    return " ".join(folded for folded, _written in found), " ".join(written for _folded, written in found)


def code(text: str) -> str:
    """A SKU or a typed GTIN as it is compared: "SEN-100", "sen 100" and "sen100" are one, and so are digits of any
    script."""
    return "".join(folded for folded, _written in split(ascii_digits(text)))


def respelled(written: str) -> Iterator[str]:
    """Other spellings of umlauts, folded: "gruener" for Grüner, "grüner" for a name that is written Gruener.

    >>> list(respelled("gruener")), list(respelled("Grüner")), list(respelled("tee"))
    (['gruner'], ['gruener'], [])
    """
    own = fold(written)
    narrow = own
    for wide, plain in UMLAUTS:
        narrow = narrow.replace(wide, plain)
    composed = unicodedata.normalize("NFC", written.casefold())
    spelled_out = fold(composed.replace("ä", "ae").replace("ö", "oe").replace("ü", "ue"))
    yield from (other for other in (narrow, spelled_out) if other != own)


def halves(word: str, shortest: int = 3) -> Iterator[tuple[str, str]]:
    """Every way to cut a word in two.

    >>> list(halves("teapot"))
    [('tea', 'pot')]
    """
    for cut in range(shortest, len(word) - shortest + 1):
        yield word[:cut], word[cut:]


def distance(a: str, b: str, most: int) -> int:
    """Edits between two words, a swap of neighbours being one; `most + 1` for everything above `most`.

    >>> distance("sencha", "sencah", 2), distance("sencha", "senca", 2), distance("tea", "coffee", 1)
    (1, 1, 2)
    """
    if abs(len(a) - len(b)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, left in enumerate(a, start=1):
        older, before, row = before, row, [i]
        for j, right in enumerate(b, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (left != right))
            if i > 1 and j > 1 and left == b[j - 2] and a[i - 2] == right:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return min(row[-1], most + 1)


def edits_allowed(word: str) -> int:
    """One slip in a short word, two in a long one; none where nearly every word would be near.

    >>> [edits_allowed(word) for word in ("ab", "tea", "sencha", "darjeeling", "250")]
    [0, 1, 1, 2, 0]
    """
    if len(word) < 3 or word.isdigit():
        return 0
    return 1 if len(word) < 8 else 2


def joined(parts: Iterable[str]) -> str:
    """Texts as one, the empty ones left out."""
    return "\n".join(part for part in parts if part)
