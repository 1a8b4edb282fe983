"""The password once more before what is serious: who is asked, how often, and that nothing typed is lost."""

import time

import pytest
from django.contrib.auth.models import Group, User

from commerce import orders
from commerce.models import Order, Refund
from commerce.tests.factories import make_order
from core import proof

EXPORT = "/admin/orders/export/"


@pytest.fixture
def manager(client, db):
    user = User.objects.create_user("clerk", password="leaf-and-kiln")
    user.groups.add(Group.objects.get(name="Shop managers"))
    client.force_login(user)
    return client


def wait(client, seconds):
    session = client.session
    session[proof.KEY] = time.time() - seconds
    session.save()


def test_who_has_just_signed_in_is_not_asked(manager, settings):
    wait(manager, settings.PROOF_SECONDS - 5)

    assert manager.post(EXPORT, {"format": "csv"}).streaming


def test_s23_export_asks_again_and_goes_on_where_it_was(manager, settings):
    wait(manager, settings.PROOF_SECONDS + 1)
    order = make_order()

    page = manager.post(f"{EXPORT}?status=pending", {"format": "csv"})
    assert page.status_code == 403 and not page.streaming
    assert '<input type="hidden" name="format" value="csv">' in page.content.decode()
    assert order.number not in page.content.decode()

    sent = {"format": "csv", proof.FIELD: "leaf-and-kiln"}
    answer = manager.post(f"{EXPORT}?status=pending", sent)
    assert order.number in b"".join(answer.streaming_content).decode()
    assert manager.post(EXPORT, {"format": "csv"}).streaming  # not asked twice


def test_s23_refund_asks_again_and_keeps_every_field(manager, settings):
    group = Group.objects.get(name="Shop managers")
    group.permissions.add(*group.permissions.model.objects.filter(codename="refund_order"))
    order = make_order()
    orders.pay(order)
    wait(manager, settings.PROOF_SECONDS + 1)

    form = {"what": "amount", "amount": "1.00", "comment": '"><b>x', "units_1": ["1", "2"]}
    page = manager.post(f"/admin/orders/{order.pk}/refund/", form).content.decode()

    assert 'name="amount" value="1.00"' in page
    assert 'name="comment" value="&quot;&gt;&lt;b&gt;x"' in page
    assert page.count('name="units_1"') == 2
    assert not Refund.objects.exists() and Order.objects.get(pk=order.pk).status == "paid"


@pytest.mark.parametrize("typed", ["", "wrong", "x" * 5000, "leaf-and-kiln "])
def test_a_wrong_password_does_nothing(manager, settings, typed):
    wait(manager, settings.PROOF_SECONDS + 1)

    answer = manager.post(EXPORT, {"format": "csv", proof.FIELD: typed})

    assert answer.status_code == 422 and not answer.streaming
    assert 'name="format" value="csv"' in answer.content.decode()
    assert manager.post(EXPORT, {"format": "csv"}).status_code == 403


def test_guessing_is_held_back_also_for_the_right_one(manager, settings):
    settings.RATE_LIMITS = {"proof-user": (5, 300)}
    wait(manager, settings.PROOF_SECONDS + 1)
    for _number in range(5):
        assert manager.post(EXPORT, {proof.FIELD: "wrong"}).status_code == 422

    answer = manager.post(EXPORT, {proof.FIELD: "leaf-and-kiln"})

    assert answer.status_code == 429 and not answer.streaming


def test_a_proof_from_the_future_is_none(manager):
    wait(manager, -3600)

    assert manager.post(EXPORT, {"format": "csv"}).status_code == 403


def test_the_permission_comes_first(client, db):
    client.force_login(User.objects.create_user("nobody", password="leaf-and-kiln"))
    wait(client, 10**6)

    answer = client.post(EXPORT, {proof.FIELD: "leaf-and-kiln"})

    assert answer.status_code in (302, 403) and proof.FIELD not in answer.content.decode()


def test_signing_in_is_a_proof(client, db):
    User.objects.create_superuser("root", password="leaf-and-kiln")
    client.post("/admin/login/", {"username": "root", "password": "leaf-and-kiln"})

    assert time.time() - client.session[proof.KEY] < 60
