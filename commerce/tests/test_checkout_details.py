"""What the checkout asks for beyond name and street, what it keeps, and what it shows before anybody pays."""

import re
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone
from wagtail.models import Page

from catalog.models import Stock, Variant
from catalog.tests.factories import make_variant
from commerce import addresses, orders
from commerce.addresses import COUNTRIES, clean_postcode
from commerce.documents.content import invoice_content
from commerce.documents.printing import packing_slips_html
from commerce.forms import CheckoutForm
from commerce.models import Coupon, DeliveryMethod, DeliveryRate, Order, TaxRate
from commerce.order_rows import COLUMNS
from commerce.tests.factories import ADDRESS, make_coupon, make_delivery
from commerce.tests.papers import make_paid
from commerce.tests.visits import CHECKOUT, FROM_HERE, browser, put, said, send
from core.cache import renew_window
from core.context_processors import shop_details
from core.models import Outbox


def shown(visitor, **changes):
    """The form as the page itself would send it, filled in."""
    context = visitor.get(CHECKOUT).context
    names = ("attempt", "shown_total", "shown_lines", "shown_parts")
    hidden = {name: str(context[name]) for name in names}
    contact = {"email": "mina@example.org", "name": "Mina Berg", "country": "DE"}
    return {**contact, **ADDRESS, "delivery": context["delivery_methods"][0].pk, **hidden, **changes}


# Company, VAT number, note


@pytest.mark.parametrize(
    ("country", "typed", "kept"),
    [
        ("DE", "DE 136 695 976", "DE136695976"),
        ("DE", "136695976", "DE136695976"),
        ("DE", "DE١٣٦٦٩٥٩٧٦", "DE136695976"),
        ("DE", "atu13585627", "ATU13585627"),
        ("AT", "U13585627", "ATU13585627"),
        ("GB", "980780684", "GB980780684"),
        ("CH", "CHE-107.787.577 IVA", "CHE107787577IVA"),
        ("NO", "NO 995 525 828 MVA", "NO995525828MVA"),
        ("AE", "100-1234-5678-9012", "100123456789012"),
        ("US", "", ""),
        ("DE", "   ", ""),
    ],
)
def test_a_vat_number_is_kept_as_its_country_writes_it(country, typed, kept):
    assert addresses.clean_vat_id(country, typed) == kept


@pytest.mark.parametrize(
    "typed", ["DE136695978", "136695978", "DE", "x", "DE136695976DE136695976", "<b>", "DE\x00136695976", "1\r\nBcc:"]
)
def test_what_is_no_vat_number_is_said_at_its_field(visitor, parcel, typed):
    put(visitor, make_variant(price="8.90"))

    page = send(visitor, shown(visitor, vat_id=typed))

    assert list(page.context["form"].errors) == ["vat_id"]
    assert not Order.objects.exists()


def test_company_vat_number_and_note_are_frozen_and_stand_on_every_paper(visitor, parcel, gateway, shop):
    put(visitor, make_variant(price="8.90"))
    details = {"company": "Berg & Söhne", "vat_id": "136695976", "note": "Ring twice.\r\nThe dog <b>is</b> kind."}
    send(visitor, shown(visitor, **details))

    order = Order.objects.get()
    assert (order.company, order.vat_id) == ("Berg & Söhne", "DE136695976")
    assert order.note == "Ring twice.\nThe dog <b>is</b> kind."
    page = visitor.get(order.get_absolute_url()).content.decode()
    slip = packing_slips_html([order])
    for paper in (page, slip):
        assert "DE136695976" in paper
        assert "Ring twice.<br>The dog &lt;b&gt;is&lt;/b&gt; kind." in paper
        assert "Berg &amp; Söhne" in paper
    assert invoice_content(order, shop_details(), "R1", order.placed_at.date())["buyer"]["vat_id"] == "DE136695976"
    assert [COLUMNS[name][1](order) for name in ("company", "vat_id", "note")] == [
        order.company,
        order.vat_id,
        order.note,
    ]


@pytest.mark.parametrize("note", ["x" * 501, "a\x00b", "a\x1bb", "a\x07b"])
def test_a_hostile_note_is_refused_at_its_field(visitor, parcel, note):
    put(visitor, make_variant(price="8.90"))

    page = send(visitor, shown(visitor, note=note))

    assert list(page.context["form"].errors) == ["note"]


# The country


