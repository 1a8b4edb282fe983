import pytest
from django.contrib.auth.models import Group, User
from django.urls import reverse

from commerce.models import DeliveryMethod, Order, Status
from commerce.tests.factories import make_delivery, make_order

LIST = "/admin/orders/"


def person(client, group):
    user = User.objects.create_user("person", password="secret")
    user.groups.add(Group.objects.get(name=group))
    client.force_login(user)
    return user


@pytest.fixture
def manager(client, db):
    person(client, "Shop managers")
    return client


def test_it_works(manager):
    order = make_order()

    page = manager.get(LIST).content.decode()

    assert order.number in page
    assert "Mina Berg" in page
    assert "€13.80" in page
    assert reverse("orders:inspect", args=[order.pk]) in page


def test_the_page_of_an_order_tells_everything(manager):
    order = make_order()

    page = manager.get(reverse("orders:inspect", args=[order.pk])).content.decode()

    for part in (order.number, "mina@example.org", "20457 Hamburg", "Sencha", "€13.80", "Waiting for payment"):
        assert part in page


def test_filtered_by_status_and_found_by_number(manager):
    first, second = make_order(), make_order()
    Order.objects.filter(pk=second.pk).update(status=Status.PAID)

    filtered = manager.get(LIST, {"status": "paid"}).content.decode()
    found = manager.get(LIST, {"q": first.number}).content.decode()

    assert second.number in filtered and first.number not in filtered
    assert first.number in found and second.number not in found


@pytest.mark.parametrize("name", ["add", "edit", "delete"])
def test_nobody_writes_an_order_by_form(client, db, admin_user, name):
    order = make_order()
    client.force_login(admin_user)
    url = reverse(f"orders:{name}", args=[] if name == "add" else [order.pk])

    response = client.post(url, {"status": "paid"})

    assert response.status_code in (302, 403)
    order.refresh_from_db()
    assert order.status == Status.PENDING
    assert Order.objects.count() == 1


@pytest.mark.parametrize("group", ["Editors", "Moderators", "Translators"])
def test_others_see_no_orders(client, db, group):
    order = make_order()
    person(client, group)

    for url in (LIST, reverse("orders:inspect", args=[order.pk])):
        response = client.get(url)
        assert response.status_code in (302, 403)
        assert order.number not in response.content.decode()


def test_managers_keep_delivery_methods(manager):
    method = make_delivery()
    url = reverse("delivery-methods:edit", args=[method.pk])
    form = {
        "name_en": "Parcel",
        "name_de": "Paket",
        "name_ar": "طرد",
        "description_en": "",
        "price": "5.50",
        "min_days": "1",
        "max_days": "3",
        "countries": '["DE", "AT"]',
        "position": "0",
        "active": "on",
    }

    assert manager.get(url).status_code == 200
    response = manager.post(url, form)

    assert response.status_code == 302, response.context["form"].errors
    method = DeliveryMethod.objects.get()
    assert str(method.gross) == "€5.50"
    assert method.reaches("AT") and not method.reaches("FR")


def test_customer_text_is_escaped(manager):
    order = make_order()
    Order.objects.update(name="<script>alert(1)</script>")

    for url in (LIST, reverse("orders:inspect", args=[order.pk])):
        assert "<script>alert(1)" not in manager.get(url).content.decode()
