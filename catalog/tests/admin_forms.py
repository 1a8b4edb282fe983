"""Drives the real admin forms: reads the rendered HTML as a browser would, and posts it back changed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

from django.test import Client
from django.urls import reverse


class FormReader(HTMLParser):
    """Collects the fields of a snippet's or a page's editor with their values, templates of new rows left out."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, Any] = {}
        self.inside = False
        self.template = 0
        self.area: str | None = None
        self.select: tuple[str, bool] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "form" and values.get("id") in ("w-editor-form", "page-edit-form"):
            self.inside = True
        if tag == "template":
            self.template += 1
        if not self.inside or self.template:
            return
        if "data-block" in values:
            blocks = json.loads(values["data-w-block-arguments-value"] or "")[0]
            self.fields.update(stream_fields(values["id"] or "", blocks))
        name = values.get("name")
        if tag == "input" and name:
            kind = values.get("type")
            if kind in ("checkbox", "radio"):
                if "checked" in values:
                    self.fields[name] = values.get("value") or "on"
            elif kind not in ("submit", "file"):
                self.fields[name] = values.get("value") or ""
        elif tag == "textarea" and name:
            self.fields[name], self.area = "", name
        elif tag == "select" and name:
            self.fields[name], self.select = "", (name, False)
        elif tag == "option" and self.select and ("selected" in values or not self.select[1]):
            name, _chosen = self.select
            self.fields[name] = values.get("value") or ""
            self.select = (name, "selected" in values or self.select[1])

    def handle_endtag(self, tag: str) -> None:
        if tag == "template":
            self.template -= 1
        elif tag == "form":
            self.inside = False
        elif tag == "textarea":
            self.area = None
        elif tag == "select":
            self.select = None

    def handle_data(self, data: str) -> None:
        if self.area:
            self.fields[self.area] += data


def stream_fields(prefix: str, blocks: list[dict[str, Any]]) -> dict[str, Any]:
    """What the StreamField's JavaScript puts into the form for these blocks: plain ones, and structs of plain ones."""
    fields: dict[str, Any] = {f"{prefix}-count": str(len(blocks))}
    for number, block in enumerate(blocks):
        row = f"{prefix}-{number}"
        fields |= {f"{row}-type": block["type"], f"{row}-order": str(number), f"{row}-deleted": ""}
        fields[f"{row}-id"] = block.get("id", "")
        value = block["value"]
        if isinstance(value, dict):
            fields |= {f"{row}-value-{name}": part or "" for name, part in value.items()}
        else:
            fields[f"{row}-value"] = value
    return fields


