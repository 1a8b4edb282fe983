"""Drives the side-by-side screen: reads the rendered form as a browser would, and posts it back changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse

from translation.forms import field_name


def desk_url(instance: Any, code: str) -> str:
    return reverse("translation:side-by-side", args=[instance._meta.label_lower, instance.pk, code])


@dataclass
class Screen:
    client: Client
    url: str
    fields: dict[str, str]
    soup: BeautifulSoup

    def write(self, **texts: str) -> None:
        for path, text in texts.items():
            self.fields[field_name(path)] = text

    def text(self, path: str) -> str:
        return self.fields[field_name(path)]

    def post(self, **extra: str) -> Any:
        return self.client.post(self.url, {**self.fields, **(extra or {"save": "1"})})


def read(client: Client, url: str, response: Any) -> Screen:
    soup = BeautifulSoup(response.content.decode(), "html.parser")
    form = soup.select_one("form.side")
    assert form is not None
    fields: dict[str, str] = {}
    for field in form.select("input[name], textarea[name]"):
        if field.get("type") == "checkbox" and not field.has_attr("checked"):
            continue
        # HTML drops the first line break of a textarea.
        text = field.get_text() if field.name == "textarea" else field.get("value", "")
        fields[str(field["name"])] = str(text).removeprefix("\n")
    return Screen(client, url, fields, soup)


def open_screen(client: Client, instance: Any, code: str = "de", source: str = "") -> Screen:
    url = desk_url(instance, code) + (f"?from={source}" if source else "")
    response = client.get(url)
    assert response.status_code == 200, response.status_code
    return read(client, url, response)
