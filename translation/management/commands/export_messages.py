"""`export_messages`: what translators saved, written into the catalogues of a checkout, to be committed."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from translation import catalogs, interface


class Command(BaseCommand):
    help = "Writes the interface texts that translators saved into locale/, or all catalogues into a zip."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--zip", type=Path, help="write a zip there and leave locale/ alone")

    def handle(self, *args: Any, **options: Any) -> None:
        codes = [code for code, _name in settings.LANGUAGES if catalogs.path(code).exists()]
        if options["zip"]:
            options["zip"].write_bytes(interface.bundle(codes))
            self.stdout.write(str(options["zip"]))
            return
        for code in codes:
            catalogs.path(code).write_text(f"{catalogs.catalogue(code)}\n")
            self.stdout.write(str(catalogs.path(code)))
