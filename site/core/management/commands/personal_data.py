"""`manage.py personal_data ADDRESS --export | --erase`: one person's data as JSON, or gone."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.serializers.json import DjangoJSONEncoder

from core import people


class Command(BaseCommand):
    help = "Exports all that is kept of a person as JSON, or erases it; invoices are kept as long as the law asks."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="the person's e-mail address")
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--export", action="store_true", help="write everything to the output as JSON")
        what.add_argument("--erase", action="store_true", help="erase it; exits with 1 while an order is open")

    def handle(self, *args: Any, **options: Any) -> None:
        email = options["email"]
        if options["export"]:
            found = people.export(email)
            self.stdout.write(json.dumps(found, indent=2, ensure_ascii=False, cls=DjangoJSONEncoder))
            return
        try:
            done = people.erase(email)
        except people.StillOpen as problem:
            raise CommandError("Nothing was erased.\n" + "\n".join(problem.reasons)) from None
        for name, number in done.items():
            self.stdout.write(f"{number:>6}  {name}")
