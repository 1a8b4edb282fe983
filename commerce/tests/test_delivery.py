from decimal import Decimal

from commerce.delivery import STARTING_RATES, create_starting_delivery, methods_for, tax_rates, ways_for
from commerce.models import DeliveryMethod, DeliveryRate, TaxRate
from commerce.tests.factories import make_delivery
from core.money import Money


def euro(amount):
    return Money(Decimal(amount), "EUR")


def test_it_works(db):
    create_starting_delivery()

    standard, express = methods_for("DE")
    assert (str(standard.gross), str(express.gross)) == ("€4.90", "€12.90")
    assert methods_for("FR") == [standard]
    assert [(way.method, str(way.quote.price)) for way in ways_for("DE", 2001, euro("59.99"))] == [
        (standard, "€6.90"),
        (express, "€12.90"),
    ]
    assert [str(way.quote.price) for way in ways_for("DE", 25_000, euro("60"))] == ["€0.00"]
    assert ways_for("DE", 31_501, euro("60")) == []
    assert tax_rates("DE") == {"standard": Decimal(19), "reduced": Decimal(7), "zero": Decimal(0)}


def test_starting_twice_changes_nothing(db):
    create_starting_delivery()
    TaxRate.objects.filter(country="DE", tax_class="standard").update(rate=16)
    TaxRate.objects.filter(country="AT").update(valid_from="2026-01-01")
    DeliveryMethod.objects.update(price=7)

    create_starting_delivery()

    assert tax_rates("DE")["standard"] == 16
    assert TaxRate.objects.count() == 3 * len(STARTING_RATES)
    assert {method.price for method in DeliveryMethod.objects.all()} == {7}
    assert DeliveryMethod.objects.count() == 2


def test_only_active_methods_that_reach_the_country_are_offered(db):
    near = make_delivery(countries=["DE", "AT"], position=2)
    everywhere = make_delivery(position=1)
    make_delivery(active=False)

    assert methods_for("AT") == [everywhere, near]
    assert methods_for("FR") == [everywhere]


def test_a_country_without_rates_is_not_taxed(db):
    create_starting_delivery()

    assert tax_rates("US") == {}


def test_a_method_with_a_plain_price_carries_anything_for_it(db):
    make_delivery("4.90")

    (way,) = ways_for("DE", 10_000_000, euro(10_000))

    assert way.quote.price == euro("4.90")


def test_the_same_number_of_queries_however_many_methods_and_prices(db, django_assert_num_queries):
    for number in range(5):
        method = make_delivery(position=number)
        method.rates = [DeliveryRate(over_grams=over, price=over) for over in range(1, number + 2)]
        method.save()

    with django_assert_num_queries(2):
        assert len(ways_for("DE", 3, euro(1))) == 5
