"""`make_translators de ar`: the team of each language, with its permissions."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from translation.roles import UnknownLanguage, make_team


class Command(BaseCommand):
    help = "Makes a group per language that may translate into it and do nothing else. Safe to run again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("languages", nargs="+", metavar="code")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        for code in options["languages"]:
            try:
                self.stdout.write(f"{make_team(code)} may translate into {code}.")
            except UnknownLanguage as error:
                raise CommandError(f"“{error}” is not a language of this shop that is translated into.") from error
