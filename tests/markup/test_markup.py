"""Every public page is valid HTML: no error and no warning by the W3C's validator, in any language."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as shop_settings
from django.template.base import Template
from django.test import Client

from tests.demo import ACCOUNT
from tests.markup import shop
from tests.markup.pages import every_page
from tests.markup.validator import complaints, needed

WHOLE = bool(os.environ.get("EVERY_PRODUCT"))  # `make validate`
TEMPLATES = Path(shop_settings.BASE_DIR) / "templates"
# Not for visitors: the admin's, mails and papers, and what only a preview shows.
OTHERS = (
    "mail/",
    "documents/",
    "core/",
    "editorial/",
    "translation/",
    "rosetta/",
    "wagtailadmin/",
    "catalog/exchange/",
)
OTHERS_TOO = {"components/hidden-block.html"}


@pytest.fixture
def used(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Names of the templates that are rendered from now on, those inside others too."""
    names: set[str] = set()
    render = Template._render

    def noted(template: Template, context: Any) -> str:
        names.add(template.name)
        return render(template, context)

    monkeypatch.setattr(Template, "_render", noted)
    return names


def public_templates() -> set[str]:
    found = {file.relative_to(TEMPLATES).as_posix() for file in TEMPLATES.rglob("*.html")}
    return {name for name in found if not name.startswith(OTHERS) and "/admin/" not in name} - OTHERS_TOO


def test_every_public_page_is_valid(demo_db, used, settings, monkeypatch, tmp_path):
    needed()
    for name, value in ACCOUNT.items():
        setattr(settings, name, value)
    settings.EMAIL_FILE_PATH = str(tmp_path)
    shop.deliver_mail(tmp_path, ["One", "مرحبا"])
    shop.make_small(monkeypatch)
    shop.complete(whole=WHOLE)
    (tmp_path / "pages").mkdir()

    number, wrong = complaints(every_page(Client(), whole=WHOLE), tmp_path / "pages")

    assert not wrong, "\n".join(wrong)
    assert sorted(public_templates() - used) == []  # else a page is missing above
    assert number > 200
    print(f"{number} pages of {len(public_templates())} templates are valid")


def test_the_validator_finds_mistakes(tmp_path):
    needed()
    page = '<!DOCTYPE html><html lang="en"><head><title>A list</title></head><body><h1>A list</h1>{}</body></html>'

    pages = [("bad", page.format("<ul><p>No</p></ul>")), ("good", page.format("<p>Yes</p>"))]
    _number, wrong = complaints(pages, tmp_path)

    assert [line.split(":")[0] for line in wrong] == ["bad"]
