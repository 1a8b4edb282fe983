"""What a shop under test sells: run as a script in its environment, prints what it made as JSON."""

from __future__ import annotations

import json
import sys
from decimal import Decimal

VARIANTS = 8
COUPON = "STORM10"


def fill(units: int) -> list[tuple[int, int]]:
    """Variants with `units` each on hand, one with a single unit, a delivery method, and a coupon without limits.

    Returns variant id and units of each, the single one last.
    """
    from catalog.models import Stock
    from catalog.tests.factories import make_product
    from commerce.delivery import create_starting_delivery
    from commerce.tests.factories import make_coupon
    from commerce.tests.papers import name_shop

    name_shop()
    create_starting_delivery()
    for number in range(VARIANTS):
        make_product(f"Tea {number}", variants=[{"price": Decimal("8.90") + number, "stock": units}])
    make_product("The last one", variants=[{"stock": 1}])
    make_coupon(COUPON)
    return list(Stock.objects.order_by("pk").values_list("pk", "on_hand"))


def main() -> None:
    import django

    django.setup()
    print(json.dumps(fill(int(sys.argv[1]))))


if __name__ == "__main__":
    main()