class SectionReader(HTMLParser):
    """Text of each `<section id>` and of the error messages in it."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, str | None]] = []
        self.errors: dict[str, str] = {}
        self.error_depth: int | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("input", "br", "img", "use", "link", "meta", "hr", "path"):
            return
        values = dict(attrs)
        self.open.append((tag, values.get("id") if tag == "section" else None))
        if self.error_depth is None and "error-message" in (values.get("class") or "").split():
            self.error_depth = len(self.open)

    def handle_endtag(self, tag: str) -> None:
        while any(tag == name for name, _id in self.open):
            last, _id = self.open.pop()
            if self.error_depth is not None and len(self.open) < self.error_depth:
                self.error_depth = None
            if last == tag:
                break

    def handle_data(self, data: str) -> None:
        if self.error_depth is not None and data.strip():
            tab = next((name for _tag, name in self.open if name and name.startswith("tab-")), "")
            self.errors[tab] = f"{self.errors.get(tab, '')} {data.strip()}".strip()


def read_fields(html: str) -> dict[str, Any]:
    reader = FormReader()
    reader.feed(html)
    return reader.fields


def errors_by_tab(response: Any) -> dict[str, str]:
    """Tab id -> texts of the error messages in it."""
    reader = SectionReader()
    reader.feed(response.content.decode())
    return reader.errors


@dataclass
class AdminForm:
    """An opened add, edit, copy or revert form. Set `fields`, then post()."""

    client: Client
    url: str
    fields: dict[str, Any]
    html: str

    def row(self, relation: str, **match: str) -> str:
        """Prefix of the first row whose fields have these values: row("variants", sku="A") -> "variants-0"."""
        for number in range(int(self.fields[f"{relation}-TOTAL_FORMS"])):
            prefix = f"{relation}-{number}"
            if all(self.fields.get(f"{prefix}-{name}") == value for name, value in match.items()):
                return prefix
        raise LookupError(f"no row of {relation} with {match}")

    def language(self, code: str) -> str:
        return self.row("translations", language_code=code)

    def write(self, code: str, **texts: str) -> None:
        """Fills fields of one language."""
        self.change(self.language(code), **texts)

    def text(self, code: str, name: str = "name") -> str:
        return self.fields[f"{self.language(code)}-{name}"]

    def write_body(self, code: str, *blocks: tuple[str, Any]) -> None:
        """Replaces the blocks of one language: write_body("de", ("heading", "Grün"))."""
        prefix = f"{self.language(code)}-body"
        self.fields.update(stream_fields(prefix, [{"type": kind, "value": value} for kind, value in blocks]))

    def change(self, prefix: str, **values: Any) -> None:
        self.fields.update({f"{prefix}-{name}": value for name, value in values.items()})

    def remove(self, prefix: str) -> None:
        self.fields[f"{prefix}-DELETE"] = "on"

    def add(self, relation: str, **values: Any) -> str:
        """A new inline row, as the add button makes it."""
        number = int(self.fields[f"{relation}-TOTAL_FORMS"])
        self.fields[f"{relation}-TOTAL_FORMS"] = str(number + 1)
        prefix = f"{relation}-{number}"
        self.change(prefix, **{"id": "", "DELETE": "", "ORDER": str(number + 1), **values})
        return prefix

    def add_variant(self, sku: str = "", price: str = "8.90", **values: Any) -> str:
        blank = dict.fromkeys(
            ("gtin", "option_1", "option_2", "option_3", "image", "sale_price", "sale_from", "sale_until"), ""
        )
        given = {"sku": sku, "price": price, "active": "on", "weight_grams": "0", **values}
        return self.add("variants", **{**blank, **given})

    def add_image(self, image: Any, **values: Any) -> str:
        return self.add("images", image=str(image.pk), **values)

    def post(self, action: str | None = None, url: str | None = None) -> Any:
        """Posts; `action`: "publish", "submit", … or nothing for a draft."""
        data = dict(self.fields)
        if action:
            data[f"action-{action}"] = "on"
        return self.client.post(url or self.url, data)

    def autosave(self) -> dict[str, Any]:
        """What the editor's JavaScript does: posts in the background, and puts the answer's updates into the form."""
        response = self.client.post(self.url, self.fields, headers={"accept": "application/json"})
        answer = json.loads(response.content)
        self.fields.update(answer.get("field_updates", {}))
        if answer["success"]:
            self.fields["overwrite_revision_id"] = str(answer["revision_id"])
            self.url = answer.get("url", self.url)
        return answer


def open_form(client: Client, url: str) -> AdminForm:
    response = client.get(url)
    assert response.status_code == 200, (response.status_code, getattr(response, "url", ""))
    html = response.content.decode()
    return AdminForm(client, url, read_fields(html), html)


def admin_url(target: Any, view: str, *args: Any) -> str:
    """Address of a view of the viewset; `target` is a model or an instance."""
    pk = [] if isinstance(target, type) else [target.pk]
    return reverse(target.snippet_viewset.get_url_name(view), args=[*pk, *args])


def open_add(client: Client, model: Any) -> AdminForm:
    return open_form(client, admin_url(model, "add"))


def open_edit(client: Client, instance: Any) -> AdminForm:
    return open_form(client, admin_url(instance, "edit"))
