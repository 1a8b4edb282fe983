"""Fills the shop with the demo: `seed_demo`, and `seed_demo --if-empty` for the start of `make run`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from catalog.models import Product
from demo import seed


class Command(BaseCommand):
    help = "Creates what is missing of the demo shop; what exists, and what you changed, stays as it is."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--if-empty", action="store_true", help="do nothing when there is a product already")
        parser.add_argument(
            "--no-picture-sizes", action="store_true", help="quicker: each is made when the first visitor needs it"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["if_empty"] and Product.objects.exists():
            self.stdout.write("The shop has products already; the demo is not touched.")
            return
        for step in seed.STEPS:
            if step is seed.seed_renditions and options["no_picture_sizes"]:
                continue
            for done, total in step():
                self.progress(f"{(step.__doc__ or '').split('.')[0]}: {done}/{total}")
            self.stdout.write("")

    def progress(self, line: str) -> None:
        self.stdout.write(f"\r  {line}", ending="")
        self.stdout.flush()
