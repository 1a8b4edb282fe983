"""`manage.py stripe_smoke`: does Stripe itself accept what the shop sends? To be run once, with own test keys."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from commerce import smoke


class Command(BaseCommand):
    help = "Opens and closes a payment page and reads the list of events, with test keys only. Nobody pays."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            for sentence in smoke.try_all(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE):
                self.stdout.write(sentence)
        except smoke.Failed as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            "Not tried, as it needs a person: paying on the page, a refund, and a webhook that reaches this shop."
        )
