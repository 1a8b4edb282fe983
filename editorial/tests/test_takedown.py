"""Taking down: where a thing is used is shown, its visitors are led to a substitute, and back when it returns."""

import pytest
from django.contrib.sessions.backends.db import SessionStore

from catalog.models import Product
from catalog.tests.admin_forms import admin_url
from catalog.tests.factories import make_category, make_product
from commerce.cart import CART
from core.models import ContentPage, HomePage
from editorial.usage import usage_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def mona(person):
    return person("mona", "Moderators")


@pytest.fixture
def tea():
    made = make_product("Sencha", languages=["en", "de", "ar"])
    made.save_revision().publish()
    return Product.objects.get(pk=made.pk)


def test_it_works(client, mona, tea, signed_in):
    other = make_product("Gyokuro", languages=["en", "de", "ar"])

    response = signed_in(mona).post(admin_url(tea, "unpublish"), {"lead-product": other.pk}, follow=True)

    assert "are now led to" in response.content.decode()
    assert not Product.objects.get(pk=tea.pk).live
    for old, new in (
        ("/en/product/sencha/", "/en/product/gyokuro/"),
        ("/de/produkt/sencha-de/", "/de/produkt/gyokuro-de/"),
    ):
        moved = client.get(old)
        assert (moved.status_code, moved.url) == (301, new)

    Product.objects.get(pk=tea.pk).save_revision().publish()
    assert client.get("/en/product/sencha/").status_code == 200
    Product.objects.get(pk=tea.pk).unpublish()
    assert client.get("/en/product/sencha/").status_code == 410


@pytest.mark.parametrize(
    "fields",
    [
        {"lead-url": "javascript:alert(1)"},
        {"lead-url": "//evil.example/"},
        {"lead-url": "/en/shop/", "lead-category": "CATEGORY"},
        {"lead-product": "SELF"},
        {"lead-product": "999999"},
    ],
)
def test_a_senseless_substitute_is_refused_and_nothing_is_taken_down(mona, tea, signed_in, fields):
    ids = {"CATEGORY": make_category().pk, "SELF": tea.pk}

    signed_in(mona).post(admin_url(tea, "unpublish"), {name: ids.get(value, value) for name, value in fields.items()})

    assert Product.objects.get(pk=tea.pk).live


def test_nobody_without_the_permission_leads_anybody(client, person, tea, signed_in):
    from wagtail.contrib.redirects.models import Redirect

    signed_in(person("elif", "Editors")).post(admin_url(tea, "unpublish"), {"lead-url": "/en/shop/"})

    assert Product.objects.get(pk=tea.pk).live
    assert not Redirect.objects.exists()


def test_where_it_is_used(mona, tea, signed_in):
    home = HomePage.objects.get(locale__language_code="en")
    home.body = [("products", {"heading": "Ours", "intro": "", "products": [tea]})]
    home.save_revision().publish()
    cart = SessionStore()
    cart[CART] = {str(tea.variants.get().pk): 2}
    cart.save()

    usage = usage_of(tea, mona)
    html = signed_in(mona).get(admin_url(tea, "unpublish")).content.decode()

    assert [place.name for place in usage.places] == [home.title]
    assert (usage.count, usage.carts, usage.orders) == (1, 1, 0)
    assert f"/admin/pages/{home.pk}/edit/" in html
    assert "in 1 open cart" in html


def test_a_page_leads_to_a_category(client, mona, signed_in):
    category = make_category("Green tea")
    home = HomePage.objects.get(locale__language_code="en")
    page = home.add_child(instance=ContentPage(title="Old", slug="old"))
    assert client.get("/en/old/").status_code == 200

    signed_in(mona).post(f"/admin/pages/{page.pk}/unpublish/", {"lead-category": category.pk})

    moved = client.get("/en/old/?from=mail")
    assert (moved.status_code, moved.url) == (301, "/en/shop/green-tea/")
