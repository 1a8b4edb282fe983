"""The part of a text that answers a query, with its words marked."""

from __future__ import annotations

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
    begin = max(found, key=lambda place: len({word for at, _end, word in found if 0 <= at - place[0] < WIDTH - BEFORE}))
    start, end = edges(text, begin[0])
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
