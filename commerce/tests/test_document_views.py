"""Fetching documents: by buyers, by staff, one and a month of them."""

import csv
import io
import re
import zipfile

import pytest
from django.contrib.auth.models import Group, User
from django.db import transaction
from django.utils import timezone

from catalog.tests.factories import make_variant
from commerce import orders, shipping
from commerce.documents import printing
from commerce.documents.issue import credit_note_for
from commerce.models import Document, Order, Refund, RefundLine, Status
from commerce.tests.factories import make_order
from commerce.tests.papers import euros, make_due, make_paid, no_press
from core import outbox
from core.models import Outbox


@pytest.fixture
def invoice(shop):
    make_paid()
    outbox.send_due()
    return Document.objects.select_related("order").get()


@pytest.fixture
def manager(client, db):
    user = User.objects.create_user("manager", password="secret")
    user.groups.add(Group.objects.get(name="Shop managers"))
    client.force_login(user)
    return client


def read(answer):
    return b"".join(answer.streaming_content)


def test_the_buyer_fetches_the_invoice(invoice, client):
    page = client.get(invoice.order.get_absolute_url())
    address = invoice.order.get_absolute_url() + "invoice.pdf"
    answer = client.get(address)

    assert f'href="{address}"' in page.content.decode()
    assert answer.content == bytes(invoice.file.content)
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == f'inline; filename="{invoice.number}.pdf"'
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert "no-store" in answer.headers["Cache-Control"]


def test_the_buyer_fetches_a_credit_note(invoice, client):
    credit = credit_note_for(invoice.order, "re_1", euros("5.00"))
    outbox.send_due()
    address = f"{invoice.order.get_absolute_url()}{credit.number}.pdf"

    assert f'href="{address}"' in client.get(invoice.order.get_absolute_url()).content.decode()
    assert client.get(address).content == bytes(credit.file.content)


def test_the_number_of_an_invoice_opens_nothing(invoice, client):
    other = make_paid()

    assert client.get(f"{other.get_absolute_url()}{invoice.number}.pdf").status_code == 404
    assert client.get(f"{other.get_absolute_url()}invoice.pdf").status_code == 404
    assert client.get(f"/en/orders/{invoice.order.number}/invoice.pdf").status_code == 404


def test_the_order_page_says_when_the_invoice_is_not_there_yet(db, client):
    paid, unpaid = make_paid(), make_order()

    assert "Your invoice is being written" in client.get(paid.get_absolute_url()).content.decode()
    assert "invoice" not in client.get(unpaid.get_absolute_url()).content.decode().lower()


# Staff


def test_staff_fetch_invoice_and_packing_slip(invoice, manager):
    invoice_pdf = manager.get(f"/admin/orders/{invoice.order_id}/invoice.pdf")
    slip = manager.get(f"/admin/orders/{invoice.order_id}/packing-slip.pdf")
    screen = manager.get(f"/admin/orders/{invoice.order_id}/").content.decode()

    assert invoice_pdf.content == bytes(invoice.file.content)
    assert slip.content.startswith(b"%PDF-")
    assert slip.headers["Content-Disposition"] == f'inline; filename="packing-slip-{invoice.order.number}.pdf"'
    assert f"/admin/orders/{invoice.order_id}/documents/{invoice.number}.pdf" in screen
    assert f"/admin/orders/{invoice.order_id}/packing-slip.pdf" in screen


def test_several_packing_slips_in_one_file(invoice, manager):
    orders = [invoice.order, make_paid(), make_order()]
    query = "&".join(f"order={order.pk}" for order in orders)

    answer = manager.get(f"/admin/orders/packing-slips.pdf?{query}&order=x")

    assert answer.content.startswith(b"%PDF-")
    with pytest.MonkeyPatch.context() as watch:
        printed = []
        watch.setattr(printing.PRESS, "print", lambda html: printed.append(html) or b"%PDF-")
        manager.get(f"/admin/orders/packing-slips.pdf?{query}")
    assert printed[0].count('class="slip"') == 2
    assert orders[2].number not in printed[0]


def test_several_slips_name_what_is_still_to_be_packed(manager, monkeypatch):
    """As the slip of one order does: neither what was sent nor what was given back."""
    clerk = User.objects.create_user("clerk")
    sent, returned = (make_paid(units={make_variant(stock=20).pk: units}) for units in (7, 9))
    shipping.send(sent, shipping.Parcel({sent.lines.get().pk: 3}), clerk)
    refund = Refund.objects.create(
        order=returned, payment=returned.attempts.get(), amount=1, currency="EUR", state=Refund.State.PENDING
    )
    RefundLine.objects.create(refund=refund, line=returned.lines.get(), quantity=4)
    printed = []
    monkeypatch.setattr(printing.PRESS, "print", lambda html: printed.append(html) or b"%PDF-")

    manager.get(f"/admin/orders/packing-slips.pdf?order={sent.pk}&order={returned.pk}")

    assert sorted(re.findall(r"(\d+) pieces", printed[0])) == ["4", "5"]


@pytest.mark.parametrize("status", [Status.PENDING, Status.CANCELLED, Status.REFUNDED, Status.PAID_UNFULFILLABLE])
def test_what_is_not_paid_is_not_packed(manager, status):
    order = make_order()
    Order.objects.filter(pk=order.pk).update(status=status)

    answer = manager.get(f"/admin/orders/{order.pk}/packing-slip.pdf", follow=True)

    assert answer.redirect_chain == [(f"/admin/orders/{order.pk}/", 302)]
    assert "Only what is paid is packed." in answer.content.decode()


