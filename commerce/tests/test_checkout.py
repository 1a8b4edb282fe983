import re
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
from celery import current_app
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import translation

from catalog.models import Stock, Variant
from catalog.tests.factories import make_image, make_product, make_variant
from commerce import placing
from commerce.models import Order, OrderLine, Status
from commerce.tests.factories import checkout_form, make_delivery, stock_of
from commerce.tests.visits import CHECKOUT, browser, put, said, send
from core import outbox
from core.models import Outbox


def test_it_works(visitor, parcel, gateway):
    variant = make_variant(price="8.90", stock=5)
    put(visitor, variant, 2)

    page = visitor.get(CHECKOUT)
    assert page.context["shown_total"] == "22.70"
    form = checkout_form(visitor, parcel, page.context["shown_total"], attempt=str(page.context["attempt"]))
    response = send(visitor, form)

    order = Order.objects.get()
    assert response.status_code == 303
    assert response.headers["Location"] == order.attempts.get().url
    assert response.headers["Location"].startswith(gateway.base)
    assert (order.status, order.email, order.language, order.currency) == ("pending", "mina@example.org", "en", "EUR")
    assert str(order.grand_total) == "€22.70"
    assert stock_of(variant) == (5, 2)


def test_from_cart_to_paid(visitor, parcel, gateway):
    variant = make_product("Sencha", images=[make_image()], variants=[{"price": "8.90"}]).variants.get()
    put(visitor, variant)
    payment = send(visitor, checkout_form(visitor, parcel, "13.80")).headers["Location"]

    back = urlsplit(gateway.pay(payment.rsplit("/", 1)[1]))
    page = visitor.get(f"{back.path}?{back.query}")

    assert page.context["state"] == "paid"
    assert page.context["order"].status == Status.PAID
    assert visitor.get("/en/cart/").context["cart"].is_empty


def test_the_language_of_the_page_is_the_order_s(visitor, parcel, gateway):
    put(visitor, make_variant(price="8.90"))
    with translation.override("de"):
        url = reverse("commerce:checkout")
    visitor.post(url, checkout_form(visitor, parcel, "13.80"))

    order = Order.objects.get()
    assert order.language == "de"
    assert order.delivery_name == "Paket"
    assert order.lines.get().name == "Sencha de"


def test_totals_show_the_tax_of_the_country(visitor, parcel):
    put(visitor, make_variant(price="11.90"))

    german = visitor.get(CHECKOUT).context["totals"]
    american = visitor.post(CHECKOUT, {"update": "1", "country": "US"}).context["totals"]

    assert [(str(rate), str(amount)) for rate, amount in german.taxes] == [("19.00", "€2.68")]
    assert american.taxes == ()
    assert german.total == american.total


def test_update_shows_the_page_again_without_ordering_or_complaining(visitor, parcel):
    put(visitor, make_variant())
    express = make_delivery("9.90")

    page = visitor.post(CHECKOUT, {"update": "1", "country": "DE", "delivery": express.pk, "name": "Mi"})

    assert str(page.context["totals"].delivery) == "€9.90"
    assert page.context["form"]["name"].value() == "Mi"
    assert not page.context["form"].errors
    assert not Order.objects.exists()


def test_an_empty_cart_goes_back_to_the_cart(visitor, parcel):
    response = visitor.get(CHECKOUT, follow=True)

    assert response.redirect_chain == [("/en/cart/", 303)]


@pytest.mark.parametrize(
    "lies",
    [
        {"price": "0.01", "unit_price": "0.01", "total": "0", "goods_total": "0"},
        {"currency": "JPY", "status": "paid", "is_paid": "1", "paid_at": "2020-01-01"},
        {"delivery_gross": "0", "delivery_price": "0", "discount": "99", "tax_total": "0"},
        {"user": "1", "number": "A", "token": "x", "language": "xx", "expires_at": "2099-01-01"},
    ],
)
def test_nothing_about_money_or_state_is_read_from_the_request(visitor, parcel, gateway, lies):
    put(visitor, make_variant(price="8.90"))

    send(visitor, checkout_form(visitor, parcel, "13.80", **lies))

    order = Order.objects.get()
    assert (str(order.grand_total), order.status, order.language) == ("€13.80", "pending", "en")
    assert order.attempts.get().request["line_items"][0]["price_data"]["unit_amount"] == 890


