"""What a draft would change, field by field, as text and as HTML for mails. Wagtail's own comparison tells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bs4 import BeautifulSoup
from django.utils.html import escape
from wagtail.admin.panels import get_edit_handler
from wagtail.models import Page, Revision

DELETED = "background-color: #fbe3df; color: #7a1f12; text-decoration: line-through"
ADDED = "background-color: #dcefdc; color: #14501c; text-decoration: none"
LONGEST = 1500  # characters of one field in a mail; the rest is behind the link


@dataclass(frozen=True)
class Change:
    """One field with its old and new words marked: `html` by colour and strike-through, `text` by [-old-] [+new+]."""

    label: str
    html: str
    text: str


def changes_of(revision: Revision) -> list[Change]:
    """From what is live to this revision. For what has never been live: everything that is written."""
    live = revision.content_object
    live = live.specific if isinstance(live, Page) else live
    draft = revision.as_object()
    before = live if live.live else type(live)()
    comparisons = _panel(type(live)).get_bound_panel(instance=live, request=None, form=None).get_comparison()
    found = (compare(before, draft) for compare in comparisons)
    return [change for comparison in found if comparison.has_changed() for change in _rows(comparison)]


def _panel(model: type) -> Any:
    viewset = getattr(model, "snippet_viewset", None)
    return viewset.get_edit_handler() if viewset is not None else get_edit_handler(model)


def _rows(comparison: Any) -> Iterator[Change]:
    """A field is one row; a relation (variants, pictures) has one for each changed field of each changed child."""
    if getattr(comparison, "is_field", False):
        yield _change(str(comparison.field_label()), comparison.htmldiff())
        return
    for child in comparison.get_child_comparisons():
        name = f"{comparison.field_label()}: {child.obj_b or child.obj_a}"
        for field in child.get_field_comparisons():
            if field.has_changed():
                yield _change(f"{name}, {field.field_label()}", field.htmldiff())


def _change(label: str, diff: str) -> Change:
    return Change(label, _styled(diff), _plain(diff))


def _styled(diff: str) -> str:
    """With styles where Wagtail has classes: mail programs read no style sheets."""
    soup = BeautifulSoup(diff, "html.parser")
    for tag in soup.find_all(True):
        classes = tag.get_attribute_list("class")
        tag.attrs = {}
        if "deletion" in classes:
            tag["style"] = DELETED
        elif "addition" in classes:
            tag["style"] = ADDED
    if len(soup.get_text()) > LONGEST:
        return escape(f"{soup.get_text()[:LONGEST]} …")
    return soup.decode()


def _plain(diff: str) -> str:
    soup = BeautifulSoup(diff, "html.parser")
    for name, before, after in (("deletion", "[-", "-]"), ("addition", "[+", "+]")):
        for tag in soup.find_all(class_=name):
            tag.insert(0, before)
            tag.append(after)
    text = " ".join(soup.get_text(" ").split())
    for spaced, close in (("[- ", "[-"), (" -]", "-]"), ("[+ ", "[+"), (" +]", "+]")):
        text = text.replace(spaced, close)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"
