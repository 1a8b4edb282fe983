"""`manage.py forget [--dry-run]`: what the nightly job does with old data, by hand."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from core import retention


class Command(BaseCommand):
    help = "Forgets what is older than settings.RETENTION allows. --dry-run only counts."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="count, change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["dry_run"]:
            for name, number in retention.forget().items():
                self.stdout.write(f"{number:>8}  {name}")
            return
        for rule, number in retention.count():
            kept = "kept for ever" if rule.is_off else "their own time" if rule.days is None else f"{rule.days} days"
            self.stdout.write(f"{number:>8}  {rule.name}: {rule.what} ({kept})")
