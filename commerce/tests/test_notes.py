"""What the shop writes into an order's timeline, read in the reader's language."""

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.urls import reverse
from django.utils import translation
from wagtail.users.models import UserProfile

from commerce import alerts, notes, orders
from commerce.models import OrderEvent
from commerce.order_screen import text_of
from commerce.tests.factories import make_order
from core import outbox
from core.money import Money

GERMAN = {
    "bank transfer of %(amount)s received": "Überweisung von %(amount)s eingegangen",
    "refund of %(amount)s asked for: %(reason)s": "Erstattung von %(amount)s beantragt: %(reason)s",
    "mail sent again: %(kind)s": "E-Mail erneut gesendet: %(kind)s",
    "Sold out": "Ausverkauft",
    "Confirmation": "Bestätigung",
}


@pytest.fixture
def german():
    """The texts above as a catalogue has them."""
    with translation.override("de"):
        catalogue = translation._trans._active.value._catalog
    catalogue._catalogs.insert(0, dict(GERMAN))
    yield
    catalogue._catalogs.remove(GERMAN)


def test_it_works(db, german):
    order = make_order()
    orders.note(order, notes.of("received", amount=Money(order.total, "EUR")))

    event = order.events.last()

    assert event.note == "bank transfer of 13.80 EUR received"
    with translation.override("de"):
        assert text_of(event) == "Überweisung von 13.80 EUR eingegangen"


def test_words_within_it_are_translated_too(db, german):
    order = make_order()
    with translation.override("de"):
        orders.note(order, notes.of("refund_asked", amount=Money(order.total, "EUR"), reason="sold_out"))
        orders.note(order, notes.of("mail_again", kind="order_confirmation"))
        asked, again = (text_of(event) for event in order.events.order_by("pk")[1:])

    assert (asked, again) == (
        "Erstattung von 13.80 EUR beantragt: Ausverkauft",
        "E-Mail erneut gesendet: Bestätigung",
    )
    assert order.events.order_by("pk")[1].note == "refund of 13.80 EUR asked for: Sold out"


def test_what_staff_and_older_releases_wrote_stays(db):
    order = make_order()
    orders.note(order, "50 % off: called, %(amount)s")
    orders.note(order, notes.of("refund_failed", amount=Money(order.total, "EUR"), why=""))
    OrderEvent.objects.create(order=order, to_status=order.status, note="of a later release", code="gone", facts={})
    OrderEvent.objects.create(order=order, to_status=order.status, note="broken", code="received", facts={})

    texts = [text_of(event) for event in order.events.order_by("pk")]

    assert texts[1:] == [
        "50 % off: called, %(amount)s",
        "refund of 13.80 EUR failed: no reason given",
        "of a later release",
        "broken",
    ]


def test_the_screen_shows_it(client, db, german):
    boss = User.objects.create_superuser("boss", password="secret")
    UserProfile.objects.create(user=boss, preferred_language="de")
    client.force_login(boss)
    order = make_order()
    orders.note(order, notes.of("received", amount=Money(order.total, "EUR")))

    page = client.get(reverse("orders:order", args=[order.pk])).content.decode()

    assert "Überweisung von 13.80 EUR eingegangen" in page


def test_lists_have_the_comma_of_their_language():
    with translation.override("ar"):
        assert "2 × A، 1 × B" in notes.said("parcel", {"number": "1", "units": "2 × A, 1 × B"})


def test_mails_to_staff_say_it_in_their_readers_language(db, german):
    boss = User.objects.create_superuser("boss", "boss@shop.example", "secret")
    UserProfile.objects.create(user=boss, preferred_language="de")
    order = make_order()
    alerts.tell(order, alerts.ATTENTION, "bt_1", notes.of("received", amount=Money(order.total, "EUR")))

    outbox.send_due()

    (letter,) = mail.outbox
    assert "Überweisung von 13.80 EUR eingegangen" in letter.body


@pytest.mark.parametrize("code", sorted(notes.TEXTS))
def test_each_says_something_with_its_values(code):
    names = ("amount", "total", "session", "why", "reason", "refund", "dispute", "status", "number", "units", "kind")

    assert "%" not in str(notes.of(code, **dict.fromkeys(names, "x")))


def test_a_value_that_is_missing_shows_where_it_is_written():
    with pytest.raises(KeyError):
        notes.of("received")
