"""Imports a file of products from the command line, in this process: for a move, or to measure."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from catalog.exchange import run
from catalog.exchange.forms import PICTURE_SUFFIXES
from catalog.exchange.pictures import MAX_BYTES
from catalog.exchange.plan import Outcome, StockRule
from catalog.exchange.report import summary
from catalog.models import Import


class Command(BaseCommand):
    help = "Imports products from a CSV or XLSX file. Without --write it only checks and says what would happen."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--user", required=True, help="whose name and rights the import has")
        parser.add_argument("--pictures", type=Path, help="a folder with the files that Image Src names")
        parser.add_argument("--write", action="store_true", help="import, not only check")
        parser.add_argument("--publish", action="store_true", help="publish what the file calls published")
        parser.add_argument("--overwrite-drafts", action="store_true")
        parser.add_argument("--stock", choices=StockRule.values, default=StockRule.LEAVE.value)

    def handle(self, *args: Any, file: Path, user: str, pictures: Path | None, write: bool, **options: Any) -> None:
        person = User.objects.filter(username=user).first()
        if person is None or not run.may_import(person):
            raise CommandError(f"{user} may not import products.")
        choices = {name: options[name] for name in ("publish", "overwrite_drafts", "stock")}
        made = run.start(
            file.name, file.read_bytes(), person, settings.LANGUAGE_CODE, in_folder(pictures), nudged=False, **choices
        )
        self.work(made)
        if write and run.confirm(made.pk, nudged=False):
            self.work(made)

    def work(self, made: Import) -> None:
        while run.advance(made.pk):
            found = summary(made)
            self.stdout.write(f"{found.done} of {found.total}", ending="\r")
        made.refresh_from_db()
        if made.error:
            raise CommandError(made.error)
        numbers = summary(made).numbers
        told = ", ".join(f"{Outcome(outcome).label.lower()}: {number}" for outcome, number in sorted(numbers.items()))
        self.stdout.write(f"Import {made.pk}: {made.get_state_display()}. {told}")


def in_folder(folder: Path | None) -> Iterator[tuple[str, bytes]]:
    """(path, bytes) of the pictures below a folder."""
    for path in sorted(folder.rglob("*")) if folder else []:
        if path.suffix.lower() in PICTURE_SUFFIXES and path.is_file() and path.stat().st_size <= MAX_BYTES:
            yield path.relative_to(folder or path).as_posix(), path.read_bytes()
