import re
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.template.loader import render_to_string
from django.urls import reverse

from catalog.tests.factories import make_product
from commerce import refunds
from commerce.models import Refund, Status
from commerce.orders import fulfil, payment_page
from commerce.tests.factories import make_delivery, make_order, stock_of
from core import outbox

State = Refund.State


@pytest.fixture
def order(db, gateway):
    """Three Sencha at 8.90 and two Gyokuro at 11.90, delivery 4.90: 55.40 in all."""
    make_delivery("4.90")
    sencha = make_product("Sencha", variants=[{"price": "8.90", "stock": 5}]).variants.get()
    gyokuro = make_product("Gyokuro", variants=[{"price": "11.90", "stock": 5}]).variants.get()
    order = make_order({sencha.pk: 3, gyokuro.pk: 2}, language="de")
    payment_page(order)
    gateway.pay(order.attempts.get().session_id)
    return fulfil(order.attempts.get().session_id)


def login(client, group):
    user = User.objects.create_user("person", first_name="Max", password="secret")
    user.groups.add(Group.objects.get(name=group))
    client.force_login(user)
    return user


@pytest.fixture
def manager(client, db):
    login(client, "Shop managers")
    return client


def url(order):
    return f"/admin/orders/{order.pk}/refund/"


def form_of(client, order, **changes):
    """What a browser sends for the form as it is shown now."""
    page = client.get(url(order)).content.decode()
    fields = dict(re.findall(r'<input type="hidden" name="(uuid|payment)" value="([^"]+)"', page))
    return {**fields, "what": "items", "reason": "other", "comment": "", "amount": "", **changes}


def confirmed(client, order, amount, form):
    return client.post(url(order), {**form, "confirm": f"{amount} EUR"}, follow=True)


def test_it_works(manager, order, gateway):
    line = order.lines.first()
    before = stock_of(line.variant)[0]
    form = form_of(
        manager,
        order,
        **{f"units_{line.pk}": "2", f"restock_{line.pk}": "on", "delivery": "on"},
        reason="faulty",
        comment="arrived broken",
    )

    asked = manager.post(url(order), form).content.decode()
    for part in ("€22.70", "goes back to Mina Berg", "2 units go back into stock", "mina@example.org", "German"):
        assert part in asked
    assert "€32.70 is left of the payment" in asked
    assert not Refund.objects.exists()  # only asked

    answer = confirmed(manager, order, "22.70", form)

    assert answer.redirect_chain == [(reverse("orders:order", args=[order.pk]), 302)]
    page = answer.content.decode()
    assert "€22.70 is refunded." in page
    refund = order.refunds.get()
    assert (refund.state, refund.amount, refund.actor.username) == (State.SUCCEEDED, Decimal("22.70"), "person")
    assert refund.provider_id in page and "arrived broken" in page
    order.refresh_from_db()
    assert order.status == Status.PART_REFUNDED
    assert stock_of(line.variant)[0] == before + 2


def test_all_that_is_left(manager, order):
    confirmed(manager, order, "55.40", form_of(manager, order, what="all"))

    order.refresh_from_db()
    refund = order.refunds.get()
    assert (order.status, refund.amount, refund.delivery) == (Status.REFUNDED, Decimal("55.40"), True)
    assert [entry.quantity for entry in refund.lines.all()] == [3, 2]
    page = manager.get(url(order), follow=True).content.decode()
    assert "nothing to refund" in page


def test_an_amount(manager, order):
    confirmed(manager, order, "5.00", form_of(manager, order, what="amount", amount="5"))

    assert order.refunds.get().amount == Decimal("5.00")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({}, "Please say how many units go back"),
        ({"what": "amount"}, "Please write an amount"),
        ({"what": "amount", "amount": "-1"}, "Please write an amount"),
        ({"what": "amount", "amount": "1.005"}, "Please write an amount"),
        ({"what": "amount", "amount": "NaN"}, "Enter a number"),
        ({"what": "amount", "amount": "55.41"}, "more than is left of this payment: €55.40"),
        ({"what": "everything"}, "not one of the available choices"),
        ({"reason": "mood", "delivery": "on"}, "not one of the available choices"),
        ({"units": "4"}, "less than or equal to 3"),
        ({"units": "-1"}, "greater than or equal to 0"),
    ],
)
def test_what_cannot_be_is_explained_and_nothing_is_lost(manager, order, changes, says):
    line = order.lines.first()
    if "units" in changes:
        changes = {f"units_{line.pk}": changes["units"]}
    form = form_of(manager, order, comment="kept text", **changes)

    answer = manager.post(url(order), {**form, "confirm": "55.41 EUR"})

    assert answer.status_code == 422
    assert says in answer.content.decode() and "kept text" in answer.content.decode()
    assert not Refund.objects.exists()


