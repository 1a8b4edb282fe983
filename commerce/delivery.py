"""Which delivery methods reach a country, what they ask for a cart, and which tax prices contain."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils import timezone

from commerce.addresses import HOME
from commerce.models import DeliveryMethod, DeliveryRate, TaxRate
from commerce.tariff import Quote, missing, quote
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
    """Active methods that reach the country, in their order, with their prices, in two queries. Every active one when
    no country is known yet."""
    methods = DeliveryMethod.objects.filter(active=True).prefetch_related("rates")
    return [method for method in methods if not country or method.reaches(country)]


@dataclass(frozen=True)
class Way:
    """A method that carries these goods, and what it asks for them."""

    method: DeliveryMethod
    quote: Quote


def ways_for(country: str, grams: int, goods: Money) -> list[Way]:
    """How goods of this weight can reach the country. `goods`: what is paid for them, gross, after the discount."""
    tariffs = [(method, method.tariff) for method in methods_for(country)]
    return [Way(method, quote(tariff, grams, goods)) for method, tariff in tariffs if tariff.carries(grams)]


@dataclass(frozen=True)
class Estimate:
    """The cheapest way, before an address is known. `price`, gross: None when there is no way. `reached`: there is one
    for a lighter cart. `free_from`: goods of this sum are sent for nothing, `missing` is what they lack; None: never,
    or they are already.
    """

    price: Money | None = None
    reached: bool = False
    free_from: Money | None = None
    missing: Money | None = None


def estimate(country: str, grams: int, goods: Money) -> Estimate:
    """For a page that shows no more than an estimate: prices are up to a minute old."""
    known = remember_window("tariffs", lambda: [(method.countries, method.tariff) for method in methods_for("")])
    reaching = [tariff for countries, tariff in known if not countries or country in countries]
    carrying = [tariff for tariff in reaching if tariff.carries(grams)]
    if not carrying:
        return Estimate(reached=bool(reaching))
    price = min((quote(tariff, grams, goods).price for tariff in carrying), key=lambda price: price.amount)
    lacking = [(amount, tariff.free_from) for tariff in carrying if (amount := missing(tariff, goods))]
    if not price or not lacking:
        return Estimate(price, True)
    least, free_from = min(lacking, key=lambda pair: pair[0].amount)
    return Estimate(price, True, free_from, least)


def today() -> date:
    """The day in the shop's time zone, whatever zone the one who asks has chosen."""
    return timezone.localdate(timezone=timezone.get_default_timezone())


def tax_rates(country: str) -> dict[str, Decimal]:
    """Tax class -> today's rate in percent. A class without a row is not taxed."""
    begun = TaxRate.objects.filter(country=country, valid_from__lte=today()).order_by("valid_from")
    return dict(begun.values_list("tax_class", "rate"))  # of a class with several, the last


def create_starting_rates() -> None:
    """Fills in rates for countries that have none of that class; never changes an existing one."""
    known = set(TaxRate.objects.values_list("country", "tax_class"))
    TaxRate.objects.bulk_create(
        (
            TaxRate(country=country, tax_class=tax_class, rate=Decimal(rate))
            for country, (standard, reduced) in STARTING_RATES.items()
            for tax_class, rate in (("standard", standard), ("reduced", reduced), ("zero", "0"))
            if (country, tax_class) not in known
        ),
        ignore_conflicts=True,
    )


def create_starting_delivery() -> None:
    """The tax rates, and two methods when there is none yet: to all countries, and faster at home. Repeatable."""
    create_starting_rates()
    if DeliveryMethod.objects.exists():
        return
    standard = DeliveryMethod.objects.create(
        name={"en": "Standard delivery", "de": "Standardversand", "ar": "توصيل عادي"},
        description={
            "en": "By parcel, with tracking.",
            "de": "Als Paket, mit Sendungsverfolgung.",
            "ar": "طرد مع رقم للتتبّع.",
        },
        price=Decimal("4.90"),
        free_from=Decimal(60),
        most_grams=31_500,
        min_days=2,
        max_days=4,
    )
    heavier = ((2_000, "6.90"), (5_000, "9.90"), (10_000, "16.90"))
    standard.rates = [DeliveryRate(over_grams=over, price=Decimal(price)) for over, price in heavier]
    standard.save()
    DeliveryMethod.objects.create(
        name={"en": "Express delivery", "de": "Expressversand", "ar": "توصيل سريع"},
        description={
            "en": "By courier, to your door.",
            "de": "Mit dem Kurier bis an die Tür.",
            "ar": "بالساعي حتى باب البيت.",
        },
        price=Decimal("12.90"),
        most_grams=20_000,
        min_days=1,
        max_days=2,
        countries=[HOME],
        position=1,
    )
