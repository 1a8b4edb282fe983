"""`manage.py audit [--json]`: exits with 1 when something that must be true of orders or stock is not."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from commerce.audit import audit


class Command(BaseCommand):
    help = "Checks what must always be true of orders and stock. Changes nothing; exits with 1 on a violation."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="everything, for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        found = audit()
        self.stdout.write(json.dumps(found, indent=2) if options["json"] else as_text(found))
        if found["violations"]:
            raise SystemExit(1)


def as_text(found: dict[str, Any]) -> str:
    orders = ", ".join(f"{status} {number}" for status, number in sorted(found["orders"].items())) or "none"
    outbox = found["outbox"]
    lines = [
        f"Orders: {orders}",
        f"SKUs: {len(found['stock'])}, with units held: {sum(row['reserved'] > 0 for row in found['stock'])}",
        f"Coupon uses: {sum(row['taken'] for row in found['coupons'])}",
        f"Outbox: {outbox['waiting']} waiting, {outbox['failing']} failing, oldest {outbox['oldest_seconds']} s",
        *(f"VIOLATION {row['rule']}: {row['about']}: {row['detail']}" for row in found["violations"]),
    ]
    return "\n".join(lines if found["violations"] else [*lines, "All rules hold."])
