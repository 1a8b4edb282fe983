import pytest
from django.contrib.auth.models import Group, Permission, User
from django.utils import timezone

from commerce.models import Status, WebhookEvent
from commerce.orders import payment_page
from commerce.tests.factories import make_order
from commerce.tests.test_webhooks import event as message

LIST = "/admin/webhook-events/"


def stored(pk="evt_1", **fields):
    payload = fields.pop("payload", message(id=pk))
    kind = payload["type"]
    return WebhookEvent.objects.create(pk=pk, type=kind, created=timezone.now(), payload=payload, **fields)


def staff(client, *permissions):
    user = User.objects.create_user("operator", password="secret")
    user.user_permissions.add(*Permission.objects.filter(codename__in=["access_admin", *permissions]))
    client.force_login(user)
    return user


@pytest.fixture
def operator(client, db):
    staff(client, "view_webhookevent", "replay_webhookevent")
    return client


@pytest.fixture
def unheard(db, gateway):
    """An order that was paid, and the event about it that came while Stripe did not answer."""
    order = make_order()
    payment_page(order)
    session_id = order.attempts.get().session_id
    gateway.pay(session_id)
    return order, stored(payload=message(session_id, id="evt_1"), error="Request timed out")


def test_it_works(operator, unheard):
    order, event = unheard
    page = operator.get(LIST).content.decode()
    assert "evt_1" in page and "checkout.session.completed" in page and "Request timed out" in page

    answer = operator.post(f"{LIST}evt_1/again/", follow=True)

    assert "The event was acted on again." in answer.content.decode()
    order.refresh_from_db()
    event.refresh_from_db()
    assert (order.status, event.error) == (Status.PAID, "")
    assert event.processed_at is not None


def test_again_and_again_changes_nothing_more(operator, unheard):
    order, _event = unheard
    for _time in range(3):
        operator.post(f"{LIST}evt_1/again/")

    assert [note.to_status for note in order.events.all()] == ["pending", "paid"]


def test_no_answer_is_said_and_kept(operator, unheard, settings):
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"

    page = operator.post(f"{LIST}evt_1/again/", follow=True).content.decode()

    assert "does not answer" in page
    assert WebhookEvent.objects.get().processed_at is None


def test_an_event_that_tells_nothing(operator, db):
    stored(payload={"type": "odd"})

    assert "tells nothing" in operator.post(f"{LIST}evt_1/again/", follow=True).content.decode()


def test_the_payload_is_shown_as_text(operator, db):
    stored(payload=message("<script>alert(1)</script>"))

    page = operator.get(f"{LIST}evt_1/").content.decode()

    assert "&lt;script&gt;alert(1)" in page and "<script>alert(1)" not in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"result": "done"}, {"evt_done"}),
        ({"result": "failed"}, {"evt_failed"}),
        ({"result": "waiting"}, {"evt_waiting"}),
        ({"type": "charge."}, {"evt_done"}),
        ({"q": "evt_failed"}, {"evt_failed"}),
        ({"q": "ch_1"}, {"evt_done"}),
        ({"q": "\x00"}, set()),
    ],
)
def test_filtered_and_found(operator, db, query, found):
    charge = message(id="evt_done", kind="charge.refunded", data={"object": {"id": "ch_1", "object": "charge"}})
    stored("evt_done", payload=charge, processed_at=timezone.now())
    stored("evt_failed", error="No such dispute", processed_at=timezone.now())
    stored("evt_waiting")

    page = operator.get(LIST, query).content.decode()

    assert {pk for pk in ("evt_done", "evt_failed", "evt_waiting") if f"{pk}/" in page} == found


def test_a_constant_number_of_queries(operator, db, django_assert_max_num_queries):
    stored("evt_0")
    operator.get(LIST)
    with django_assert_max_num_queries(40) as one:
        operator.get(LIST)
    for number in range(1, 40):
        stored(f"evt_{number}")
    with django_assert_max_num_queries(40) as many:
        operator.get(LIST)

    assert len(one.captured_queries) == len(many.captured_queries)


@pytest.mark.parametrize("group", ["Editors", "Moderators", "Translators", "Shop managers"])
def test_s21_others_neither_see_nor_replay(client, unheard, group):
    user = User.objects.create_user("person", password="secret")
    user.groups.add(Group.objects.get(name=group))
    client.force_login(user)
    order, _event = unheard

    answers = [client.get(LIST), client.get(f"{LIST}evt_1/"), client.post(f"{LIST}evt_1/again/")]

    assert all(answer.status_code in (302, 403) for answer in answers)
    order.refresh_from_db()
    assert order.status == Status.PENDING


def test_whoever_may_only_look_cannot_replay(client, unheard):
    staff(client, "view_webhookevent")

    assert "again/" not in client.get(f"{LIST}evt_1/").content.decode()
    client.post(f"{LIST}evt_1/again/")

    unheard[0].refresh_from_db()
    assert unheard[0].status == Status.PENDING


def test_looking_changes_nothing(operator, unheard):
    assert operator.get(f"{LIST}evt_1/again/").status_code == 405
