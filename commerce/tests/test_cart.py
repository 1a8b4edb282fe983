import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse
from django.utils import translation

from catalog.models import Product, Stock, Variant
from catalog.tests.factories import make_image, make_option, make_product, make_variant
from commerce import cart as carts
from commerce.models import Order, Status
from commerce.orders import move
from commerce.tests.factories import make_order, make_session
from commerce.tests.visits import FROM_HERE, said

CART, ADD = "/en/cart/", "/en/cart/add/"
UPDATE, BADGE = "/en/cart/update/", "/en/cart/badge/"


def add(visitor, variant, quantity=1, **more):
    return visitor.post(ADD, {"variant": variant.pk, "quantity": quantity}, **more)


def test_it_works(visitor):
    variant = make_variant(price="8.90", stock=10)

    response = add(visitor, variant, 2, follow=True)

    assert response.redirect_chain == [(CART, 303)]
    (line,) = response.context["cart"].lines
    assert (line.variant, line.quantity, line.name) == (variant, 2, "Sencha")
    assert str(line.line_total) == "€17.80"
    assert said(response) == ["Sencha is in your cart."]
    assert response.headers["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"


def test_the_session_keeps_ids_and_quantities_only(visitor):
    variant = make_variant()

    add(visitor, variant, 2)
    add(visitor, variant, 1)

    assert visitor.session["cart"] == {str(variant.pk): 3}


@pytest.mark.parametrize("address", [CART, BADGE])
def test_looking_begins_no_session(visitor, address):
    response = visitor.get(address)

    assert response.status_code == 200
    assert "session" not in response.cookies


def test_what_cannot_be_added_begins_no_session(visitor):
    response = add(visitor, make_variant(stock=0))

    assert response.status_code == 303
    assert "session" not in response.cookies


@pytest.mark.parametrize(
    "quantity", ["0", "-1", "100", "1000000000", "1.5", "x", "NaN", "1e1", "\x00", "99999999999999999999999999"]
)
def test_a_hostile_quantity_adds_nothing(visitor, quantity):
    response = add(visitor, make_variant(), quantity, follow=True)

    assert said(response) == ["Please choose a quantity from 1 to 99."]
    assert response.context["cart"].is_empty


@pytest.mark.parametrize("variant", ["0", "-1", "x", "", "999999", str(2**63), str(2**80), "\x00"])
def test_a_hostile_variant_adds_nothing(visitor, variant):
    response = visitor.post(ADD, {"variant": variant, "quantity": 1}, follow=True)

    assert response.status_code == 200
    assert response.context["cart"].is_empty


def test_no_quantity_means_one(visitor):
    variant = make_variant()

    visitor.post(ADD, {"variant": variant.pk})

    assert visitor.session["cart"] == {str(variant.pk): 1}


def test_more_than_there_is_sets_the_quantity_and_says_so(visitor):
    variant = make_variant(stock=3)

    response = add(visitor, variant, 5, follow=True)

    assert said(response) == ["Sencha is in your cart. Only 3 left: we set the quantity from 5 to 3."]
    assert visitor.session["cart"] == {str(variant.pk): 3}


def test_repeated_adding_is_capped_at_99(visitor, no_double_clicks):
    variant = make_variant(stock=500)

    add(visitor, variant, 60)
    response = add(visitor, variant, 60, follow=True)

    assert visitor.session["cart"] == {str(variant.pk): 99}
    assert said(response)[-1] == "Sencha is in your cart. You can order up to 99 of one item."


def test_the_51st_line_is_refused(visitor):
    variants = make_product(variants=[{} for _number in range(51)]).variants.order_by("pk")
    for variant in variants[:50]:
        add(visitor, variant)

    response = add(visitor, variants[50], follow=True)

    assert said(response)[-1] == "Your cart holds 50 different items, its limit."
    assert len(response.context["cart"].lines) == 50
    assert add(visitor, variants[0], follow=True).context["cart"].lines[0].quantity == 2


def test_a_price_in_the_request_is_ignored(visitor):
    variant = make_variant(price="8.90")

    response = visitor.post(
        ADD, {"variant": variant.pk, "quantity": 1, "price": "0.01", "line_total": "0", "currency": "JPY"}, follow=True
    )

    assert str(response.context["cart"].totals.goods) == "€8.90"


def test_every_look_prices_again(visitor):
    variant = make_variant(price="8.90")
    add(visitor, variant)

    Variant.objects.filter(pk=variant.pk).update(price="9.50")

    assert str(visitor.get(CART).context["cart"].totals.goods) == "€9.50"


@pytest.mark.parametrize(
    ("change", "quantity", "problem"),
    [
        (lambda pk: Variant.objects.filter(pk=pk).update(active=False), 0, "No longer available."),
        (lambda pk: Product.objects.filter(variants=pk).update(live=False), 0, "No longer available."),
        (lambda pk: Stock.objects.filter(pk=pk).update(on_hand=0), 0, "Sold out at the moment."),
        (lambda pk: Stock.objects.filter(pk=pk).update(on_hand=1), 1, "Only 1 left: we set the quantity from 2 to 1."),
        (lambda pk: Variant.objects.filter(pk=pk).update(price="6"), 2, None),
    ],
)
def test_a_change_meanwhile_is_said_at_its_line_only(visitor, change, quantity, problem):
    first, second = make_product(variants=[{"price": "5"}, {"price": "7"}]).variants.order_by("pk")
    other = make_variant(price="3")
    add(visitor, first, 2)
    add(visitor, other, 1)

    change(first.pk)
    cart = visitor.get(CART).context["cart"]

    hit, spared = cart.lines
    assert hit.quantity == quantity
    assert hit.problem == problem or hit.problem.startswith(problem)
    assert (spared.quantity, spared.problem) == (1, None)
    assert cart.buyable == ([hit, spared] if quantity else [spared])


def test_a_variant_that_is_gone_altogether_is_counted_not_shown(db):
    kept = make_variant()

    cart = carts.load(make_session({kept.pk + 1000: 2, kept.pk: 1}))

    assert [line.variant for line in cart.lines] == [kept]
    assert cart.missing == 1
    assert cart.count == 1


def test_update_sets_and_zero_takes_out(visitor):
    variant = make_variant(stock=10)
    add(visitor, variant, 2)

    response = visitor.post(UPDATE, {"variant": variant.pk, "quantity": 5}, follow=True)
    assert response.redirect_chain == [(CART, 303)]
    assert visitor.session["cart"] == {str(variant.pk): 5}

    response = visitor.post(UPDATE, {"variant": variant.pk, "quantity": 0}, follow=True)
    assert response.redirect_chain == [(f"{CART}#removed", 303)]
    assert visitor.session["cart"] == {}


def test_update_over_stock_sets_the_most_and_says_so(visitor):
    variant = make_variant(stock=4)
    add(visitor, variant)

    response = visitor.post(UPDATE, {"variant": variant.pk, "quantity": 9}, follow=True)

    assert said(response)[-1] == ("Sencha: Only 4 left: we set the quantity from 9 to 4.")
    assert visitor.session["cart"] == {str(variant.pk): 4}


@pytest.mark.parametrize("quantity", ["-1", "100", "x", "", "1.5"])
def test_a_hostile_update_changes_nothing(visitor, quantity):
    variant = make_variant()
    add(visitor, variant, 2)

    visitor.post(UPDATE, {"variant": variant.pk, "quantity": quantity})

    assert visitor.session["cart"] == {str(variant.pk): 2}


def test_update_cannot_bring_in_a_new_line(visitor):
    stranger = make_variant()
    add(visitor, make_variant())

    visitor.post(UPDATE, {"variant": stranger.pk, "quantity": 1})

    assert str(stranger.pk) not in visitor.session["cart"]


def test_update_wants_a_token():
    strict = Client(enforce_csrf_checks=True, headers=FROM_HERE)

    assert strict.post(UPDATE, {"variant": 1, "quantity": 1}).status_code == 403


@pytest.mark.parametrize("address", [ADD, UPDATE])
def test_a_get_changes_nothing(visitor, address):
    variant = make_variant()

    assert visitor.get(address, {"variant": variant.pk, "quantity": 1}).status_code == 405
    assert "cart" not in visitor.session


def test_htmx_gets_a_fragment_and_the_new_count(visitor):
    variant = make_variant()

    response = add(visitor, variant, 2, headers={"HX-Request": "true"})

    assert response.status_code == 200
    assert "commerce/cart_added.html" in [template.name for template in response.templates]
    assert response.headers["HX-Trigger"] == '{"cart-changed": {"count": 2}}'
    assert response.context["line"].variant == variant


def test_htmx_is_told_what_went_wrong(visitor):
    response = add(visitor, make_variant(stock=0), headers={"HX-Request": "true"})

    assert response.context["error"].startswith("This is sold out")
    assert "HX-Trigger" not in response.headers


def test_too_many_are_answered_by_us_not_by_the_browser(visitor):
    variant = make_variant(stock=3)

    form = BeautifulSoup(visitor.get(variant.product.get_absolute_url()).content, "html.parser").select_one(".buy-form")
    none, some = (add(visitor, variant, units, headers={"HX-Request": "true"}) for units in (100, 50))

    assert form.has_attr("novalidate")
    assert "Please choose a quantity from 1 to 99." in none.content.decode()
    assert "Only 3 left: we set the quantity from 50 to 3." in some.content.decode()
    assert visitor.session["cart"] == {str(variant.pk): 3}


def test_the_badge_counts_units(visitor):
    first, second = make_variant(), make_variant()
    add(visitor, first, 2)
    add(visitor, second, 1)

    response = visitor.get(BADGE)

    assert response.context["count"] == 3
    assert "no-store" in response.headers["Cache-Control"]


def test_path_words_follow_the_language():
    with translation.override("en"):
        assert [reverse(f"commerce:{name}") for name in ("cart", "cart_add", "cart_update", "cart_badge")] == [
            CART,
            ADD,
            UPDATE,
            BADGE,
        ]


def full_line(number):
    """A product with everything that could cost a query."""
    size = make_option(f"size{number}").values.first()
    return make_product(
        f"Tea {number}",
        languages=("en", "de", "ar"),
        images=[make_image()],
        variants=[{"option_1": size, "image": make_image() if number % 2 else None}],
    ).variants.get()


@pytest.mark.parametrize("lines", [1, 20])
def test_the_cart_page_asks_seven_queries(visitor, lines, django_assert_num_queries):
    for number in range(lines):
        add(visitor, full_line(number))
    visitor.get(CART)  # the shop's name is cached now

    suggested = 2  # rules and related products; five more for the cards of those that are found
    with django_assert_num_queries(5 + suggested):  # session, variants, texts, pictures, their renditions
        response = visitor.get(CART)

    assert len(response.context["cart"].lines) == lines


def test_adding_asks_six_queries(visitor, no_double_clicks, django_assert_num_queries):
    variant = full_line(1)
    add(visitor, variant)

    savepoints = 4  # BEGIN and COMMIT outside of a test: of the lock, and of Django's own saving
    with django_assert_num_queries(6 + savepoints):  # session (read and locked at once), the line's four, saved once
        add(visitor, variant)


def session_with(order):
    session = make_session({line.variant_id: line.quantity for line in order.lines.all()})
    session["ordered"] = order.token
    return session


def test_what_my_own_open_order_holds_is_still_available_to_me(db):
    variant = make_variant(stock=2)
    order = make_order({variant.pk: 2})

    mine = carts.load(session_with(order))
    others = carts.load(make_session({variant.pk: 1}))

    assert (mine.lines[0].quantity, mine.lines[0].problem) == (2, None)
    assert mine.open_order == order
    assert others.lines[0].quantity == 0


@pytest.mark.parametrize(
    ("status", "left"),
    [(Status.PAID, {}), (Status.AWAITING_FUNDS, {}), (Status.EXPIRED, 2), (Status.NEEDS_ATTENTION, {})],
)
def test_what_was_bought_leaves_the_cart_once(db, status, left):
    variant = make_variant()
    order = make_order({variant.pk: 2})
    session = session_with(order)

    move(Order.objects.get(pk=order.pk), status)
    carts.load(session)

    assert carts.contents(session) == ({variant.pk: left} if left else {})
    assert "ordered" not in session


def paid_behind_my_back(visitor, *lines):
    """Ordered from this visitor's cart and paid; the shop was told by the provider, the visitor's tab was closed."""
    for variant, units in lines:
        add(visitor, variant, units)
    order = make_order({variant.pk: units for variant, units in lines})
    session = visitor.session
    session["ordered"] = order.token
    session.save()
    move(order, Status.PAID)


def test_what_was_bought_does_not_come_back_with_the_next_unit(visitor):
    variant = make_variant(stock=20)
    paid_behind_my_back(visitor, (variant, 2))

    add(visitor, variant, 1)

    assert visitor.session["cart"] == {str(variant.pk): 1}


def test_what_was_bought_does_not_come_back_with_a_change_from_an_old_page(visitor):
    first, second = make_variant(stock=20), make_variant(stock=20)
    paid_behind_my_back(visitor, (first, 2), (second, 1))

    visitor.post(UPDATE, {"variant": first.pk, "quantity": 5})

    assert visitor.session["cart"] == {}
    assert "ordered" not in visitor.session


def test_what_was_bought_does_not_fill_the_cart(visitor):
    variants = list(make_product(variants=[{} for _number in range(51)]).variants.order_by("pk"))
    paid_behind_my_back(visitor, *[(variant, 1) for variant in variants[:50]])

    add(visitor, variants[50])

    assert visitor.session["cart"] == {str(variants[50].pk): 1}


def test_the_cookie_lives_on_with_every_change(visitor):
    variant = make_variant()
    add(visitor, variant)

    assert "session" in add(visitor, variant).cookies


def test_an_ended_session_begins_anew(visitor):
    variant = make_variant()
    add(visitor, variant)
    visitor.session.delete()

    add(visitor, variant)

    assert visitor.session["cart"] == {str(variant.pk): 1}
