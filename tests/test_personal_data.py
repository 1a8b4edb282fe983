"""Erasing a person: all apps together, proved on a dump of the whole database."""

import json
from io import StringIO

import pytest
from django.contrib.auth.models import Permission, User
from django.core.management import CommandError, call_command
from django.utils import timezone

from blog.models import Comment
from blog.tests.factories import make_post, make_subscriber
from commerce import orders, shipping
from commerce.documents import issue
from commerce.models import Order, PaymentAttempt, Refund, WebhookEvent
from commerce.tests.factories import make_coupon, make_order
from commerce.tests.papers import name_shop
from config import backup
from core import people, proof
from core.mail import write
from core.models import Outbox, PersonalDataAct
from core.sessions import SessionStore

MINA, NAME, STREET = "mina@example.org", "Mina Berg", "Hafenstraße 1"
WORDS = (MINA, NAME, STREET, "PARCEL-4711", "is a friend of Elif")


def bought():
    """A paid and shipped order with an invoice, as the payment provider and staff have left their traces on it."""
    make_coupon()
    order = make_order(coupon="TEA10")
    orders.pay(order)
    issue.invoice_for(order)
    PaymentAttempt.objects.filter(order=order).update(payment_id="pi_1", paid_amount=order.total, paid_currency="EUR")
    clerk = User.objects.create_user("clerk", "clerk@example.com", "x")
    line = order.lines.get()
    shipping.send(order, shipping.Parcel({line.pk: line.quantity}, "Parcels", "PARCEL-4711"), clerk)
    orders.note(order, f"{NAME} is a friend of Elif", clerk)
    WebhookEvent.objects.create(
        pk="evt_1",
        type="checkout.session.completed",
        created=timezone.now(),
        processed_at=timezone.now(),
        payload={"data": {"object": {"client_reference_id": order.reference, "customer_details": {"name": NAME}}}},
    )
    Outbox.objects.update(sent_at=timezone.now(), error=f"SMTPRecipientsRefused: {MINA}")
    order.refresh_from_db()
    return order


def everywhere():
    """Traces of Mina in every app. Returns her order."""
    name_shop()
    order = bought()
    make_subscriber(email=MINA.upper())
    Comment.objects.create(post=make_post("On pots"), language="en", name=NAME, email=MINA, text="A fine pot.")
    visit = SessionStore()
    visit["contact"] = {"email": MINA}
    visit.save()
    return order


def dumped(folder):
    """Table -> its rows as text, of the whole database."""
    target = folder / "dump.sql"
    backup.run([backup.program("pg_dump"), "--format=plain", "--no-owner", "--file", str(target)])
    found, table = {}, ""
    for line in target.read_text(errors="replace").splitlines():
        if line.startswith("COPY public."):
            table = line.split(".", 1)[1].split(" ")[0]
        elif line == "\\.":
            table = ""
        elif table:
            found[table] = found.get(table, "") + line + "\n"
    return found


def tables_with(word, dump):
    return {table for table, rows in dump.items() if word.casefold() in rows.casefold()}


def test_after_an_erasure_only_the_invoice_knows_the_person(committed_db, tmp_path):
    order = everywhere()
    before = dumped(tmp_path)
    assert tables_with(MINA, before) >= {"commerce_order", "commerce_document", "blog_subscriber", "blog_comment"}
    assert all(tables_with(word, before) for word in WORDS)

    out = StringIO()
    call_command("personal_data", MINA, "--erase", stdout=out)

    after = dumped(tmp_path)
    assert {word: tables_with(word, after) for word in WORDS} == {
        MINA: {"commerce_document"},
        NAME: {"commerce_document"},
        STREET: {"commerce_document"},
        "PARCEL-4711": set(),
        "is a friend of Elif": set(),
    }
    assert people.look(MINA) == {}
    assert "     1  orders" in out.getvalue()
    kept = Order.objects.get(pk=order.pk)
    assert (kept.total, kept.status, kept.country) == (order.total, order.status, order.country)
    assert kept.documents.get().content["buyer"]["email"] == MINA
    act = PersonalDataAct.objects.get()
    assert (act.kind, act.person, act.actor) == ("erasure", people.digest(MINA), None)
    assert act.found == {"visits": 1, "mails": 0, "newsletter": 1, "comments": 1, "orders": 1} | act.found


@pytest.mark.django_db
def test_the_export_tells_everything():
    order = everywhere()
    out = StringIO()

    call_command("personal_data", f" {MINA.title()} ", "--export", stdout=out)

    told = json.loads(out.getvalue())
    assert set(told) == {
        "email", "exported_at", "orders", "newsletter", "comments", "visits_with_the_address", "mails_to_the_address"
    }  # fmt: skip
    (one,) = told["orders"]
    assert (one["number"], one["email"], one["name"], one["address"]["line1"]) == (order.number, MINA, NAME, STREET)
    assert one["documents"][0]["content"]["buyer"]["email"] == MINA
    assert one["coupon"]["code"] == "TEA10"
    assert one["parcels"][0]["tracking_code"] == "PARCEL-4711"
    assert "order_confirmation" in {mail["kind"] for mail in one["mails"]}
    assert one["payment_messages"][0]["id"] == "evt_1"
    assert told["comments"][0]["text"] == "A fine pot."
    assert told["newsletter"][0]["state"] == "confirmed"
    assert PersonalDataAct.objects.get().kind == "export"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("open_it", "reason"),
    [
        (lambda order: Order.objects.update(status="pending"), "is not finished"),
        (lambda order: Order.objects.update(status="needs_attention"), "is not finished"),
        (lambda order: (order.shipments.all().delete(), Order.objects.update(status="paid")), "is still to be sent"),
        (
            lambda order: Refund.objects.create(order=order, payment=order.attempts.get(), amount=1, currency="EUR"),
            "refund of order",
        ),
        (lambda order: Outbox.objects.filter(kind="invoice").update(sent_at=None), "has still to leave"),
        (lambda order: User.objects.create_user("mina", MINA, "x"), "member of staff"),
    ],
)
def test_what_is_open_is_not_erased(open_it, reason):
    order = everywhere()
    open_it(order)

    with pytest.raises(CommandError, match=reason):
        call_command("personal_data", MINA, "--erase", stdout=StringIO())

    assert Order.objects.get().email == MINA
    assert people.look(MINA)["comments"]
    assert not PersonalDataAct.objects.exists()


