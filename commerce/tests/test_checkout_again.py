"""One visitor and more than one form: sent again, from two tabs, after a refusal or a crash."""

import pytest

from catalog.tests.factories import make_variant
from commerce import checkout_views, orders
from commerce.models import Order, Status
from commerce.payments.stripe import StripeProvider
from commerce.tests.factories import checkout_form, stock_of
from commerce.tests.visits import browser, other_tab, put, said, send


def test_the_same_form_again_leads_to_the_same_order(visitor, parcel, gateway):
    put(visitor, make_variant(price="8.90"))
    form = checkout_form(visitor, parcel, "13.80")

    first, second = send(visitor, form), send(visitor, form)

    assert first.headers["Location"] == second.headers["Location"]
    assert Order.objects.count() == 1


def test_a_form_sent_again_after_paying_shows_the_paid_order(visitor, parcel, gateway):
    put(visitor, make_variant(price="8.90"))
    form = checkout_form(visitor, parcel, "13.80")
    gateway.pay(send(visitor, form).headers["Location"].rsplit("/", 1)[1])

    response = send(visitor, form, follow=True)

    assert response.context["state"] == "paid"
    assert Order.objects.count() == 1


def test_ordering_anew_replaces_the_unpaid_order(visitor, parcel, gateway):
    variant = make_variant(price="8.90", stock=1)
    put(visitor, variant)
    send(visitor, checkout_form(visitor, parcel, "13.80"))

    response = send(visitor, checkout_form(visitor, parcel, "13.80", name="Mina Burg"))

    first, second = Order.objects.order_by("pk")
    assert (first.status, second.status) == (Status.EXPIRED, Status.PENDING)
    assert response.headers["Location"] == second.attempts.get().url
    assert stock_of(variant) == (1, 1)


def test_ordering_anew_after_paying_elsewhere_finds_the_payment(visitor, parcel, gateway):
    put(visitor, make_variant(price="8.90"))
    gateway.pay(send(visitor, checkout_form(visitor, parcel, "13.80")).headers["Location"].rsplit("/", 1)[1])

    response = send(visitor, checkout_form(visitor, parcel, "13.80"), follow=True)

    assert response.context["state"] == "paid"
    assert said(response)[-1] == "You have already paid for this order."
    assert Order.objects.count() == 1


def while_the_first_waits_for_stripe(monkeypatch, do):
    """Runs `do` once, between the commit of an order and its payment page."""
    to_payment, todo = checkout_views.to_payment, [do]

    def slow(request, order):
        if todo:
            todo.pop()()
        return to_payment(request, order)

    monkeypatch.setattr(checkout_views, "to_payment", slow)


def test_two_tabs_hold_stock_once_though_the_first_waits_for_stripe(visitor, parcel, gateway, monkeypatch):
    variant = make_variant(price="8.90", stock=5)
    put(visitor, variant, 2)
    tab = other_tab(visitor)
    while_the_first_waits_for_stripe(monkeypatch, lambda: send(tab, checkout_form(tab, parcel, "22.70")))

    send(visitor, checkout_form(visitor, parcel, "22.70"))

    assert sorted(Order.objects.values_list("status", flat=True)) == ["expired", "pending"]
    assert stock_of(variant) == (5, 2)
    assert visitor.session["ordered"] == Order.objects.get(status="pending").token


def test_what_is_added_while_the_first_tab_waits_for_stripe_stays(visitor, parcel, gateway, monkeypatch):
    ordered, added = make_variant(price="8.90"), make_variant()
    put(visitor, ordered)
    while_the_first_waits_for_stripe(monkeypatch, lambda: put(other_tab(visitor), added))

    send(visitor, checkout_form(visitor, parcel, "13.80"))

    assert visitor.session["cart"] == {str(ordered.pk): 1, str(added.pk): 1}
    assert visitor.session["ordered"] == Order.objects.get().token


