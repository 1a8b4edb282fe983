"""The product list of the admin: what a row shows, how it is narrowed, and what it costs."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.models import Product, ProductType
from catalog.tests.admin_forms import admin_url
from catalog.tests.factories import make_category, make_image, make_product

pytestmark = pytest.mark.django_db


def listed(client, **query) -> str:
    response = client.get(admin_url(Product, "list"), query)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def names(client, **query) -> set[str]:
    response = client.get(admin_url(Product, "list"), query)
    return {str(product) for product in response.context["object_list"]}


def test_it_works(moderator):
    variants = [{"price": Decimal("8.90"), "stock": 3}, {"price": Decimal(12), "stock": 4}]
    make_product("Sencha", category=make_category("Green tea"), images=[make_image()], variants=variants)
    make_product("Bowl", variants=[{"stock": 0}])

    html = listed(moderator)

    assert "from €8.90" in html and re.search(r"<td >\s*7\s*<", html)
    assert "Sold out" in html and "Green tea" in html and "EN DE" in html
    assert html.count("width-240") == 1
    assert f'<a href="{admin_url(Product.objects.first(), "edit")}"' in html


def test_filters(moderator):
    now = timezone.now()
    tea = ProductType.objects.create(key="tea", name={"en": "Tea"})
    make_product("Typed", product_type=tea, variants=[{"stock": 100}])
    make_product("Tagged", tags=["gift"], variants=[{"stock": 3}])
    make_product("Gone", variants=[{"stock": 0}])
    make_product("None left", variants=[])
    sale = {"sale_price": Decimal(5), "sale_from": now - timedelta(days=1)}
    make_product("Sale", variants=[sale])
    make_product("Sale over", variants=[{**sale, "sale_until": now - timedelta(hours=1)}])
    make_product("English", languages=["en"])
    tag = Product.tags.through.objects.get().tag

    assert names(moderator, product_type=tea.pk) == {"Typed"}
    assert names(moderator, tag=tag.pk) == {"Tagged"}
    assert names(moderator, stock="sold-out") == {"Gone", "None left"}
    assert names(moderator, stock="low") == {"Tagged"}
    assert names(moderator, on_sale="true") == {"Sale"}
    assert names(moderator, missing_language="de") == {"English"}
    assert names(moderator, q="nglis") == {"English"}


@pytest.mark.parametrize("count", [3, 24])
def test_queries_do_not_grow(moderator, count):
    category = make_category("Tea")
    for number in range(count):
        make_product(f"Tea {number}", category=category, images=[make_image()], variants=[{}, {}], tags=["a"])
    listed(moderator)  # makes the small pictures

    with CaptureQueriesContext(connection) as captured:
        listed(moderator)

    assert len(captured) == 22
