"""What the cart says about delivery before anybody has typed an address."""

from decimal import Decimal

import pytest

from catalog.tests.factories import make_variant
from commerce.delivery import estimate
from commerce.tests.factories import make_coupon, make_delivery
from commerce.tests.visits import CHECKOUT, put
from core.cache import renew_window
from core.money import Money

CART = "/en/cart/"


@pytest.fixture(autouse=True)
def nothing_remembered():
    renew_window()
    yield
    renew_window()


def price_in(page):
    return " ".join(page.content.decode().split('class="delivery-estimate__price"')[1].split("</p>")[0].split())


def test_the_cheapest_way_to_the_chosen_country_is_shown(visitor):
    make_delivery("9.90")
    make_delivery("4.90", countries=["DE"])
    put(visitor, make_variant())

    assert "from <bdi>€4.90</bdi>" in price_in(visitor.get(CART))
    assert "from <bdi>€9.90</bdi>" in price_in(visitor.get(CART, {"country": "AT"}))


def test_where_nothing_goes_is_said(visitor):
    make_delivery("4.90", countries=["DE"])
    put(visitor, make_variant())

    assert "We do not deliver to this country yet." in price_in(visitor.get(CART, {"country": "AT"}))


def test_free_is_said_for_a_free_method_and_for_a_coupon(visitor):
    put(visitor, make_variant())
    method = make_delivery("4.90")
    make_coupon("FREE", "free_delivery", None)
    visitor.post("/en/cart/coupon/", {"code": "FREE"})
    assert price_in(visitor.get(CART)).endswith("free")

    visitor.post("/en/cart/coupon/", {"remove": "1"})
    method.price = 0
    method.save()
    renew_window()
    assert price_in(visitor.get(CART)).endswith("free")


@pytest.mark.parametrize("country", ["XX", "x" * 5000, "<b>", "٣", ""])
def test_an_unknown_country_is_the_home_country(visitor, country):
    make_delivery("4.90", countries=["DE"])
    put(visitor, make_variant())

    assert "€4.90" in price_in(visitor.get(CART, {"country": country}))


def test_the_checkout_begins_with_the_country_asked_about_and_the_cart_with_the_one_typed(visitor):
    make_delivery("4.90")
    put(visitor, make_variant())
    assert visitor.get(CHECKOUT, {"country": "AT"}).context["form"]["country"].value() == "AT"

    visitor.post(CHECKOUT, {"to_cart": "1", "country": "FR"})

    assert visitor.get(CART).context["country"] == "FR"
    assert visitor.get(CHECKOUT).context["form"]["country"].value() == "FR"


def more_in(page):
    """What the cart says about free delivery; None: nothing."""
    _before, found, rest = page.content.decode().partition('class="delivery-estimate__more">')
    return " ".join(rest.split("</p>")[0].split()) if found else None


def test_it_says_how_much_is_missing_until_delivery_is_free(visitor):
    make_delivery("4.90", free_from=60)
    make_delivery("9.90", free_from=50, countries=["AT"])
    make_delivery("3.90", free_from=10, most_grams=5)
    variant = make_variant(price="20.00", weight_grams=100)
    put(visitor, variant, 2)

    page = visitor.get(CART)
    assert "from <bdi>€4.90</bdi>" in price_in(page)
    assert more_in(page) == "Free from <bdi>€60.00</bdi> of goods: <bdi>€20.00</bdi> to go."
    assert more_in(visitor.get(CART, {"country": "AT"})).endswith("<bdi>€10.00</bdi> to go.")

    put(visitor, variant, 1)
    page = visitor.get(CART)
    assert price_in(page).endswith("free") and more_in(page) is None

    make_coupon("TEA10")
    visitor.post("/en/cart/coupon/", {"code": "TEA10"})
    page = visitor.get(CART)
    assert "€4.90" in price_in(page) and more_in(page).endswith("<bdi>€6.00</bdi> to go.")


def test_what_is_too_heavy_is_told_from_where_nothing_goes(visitor):
    make_delivery("4.90", countries=["DE"], most_grams=999)
    put(visitor, make_variant(weight_grams=1000))

    assert "Your cart is too heavy to be sent there in one order." in price_in(visitor.get(CART))
    assert "We do not deliver to this country yet." in price_in(visitor.get(CART, {"country": "AT"}))


def test_the_estimate_of_a_busy_minute_asks_nobody(db, django_assert_num_queries):
    make_delivery("4.90", free_from=60)
    with django_assert_num_queries(2):
        first = estimate("DE", 100, Money(Decimal(20), "EUR"))

    with django_assert_num_queries(0):
        assert estimate("DE", 100, Money(Decimal(20), "EUR")) == first
        assert str(estimate("DE", 100, Money(Decimal(21), "EUR")).missing) == "€39.00"