@pytest.mark.parametrize("post", [True, False])
def test_a_country_that_nothing_reaches_is_said_at_its_field(visitor, gateway, post):
    make_delivery("4.90", countries=["AT"])
    put(visitor, make_variant(price="8.90"))
    form = {"email": "mina@example.org", "name": "Mina", "country": "DE", **ADDRESS}

    page = send(visitor, form) if post else visitor.get(CHECKOUT)

    assert list(page.context["form"].errors) == (["country"] if post else [])
    at_country = page.content.decode().split('name="country"')[1].split('name="name"')[0]
    assert at_country.count("We do not deliver to this country yet. Please choose another one.") == 1


def test_states_are_chosen_where_the_post_wants_one(visitor, parcel):
    put(visitor, make_variant(price="8.90"))

    page = visitor.post(CHECKOUT, {"update": "1", "country": "US", "region": "NY"}).content.decode()

    assert '<option value="NY" selected>New York</option>' in page
    assert 'autocomplete="shipping address-level1"' in page


@pytest.mark.parametrize(("country", "postcode"), [("LU", "12345"), ("SA", "1234"), ("SA", "x"), ("LU", "")])
def test_postcodes_of_countries_without_a_localflavor(visitor, parcel, country, postcode):
    put(visitor, make_variant(price="8.90"))

    page = send(visitor, shown(visitor, country=country, postcode=postcode))

    assert list(page.context["form"].errors) == ["postcode"]


@pytest.mark.parametrize("country", sorted(COUNTRIES))
def test_a_wrong_postcode_is_answered_with_a_right_one(country):
    rules = COUNTRIES[country]
    if not rules.example:
        return
    assert clean_postcode(country, rules.example).replace(" ", "") == rules.example.replace(" ", "")

    with pytest.raises(ValidationError) as refused:
        clean_postcode(country, "?!")

    assert refused.value.messages == [f"A postcode of this country looks like {rules.example}."]


@pytest.mark.parametrize(("country", "asked"), [("DE", False), ("CH", False), ("IT", True), ("AE", True), ("US", True)])
def test_a_region_is_asked_for_where_one_is_written(visitor, parcel, country, asked):
    put(visitor, make_variant(price="8.90"))

    page = visitor.post(CHECKOUT, {"update": "1", "country": country, "region": "NY"}).content.decode()

    assert ('name="region"' in page) == asked


def test_every_field_tells_the_browser_what_it_is(visitor, parcel):
    put(visitor, make_variant(price="8.90"))

    form = visitor.get(CHECKOUT).context["form"]

    told = {name: field.widget.attrs.get("autocomplete") for name, field in form.fields.items()}
    assert told == {
        "email": "email",
        "name": "shipping name",
        "company": "shipping organization",
        "vat_id": "off",
        "country": "shipping country",
        "line1": "shipping address-line1",
        "line2": "shipping address-line2",
        "postcode": "shipping postal-code",
        "city": "shipping address-level2",
        "phone": "tel",
        "note": "off",
        "delivery": None,
        "payment": None,
        "newsletter": None,
    }
    modes = {name: form.fields[name].widget.attrs["inputmode"] for name in ("email", "phone", "postcode")}
    assert modes == {"email": "email", "phone": "tel", "postcode": "numeric"}


def test_what_is_to_correct_is_listed_in_the_order_of_the_page(visitor, parcel):
    put(visitor, make_variant(price="8.90"))

    page = send(visitor, shown(visitor, phone="12", vat_id="DE12", postcode="2355")).content.decode()

    summary = re.findall(r'<a href="#id_(\w+)">', page)
    assert summary == ["phone", "vat_id", "postcode"]
    fields = list(dict.fromkeys(name for name in re.findall(r'name="(\w+)"', page) if name in CheckoutForm.base_fields))
    elsewhere = {"payment", "region"}  # only one way to pay is offered, and no region is written in Germany
    assert fields == [name for name in CheckoutForm.field_order if name not in elsewhere]


# Consent and terms


def test_the_newsletter_is_a_box_of_its_own_and_unticked(visitor, parcel):
    put(visitor, make_variant(price="8.90"))

    page = visitor.get(CHECKOUT).content.decode()

    box = page.split('name="newsletter"')[1].split(">")[0]
    assert "checked" not in box and "required" not in box


@pytest.mark.parametrize(("ticked", "wishes"), [({}, 0), ({"newsletter": "on"}, 1)])
def test_who_ticked_is_asked_back_once_the_order_is_paid(visitor, parcel, gateway, ticked, wishes):
    put(visitor, make_variant(price="8.90"))
    payment = send(visitor, shown(visitor, **ticked)).headers["Location"]
    asked = Outbox.objects.filter(kind="newsletter_wish")
    assert not asked.exists()

    gateway.pay(session_id := payment.rsplit("/", 1)[1])
    orders.fulfil(session_id)
    orders.fulfil(session_id)

    assert asked.count() == wishes
    for row in asked:
        order = Order.objects.get()
        assert row.payload == {
            "order": order.pk,
            "email": "mina@example.org",
            "language": "en",
            "source": "checkout",
        }


