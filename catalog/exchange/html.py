"""HTML of a product file to our blocks and back. Pure: pictures are addresses here, products handles, categories paths.

What our blocks do not know is cut away, never its text. Blocks that plain HTML cannot hold are written as
`<div data-block="faq" data-value="{…}"></div>`, so that an export can be read again without loss.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from html import escape
from typing import Any

import nh3
from bs4 import BeautifulSoup
from bs4.element import NavigableString, PageElement, Tag

from core.video import player

Block = tuple[str, Any]  # type of the block and its value as JSON has it

INLINE = {"a", "b", "i", "br"}
RICH = INLINE | {"p", "h3", "ul", "ol", "li"}
STRUCTURE = {
    *(
        "article",
        "blockquote",
        "caption",
        "cite",
        "dd",
        "div",
        "dl",
        "dt",
        "em",
        "figcaption",
        "figure",
        "footer",
        "h1",
    ),
    *("h2", "h4", "h5", "h6", "hr", "iframe", "img", "pre", "section", "strong"),
    *("table", "tbody", "td", "tfoot", "th", "thead", "tr"),
}
SCHEMES = {"http", "https", "mailto", "tel"}
ATTRIBUTES = {
    "a": {"href", "linktype", "id"},
    "div": {"data-block", "data-value"},
    "img": {"src", "alt"},
    "iframe": {"src", "title"},
}
SPACES = re.compile(r"[ \t\r\n\f]+")
EMBED = re.compile(
    r"^(?:https?:)?//(?:(?:www\.)?youtube(?:-nocookie)?\.com/embed/(?P<tube>[\w-]{11})"
    r"|player\.vimeo\.com/video/(?P<vimeo>\d+))"
)


def rich(html: str) -> str:
    """Rich text as our editor stores it, without its keys: only what the editor offers, nothing that runs."""
    cleaned = nh3.clean(
        html,
        tags=RICH | {"strong", "em"},
        clean_content_tags={"script", "style"},
        attributes={"a": ATTRIBUTES["a"]},
        url_schemes=SCHEMES,
        link_rel=None,
    )
    for old, new in (("strong>", "b>"), ("em>", "i>")):
        cleaned = cleaned.replace(f"<{old}", f"<{new}").replace(f"</{old}", f"</{new}")
    return re.sub(r"(?<=>) (?=<(?:p|h3|ul|ol|li|/ul|/ol)\b)", "", SPACES.sub(" ", cleaned)).strip()


@lru_cache(maxsize=512)
def _parsed(html: str) -> str:
    try:
        return json.dumps(list(_merged(_blocks(html))))
    except RecursionError:  # nested deeper than anybody writes: the words alone
        words = nh3.clean(html, tags=set(), clean_content_tags={"script", "style"})
        return json.dumps([("paragraph", f"<p>{rich(words)}</p>")])


def parse_html(html: str) -> list[Block]:
    """Our blocks for any HTML, or for plain text with blank lines between its paragraphs."""
    return [(kind, value) for kind, value in json.loads(_parsed(html.strip()))]


def to_html(blocks: list[Block]) -> str:
    """HTML that `parse_html` reads back as exactly these blocks."""
    html = "\n".join(_native(blocks))
    return html if parse_html(html) == [tuple(block) for block in blocks] else "\n".join(map(_exact, blocks))


def _native(blocks: list[Block]) -> Iterator[str]:
    before = ""
    for kind, value in blocks:
        if kind == "paragraph":
            yield f'<div data-block="paragraph">{value}</div>' if before == kind else value
        else:
            write = NATIVE.get(kind)
            yield write(value) if write else _exact((kind, value))
        before = kind


def _exact(block: Block) -> str:
    kind, value = block
    data = escape(json.dumps(value, ensure_ascii=False, sort_keys=True))
    return f'<div data-block="{kind}" data-value="{data}"></div>'


def _quote(value: dict[str, str]) -> str:
    source = f"<cite>{escape(value['source'], quote=False)}</cite>" if value.get("source") else ""
    text = "<br>".join(escape(line, quote=False) for line in value["text"].split("\n"))
    return f"<blockquote><p>{text}</p>{source}</blockquote>"


def _facts(value: dict[str, Any]) -> str:
    caption = f"<caption>{escape(value['caption'], quote=False)}</caption>" if value.get("caption") else ""
    head = f"<thead><tr>{_cells('th', value['header'])}</tr></thead>" if value.get("header") else ""
    rows = "\n".join(f"<tr>{_cells('td', row)}</tr>" for row in value["rows"])
    return f"<table>{caption}{head}<tbody>\n{rows}\n</tbody></table>"


def _cells(tag: str, cells: Iterable[str]) -> str:
    return "".join(f"<{tag}>{escape(cell or '', quote=False)}</{tag}>" for cell in cells)


def _picture(value: dict[str, str]) -> str:
    caption = f"<figcaption>{escape(value['caption'], quote=False)}</figcaption>" if value.get("caption") else ""
    source, alt = escape(value["image"] or ""), escape(value.get("alt") or "")
    return f'<figure><img src="{source}" alt="{alt}">{caption}</figure>'


NATIVE = {
    "heading": lambda value: f"<h2>{escape(value, quote=False)}</h2>",
    "quote": _quote,
    "facts": _facts,
    "picture": _picture,
}


def _blocks(html: str) -> Iterator[Block]:
    if not re.search(r"<[a-zA-Z!/]", html):
        paragraphs = [part.strip() for part in re.split(r"\r?\n[ \t]*\r?\n", html) if part.strip()]
        text = "".join(f"<p>{'<br>'.join(escape(part, quote=False).splitlines())}</p>" for part in paragraphs)
        if text:
            yield "paragraph", rich(text)
        return
    cleaned = nh3.clean(
        html,
        tags=RICH | STRUCTURE,
        clean_content_tags={"script", "style"},
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        link_rel=None,
    )
    yield from _walk(BeautifulSoup(cleaned, "html.parser").children)


def _walk(nodes: Iterable[PageElement]) -> Iterator[Block]:
    """Blocks in the order of the nodes; what stands between them as bare text becomes a paragraph."""
    loose: list[str] = []
    for node in nodes:
        if isinstance(node, NavigableString):
            loose.append(escape(str(node), quote=False))
        elif isinstance(node, Tag) and node.name in INLINE | {"strong", "em", "cite"} and not node.find("img"):
            loose.append(str(node))
        else:
            yield from _loose(loose)
            if isinstance(node, Tag):
                yield from _element(node)
    yield from _loose(loose)


def _loose(parts: list[str]) -> Iterator[Block]:
    text = rich("".join(parts))
    parts.clear()
    if text and text != "<br>":
        yield "paragraph", f"<p>{text}</p>"


def _element(tag: Tag) -> Iterator[Block]:
    if tag.name == "div" and tag.get("data-block"):
        yield from _marked(tag)
    elif tag.name in ("h1", "h2"):
        if words := _words(tag):
            yield "heading", words
        yield from _pictures(tag)
    elif tag.name in ("p", "h3", "h4", "h5", "h6", "ul", "ol", "pre", "dt", "dd"):
        yield from _text(tag)
    elif tag.name == "blockquote":
        yield from _quoted(tag)
    elif tag.name == "table":
        yield from _table(tag)
    elif tag.name == "img":
        yield from _pictures(tag)
    elif tag.name == "figure" and tag.find("img") and not tag.find("table"):
        caption = tag.find("figcaption")
        yield from _pictures(tag, _words(caption) if caption else "")
    elif tag.name == "iframe":
        yield from _video(tag)
    else:
        yield from _walk(tag.children)


def _text(tag: Tag) -> Iterator[Block]:
    """One paragraph, heading or list, its pictures after it."""
    pictures = list(_pictures(tag))
    for item in tag.find_all("p"):
        if item.parent and item.parent.name == "li":
            item.unwrap()
    name = "h3" if tag.name in ("h4", "h5", "h6") else "p" if tag.name in ("pre", "dt", "dd") else tag.name
    inside = rich(tag.decode_contents())
    if re.sub(r"<[^>]*>|&nbsp;|\s", "", inside):
        yield "paragraph", f"<{name}>{inside}</{name}>"
    yield from pictures


def _quoted(tag: Tag) -> Iterator[Block]:
    source = tag.find(["cite", "footer"])
    words = _words(source).lstrip("—– ") if source else ""
    if source:
        source.extract()
    for br in tag.find_all("br"):
        br.replace_with("\x01")
    parts = [SPACES.sub(" ", part.get_text()).strip() for part in tag.find_all("p")] or [_words(tag)]
    text = "\n".join(part for part in parts if part)
    text = "\n".join(line.strip() for line in text.split("\x01"))
    if text:
        yield "quote", {"source": words, "text": text}


def _table(tag: Tag) -> Iterator[Block]:
    caption = tag.find("caption")
    head: list[str] = []
    rows: list[list[str]] = []
    for row in tag.find_all("tr"):
        cells = [_words(cell) for cell in row.find_all(["th", "td"])]
        if not head and not rows and row.find_parent("thead"):
            head = cells
        elif any(cells):
            rows.append(cells)
    if rows:
        yield "facts", {"caption": _words(caption) if caption else "", "header": head, "rows": rows}
    yield from _pictures(tag)


def _pictures(tag: Tag, caption: str = "") -> Iterator[Block]:
    images = [tag] if tag.name == "img" else tag.find_all("img")
    for image in images:
        if source := str(image.get("src") or "").strip():
            yield "picture", {"alt": str(image.get("alt") or ""), "caption": caption, "image": source}


def _video(tag: Tag) -> Iterator[Block]:
    found = EMBED.match(str(tag.get("src") or ""))
    if not found:
        return
    tube, vimeo = found["tube"], found["vimeo"]
    url = f"https://www.youtube.com/watch?v={tube}" if tube else f"https://vimeo.com/{vimeo}"
    known = player(url)
    if known:
        yield "video", {"image": None, "title": str(tag.get("title") or "") or known[0], "video": url}


def _marked(tag: Tag) -> Iterator[Block]:
    """A block that an export wrote as it is stored. What it may say is checked when it is used."""
    kind = str(tag["data-block"])
    if not tag.get("data-value"):
        text = "".join(value for name, value in _walk(tag.children) if name == "paragraph")
        yield "paragraph", ("\0" if kind == "paragraph" else "") + text
        return
    try:
        value = json.loads(str(tag["data-value"]))
    except ValueError:
        return
    if kind == "paragraph" and isinstance(value, str):
        yield kind, "\0" + rich(value)
    elif _fits(kind, value):
        yield kind, value


def _fits(kind: str, value: Any) -> bool:
    """False when a block that we write as plain HTML has another shape than that needs."""
    if kind in ("heading", "paragraph"):
        return isinstance(value, str) and kind == "heading"
    if kind == "facts":
        return _texts(value, "caption") and all(_all_texts(row) for row in [value.get("header"), *_rows(value)])
    names = {"quote": ("text", "source"), "picture": ("alt", "caption")}.get(kind)
    if names is None:
        return True
    return _texts(value, *names) and (kind == "quote" or isinstance(value.get("image"), str | None))


def _texts(value: Any, *names: str) -> bool:
    return isinstance(value, dict) and all(isinstance(value.get(name), str) for name in names)


def _all_texts(cells: Any) -> bool:
    return isinstance(cells, list) and all(isinstance(cell, str) for cell in cells)


def _rows(value: dict[str, Any]) -> list[Any]:
    rows = value.get("rows")
    return rows if isinstance(rows, list) else [None]


def _words(tag: Tag) -> str:
    return SPACES.sub(" ", tag.get_text()).strip()


def _merged(blocks: Iterable[Block]) -> Iterator[Block]:
    """Neighbouring paragraphs are one text, unless marked as one of their own."""
    text = ""
    for kind, value in blocks:
        if kind == "paragraph" and isinstance(value, str):
            own = value.startswith("\0")
            if own and text:
                yield "paragraph", text
                text = ""
            text += value.lstrip("\0")
            continue
        if text:
            yield "paragraph", text
            text = ""
        yield kind, value
    if text:
        yield "paragraph", text
