"""`manage.py rebuild_recommendations`: what is bought together, best sellers and popularity, from the orders anew."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from redis.exceptions import RedisError

from commerce.suggestions import looks, together


class Command(BaseCommand):
    help = "Reads from the paid orders what is bought together and what sells best. The shop stays open meanwhile."

    def handle(self, *args: Any, **options: Any) -> None:
        products = looks.refresh()
        self.stdout.write(f"{products} products with a popularity.")
        try:
            self.stdout.write(f"{together.rebuild()} pairs bought together.")
        except together.AlreadyBuilding:
            raise CommandError("Another rebuild is under way. Try again in some minutes.") from None
        except (RedisError, OSError) as error:
            raise CommandError(f"Redis does not answer ({error}). What it holds is unchanged.") from error
