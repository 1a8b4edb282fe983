"""The part of a text that answers a query, with its words marked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from search.words import ARTICLE, WORD, fold

WIDTH = 180  # characters
BEFORE = 60  # of which stand before the first marked word at most


def occurrences(text: str, words: Collection[str]) -> Iterator[tuple[int, int, str]]:
    """(begin, end, folded word) of each of the words in the text."""
    for match in WORD.finditer(text):
        folded = ARTICLE.sub("", fold(match.group()))
        if folded in words:
            yield match.start(), match.end(), folded


def snippet(text: str, words: Collection[str]) -> SafeString:
    """The passage with the most different words of these, escaped, each marked; "" when none is in the text.

    >>> snippet("Tea & <cups> from Lübeck", {"lubeck", "cups"})
    'Tea &amp; &lt;<mark>cups</mark>&gt; from <mark>Lübeck</mark>'
    """
    found = list(occurrences(text, words))
    if not found:
        return SafeString("")
    start, end = edges(text, richest(found))
    inside = [(at, to) for at, to, _word in found if start <= at and to <= end]
    pieces, here = [], start
    for at, to in inside:
        pieces.append(format_html("{}<mark>{}</mark>", text[here:at], text[at:to]))
        here = to
    pieces.append(format_html("{}", text[here:end]))
    return format_html(
        "{}{}{}",
        "… " if start else "",
        format_html_join("", "{}", ((piece,) for piece in pieces)),
        " …" if end < len(text) else "",
    )


def richest(found: list[tuple[int, int, str]]) -> int:
    """Where a passage begins that has the most different words; one walk, for a long text has thousands of them."""
    best, most, ahead = found[0][0], 0, 0
    inside: Counter[str] = Counter()
    for begin, _end, word in found:
        while ahead < len(found) and found[ahead][0] - begin < WIDTH - BEFORE:
            inside[found[ahead][2]] += 1
            ahead += 1
        if len(inside) > most:
            best, most = begin, len(inside)
        inside[word] -= 1
        if not inside[word]:
            del inside[word]
    return best


def edges(text: str, marked: int) -> tuple[int, int]:
    """Begin and end of the passage around a marked word: at spaces, where there are any near."""
    start = 0 if marked <= BEFORE else marked - BEFORE
    if start:
        space = text.find(" ", start, marked)
        start = start if space < 0 else space + 1
    end = min(len(text), start + WIDTH)
    if end < len(text):
        space = text.rfind(" ", marked, end)
        end = space if space > marked + 20 else end
    return start, end
