"""How many queries a page may cost is a contract: it must not grow with the number of products or variants."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.models import Association, Product
from catalog.tests.factories import make_category, make_image, make_option, make_product

pytestmark = pytest.mark.django_db


def queries(client: Client, url: str) -> list[str]:
    """Of a page that was seen before: its pictures are made, the shop's name and menu are remembered."""
    assert client.get(url).status_code == 200
    with CaptureQueriesContext(connection) as captured:
        response = client.get(url)
    assert response.status_code == 200
    assert not response.cookies
    return [query["sql"] for query in captured.captured_queries]


def fill(category, count: int) -> None:
    for number in range(count):
        make_product(
            f"Tea {number}",
            category=category,
            images=[make_image(), make_image()],
            variants=[{"price": Decimal(5 + extra)} for extra in range(3)],
        )


@pytest.mark.parametrize("count", [3, 9])
def test_a_category_costs_eight_queries(client, count):
    category = make_category("Tea", image=make_image())
    make_category("Green tea", parent=category)
    fill(category, count)

    costs = queries(client, "/en/shop/tea/")

    assert len(costs) == 8, "\n".join(costs)


@pytest.mark.parametrize("count", [3, 9])
def test_all_products_cost_seven_queries(client, count):
    fill(make_category("Tea"), count)

    costs = queries(client, "/en/shop/")

    assert len(costs) == 7, "\n".join(costs)


@pytest.mark.parametrize("count", [1, 20])
def test_a_product_costs_eight_queries(client, count):
    values = list(make_option("colour", [f"shade {number}" for number in range(20)]).values.all())
    make_product(
        "Bowl",
        category=make_category("Ceramics"),
        images=[make_image(), make_image()],
        variants=[{"option_1": value, "image": make_image()} for value in values[:count]],
    )

    costs = queries(client, "/en/product/bowl/")

    assert Product.objects.get().variants.count() == count
    assert len(costs) == 8, "\n".join(costs)


@pytest.mark.parametrize("count", [1, 12])
def test_products_beside_it_cost_no_more_for_many(client, count):
    bowl = make_product("Bowl", images=[make_image()], category=make_category("Ceramics"))
    for number in range(count):
        cup = make_product(f"Cup {number}", images=[make_image()])
        Association.objects.create(product=bowl, target=cup, sort_order=number)

    costs = queries(client, "/en/product/bowl/")

    assert len(costs) == 13, "\n".join(costs)
