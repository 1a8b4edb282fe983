"""Which delivery methods reach a country, and which tax its prices contain."""

from __future__ import annotations

from decimal import Decimal

from commerce.models import DeliveryMethod, TaxRate
from core.cache import remember_window
from core.money import Money

# Standard and reduced value added tax (reduced: the rate for food, as tea is), in percent. Source: the EU's "Taxes in
# Europe" database, gov.uk and estv.admin.ch as of 2026; a starting point that each shop must check and may edit.
STARTING_RATES = {
    "AT": ("20", "10"),
    "BE": ("21", "6"),
    "CH": ("8.1", "2.6"),
    "CZ": ("21", "12"),
    "DE": ("19", "7"),
    "DK": ("25", "25"),
    "ES": ("21", "10"),
    "FI": ("25.5", "13.5"),
    "FR": ("20", "5.5"),
    "GB": ("20", "0"),
    "IE": ("23", "0"),
    "IT": ("22", "10"),
    "LU": ("17", "3"),
    "NL": ("21", "9"),
    "NO": ("25", "15"),
    "PL": ("23", "5"),
    "PT": ("23", "6"),
    "SE": ("25", "12"),
}


def methods_for(country: str) -> list[DeliveryMethod]:
    """Active methods that reach the country, in their order. Every active one when no country is known yet."""
    return [method for method in DeliveryMethod.objects.filter(active=True) if not country or method.reaches(country)]


def cheapest(country: str) -> Money | None:
    """What the cheapest way to this country costs, gross; None: there is none. For a page that shows an estimate only:
    up to a minute old."""
    prices = remember_window("delivery", lambda: [(method.countries, method.gross) for method in methods_for("")])
    reaching = [gross for countries, gross in prices if not countries or country in countries]
    return min(reaching, key=lambda gross: gross.amount, default=None)


def tax_rates(country: str) -> dict[str, Decimal]:
    """Tax class -> rate in percent. A class without a row is not taxed."""
    return dict(TaxRate.objects.filter(country=country).values_list("tax_class", "rate"))


def create_starting_rates() -> None:
    """Fills in rates for countries that have none of that class; never changes an existing one."""
    TaxRate.objects.bulk_create(
        (
            TaxRate(country=country, tax_class=tax_class, rate=Decimal(rate))
            for country, (standard, reduced) in STARTING_RATES.items()
            for tax_class, rate in (("standard", standard), ("reduced", reduced), ("zero", "0"))
        ),
        ignore_conflicts=True,
    )


def create_starting_delivery() -> None:
    """The tax rates, and one method for all countries when there is none yet. Repeatable."""
    create_starting_rates()
    if DeliveryMethod.objects.exists():
        return
    DeliveryMethod.objects.create(
        name={"en": "Standard delivery", "de": "Standardversand", "ar": "توصيل عادي"},
        description={
            "en": "By parcel, with tracking.",
            "de": "Als Paket, mit Sendungsverfolgung.",
            "ar": "طرد مع رقم للتتبّع.",
        },
        price=Decimal("4.90"),
        min_days=2,
        max_days=4,
    )