def test_a_machine_without_pango_says_what_to_do(manager, monkeypatch):
    order = make_paid()
    with monkeypatch.context() as broken:
        no_press(broken)
        outbox.send_due()
        screen = manager.get(f"/admin/orders/{order.pk}/").content.decode()
        slip = manager.get(f"/admin/orders/{order.pk}/packing-slip.pdf", follow=True).content.decode()

        assert "the PDF is not made yet" in screen
        assert "apt-get install libpango" in screen and "apt-get install libpango" in slip

    manager.post(f"/admin/orders/{order.pk}/documents/")
    outbox.send_due()

    assert manager.get(f"/admin/orders/{order.pk}/invoice.pdf").content.startswith(b"%PDF-")


def test_an_order_from_before_there_were_invoices_gets_one(manager):
    order = make_paid()
    Outbox.objects.all().delete()

    manager.post(f"/admin/orders/{order.pk}/documents/")
    outbox.send_due()

    assert Document.objects.get().order == order


ADDRESSES = [
    "/admin/orders/{order}/invoice.pdf",
    "/admin/orders/{order}/packing-slip.pdf",
    "/admin/orders/{order}/documents/{number}.pdf",
    "/admin/orders/packing-slips.pdf?order={order}",
    "/admin/invoices/",
    "/admin/invoices/months/",
    "/admin/invoices/{month}.zip",
]


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("group", ["Editors", None])
def test_others_see_nothing(invoice, client, address, group):
    if group:
        user = User.objects.create_user("somebody", password="secret")
        user.groups.add(Group.objects.get(name=group))
        client.force_login(user)
    month = f"{invoice.issued_on:%Y-%m}"

    answer = client.get(address.format(order=invoice.order_id, number=invoice.number, month=month))

    assert answer.status_code == 302
    assert answer.headers["Location"] == "/admin/" or answer.headers["Location"].startswith("/admin/login/")


def test_who_may_only_look_cannot_ask_for_a_new_try(client, db):
    order = make_paid()
    Outbox.objects.all().delete()
    user = User.objects.create_user("somebody", password="secret")
    user.groups.add(Group.objects.get(name="Editors"))
    client.force_login(user)

    client.post(f"/admin/orders/{order.pk}/documents/")

    assert not Outbox.objects.exists()


def test_the_list_takes_a_constant_number_of_queries(
    shop, manager, django_assert_num_queries, django_assert_max_num_queries
):
    make_paid()
    outbox.send_due()
    with django_assert_max_num_queries(40) as few:
        manager.get("/admin/invoices/")
    for _order in range(4):
        make_paid()
    outbox.send_due()

    with django_assert_num_queries(len(few)):
        page = manager.get("/admin/invoices/")

    assert page.content.decode().count("INV-") >= 5


def test_a_month_in_one_file(invoice, manager):
    credit = credit_note_for(invoice.order, "re_1", euros("5.00"))
    make_due()
    outbox.send_due()
    today = timezone.localdate()

    months = manager.get("/admin/invoices/months/").content.decode()
    answer = manager.get(f"/admin/invoices/{today.year}-{today.month}.zip")
    packed = zipfile.ZipFile(io.BytesIO(read(answer)))

    assert f"/admin/invoices/{today.year}-{today.month}.zip" in months
    assert sorted(packed.namelist()) == sorted([f"{credit.number}.pdf", f"{invoice.number}.pdf", "documents.csv"])
    assert packed.read(f"{invoice.number}.pdf") == bytes(invoice.file.content)
    rows = list(csv.DictReader(io.StringIO(packed.read("documents.csv").decode("utf-8-sig"))))
    assert [(row["number"], row["gross"], row["tax"]) for row in rows] == [
        (credit.number, "-5.00", "-0.80"),
        (invoice.number, "13.80", "2.20"),
    ]
    assert manager.get("/admin/invoices/1999-1.zip").status_code == 404
    assert manager.get("/admin/invoices/2026-13.zip").status_code == 404


def test_a_slip_for_each_parcel_and_for_the_rest(manager, shop, monkeypatch):
    first, second = make_variant(sku="A-1"), make_variant(sku="B-1")
    order = make_order({first.pk: 3, second.pk: 1})
    orders.pay(order)
    line = order.lines.get(sku="A-1")
    with transaction.atomic():
        shipping.send(orders.locked(order.pk), shipping.Parcel({line.pk: 2}), User.objects.first())
    printed = []
    monkeypatch.setattr("commerce.documents.views.printing.pdf_of", lambda html: printed.append(html) or b"%PDF-")
    address = f"/admin/orders/{order.pk}/packing-slip.pdf"

    manager.get(address, {"parcel": "1"})
    manager.get(address)
    answers = [manager.get(address, {"parcel": wrong}) for wrong in ("2", "x", "²", "9" * 30)]

    sent, rest = printed
    assert "A-1" in sent and "B-1" not in sent and "A-1" in rest and "B-1" in rest
    assert f"{address}?parcel=1" in manager.get(f"/admin/orders/{order.pk}/").content.decode()
    assert {answer.status_code for answer in answers} == {302}
