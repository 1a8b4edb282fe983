"""What sending goods costs, by their weight and their sum: pure arithmetic, no database, no request.

The rules in words, with worked examples: docs/pricing.md.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.money import Money


@dataclass(frozen=True)
class Band:
    """From more than `over` grams on, sending costs this gross price, until the next band begins."""

    over: int
    price: Money


@dataclass(frozen=True)
class Tariff:
    """Prices of one way to send goods. `bands`: at least the one over 0 grams, which also carries what weighs nothing,
    lightest first. `most`: the heaviest it carries, in grams; None: anything. `free_from`: goods that cost at least
    this, gross and after the discount, are sent for nothing; None: never.
    """

    bands: tuple[Band, ...]
    most: int | None = None
    free_from: Money | None = None

    def carries(self, grams: int) -> bool:
        return self.most is None or grams <= self.most


@dataclass(frozen=True)
class Quote:
    """What sending `grams` costs, and why: `listed` is the price of the band from above `over` to `up_to` grams (None:
    to any weight); `is_free`: the goods reach `free_from`, and nothing of it is asked.
    """

    grams: int
    over: int
    up_to: int | None
    listed: Money
    free_from: Money | None
    is_free: bool

    @property
    def price(self) -> Money:
        """Gross."""
        return self.listed * 0 if self.is_free else self.listed


def quote(tariff: Tariff, grams: int, goods: Money) -> Quote:
    """The price for goods of this weight, of which `goods` is paid, gross.

    Raises ValueError when the weight is negative or not carried, or the sum is in another currency than `free_from`.

    >>> from decimal import Decimal
    >>> euro = lambda amount: Money(Decimal(amount), "EUR")
    >>> parcel = Tariff((Band(0, euro("4.90")), Band(2000, euro("6.90"))), free_from=euro(60))
    >>> [str(quote(parcel, *goods).price.amount) for goods in ((2000, euro(59)), (2001, euro(59)), (9000, euro(60)))]
    ['4.90', '6.90', '0.00']
    """
    if grams < 0 or not tariff.carries(grams):
        raise ValueError(f"{grams} g are not carried")
    band = max((band for band in tariff.bands if band.over < grams or not band.over), key=lambda band: band.over)
    ends = [later.over for later in tariff.bands if later.over > band.over]
    up_to = min([*ends, *([] if tariff.most is None else [tariff.most])], default=None)
    is_free = tariff.free_from is not None and tariff.free_from <= goods
    return Quote(grams, band.over, up_to, band.price.rounded(), tariff.free_from, is_free)


def missing(tariff: Tariff, goods: Money) -> Money | None:
    """How much more the goods must cost to be sent for nothing; None: they are already, or never."""
    if tariff.free_from is None or tariff.free_from <= goods:
        return None
    return tariff.free_from - goods