def test_terms_and_privacy_stand_beside_the_button(visitor, parcel, shop):
    put(visitor, make_variant(price="8.90"))
    assert "you place an order that you have to pay for" in visitor.get(CHECKOUT).content.decode()

    shop.terms_page = shop.privacy_page = Page.objects.get(depth=2, locale__language_code="de")
    shop.save()
    renew_window()

    page = visitor.get(CHECKOUT).content.decode()
    assert 'Our <a href="/en/">terms</a> apply.' in page
    assert 'What we do with your data: <a href="/en/">privacy</a>.' in page


# Nothing typed is lost


def test_what_was_typed_waits_when_the_goods_are_gone(visitor, parcel, gateway):
    put(visitor, make_variant(price="8.90"))
    form = shown(visitor, name="Mina Berg", note="Ring twice.", newsletter="on")
    Stock.objects.update(on_hand=0)
    assert send(visitor, form).headers["Location"] == "/en/cart/"

    Stock.objects.update(on_hand=5)
    again = visitor.get(CHECKOUT).context["form"]

    assert {name: again[name].value() for name in ("name", "note", "newsletter", "city")} == {
        "name": "Mina Berg",
        "note": "Ring twice.",
        "newsletter": "on",
        "city": "Hamburg",
    }


def test_what_was_typed_waits_while_one_looks_at_the_cart_and_through_a_payment_given_up(visitor, parcel, gateway):
    put(visitor, make_variant(price="8.90"))
    back = send(visitor, {"to_cart": "1", "name": "Mi", "country": "DE", "city": "Kiel"})
    assert back.headers["Location"] == "/en/cart/"
    form = visitor.get(CHECKOUT).context["form"]
    assert (form["name"].value(), form["city"].value()) == ("Mi", "Kiel")

    payment = send(visitor, shown(visitor)).headers["Location"]
    assert visitor.get(CHECKOUT).context["form"]["name"].value() == "Mina Berg"

    gateway.pay(session_id := payment.rsplit("/", 1)[1])
    orders.fulfil(session_id)
    put(visitor, make_variant(price="3"))
    assert visitor.get(CHECKOUT).context["form"]["name"].value() is None  # the next purchase may be somebody else's


def test_what_was_typed_waits_when_the_session_has_ended(visitor, parcel):
    variant = make_variant(price="8.90")
    put(visitor, variant)
    form = shown(visitor)
    visitor.session.delete()

    page = send(visitor, form, follow=True)
    assert said(page)[-1] == "There is nothing in your cart that can be ordered."

    put(visitor, variant)
    assert visitor.get(CHECKOUT).context["form"]["name"].value() == "Mina Berg"


@pytest.mark.parametrize("hostile", ["x" * 10**5, "\x00", "\ud7ff", "<script>"])
def test_hostile_answers_are_kept_short_and_escaped(visitor, parcel, hostile):
    put(visitor, make_variant(price="8.90"))
    send(visitor, {"to_cart": "1", "name": hostile, "unknown": hostile, "country": hostile, "delivery": hostile})

    assert len(visitor.session["typed"]["name"]) <= 500
    assert "unknown" not in visitor.session["typed"]
    page = visitor.get(CHECKOUT)
    assert page.status_code == 200
    assert "<script>" not in page.content.decode().split('name="name"')[1].split(">")[0]


def strict(**headers):
    return Client(enforce_csrf_checks=True, headers={**FROM_HERE, **headers})


def test_an_old_token_shows_the_form_again_and_orders_nothing(db, parcel, gateway):
    visitor = strict()
    put(visitor, make_variant(price="8.90"))
    form = shown(visitor, csrfmiddlewaretoken="x" * 64)

    page = send(visitor, form)

    assert said(page)[-1] == "This page was too old to order from. Please check everything and order again."
    assert page.context["form"]["name"].value() == "Mina Berg"
    assert not Order.objects.exists()
    token = page.context["csrf_token"]
    assert send(visitor, {**form, "csrfmiddlewaretoken": str(token)}).status_code == 303
    assert Order.objects.count() == 1


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}])
def test_another_site_cannot_fill_in_the_form(db, parcel, headers):
    visitor = strict()
    put(visitor, make_variant(price="8.90"))

    assert visitor.post(CHECKOUT, shown(visitor), headers=headers).status_code == 403
    assert visitor.post(CHECKOUT, {"to_cart": "1", "name": "Eve"}, headers=headers).status_code == 403
    assert "typed" not in visitor.session


