"""Large exports: made by the worker, fetched by whoever asked, gone after a while; every export is noted."""

import csv
import io
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.core import mail
from django.utils import timezone
from openpyxl import load_workbook
from wagtail.users.models import UserProfile

from commerce import orders
from commerce.models import OrderExport, OrderExportFile
from commerce.tests.factories import make_order
from core import outbox, retention
from core.models import Outbox

EXPORT = "/admin/orders/export/"


@pytest.fixture
def clerk(db):
    user = User.objects.create_user("clerk", "clerk@example.com", "secret")
    user.groups.add(Group.objects.get(name="Shop managers"))
    return user


@pytest.fixture
def manager(client, clerk, settings):
    settings.EXPORT_ROWS_AT_ONCE = 1
    client.force_login(clerk)
    return client


def ask(manager, kind="csv", query="?status=pending"):
    make_order(), make_order()
    answer = manager.post(EXPORT + query, {"format": kind}, follow=True)
    told = answer.content.decode()
    assert "The file is being made." in told or "Die Datei wird erstellt." in told
    return OrderExport.objects.get()


def test_it_works(manager, clerk):
    made = ask(manager)
    UserProfile.objects.create(user=clerk, preferred_language="de")  # of the mail; the pages above are asked in English
    make_order()  # the file has what is there when it is made
    outbox.send_due()

    (letter,) = mail.outbox
    assert letter.to == ["clerk@example.com"]
    assert f"/admin/orders/export/{made.pk}/" in letter.body
    answer = manager.get(f"{EXPORT}{made.pk}/")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) == 3 and rows[0]["status"] == "pending"
    assert "no-store" in answer.headers["Cache-Control"] and "attachment" in answer.headers["Content-Disposition"]
    made.refresh_from_db()
    assert (made.rows, made.query, made.actor_name, made.kind) == (3, "status=pending", "clerk", "csv")


def test_every_filter_of_a_long_address_counts(manager, settings):
    settings.EXPORT_ROWS_AT_ONCE = 0
    orders.pay(make_order())
    made = ask(manager, query=f"?{'&'.join(['country=DE'] * 200)}&status=paid")
    outbox.send_due()

    rows = list(csv.DictReader(io.StringIO(manager.get(f"{EXPORT}{made.pk}/").content.decode("utf-8-sig"))))
    assert [row["status"] for row in rows] == ["paid"]


def test_a_workbook(manager):
    made = ask(manager, "xlsx")
    outbox.send_due()

    book = load_workbook(io.BytesIO(manager.get(f"{EXPORT}{made.pk}/").content))

    assert book["orders"].max_row == 3


def test_done_again_it_is_the_same_file_and_mail(manager):
    ask(manager)
    outbox.send_due()
    Outbox.objects.update(sent_at=None, next_try_at=timezone.now())
    Outbox.objects.filter(kind="order_export_mail").delete()
    outbox.send_due()

    assert OrderExportFile.objects.count() == 1 and len(mail.outbox) == 1


def test_a_small_one_is_noted_too(manager, clerk):
    make_order()

    assert manager.post(f"{EXPORT}?q=mina", {"format": "csv"}).streaming

    made = OrderExport.objects.get()
    assert (made.actor, made.rows, made.query, made.ready_at) == (clerk, 1, "q=mina", None)
    assert "clerk" in manager.get(EXPORT).content.decode()


def test_only_who_asked_may_fetch_it(manager, client):
    made = ask(manager)
    outbox.send_due()
    address = f"{EXPORT}{made.pk}/"
    other = User.objects.create_user("other", password="secret")
    other.groups.add(Group.objects.get(name="Shop managers"))

    client.force_login(other)
    assert client.get(address).status_code == 404
    client.logout()
    assert "login" in client.get(address).headers["Location"]


def test_s21_who_lost_the_permission_gets_no_file(manager, clerk):
    made = ask(manager)
    clerk.groups.clear()
    outbox.send_due()

    assert not OrderExportFile.objects.exists() and not mail.outbox
    assert manager.get(f"{EXPORT}{made.pk}/").status_code in (302, 403)


def test_after_its_time_it_is_refused_and_deleted(manager):
    made = ask(manager)
    outbox.send_due()
    OrderExport.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    page = manager.get(f"{EXPORT}{made.pk}/", follow=True).content.decode()
    assert "cannot be fetched any more" in page
    retention.forget()
    assert not OrderExportFile.objects.exists() and OrderExport.objects.exists()


def test_without_an_address_the_page_leads_to_it(manager, clerk):
    User.objects.update(email="")
    made = ask(manager)
    outbox.send_due()

    assert not mail.outbox
    assert f'href="{EXPORT}{made.pk}/"' in manager.get(EXPORT).content.decode()
