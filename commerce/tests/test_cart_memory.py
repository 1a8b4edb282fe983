"""What the cart says about its past: what changed since it was last seen, what was taken out, a double click."""

import pytest
from django.test import Client

from catalog.models import Product, Stock, StockMove, Variant
from catalog.tests.factories import make_product, make_variant
from commerce.models import Status
from commerce.orders import move
from commerce.tests.factories import checkout_form, make_order
from commerce.tests.visits import CHECKOUT, FROM_HERE, browser, other_tab, put, said

CART, UPDATE, RESTORE = "/en/cart/", "/en/cart/update/", "/en/cart/restore/"


def news(visitor, address=CART):
    """{name: what is said about it}"""
    return {line.name: list(line.news) for line in visitor.get(address).context["cart"].lines}


def take_out(visitor, variant):
    return visitor.post(UPDATE, {"variant": variant.pk, "quantity": 0}, follow=True)


def give_back(visitor, variant, **more):
    return visitor.post(RESTORE, {"variant": variant.pk}, follow=True, **more)


# What changed


@pytest.mark.parametrize("address", [CART, CHECKOUT])
def test_a_new_price_is_told_once_with_what_it_was(visitor, parcel, address):
    variant = make_variant(price="8.90")
    put(visitor, variant)
    Variant.objects.update(price="9.50")

    assert news(visitor, address) == {"Sencha": ["The price was €8.90, it is €9.50 now."]}
    assert news(visitor, address) == {"Sencha": []}


def test_a_lower_price_is_told_in_the_language_of_the_page(visitor):
    put(visitor, make_variant(price="8.90"))
    Variant.objects.update(price="7")

    page = visitor.get("/de/warenkorb/").content.decode()

    assert "8,90\xa0€" in page and "7,00\xa0€" in page


def test_what_is_put_in_or_changed_is_seen(visitor):
    variant = make_variant(price="8.90", stock=9)
    put(visitor, variant)
    Variant.objects.update(price="9.50")
    visitor.post(UPDATE, {"variant": variant.pk, "quantity": 2})

    assert news(visitor) == {"Sencha": []}


def test_fewer_and_enough_again_are_told_with_what_was(visitor):
    variant = make_variant(stock=9)
    put(visitor, variant, 5)
    Stock.objects.update(on_hand=3)

    fewer = ["Only 3 left: we set the quantity from 5 to 3."]
    assert news(visitor) == {"Sencha": fewer}
    assert news(visitor) == {"Sencha": fewer}  # as long as it is so

    Stock.objects.update(on_hand=9)
    assert news(visitor) == {"Sencha": ["There is enough again: the quantity was 3, it is 5 now."]}
    assert news(visitor) == {"Sencha": []}


@pytest.mark.parametrize(
    ("take", "bring_back", "words"),
    [
        ({"active": False}, {"active": True}, "No longer available. We leave it out of your order."),
        ({"product__live": False}, {"product__live": True}, "No longer available. We leave it out of your order."),
        ({"stock__on_hand": 0}, {"stock__on_hand": 9}, "Sold out at the moment. We leave it out of your order."),
    ],
)
def test_what_is_gone_is_named_and_set_aside_until_it_comes_back(visitor, take, bring_back, words):
    def set_to(fields):
        ((path, value),) = fields.items()
        model = {"product__live": Product, "stock__on_hand": Stock}.get(path, Variant)
        model.objects.update(**{path.split("__")[-1]: value})

    variant = make_variant()
    put(visitor, variant, 2)
    set_to(take)

    page = visitor.get(CART)
    assert [(line.name, line.problem) for line in page.context["cart"].set_aside] == [("Sencha", words)]
    assert page.content.decode().count(words) == 1
    assert visitor.session["cart"] == {str(variant.pk): 2}

    set_to(bring_back)
    assert news(visitor) == {"Sencha": ["It can be ordered again."]}
    assert visitor.get(CART).context["cart"].count == 2


def test_the_checkout_says_what_is_left_out(visitor, parcel):
    gone = make_product("Gyokuro").variants.get()
    put(visitor, gone)
    put(visitor, make_variant())
    Variant.objects.filter(pk=gone.pk).update(active=False)

    page = visitor.get(CHECKOUT).content.decode()

    assert "Gyokuro" in page
    assert "No longer available. We leave it out of your order." in page


def test_what_is_gone_for_good_is_named_once_and_leaves(visitor):
    gone, kept = make_product("Gyokuro").variants.get(), make_variant()
    put(visitor, gone)
    put(visitor, kept)
    StockMove.objects.all().delete()
    gone.product.delete()

    cart = visitor.get(CART).context["cart"]
    assert (cart.gone, cart.missing) == (("Gyokuro",), 0)
    assert visitor.session["cart"] == {str(kept.pk): 1}
    assert visitor.get(CART).context["cart"].gone == ()


def test_a_price_that_moves_while_the_form_is_filled_in_is_said_at_the_line(visitor, parcel, gateway):
    put(visitor, make_variant(price="8.90"))
    form = checkout_form(visitor, parcel, visitor.get(CHECKOUT).context["shown_total"])
    Variant.objects.update(price="9.50")

    page = visitor.post(CHECKOUT, form)

    assert said(page)[-1].startswith("The total is €14.40 now.")
    assert [line.news for line in page.context["cart"].changed] == [("The price was €8.90, it is €9.50 now.",)]


def test_a_cart_of_an_older_release_has_nothing_to_say(visitor):
    put(visitor, make_variant())
    session = visitor.session
    del session["seen"]
    session.save()

    assert news(visitor) == {"Sencha": []}