@pytest.mark.django_db
def test_nobody_else_is_touched():
    everywhere()
    other = make_order()
    Order.objects.filter(pk=other.pk).update(email="not" + MINA, status="expired")

    people.erase(MINA)

    other.refresh_from_db()
    assert (other.email, other.name, other.erased_at) == ("not" + MINA, NAME, None)


@pytest.mark.django_db
def test_an_erased_address_gets_no_mail(mailoutbox):
    row = Outbox.objects.create(kind="x", key="x")
    from core import mail

    mail.post(row, "", write("Hello", "newsletter_confirm", {}))

    assert mailoutbox == []


@pytest.fixture
def officer(client):
    user = User.objects.create_user("olga", "olga@example.com", "x")
    user.user_permissions.set(Permission.objects.filter(codename__in=["access_admin", "handle_personal_data"]))
    client.force_login(user)
    return user


@pytest.mark.django_db
def test_the_screen_looks_exports_and_erases(client, officer):
    order = everywhere()
    assert "/admin/personal-data/" in client.get("/admin/").content.decode()

    page = client.post("/admin/personal-data/", {"email": MINA}).content.decode()
    assert "Orders: 1" in page
    assert "Comments: 1" in page

    answer = client.post("/admin/personal-data/export/", {"email": MINA})
    assert answer.json()["orders"][0]["number"] == order.number
    assert "no-store" in answer.headers["Cache-Control"]

    wrong = client.post("/admin/personal-data/erase/", {"email": MINA, "repeated": "nina@example.org"})
    assert "This is another address." in wrong.content.decode()
    assert Order.objects.get().email == MINA

    done = client.post("/admin/personal-data/erase/", {"email": MINA, "repeated": MINA}, follow=True)
    assert "Erased." in done.content.decode()
    assert Order.objects.get().email == ""
    assert [(act.kind, act.actor) for act in PersonalDataAct.objects.order_by("pk")] == [
        ("export", officer),
        ("erasure", officer),
    ]
    assert "data erased" in client_page(order)


def client_page(order):
    from django.test import Client

    admin = Client()
    admin.force_login(User.objects.create_superuser("root", "root@example.com", "x"))
    return admin.get(f"/admin/orders/{order.pk}/").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["export/", "erase/"])
def test_s23_the_password_is_asked_for_again(client, officer, path):
    everywhere()
    session = client.session
    session[proof.KEY] = 0
    session.save()

    answer = client.post(f"/admin/personal-data/{path}", {"email": MINA, "repeated": MINA})

    assert answer.status_code == 403
    assert "Your password" in answer.content.decode()
    assert Order.objects.get().email == MINA
    assert not PersonalDataAct.objects.exists()


@pytest.mark.django_db
def test_the_screen_says_why_not(client, officer):
    everywhere()
    Order.objects.update(status="pending")

    answer = client.post("/admin/personal-data/erase/", {"email": MINA, "repeated": MINA})

    assert answer.status_code == 409
    assert "is not finished" in answer.content.decode()
    assert Order.objects.get().email == MINA


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["", "export/", "erase/"])
def test_a_forged_post_is_refused(client, path):
    everywhere()
    user = User.objects.create_user("elif", "elif@example.com", "x")
    user.user_permissions.set(Permission.objects.filter(codename__in=["access_admin", "view_order", "export_order"]))
    client.force_login(user)

    answer = client.post(f"/admin/personal-data/{path}", {"email": MINA, "repeated": MINA})

    assert answer.status_code in (302, 403)
    assert MINA not in answer.content.decode()
    assert Order.objects.get().email == MINA
    assert not PersonalDataAct.objects.exists()


@pytest.mark.django_db
def test_neighbours_of_an_address_keep_what_is_theirs():
    neighbours = ["jasmina@example.org", "mina@example.org.uk", "x-mina@example.org"]
    for address in neighbours:
        visit = SessionStore()
        visit["contact"] = {"email": address}
        visit.save()
        Outbox.objects.create(kind="newsletter_wish", key=address, payload={"email": address})
        Outbox.objects.create(kind="order_refunded", key=f"failed {address}", payload={}, error=f"refused: {address}.")

    people.erase(MINA)

    kept = Outbox.objects.exclude(kind="order_refunded").values_list("payload__email", flat=True)
    assert sorted(kept) == sorted(neighbours)
    assert Outbox.objects.filter(kind="order_refunded").count() == 3
    assert SessionStore().model.objects.count() == 3
