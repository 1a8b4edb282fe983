from decimal import Decimal

from commerce.delivery import STARTING_RATES, create_starting_delivery, methods_for, tax_rates
from commerce.models import DeliveryMethod, TaxRate
from commerce.tests.factories import make_delivery


def test_it_works(db):
    create_starting_delivery()

    (method,) = methods_for("DE")
    assert str(method.gross) == "€4.90"
    assert tax_rates("DE") == {"standard": Decimal(19), "reduced": Decimal(7), "zero": Decimal(0)}


def test_starting_twice_changes_nothing(db):
    create_starting_delivery()
    TaxRate.objects.filter(country="DE", tax_class="standard").update(rate=16)
    DeliveryMethod.objects.update(price=7)

    create_starting_delivery()

    assert tax_rates("DE")["standard"] == 16
    assert TaxRate.objects.count() == 3 * len(STARTING_RATES)
    assert DeliveryMethod.objects.get().price == 7


def test_only_active_methods_that_reach_the_country_are_offered(db):
    near = make_delivery(countries=["DE", "AT"], position=2)
    everywhere = make_delivery(position=1)
    make_delivery(active=False)

    assert methods_for("AT") == [everywhere, near]
    assert methods_for("FR") == [everywhere]


def test_a_country_without_rates_is_not_taxed(db):
    create_starting_delivery()

    assert tax_rates("US") == {}