# What is shown is what is charged


def price_up_and_delivery_down():
    Variant.objects.update(price=Decimal("9.90"))
    DeliveryMethod.objects.update(price=Decimal("3.90"))


def tax():
    TaxRate.objects.filter(country="DE").update(rate=Decimal(16))


def tomorrow_is_today():
    TaxRate.objects.create(country="DE", tax_class="standard", rate=16, valid_from=timezone.localdate())


def dearer_by_weight():
    method = DeliveryMethod.objects.get()
    method.rates = [DeliveryRate(over_grams=99, price=Decimal("6.90"))]
    method.save()
    Variant.objects.update(weight_grams=100)


def free_by_sum():
    DeliveryMethod.objects.update(free_from=Decimal("6.90"))  # goods of 8.90, less a coupon of 2.00


def price_up_and_free_delivery():
    Variant.objects.update(price=Decimal("13.80"))
    free_by_sum()


def coupon_less_and_price_less():
    Coupon.objects.update(value=Decimal("1"))
    Variant.objects.update(price=Decimal("7.90"))


@pytest.mark.parametrize(
    ("move", "words"),
    [
        (lambda: Variant.objects.update(price=Decimal("9.90")), "The total is €12.80 now."),
        (lambda: DeliveryMethod.objects.update(price=Decimal("5.90")), "The total is €12.80 now."),
        (lambda: Coupon.objects.update(value=Decimal("1")), "The total is €12.80 now."),
        (lambda: Coupon.objects.update(live=False), "The total is €13.80 now."),
        (lambda: Stock.objects.update(on_hand=1), None),
        (tax, "The total is the same, but not every amount in it."),
        (tomorrow_is_today, "The total is the same, but not every amount in it."),
        (dearer_by_weight, "The total is €13.80 now."),
        (free_by_sum, "The total is €6.90 now."),
        (price_up_and_free_delivery, "The total is the same, but not every amount in it."),
        (price_up_and_delivery_down, "The total is the same, but not every amount in it."),
        (coupon_less_and_price_less, "The total is the same, but not every amount in it."),
    ],
)
def test_whatever_moved_is_shown_before_anybody_pays(visitor, parcel, gateway, move, words):
    make_coupon("TWO", "amount", "2")
    put(visitor, make_variant(price="8.90", stock=9))
    visitor.post("/en/cart/coupon/", {"code": "TWO"})
    form = shown(visitor)
    assert form["shown_total"] == "11.80"
    move()

    page = send(visitor, form)

    if words is None:  # one unit is left, and one is wanted: nothing moved for this shopper
        assert page.status_code == 303
        return
    assert said(page)[-1].startswith(words)
    assert not Order.objects.exists()
    names = ("shown_total", "shown_lines", "shown_parts")
    again = send(visitor, {**form, **{name: page.context[name] for name in names}})
    assert again.status_code == 303
    assert placed_total() == page.context["shown_total"]


def placed_total():
    order = Order.objects.get()
    asked = order.attempts.get().request
    amounts = sum(item["price_data"]["unit_amount"] * item["quantity"] for item in asked["line_items"])
    delivery = asked["shipping_options"][0]["shipping_rate_data"]["fixed_amount"]["amount"]
    assert order.total * 100 == amounts + delivery - order.discount * 100
    return f"{order.total:.2f}"


def test_fewer_left_than_shown_is_shown_before_anybody_pays(visitor, parcel, gateway):
    put(visitor, make_variant(price="8.90", stock=9), 5)
    form = shown(visitor)
    Stock.objects.update(on_hand=3)

    page = send(visitor, form)

    assert said(page)[-1].startswith("Your cart has changed.")
    assert page.context["cart"].changed[0].problem == "Only 3 left: we set the quantity from 5 to 3."
    assert not Order.objects.exists()


def test_what_staff_see_of_the_buyer(admin_client, parcel):
    order = make_paid()
    Order.objects.filter(pk=order.pk).update(vat_id="DE136695976", note="Ring\ntwice", wants_newsletter=True)

    page = admin_client.get(f"/admin/orders/{order.pk}/").content.decode()

    assert "DE136695976" in page
    assert "Ring<br>twice" in page
    assert "Asked for the newsletter" in page


def test_a_browser_of_its_own_gets_a_form_of_its_own(visitor, parcel):
    variant = make_variant(price="8.90")
    put(visitor, variant)
    send(visitor, {"to_cart": "1", "name": "Mina"})
    put(other := browser(), variant)

    assert other.get(CHECKOUT).context["form"]["name"].value() is None
