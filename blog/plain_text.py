"""The plain text of a mail, made from its HTML, so that both always say the same."""

from __future__ import annotations

import re

from bs4 import BeautifulSoup, NavigableString, Tag

PARAGRAPHS = ["h1", "h2", "h3", "p", "ul", "ol", "blockquote", "table", "hr"]
LINES = ["tr", "li", "div"]
LINE = "\x1e"  # the end or beginning of a line; two of them are no empty line


def plain_text(html: str) -> str:
    """What a reader without HTML gets; addresses of links follow their words.

    >>> plain_text('<h2>Tea</h2><p>Buy <a href="https://x.example/">here</a>.</p><ul><li>One</li><li>Two</li></ul>')
    'Tea\\n\\nBuy here (https://x.example/).\\n\\n- One\\n- Two'
    """
    soup = BeautifulSoup(html, "html.parser")
    for gone in soup.select("head, style, img, .preheader"):
        gone.decompose()
    for piece in list(soup.find_all(string=True)):
        piece.replace_with(re.sub(r"\s+", " ", piece) if type(piece) is NavigableString else "")
    _spell_out(soup)
    text = re.sub(f"{LINE}[ {LINE}]*", "\n", soup.get_text())
    lines = (re.sub(r" +", " ", line).strip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _spell_out(soup: BeautifulSoup) -> None:
    """Writes out what only markup says: where links lead, what is a list, where lines and paragraphs end."""
    for link in soup.find_all("a", href=True):
        words = link.get_text().strip()
        address = str(link["href"])
        if not words:
            link.decompose()
        elif words != address and not address.startswith("#"):
            link.append(f" ({address})")
    for item in soup.find_all("li"):
        parent = item.parent
        ordered = isinstance(parent, Tag) and parent.name == "ol"
        number = len(item.find_previous_siblings("li")) + 1
        item.insert(0, f"{number}. " if ordered else "- ")
    for line_break in soup.find_all("br"):
        line_break.replace_with("\n")
    for cell in soup.select("table:not([role]) :is(td, th) + :is(td, th)"):
        cell.insert_before(" · ")
    for name, ends in [*((name, "\n\n") for name in PARAGRAPHS), *((name, LINE) for name in LINES)]:
        for tag in soup.find_all(name):
            tag.insert_before(ends)
            tag.insert_after(ends)
