"""Products that are not sold any more: led on where editors say so, else 410 with what stands on the same shelf."""

from datetime import timedelta

import pytest
from django.utils import timezone
from wagtail.contrib.redirects.models import Redirect

from catalog.models import Product
from catalog.tests.factories import make_category, make_product

pytestmark = pytest.mark.django_db


def retire(product: Product) -> Product:
    product.save_revision().publish()
    product = Product.objects.get(pk=product.pk)
    product.unpublish()
    return product


def test_a_retired_product_is_gone_and_its_shelf_is_shown(client):
    tea = make_category("Tea")
    make_product("Gyokuro", category=tea)
    retire(make_product("Sencha", category=tea))

    response = client.get("/en/product/sencha/")
    html = response.content.decode()

    assert response.status_code == 410
    assert "We do not sell this any more" in html
    assert "/en/product/gyokuro/" in html
    assert 'content="noindex"' in html
    assert "Sencha" not in html
    assert "X-Gone" not in response.headers


def test_an_earlier_address_of_it_is_gone_too(client):
    product = make_product("Sencha")
    product.save_revision().publish()
    text = product.translations.get(language_code="en")
    text.slug = "sencha-superior"
    text.save()
    product = Product.objects.get(pk=product.pk)
    product.unpublish()

    assert client.get("/en/product/sencha-superior/").status_code == 410


def test_editors_lead_its_visitors_on(client):
    retire(make_product("Sencha"))
    Redirect.objects.create(old_path="/en/product/sencha", redirect_link="/en/shop/", is_permanent=True)

    response = client.get("/en/product/sencha/")

    assert (response.status_code, response["Location"]) == (301, "/en/shop/")


def test_a_draft_was_never_there(client):
    make_product("Draft", live=False)

    assert client.get("/en/product/draft/").status_code == 404


def test_one_that_comes_back_is_not_gone(client):
    product = retire(make_product("Sencha"))
    Product.objects.filter(pk=product.pk).update(go_live_at=timezone.now() + timedelta(days=1))

    assert client.get("/en/product/sencha/").status_code == 404