@pytest.mark.parametrize("shown", ["0.01", "13.81", "", "x", "\x00", "9" * 500])
def test_another_total_than_shown_is_said_and_not_charged(visitor, parcel, gateway, shown):
    put(visitor, make_variant(price="8.90"))

    page = send(visitor, checkout_form(visitor, parcel, shown))

    assert said(page)[-1] == "The total is €13.80 now. Nothing was charged; please check it and order again."
    assert page.context["shown_total"] == "13.80"
    assert not Order.objects.exists()


def test_a_price_that_moved_is_said_and_the_second_try_orders(visitor, parcel, gateway):
    put(visitor, make_variant(price="8.90"))
    form = checkout_form(visitor, parcel, visitor.get(CHECKOUT).context["shown_total"])
    Variant.objects.update(price="9.90")

    page = send(visitor, form)
    assert page.status_code == 200
    assert page.context["form"]["name"].value() == "Mina Berg"
    assert str(page.context["attempt"]) == form["attempt"]

    assert send(visitor, {**form, "shown_total": page.context["shown_total"]}).status_code == 303
    assert str(Order.objects.get().grand_total) == "€14.80"


def test_another_delivery_than_the_shown_one_is_said_first(visitor, parcel, gateway):
    express = make_delivery("9.90")
    put(visitor, make_variant(price="8.90"))

    page = send(visitor, checkout_form(visitor, express, "13.80"))

    assert "€18.80" in said(page)[-1]
    assert str(page.context["totals"].delivery) == "€9.90"


def test_sold_out_in_between_goes_back_to_the_cart_with_the_reason(committed_db, gateway, monkeypatch):
    variant, parcel = make_variant(price="8.90", stock=1), make_delivery("4.90")
    visitor = browser()
    put(visitor, variant)
    place = placing.place

    def buy_it():
        Stock.objects.filter(pk=variant.pk).update(reserved=1)
        connection.close()

    def somebody_is_faster(cart, wish):
        with ThreadPoolExecutor(1) as other:
            other.submit(buy_it).result()
        return place(cart, wish)

    monkeypatch.setattr(placing, "place", somebody_is_faster)
    response = send(visitor, checkout_form(visitor, parcel, "13.80"), follow=True)

    assert response.redirect_chain == [("/en/cart/", 303)]
    assert said(response)[-1] == ("Somebody was faster: there is not enough left of Sencha. Nothing was charged.")
    assert response.context["cart"].lines[0].problem == "Sold out at the moment. We leave it out of your order."
    assert not Order.objects.exists()


def test_sold_out_since_the_page_was_shown_is_said_in_the_cart(visitor, parcel, gateway):
    variant = make_variant(price="8.90", stock=1)
    put(visitor, variant)
    form = checkout_form(visitor, parcel, "13.80")
    Stock.objects.filter(pk=variant.pk).update(reserved=1)

    response = send(visitor, form, follow=True)

    assert response.redirect_chain == [("/en/cart/", 303)]
    assert not Order.objects.exists()


def test_other_goods_of_the_same_price_are_shown_before_they_are_ordered(visitor, parcel, gateway):
    seen, swapped = make_variant(price="8.90"), make_variant(price="8.90")
    put(visitor, seen)
    page = visitor.get(CHECKOUT)
    form = checkout_form(visitor, parcel, page.context["shown_total"], shown_lines=page.context["shown_lines"])
    visitor.post("/en/cart/update/", {"variant": seen.pk, "quantity": 0})  # in another tab
    put(visitor, swapped)

    page = send(visitor, form)

    assert said(page)[-1] == "Your cart has changed. Nothing was charged; please check it and order again."
    assert [line.variant for line in page.context["cart"].buyable] == [swapped]
    assert page.context["form"]["name"].value() == "Mina Berg"
    assert f'name="shown_lines" value="{swapped.pk}x1"' in page.content.decode()
    assert not Order.objects.exists()

    assert send(visitor, {**form, "shown_lines": page.context["shown_lines"]}).status_code == 303
    assert OrderLine.objects.get().variant == swapped