def test_another_amount_than_was_shown_is_asked_about_again(manager, order):
    form = form_of(manager, order, what="all")

    answer = confirmed(manager, order, "60.00", form)

    assert "Refund €55.40" in answer.content.decode()
    assert not Refund.objects.exists()


def test_the_form_sent_twice_is_one_refund(manager, order):
    form = form_of(manager, order, what="amount", amount="5.00")

    confirmed(manager, order, "5.00", form)
    confirmed(manager, order, "5.00", form)

    assert order.refunds.count() == 1


def test_changing_ones_mind_keeps_what_was_typed(manager, order):
    form = form_of(manager, order, what="amount", amount="5.00", comment="kept text")

    page = manager.post(url(order), {**form, "change": "1"}).content.decode()

    assert 'value="5.00"' in page and "kept text" in page
    assert not Refund.objects.exists()


def test_no_answer_says_so(manager, order, settings):
    form = form_of(manager, order, what="amount", amount="5.00")
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"

    page = confirmed(manager, order, "5.00", form).content.decode()

    assert "does not answer. The refund of €5.00 is kept and asked for again" in page
    order.refresh_from_db()
    assert order.status == Status.PAID


def test_a_refusal_says_why(manager, order, gateway):
    gateway.act(order.attempts.get().payment_id, "dispute")

    page = confirmed(manager, order, "5.00", form_of(manager, order, what="amount", amount="5.00")).content.decode()

    assert "€5.00 was not refunded" in page and "charged back" in page


@pytest.mark.parametrize("group", ["Editors", "Moderators", "Translators"])
def test_s21_others_cannot_refund_not_even_by_a_forged_post(client, order, group):
    login(client, group)
    form = {"uuid": "0b8f9ab6-6d7e-4c0e-9c86-4d6a1b6e9d11", "payment": order.attempts.get().pk, "what": "all"}

    for answer in (
        client.get(url(order)),
        client.post(url(order), {**form, "reason": "other", "confirm": "55.40 EUR"}),
    ):
        assert answer.status_code in (302, 403)
        assert "refund" not in answer.get("Location", "").partition("?")[0]
    assert not Refund.objects.exists()


def test_a_visitor_is_sent_to_the_login(client, order):
    assert client.post(url(order), {"what": "all"})["Location"].startswith("/admin/login/")


def test_whoever_may_only_look_sees_refunds_and_no_button(client, order):
    user = login(client, "Translators")
    user.user_permissions.add(*Permission.objects.filter(codename__in=["view_order", "access_admin"]))
    page = client.get(reverse("orders:order", args=[order.pk])).content.decode()

    assert "Nothing was given back." in page
    assert url(order) not in page


def test_a_dispute_stands_on_the_order_s_screen(manager, order, gateway):
    gateway.act(order.attempts.get().payment_id, "dispute")
    (there,) = gateway.api("GET", f"disputes?payment_intent={order.attempts.get().payment_id}")["data"]
    refunds.follow_dispute(there["id"])

    page = manager.get(reverse("orders:order", args=[order.pk])).content.decode()

    assert "asks back €55.40" in page and "Needs an answer" in page and there["id"] in page


def test_the_section_costs_two_queries_whatever_their_number(manager, order, django_assert_num_queries):
    for amount in ("1.00", "2.00", "3.00"):
        confirmed(manager, order, amount, form_of(manager, order, what="amount", amount=amount))
    order.refresh_from_db()

    with django_assert_num_queries(2):
        text = render_to_string("commerce/admin/refunds.html", {"order": order})

    assert "€1.00" in text and "€3.00" in text


def test_the_mail_stands_among_the_order_s_mails(manager, order):
    confirmed(manager, order, "5.00", form_of(manager, order, what="amount", amount="5.00"))
    outbox.send_due()

    page = manager.get(reverse("orders:order", args=[order.pk])).content.decode()

    assert re.search(r"<[^>]*>\s*Refund\s*<", page)


def test_a_payment_in_another_currency_is_refunded_as_it_came(manager, order):
    order.attempts.update(paid_amount="60.00", paid_currency="USD")
    line = order.lines.first()

    page = manager.post(url(order), form_of(manager, order, **{f"units_{line.pk}": "1"}))
    assert page.status_code == 422 and "came in USD" in page.content.decode()

    page = manager.post(url(order), form_of(manager, order, what="all")).content.decode()
    assert "$60.00 goes back" in page
