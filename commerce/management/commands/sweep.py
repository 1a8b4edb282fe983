"""`manage.py sweep`: what the schedule does every minute, for a cron job or by hand."""

from typing import Any

from django.core.management.base import BaseCommand

from commerce import sweeper
from core import outbox


class Command(BaseCommand):
    help = "Ends the holds of unpaid orders, finds lost payments and sends what is due in the outbox."

    def handle(self, *args: Any, **options: Any) -> None:
        orders, sent = sweeper.sweep(), outbox.send_due()
        self.stdout.write(f"{orders} open orders looked at, {sent} outbox entries done")