def test_a_line_with_a_problem_is_left_out_of_the_order(visitor, parcel, gateway):
    gone, kept = make_variant(price="3"), make_variant(price="8.90")
    put(visitor, gone)
    put(visitor, kept)
    Variant.objects.filter(pk=gone.pk).update(active=False)

    send(visitor, checkout_form(visitor, parcel, "13.80"))

    assert OrderLine.objects.get().variant == kept


def test_stripe_down_keeps_the_order_and_says_so(visitor, parcel):
    variant = make_variant(price="8.90", stock=5)
    put(visitor, variant)

    response = send(visitor, checkout_form(visitor, parcel, "13.80"), follow=True)

    order = Order.objects.get()
    assert response.redirect_chain == [(f"/en/orders/{order.token}/", 303)]
    assert said(response)[-1].startswith("The payment service does not answer. Your order is kept")
    assert response.context["state"] == "pending"
    assert response.context["pay_url"] == f"/en/orders/{order.token}/pay/"
    assert stock_of(variant) == (5, 1)
    assert visitor.get("/en/cart/").context["cart"].count == 1


def test_below_the_smallest_charge_is_said(visitor, gateway):
    free = make_delivery("0")
    put(visitor, make_variant(price="0.30"))

    page = send(visitor, checkout_form(visitor, free, "0.30"))

    assert said(page)[-1] == "The smallest amount that can be paid by card is €0.50. Please add something."
    assert not Order.objects.exists()


def test_nothing_to_pay_needs_no_payment_page(visitor):
    free = make_delivery("0")
    put(visitor, make_variant(price="0"))

    response = send(visitor, checkout_form(visitor, free, "0.00"), follow=True)

    assert response.context["state"] == "paid"


@pytest.mark.parametrize("price", ["500000", "99999999"])
def test_above_the_largest_charge_is_said(visitor, parcel, gateway, price):
    variant = make_variant(price=price, stock=500)
    put(visitor, variant, 99)

    page = send(visitor, checkout_form(visitor, parcel, visitor.get(CHECKOUT).context["shown_total"]))

    assert said(page)[-1] == "The largest amount that can be paid by card is €999,999.99. Please take something out."
    assert not Order.objects.exists()
    assert stock_of(variant) == (500, 0)


def test_the_sixth_order_within_a_minute_has_to_wait(visitor, parcel, gateway):
    variant = make_variant(price="8.90", stock=99)
    put(visitor, variant)
    for _number in range(5):
        assert send(visitor, checkout_form(visitor, parcel, "13.80")).status_code == 303

    page = send(visitor, checkout_form(visitor, parcel, "13.80"))

    assert page.status_code == 429
    assert said(page)[-1] == "That was often in a short time. Please try again in a minute."
    assert page.context["form"]["name"].value() == "Mina Berg"
    assert Order.objects.count() == 5
    assert stock_of(variant) == (99, 1)
    put(other := browser(REMOTE_ADDR="203.0.113.9"), variant)
    assert send(other, checkout_form(other, parcel, "13.80")).status_code == 303


