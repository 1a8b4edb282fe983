"""The form of one object in one language: a field per text, made from the object's own fields and blocks."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.html import strip_tags
from django.utils.text import slugify
from django.utils.translation import get_language_info, gettext
from django.utils.translation import gettext_lazy as _

from translation import blocks
from translation.desk import Desk
from translation.labels import Label
from translation.pieces import SLUG, Piece


def field_name(path: str) -> str:
    """A name that may stand in an HTML id and in a selector."""
    return "t-" + path.replace(".", "-")


class DeskForm(forms.Form):
    """`texts` after a valid post: path -> text, as it is stored."""

    revision = forms.IntegerField(widget=forms.HiddenInput())

    def __init__(self, desk: Desk, *args: Any, locked: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.desk = desk
        self.initial.setdefault("revision", desk.revision)
        for piece in desk.pieces:
            self._add(piece, locked)

    def _add(self, piece: Piece, locked: bool) -> None:
        name, field = field_name(piece.path), piece.field
        field.required, field.label, field.disabled = False, piece.label, False
        self.initial.setdefault(name, piece.target)
        self.fields[name] = field
        if piece.kind != blocks.RICH:
            direction = "rtl" if get_language_info(self.desk.target)["bidi"] else "ltr"
            field.widget.attrs.update(lang=self.desk.target, dir=direction, readonly=locked)
        field.widget.attrs["aria-describedby"] = f"source-{name}"
        if piece.path in self.desk.outdated:
            self.fields[f"{name}-correct"] = forms.BooleanField(required=False, label=_("Still correct"))

    @property
    def texts(self) -> dict[str, str]:
        return {piece.path: _written(piece, self.cleaned_data[field_name(piece.path)]) for piece in self.desk.pieces}

    @property
    def confirmed(self) -> set[str]:
        return {path for path in self.desk.outdated if self.cleaned_data.get(f"{field_name(path)}-correct")}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        row = self.desk.slugs
        slug, name = field_name(SLUG), field_name("title" if "t-title" in self.fields else "name")
        if row is not None and data.get(name) and not data.get(slug) and slug not in self.errors:
            data[slug] = row.free_slug(slugify(data[name], allow_unicode=True)[:180])
        elif row is not None and data.get(slug) and row.slug_taken(data[slug]):
            message = gettext("“%(slug)s” is already taken in this language. “%(free)s” is free.")
            self.add_error(slug, message % {"slug": data[slug], "free": row.free_slug(data[slug])})
        written = [piece for piece in self.desk.pieces if data.get(field_name(piece.path)) and piece.kind != SLUG]
        must_be = written or name == "t-title"  # a page always has a title
        if name in self.fields and must_be and not data.get(name) and name not in self.errors:
            self.add_error(name, _("Write the name, too: without it this language cannot be shown."))
        return data

    def with_source_in(self, copied: str) -> DeskForm:
        """The form once more with what was typed, and the source in the field of that name; in all blank ones for
        "all". Nothing is saved."""
        data: dict[str, Any] = dict(self.data.items())
        for piece in self.desk.pieces:
            name = field_name(piece.path)
            blank = not _written(piece, self.fields[name].widget.value_from_datadict(self.data, {}, name) or "")
            if piece.source and piece.kind != SLUG and (copied == name or (copied == "all" and blank)):
                data[name] = self.fields[name].widget.format_value(piece.source)
        return DeskForm(self.desk, initial=self._as_initial(data))

    def _as_initial(self, data: dict[str, Any]) -> dict[str, Any]:
        values = {name: field.widget.value_from_datadict(data, {}, name) for name, field in self.fields.items()}
        return {**values, "revision": data.get("revision")}


def _written(piece: Piece, text: str) -> str:
    """The text, or nothing where the editor of rich text sends a paragraph without a word."""
    return "" if piece.kind == blocks.RICH and not strip_tags(text).strip() else text


class LabelsForm(forms.Form):
    """A field per label, and what stood there when the form was made. `written`: key -> text after a valid post."""

    def __init__(self, labels: list[Label], code: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.labels, self.code = labels, code
        for label in labels:
            widget = forms.TextInput(attrs={"lang": code, "dir": "auto"})
            self.fields[label.key] = forms.CharField(
                required=False, max_length=label.max_length, initial=label.target, widget=widget, label=label.source
            )
            self.fields[f"{label.key}-seen"] = forms.CharField(
                required=False, initial=label.target, widget=forms.HiddenInput(), strip=False
            )

    @property
    def seen(self) -> dict[str, str]:
        return {label.key: self.cleaned_data[f"{label.key}-seen"] for label in self.labels}

    @property
    def written(self) -> dict[str, str]:
        return {label.key: self.cleaned_data[label.key] for label in self.labels}

    def after(self, conflicts: dict[str, str]) -> LabelsForm:
        """What was typed once more; the next save knows what somebody else has written meanwhile."""
        now = {**self.written, **conflicts}
        return LabelsForm(
            self.labels, self.code, initial={**self.written, **{f"{key}-seen": text for key, text in now.items()}}
        )
