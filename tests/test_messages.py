"""The catalogues are whole: every text translated, with the placeholders and markup of its original."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import polib
import pytest

from tests.environment import ROOT

LANGUAGES = ["de", "ar"]
PARTS = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}|<[^>]+>")


def catalogue(language: str) -> polib.POFile:
    return polib.pofile(str(ROOT / "locale" / language / "LC_MESSAGES" / "django.po"))


def problems(entry: polib.POEntry) -> list[str]:
    """What is wrong with a translation; nothing when it can be shown."""
    if entry.fuzzy:
        return ["is fuzzy"]
    forms = list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]
    if not all(forms):
        return ["is not translated"]
    wanted = [sorted(PARTS.findall(text)) for text in (entry.msgid, entry.msgid_plural) if text]
    return [f"has other parts: {form}" for form in forms if sorted(PARTS.findall(form)) not in wanted]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated(language: str) -> None:
    assert [(entry.msgid, found) for entry in catalogue(language) if (found := problems(entry))] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_path_words_make_distinct_addresses(language: str) -> None:
    words = [entry.msgstr for entry in catalogue(language) if entry.msgctxt == "url"]

    assert len(words) == len(set(words)) >= 8
    assert not [word for word in words if re.search(r"[\s/]", word)]


@pytest.mark.parametrize(
    "entry",
    [
        polib.POEntry(msgid="Cart", msgstr=""),
        polib.POEntry(msgid="Cart", msgstr="Warenkorb", flags=["fuzzy"]),
        polib.POEntry(msgid="%(name)s is in your cart", msgstr="Im Warenkorb"),
        polib.POEntry(msgid="Cart", msgstr="<b>Warenkorb</b>"),
        polib.POEntry(msgid="%(n)s item", msgid_plural="%(n)s items", msgstr_plural={0: "%(n)s Artikel", 1: "Artikel"}),
    ],
)
def test_the_check_finds_what_is_wrong(entry: polib.POEntry) -> None:
    assert problems(entry)


@pytest.mark.skipif(not shutil.which("xgettext"), reason="collecting messages needs GNU gettext")
def test_no_text_is_missing_from_the_catalogues(tmp_path: Path) -> None:
    tracked = subprocess.run(["git", "ls-files", "*.py", "*.html", "*.txt"], cwd=ROOT, capture_output=True, text=True)
    for name in tracked.stdout.split():
        if "/tests/" not in f"/{name}" and (ROOT / name).exists():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "locale").mkdir(exist_ok=True)
    command = ["makemessages", "--locale", "de", "--keep-pot", "--no-location", "--settings", "config.test_settings"]
    environment = {"PYTHONPATH": f"{tmp_path / 'site'}:{tmp_path}"}
    run_in(tmp_path, command, environment)

    fresh = polib.pofile(str(tmp_path / "locale" / "de" / "LC_MESSAGES" / "django.po"))
    known = {(entry.msgctxt, entry.msgid) for entry in catalogue("de")}

    assert len(fresh) > 300
    assert {(entry.msgctxt, entry.msgid) for entry in fresh} - known == set()


def run_in(folder: Path, command: list[str], environment: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
