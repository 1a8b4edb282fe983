"""Writes the search table anew, while the shop runs: `rebuild_search`; only what differs: `rebuild_search --repair`."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from search import index
from search.models import Entry, Kind, Word


class Command(BaseCommand):
    help = "Writes the search table anew, with what a newly added language needs. The shop may run meanwhile."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--repair", action="store_true", help="only what was missed, left over or changed since")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["repair"]:
            found = index.repair()
            index.catch_up()
            self.stdout.write(f"{found} objects written anew")
            return
        index.rebuild(self.progress)
        self.stdout.write(f"{Entry.objects.count()} entries, {Word.objects.count()} words")

    def progress(self, kind: Kind, done: int, total: int) -> None:
        end = "\n" if done == total else ""
        self.stdout.write(f"\r  {kind.value}: {done}/{total}", ending=end)
        self.stdout.flush()
