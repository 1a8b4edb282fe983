"""Order lookup by number and address: S13, and the limits of SAFETY S8 and S10."""

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from commerce.models import Order
from commerce.tests.factories import make_order

pytestmark = pytest.mark.django_db


def find(client: Client, number: str, email: str):
    return client.post(
        reverse("commerce:order_find"), {"number": number, "email": email}, headers={"origin": "http://testserver"}
    )


@pytest.mark.parametrize("typed", ["{}", " {} ", "{lower}", "{spaced}"])
def test_the_right_pair_leads_to_the_order(client, typed):
    order = make_order()
    number = typed.format(order.number, lower=order.number.lower(), spaced=order.number.replace("-", " "))

    response = find(client, number, order.email.upper())

    assert (response.status_code, response["Location"]) == (303, order.get_absolute_url())
    assert "no-store" in response["Cache-Control"] or "no-cache" in response["Cache-Control"]


def test_every_wrong_pair_gets_the_same_answer(client):
    order = make_order()
    answers = [
        BeautifulSoup(find(client, number, email).content, "html.parser").find(role="alert").get_text()
        for number, email in ((order.number, "x@example.org"), ("AAAA-AAAA", order.email))
    ]

    assert answers == ["There is no order with this number and this address. Please check both."] * 2


def test_an_erased_order_is_found_by_nobody(client):
    order = make_order()
    Order.objects.filter(pk=order.pk).update(email="")

    assert find(client, order.number, "").status_code == 422


def test_s8_guessing_has_an_end(client):
    order = make_order()
    for _guess in range(10):
        assert find(client, order.number, "x@example.org").status_code == 422

    response = find(client, order.number, order.email)

    assert response.status_code == 429
    assert order.token not in response.content.decode()


def test_another_site_may_not_ask(client):
    order = make_order()
    data = {"number": order.number, "email": order.email}

    response = Client(enforce_csrf_checks=True).post(
        reverse("commerce:order_find"), data, headers={"origin": "https://evil.example"}
    )

    assert response.status_code == 403


@pytest.mark.parametrize("number", ["", "\0", "' OR 1=1 --", "٣" * 30, "S" * 500])
def test_odd_numbers_are_told_so(client, number):
    assert find(client, number, "mina@example.org").status_code == 422


def test_it_is_linked_and_not_listed(client):
    with override("de"):
        url = reverse("commerce:order_find")
    html = client.get(url).content.decode()

    assert url in client.get("/de/").content.decode()
    assert 'content="noindex"' in html