def test_nobody_empties_the_shelves_without_paying(db, parcel, gateway, settings):
    settings.RATE_LIMITS = {"checkout-units-ip": (150, 1860)}
    variant = make_variant(price="1", stock=500)

    def buy(units, address):
        visitor = browser(REMOTE_ADDR=address)
        put(visitor, variant, units)
        return send(visitor, checkout_form(visitor, parcel, f"{units + 4}.90"))

    assert buy(99, "198.51.100.7").status_code == 303
    refused = buy(99, "198.51.100.7")
    assert said(refused)[-1] == (
        "That is more than we can keep for you at a time. Please order less, or try again in half an hour."
    )
    assert stock_of(variant) == (500, 99)
    assert buy(51, "198.51.100.7").status_code == 303  # what was refused does not count
    assert buy(99, "198.51.100.8").status_code == 303


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": ""}, "email"),
        ({"email": "mina"}, "email"),
        ({"email": "a@example.org\r\nBcc: b@example.org"}, "email"),
        ({"name": "Mina\r\nBcc: b@example.org"}, "name"),
        ({"name": "Mi\x00na"}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": ""}, "name"),
        ({"phone": "call me"}, "phone"),
        ({"country": "XX"}, "country"),
        ({"country": ""}, "country"),
        ({"postcode": "2045"}, "postcode"),
        ({"postcode": ""}, "postcode"),
        ({"city": ""}, "city"),
        ({"line1": ""}, "line1"),
        ({"country": "US", "postcode": "10001"}, "region"),
        ({"country": "US", "postcode": "10001", "region": "Bavaria"}, "region"),
        ({"country": "AT", "postcode": "20457"}, "postcode"),
        ({"delivery": ""}, "delivery"),
        ({"delivery": "999"}, "delivery"),
        ({"delivery": "x"}, "delivery"),
        ({"delivery": str(2**70)}, "delivery"),
    ],
)
def test_an_error_stands_at_its_field_and_keeps_what_was_typed(visitor, parcel, gateway, changes, field):
    put(visitor, make_variant(price="8.90"))

    page = send(visitor, checkout_form(visitor, parcel, "13.80", **changes))

    form = page.context["form"]
    assert page.status_code == 200
    assert list(form.errors) == [field]
    kept = "line2" if field != "line2" else "city"
    assert form[kept].value() == checkout_form(visitor, parcel, "13.80")[kept]
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    ("country", "postcode", "region", "expected"),
    [
        ("DE", " 20457 ", "", ("20457", "")),
        ("DE", "٢٠٤٥٧", "", ("20457", "")),
        ("GB", "sw1a1aa", "", ("SW1A 1AA", "")),
        ("US", "10001-1234", "new york", ("10001-1234", "NY")),
        ("CH", "8001", "Zürich", ("8001", "")),  # nobody writes one there
        ("IT", "00184", "Roma", ("00184", "Roma")),
        ("AE", "", "Dubai", ("", "Dubai")),
        ("LU", "1234", "", ("1234", "")),
        ("AT", "1010", "", ("1010", "")),
        ("FR", "75001", "", ("75001", "")),
    ],
)
def test_addresses_follow_their_country(visitor, parcel, gateway, country, postcode, region, expected):
    put(visitor, make_variant(price="8.90"))

    send(visitor, checkout_form(visitor, parcel, "13.80", country=country, postcode=postcode, region=region))

    order = Order.objects.get()
    assert order.country == country
    assert (order.address["postcode"], order.address["region"]) == expected


@pytest.mark.parametrize("country", ["\x00", "XX", "de", "X" * 5000, "", "\ud7ff", "٣"])
@pytest.mark.parametrize("more", [{"update": "1"}, {}])
def test_an_unknown_country_shows_the_page_of_the_home_country(visitor, parcel, country, more):
    put(visitor, make_variant(price="11.90"))

    page = send(visitor, checkout_form(visitor, parcel, "16.80", country=country, **more))

    assert page.status_code == 200
    assert [str(amount) for _rate, amount in page.context["totals"].taxes] == ["€2.68"]


def test_a_delivery_that_does_not_reach_the_country_is_said(visitor, gateway):
    near, far = make_delivery("4.90", countries=["DE"]), make_delivery("9.90", countries=["AT"])
    put(visitor, make_variant(price="8.90"))

    page = send(visitor, checkout_form(visitor, near, "13.80", country="AT", postcode="1010"))

    assert list(page.context["form"].errors) == ["delivery"]
    assert page.context["delivery_methods"] == [far]


def test_only_what_carries_the_cart_is_offered(visitor, gateway):
    light, strong = make_delivery("4.90", most_grams=1999), make_delivery("9.90", most_grams=2000)
    put(visitor, make_variant(price="8.90", weight_grams=1000), 2)
    form = checkout_form(visitor, light, "22.70")

    page = visitor.get(CHECKOUT)
    assert page.context["delivery_methods"] == [strong]
    assert str(page.context["totals"].total) == "€27.70"
    page = send(visitor, form)

    assert page.context["form"].errors == {"delivery": ["Your cart is too heavy for this. Please choose another way."]}
    assert not Order.objects.exists()


