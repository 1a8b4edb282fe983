"""Money: an amount with its currency. Arithmetic lives here, formatting follows the shopper's locale."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from babel.numbers import format_currency
from django.utils.translation import get_language

# ISO 4217 exponents that differ from two decimals, among the currencies Stripe charges.
NO_DECIMALS = {
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "MGA",
    "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF",
}  # fmt: skip
THREE_DECIMALS = {"BHD", "JOD", "KWD", "OMR", "TND"}


def exponent(currency: str) -> int:
    """Number of decimals of the currency (ISO 4217)."""
    code = currency.upper()
    return 0 if code in NO_DECIMALS else 3 if code in THREE_DECIMALS else 2


def smallest(currency: str) -> Decimal:
    """The smallest amount of the currency, in major units: the step of its input fields.

    >>> smallest("EUR"), smallest("JPY")
    (Decimal('0.01'), Decimal('1'))
    """
    return Decimal(1).scaleb(-exponent(currency))


@dataclass(frozen=True, order=False)
class Money:
    """A gross or net amount in one currency, in major units (euros, not cents), rounded by `rounded`."""

    amount: Decimal
    currency: str

    def __add__(self, other: Money) -> Money:
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.amount - self._same(other), self.currency)

    def __mul__(self, factor: int | Decimal) -> Money:
        return Money(self.amount * factor, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.amount < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.amount <= self._same(other)

    def __bool__(self) -> bool:
        return self.amount != 0

    def __str__(self) -> str:
        return format_currency(self.amount, self.currency, locale=(get_language() or "en").replace("-", "_"))

    def plain(self) -> str:
        """The same in every language, for histories, logs and forms: "12.40 EUR"."""
        return f"{self.rounded().amount} {self.currency}"

    def _same(self, other: Money) -> Decimal:
        if other.currency != self.currency:
            raise ValueError(f"cannot combine {self.currency} with {other.currency}")
        return other.amount

    def rounded(self) -> Money:
        """Rounded half up to the currency's decimals, as merchants and invoices round."""
        return Money(self.amount.quantize(smallest(self.currency), rounding=ROUND_HALF_UP), self.currency)

    def minor_units(self) -> int:
        """The amount as an integer of the smallest unit (cents), the way payment providers count.

        Raises ValueError when the amount has more decimals than the currency.
        """
        scaled = self.amount.scaleb(exponent(self.currency))
        if scaled != scaled.to_integral_value():
            raise ValueError(f"{self.amount} {self.currency} has a fraction of the smallest unit")
        return int(scaled)

    @classmethod
    def from_minor_units(cls, units: int, currency: str) -> Money:
        """The inverse of `minor_units`."""
        currency = currency.upper()
        return cls(Decimal(units).scaleb(-exponent(currency)), currency)