def test_a_process_that_dies_before_asking_stripe_leaves_a_cart_that_knows_its_order(
    visitor, parcel, gateway, monkeypatch
):
    put(visitor, make_variant(price="8.90"))
    form = checkout_form(visitor, parcel, "13.80")
    with monkeypatch.context() as death, pytest.raises(ZeroDivisionError):
        death.setattr(checkout_views, "to_payment", lambda request, order: 1 / 0)
        send(visitor, form)

    payment = send(visitor, form).headers["Location"]
    session_id = payment.rsplit("/", 1)[1]
    gateway.pay(session_id)
    orders.fulfil(session_id)  # the webhook; the tab was closed

    assert visitor.get("/en/cart/").context["cart"].is_empty


def test_the_form_of_a_paid_order_sent_again_takes_nothing_out_of_the_new_cart(visitor, parcel, gateway):
    variant = make_variant(price="8.90")
    put(visitor, variant)
    form = checkout_form(visitor, parcel, "13.80")
    gateway.pay(session_id := send(visitor, form).headers["Location"].rsplit("/", 1)[1])
    orders.fulfil(session_id)
    put(visitor, variant)

    send(visitor, form, follow=True)

    assert visitor.get("/en/cart/").context["cart"].count == 1


def test_a_form_sent_again_from_another_session_is_followed_by_that_cart(visitor, parcel, gateway):
    variant = make_variant(price="8.90")
    put(visitor, variant)
    form = checkout_form(visitor, parcel, "13.80")
    send(visitor, form)
    later = browser()
    put(later, variant)

    gateway.pay(session_id := send(later, form).headers["Location"].rsplit("/", 1)[1])
    orders.fulfil(session_id)

    assert later.get("/en/cart/").context["cart"].is_empty


def test_no_second_hold_while_the_first_cannot_be_closed(visitor, parcel, settings):
    variant = make_variant(price="8.90", stock=5)
    put(visitor, variant)
    send(visitor, checkout_form(visitor, parcel, "13.80"))

    response = send(visitor, checkout_form(visitor, parcel, "13.80"), follow=True)

    assert Order.objects.count() == 1
    assert stock_of(variant) == (5, 1)
    assert said(response)[-1].startswith("The payment service does not answer.")


def spoil(monkeypatch):
    """Every request for a payment page is one that the gateway will never accept."""
    prepare = StripeProvider.prepare
    monkeypatch.setattr(StripeProvider, "prepare", lambda self, purchase: {**prepare(self, purchase), "mode": "no"})


def test_what_the_provider_never_takes_is_said_and_holds_nothing(visitor, parcel, gateway, monkeypatch):
    spoil(monkeypatch)
    variant = make_variant(price="8.90", stock=5)
    put(visitor, variant)

    response = send(visitor, checkout_form(visitor, parcel, "13.80"), follow=True)

    assert response.redirect_chain == [("/en/cart/", 303)]
    assert said(response)[-1] == (
        "The payment service cannot accept this order. Nothing was charged, and your cart is kept."
    )
    order = Order.objects.get()
    assert (order.status, order.attempts.count()) == (Status.CANCELLED, 1)
    assert stock_of(variant) == (5, 0)
    assert response.context["cart"].count == 1


def test_after_a_refusal_one_can_order_again(visitor, parcel, gateway, monkeypatch):
    put(visitor, make_variant(price="8.90", stock=1))
    with monkeypatch.context() as meanwhile:
        spoil(meanwhile)
        send(visitor, checkout_form(visitor, parcel, "13.80"))

    response = send(visitor, checkout_form(visitor, parcel, "13.80"))

    assert response.headers["Location"].startswith(gateway.base)


def test_an_order_cancelled_while_it_is_replaced_is_not_called_paid(visitor, parcel, gateway):
    variant = make_variant(price="8.90", stock=1)
    put(visitor, variant)
    gateway_page = send(visitor, checkout_form(visitor, parcel, "13.80")).headers["Location"]
    session_id = gateway_page.rsplit("/", 1)[1]
    gateway.click(session_id, "later")  # a delayed payment, of which the shop has not heard ...
    gateway.click(session_id, "fail", step="/funds")  # ... and which did not come

    response = send(visitor, checkout_form(visitor, parcel, "13.80"))

    first, second = Order.objects.order_by("pk")
    assert (first.status, second.status) == (Status.CANCELLED, Status.PENDING)
    assert response.headers["Location"] == second.attempts.get().url