def test_a_cart_that_nothing_carries_is_said_where_delivery_is_chosen(visitor, gateway):
    method = make_delivery("4.90", most_grams=1999)
    put(visitor, make_variant(price="8.90", weight_grams=1000), 2)

    for page in (visitor.get(CHECKOUT), send(visitor, checkout_form(visitor, method, "22.70", name="Mina"))):
        choice = page.content.decode().split('id="delivery-heading"')[1].split("</fieldset>")[0]
        assert choice.count("Your cart is too heavy to be sent there in one order.") == 1
        assert 'type="submit" disabled>Order and pay' in page.content.decode()
        assert "We do not deliver to this country" not in page.content.decode()
    assert page.context["form"]["name"].value() == "Mina"
    assert not Order.objects.exists()


def test_the_choice_says_from_which_sum_on_it_is_free(visitor):
    make_delivery("4.90", free_from="20")
    variant = make_variant(price="10.00")
    put(visitor, variant)
    assert "Free from €20.00 of goods." in visitor.get(CHECKOUT).content.decode()

    put(visitor, variant, 2)
    page = visitor.get(CHECKOUT)
    assert "Free from" not in page.content.decode()
    assert str(page.context["totals"].delivery) == "€0.00"


@pytest.mark.parametrize("attempt", ["", "x", "\x00", "1" * 400])
def test_a_broken_attempt_is_a_new_one(visitor, parcel, gateway, attempt):
    put(visitor, make_variant(price="8.90"))

    assert send(visitor, checkout_form(visitor, parcel, "13.80", attempt=attempt)).status_code == 303


def test_the_checkout_wants_a_token(db):
    strict = Client(enforce_csrf_checks=True, headers={"Sec-Fetch-Site": "cross-site"})

    assert strict.post(CHECKOUT, {}).status_code == 403


def test_a_get_orders_nothing(visitor, parcel):
    put(visitor, make_variant(price="8.90"))

    visitor.get(CHECKOUT, checkout_form(visitor, parcel, "13.80"))

    assert not Order.objects.exists()


def test_the_page_is_kept_nowhere(visitor, parcel):
    put(visitor, make_variant())

    response = visitor.get(CHECKOUT)

    assert "no-store" in response.headers["Cache-Control"]
    assert response.headers["X-Robots-Tag"] == "noindex"


def test_fields_help_the_browser_to_fill_them(visitor, parcel):
    put(visitor, make_variant())

    form = visitor.get(CHECKOUT).context["form"]

    tokens = {name: field.widget.attrs.get("autocomplete") for name, field in form.fields.items()}
    assert tokens["email"] == "email"
    assert tokens["postcode"] == "shipping postal-code"
    assert form.fields["postcode"].widget.attrs["inputmode"] == "numeric"
    assert re.search(r'type="tel"', str(form["phone"]))


def test_without_redis_a_purchase_works(committed_db, gateway, settings):
    """Session, cart, order and payment need PostgreSQL only; the mail waits in the outbox for the schedule."""
    gone = "redis://127.0.0.1:9/0"
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": gone}}
    before = current_app.conf.broker_url
    current_app.conf.broker_url = gone
    current_app.pool.force_close_all()
    try:
        parcel = make_delivery("4.90")
        visitor = browser()
        put(visitor, make_variant(price="8.90"))
        payment = send(visitor, checkout_form(visitor, parcel, "13.80")).headers["Location"]
        back = urlsplit(gateway.pay(payment.rsplit("/", 1)[1]))
        page = visitor.get(f"{back.path}?{back.query}")
    finally:
        current_app.conf.broker_url = before
        current_app.pool.force_close_all()

    assert page.context["state"] == "paid"
    assert not Outbox.objects.exclude(sent_at=None).exists()
    assert outbox.send_due() == 3  # the invoice, its PDF, the mail
