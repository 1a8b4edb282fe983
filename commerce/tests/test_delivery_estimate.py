"""What the cart says about delivery before anybody has typed an address."""

import pytest

from catalog.tests.factories import make_variant
from commerce.tests.factories import make_coupon, make_delivery
from commerce.tests.visits import CHECKOUT, put
from core.cache import renew_window

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
