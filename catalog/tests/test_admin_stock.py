"""The stock list: read by all roles, adjusted by shop managers, always with a reason."""

import pytest
from django.urls import reverse

from catalog import stock
from catalog.models import Stock, StockMove
from catalog.tests.admin_forms import open_edit
from catalog.tests.factories import make_product, make_variant

pytestmark = pytest.mark.django_db


@pytest.fixture
def variant():
    product = make_product(variants=[{"sku": "S-50", "stock": 10}])
    product.save_revision().publish()
    return product.variants.get()


def adjust_url(variant):
    return reverse("stock:adjust", args=[variant.pk])


def test_it_works(manager, variant):
    stock.hold([(variant.pk, 3)], "order-1")

    response = manager.post(adjust_url(variant), {"change": "-2", "count": "", "reason": "broken"}, follow=True)

    html = response.content.decode()
    assert "Stock of S-50 changed." in html
    assert "broken" in html and "Held for an order" in html
    row = Stock.objects.get()
    assert (row.on_hand, row.reserved) == (8, 3)
    assert StockMove.objects.first().actor_id == int(manager.session["_auth_user_id"])


def test_the_list_shows_held_and_available_and_filters(manager, variant, django_assert_max_num_queries):
    stock.hold([(variant.pk, 4)], "order-1")
    make_product("Matcha", texts={"de": {"name": "Pulvertee"}}, variants=[{"sku": "M-30", "stock": 0}])
    url = reverse("stock:index")

    html = manager.get(url).content.decode()
    assert "S-50" in html and "M-30" in html
    assert ">6<" in html.replace(" ", "").replace("\n", "")

    assert "S-50" not in manager.get(url, {"state": "sold-out"}).content.decode()
    assert "M-30" not in manager.get(url, {"state": "held"}).content.decode()
    found = manager.get(url, {"q": "pulver"}).content.decode()
    assert "M-30" in found and "S-50" not in found


def test_the_list_takes_the_same_queries_for_any_number(manager, django_assert_max_num_queries):
    def queries(number):
        for _ in range(number):
            make_product()
        manager.get(reverse("stock:index"))
        with django_assert_max_num_queries(40) as captured:
            manager.get(reverse("stock:index"))
        return len(captured)

    assert queries(2) == queries(8)


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({"change": "", "count": "", "reason": "x"}, "either the change or the count"),
        ({"change": "1", "count": "1", "reason": "x"}, "either the change or the count"),
        ({"change": "1", "count": "", "reason": ""}, "This field is required"),
        ({"change": "", "count": "2", "reason": "x"}, "3 units are held for open orders"),
    ],
)
def test_what_is_refused(manager, variant, data, error):
    stock.hold([(variant.pk, 3)], "order-1")

    response = manager.post(adjust_url(variant), data)

    assert error in response.content.decode()
    assert Stock.objects.get().on_hand == 10


@pytest.mark.parametrize("group", ["Editors", "Moderators", "Translators"])
def test_only_shop_managers_adjust(client_of, variant, group):
    client = client_of(group)

    response = client.post(adjust_url(variant), {"change": "5", "count": "", "reason": "x"})

    assert response.status_code in (302, 403)
    assert Stock.objects.get().on_hand == 10
    assert StockMove.objects.filter(reason="x").count() == 0


def test_stock_is_no_part_of_the_product_form(editor, variant):
    form = open_edit(editor, variant.product)

    assert not [name for name in form.fields if "on_hand" in name or "reserved" in name or "stock" in name]


def test_shop_managers_see_products_but_do_not_change_them(manager, variant):
    url = reverse(type(variant.product).snippet_viewset.get_url_name("edit"), args=[variant.product_id])

    response = manager.post(url, {"action-publish": "on"})

    assert response.status_code in (302, 403)
    assert variant.product.revisions.count() == 1


@pytest.mark.parametrize(
    "units",
    [
        {"change": "3000000000", "count": ""},
        {"change": "-3000000000", "count": ""},
        {"change": "", "count": "3000000000"},
        {"change": "1000000000", "count": ""},  # together with the ten that are there
        {"change": "9" * 400, "count": ""},
    ],
)
def test_more_than_can_be_counted_is_an_error_in_the_form(manager, variant, units):
    response = manager.post(adjust_url(variant), {**units, "reason": "typing error"})

    assert response.status_code == 200
    assert response.context["form"].errors
    assert Stock.objects.get().on_hand == 10


def test_who_may_not_adjust_is_told_so_and_not_asked_to_sign_in(client_of):
    row = make_variant().stock

    response = client_of("Editors").get(f"/admin/stock/{row.pk}/", follow=True)

    assert [address for address, _status in response.redirect_chain] == ["/admin/"]
    assert "you do not have permission" in response.content.decode()