def test_looking_writes_only_when_there_is_something_new(visitor, django_assert_num_queries):
    put(visitor, make_variant(price="8.90"))
    visitor.get(CART)
    Variant.objects.update(price="9.50")

    savepoints, suggested = 4, 2  # rules, related; nothing to show
    with django_assert_num_queries(
        4 + suggested + 2 + savepoints
    ):  # no picture; the session is read again under lock, and saved
        visitor.get(CART)
    with django_assert_num_queries(4 + suggested):
        visitor.get(CART)


# What was taken out


def test_what_was_taken_out_comes_back_with_its_quantity(visitor):
    variant = make_variant(stock=10)
    put(visitor, variant, 3)

    page = take_out(visitor, variant)
    assert "<bdi>Sencha</bdi> removed." in page.content.decode()
    assert "<bdi>Sencha</bdi> removed." in visitor.get(CART).content.decode()  # a reload keeps the offer

    page = give_back(visitor, variant)
    assert said(page) == ["Sencha is in your cart again."]
    assert visitor.session["cart"] == {str(variant.pk): 3}
    assert page.context["cart"].removed == ()


def test_a_line_without_stock_comes_back_as_it_was(visitor):
    variant = make_variant(stock=5)
    put(visitor, variant, 3)
    take_out(visitor, variant)
    Stock.objects.update(on_hand=1)

    page = give_back(visitor, variant)

    assert page.context["cart"].lines[0].problem == "Only 1 left: we set the quantity from 3 to 1."


def test_undoing_twice_puts_back_once(visitor):
    variant = make_variant(stock=10)
    put(visitor, variant, 3)
    take_out(visitor, variant)
    give_back(visitor, variant)

    assert said(give_back(visitor, variant)) == ["This cannot be put back any more."]
    assert visitor.session["cart"] == {str(variant.pk): 3}


def test_what_was_put_in_anew_is_not_offered_back(visitor):
    variant = make_variant(stock=10)
    put(visitor, variant, 3)
    take_out(visitor, variant)
    put(visitor, variant)

    assert visitor.get(CART).context["cart"].removed == ()
    give_back(visitor, variant)
    assert visitor.session["cart"] == {str(variant.pk): 1}


def test_the_last_five_are_offered_newest_first(visitor):
    variants = [make_product(f"Tea {number}").variants.get() for number in range(7)]
    for variant in variants:
        put(visitor, variant)
    for variant in variants:
        take_out(visitor, variant)

    names = [line.name for line in visitor.get(CART).context["cart"].removed]
    assert names == ["Tea 6", "Tea 5", "Tea 4", "Tea 3", "Tea 2"]


@pytest.mark.parametrize(
    "value", ["0", "-1", "x", "", "999999", str(2**63), str(2**80), "\x00", "\ud7ff", "1.5", "[1]"]
)
def test_a_hostile_undo_changes_nothing(visitor, value):
    variant = make_variant()
    put(visitor, variant)

    page = visitor.post(RESTORE, {"variant": value, "quantity": "99", "units": "99"}, follow=True)

    assert said(page)[-1] == "This cannot be put back any more."
    assert visitor.session["cart"] == {str(variant.pk): 1}


def test_nobody_puts_back_what_another_took_out(visitor):
    variant = make_variant()
    put(visitor, variant)
    take_out(visitor, variant)
    stranger = browser()

    give_back(stranger, variant)

    assert "session" not in stranger.cookies
    assert stranger.get(CART).context["cart"].is_empty


def test_a_full_cart_says_so_and_keeps_the_offer(visitor):
    first, *others = make_product(variants=[{} for _number in range(51)]).variants.order_by("pk")
    put(visitor, first)
    take_out(visitor, first)
    session = visitor.session
    session["cart"] = {str(variant.pk): 1 for variant in others}
    session.save()

    page = give_back(visitor, first)

    assert said(page)[-1] == "Your cart holds 50 different items, its limit."
    assert [line.variant_id for line in page.context["cart"].removed] == [first.pk]


def test_nothing_is_offered_back_after_the_purchase(visitor):
    bought, taken_out = make_variant(), make_variant()
    put(visitor, bought)
    put(visitor, taken_out)
    take_out(visitor, taken_out)
    order = make_order({bought.pk: 1})
    session = visitor.session
    session["ordered"] = order.token
    session.save()
    move(order, Status.PAID)

    assert visitor.get(CART).context["cart"].removed == ()


def test_undo_wants_a_token_and_a_post(visitor):
    strict = Client(enforce_csrf_checks=True, headers=FROM_HERE)

    assert strict.post(RESTORE, {"variant": 1}).status_code == 403
    assert visitor.get(RESTORE, {"variant": 1}).status_code == 405


# Clicked twice


def test_a_double_click_adds_once(visitor):
    variant = make_variant(stock=10)
    put(visitor, make_variant())  # a session has begun

    put(visitor, variant, 2)
    put(other_tab(visitor), variant, 2)

    assert visitor.session["cart"][str(variant.pk)] == 2


def test_a_second_click_later_adds_again(visitor):
    variant = make_variant(stock=10)
    put(visitor, variant, 2)
    session = visitor.session
    session["clicked"] = [variant.pk, 2, session["clicked"][2] - 1]
    session.save()

    put(visitor, variant, 2)

    assert visitor.session["cart"] == {str(variant.pk): 4}


def test_another_quantity_or_another_thing_is_no_double_click(visitor):
    first, second = make_variant(stock=10), make_variant(stock=10)
    put(visitor, first, 2)
    put(visitor, first, 1)
    put(visitor, second, 1)

    assert visitor.session["cart"] == {str(first.pk): 3, str(second.pk): 1}
