import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from blog import subscribers
from blog.models import Subscriber, SubscriberState
from blog.tests.factories import make_subscriber
from core import outbox, retention
from core.models import Outbox
from tests.together import done_at_once

ASK = "/en/newsletter/subscribe/"
ASKED = "/en/newsletter/subscribe/asked/"
OURS = {"HTTP_SEC_FETCH_SITE": "same-origin"}


@pytest.fixture
def browser(db):
    """Checks for forged requests as a browser's would be checked."""
    return Client(enforce_csrf_checks=True, **OURS)


def ask(browser, email="mina@example.org", address=ASK, **more):
    return browser.post(address, {"email": email, **more}, headers={"Referer": "http://testserver/en/blog/oolong/"})


def link_in(mail):
    return re.search(r"http://testserver(\S+)", mail.body)[1]


def test_it_works(browser, mailoutbox):
    answer = ask(browser, address="/de/newsletter/subscribe/")
    assert (answer.status_code, answer["Location"]) == (303, "/de/newsletter/subscribe/asked/")
    outbox.send_due()

    (mail,) = mailoutbox
    link = link_in(mail)
    assert mail.to == ["mina@example.org"]
    assert link.startswith("/de/newsletter/confirm/")
    assert link in mail.alternatives[0].content
    assert browser.get(link).status_code == 200
    assert Subscriber.objects.get().state == SubscriberState.PENDING  # a mail program may have looked

    assert browser.post(link).status_code == 303

    subscriber = Subscriber.objects.get()
    assert subscriber.state == SubscriberState.CONFIRMED
    assert (subscriber.language, subscriber.source) == ("de", "/en/blog/oolong/")
    assert subscriber.confirmed_at
    assert "Welcome" in browser.get(link.replace("/de/", "/en/")).content.decode()


def test_the_page_with_the_form_sets_no_cookie(browser):
    answer = browser.get("/en/shop/")

    assert f'action="{ASK}"' in answer.content.decode()
    assert not answer.cookies
    assert not ask(browser).cookies


@pytest.mark.parametrize("state", [None, *SubscriberState.values])
def test_the_answer_is_the_same_for_every_address(browser, state, django_assert_num_queries):
    if state:
        make_subscriber("mina@example.org", state=state)

    with django_assert_num_queries(8):  # two limits, the row three times, its mail, and the transaction's two ends
        answer = ask(browser, "Mina@Example.org")

    assert (answer.status_code, answer["Location"], answer.content) == (303, ASKED, b"")
    assert Subscriber.objects.count() == 1
    assert Outbox.objects.count() == 1


def test_who_is_subscribed_is_told_so(browser, mailoutbox):
    subscriber = make_subscriber("mina@example.org")

    ask(browser)
    outbox.send_due()

    (mail,) = mailoutbox
    assert "already" in mail.subject
    assert link_in(mail) == f"/en/newsletter/unsubscribe/{subscriber.key}/"
    subscriber.refresh_from_db()
    assert subscriber.state == SubscriberState.CONFIRMED


def test_a_subscriber_changes_the_language_by_asking_in_it(browser, mailoutbox):
    before = make_subscriber("mina@example.org", "en", confirmed_at=timezone.now() - timedelta(days=90))

    ask(browser, address="/ar/newsletter/subscribe/")
    outbox.send_due()
    assert Subscriber.objects.get().language == "en"
    browser.post(link_in(mailoutbox[0]))

    subscriber = Subscriber.objects.get()
    assert subscriber.language == "ar"
    assert subscriber.confirmed_at == before.confirmed_at  # the consent is the old one


@pytest.mark.parametrize(
    "email", ["", "mina", "a@b", "mina@example.org\r\nBcc: all@example.org", "m\x00@example.org", "m" * 250 + "@b.org"]
)
def test_what_is_no_address_is_said_so_and_kept(browser, email):
    answer = ask(browser, email)

    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.content.decode()
    assert not Subscriber.objects.exists()


def test_what_was_typed_is_escaped(browser):
    assert "<script>" not in ask(browser, '"><script>x</script>').content.decode()


def test_a_robot_gets_the_same_answer_and_no_mail(browser):
    answer = ask(browser, website="https://spam.example")

    assert (answer.status_code, answer["Location"]) == (303, ASKED)
    assert not Subscriber.objects.exists()


def test_one_mailbox_gets_three_mails_an_hour(browser):
    answers = [ask(browser).status_code for _ in range(5)]

    assert answers == [303] * 5
    assert Outbox.objects.count() == 3


def test_one_network_asks_for_twenty_addresses_an_hour(browser):
    answers = [ask(browser, f"m{number}@example.org").status_code for number in range(21)]

    assert answers == [303] * 20 + [429]
    assert Subscriber.objects.count() == 20


def test_another_site_cannot_ask(db):
    client = Client(enforce_csrf_checks=True)

    assert client.post(ASK, {"email": "mina@example.org"}, HTTP_SEC_FETCH_SITE="cross-site").status_code == 403
    assert not Subscriber.objects.exists()
    assert client.get(ASK, HTTP_SEC_FETCH_SITE="cross-site").status_code == 200


def test_a_link_works_for_a_week(browser):
    subscribers.ask("mina@example.org", "en")
    subscriber = Subscriber.objects.get()
    Subscriber.objects.update(asked_at=timezone.now() - timedelta(days=8))

    answer = browser.post(f"/en/newsletter/confirm/{subscriber.confirm_token}/")

    assert answer.status_code == 404
    assert f'action="{ASK}"' in answer.content.decode()
    assert answer["Referrer-Policy"] == "same-origin"  # under "no-referrer" that form could not be sent
    assert Subscriber.objects.get().state == SubscriberState.PENDING


def test_asking_again_keeps_the_first_link_alive(browser):
    subscribers.ask("mina@example.org", "en")
    token = Subscriber.objects.get().confirm_token
    subscribers.ask("mina@example.org", "en")

    assert subscribers.confirm(token)


def test_an_old_link_does_not_undo_a_goodbye(browser):
    subscribers.ask("mina@example.org", "en")
    subscriber = Subscriber.objects.get()
    subscribers.confirm(subscriber.confirm_token)
    subscribers.unsubscribe(subscriber.key)

    assert browser.post(f"/en/newsletter/confirm/{subscriber.confirm_token}/").status_code == 404
    assert Subscriber.objects.get().state == SubscriberState.UNSUBSCRIBED


def test_unsubscribing_asks_first(browser):
    subscriber = make_subscriber()
    address = f"/en/newsletter/unsubscribe/{subscriber.key}/"

    page = browser.get(address)
    assert "<button" in page.content.decode()
    assert (page["Cache-Control"], page["Referrer-Policy"]) == (
        "max-age=0, no-cache, no-store, must-revalidate, private",
        "no-referrer",
    )
    assert not page.cookies
    assert Subscriber.objects.get().state == SubscriberState.CONFIRMED
    assert browser.post(address).status_code == 303

    assert Subscriber.objects.get().state == SubscriberState.UNSUBSCRIBED
    assert "You are not subscribed" in browser.get(address).content.decode()


def test_a_mail_program_unsubscribes_with_one_post(db):
    subscriber = make_subscriber()
    address = f"/de/newsletter/unsubscribe/{subscriber.key}/"

    answer = Client(enforce_csrf_checks=True).post(
        address, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded"
    )

    assert (answer.status_code, answer.content) == (200, b"")
    assert Subscriber.objects.get().state == SubscriberState.UNSUBSCRIBED


def test_an_unknown_key_tells_nothing(browser):
    gone = make_subscriber(state=SubscriberState.UNSUBSCRIBED)

    pages = [browser.get(f"/en/newsletter/unsubscribe/{key}/").content for key in (gone.key, "a" * len(gone.key))]

    assert pages[0].replace(gone.key.encode(), b"a" * len(gone.key)) == pages[1]


def test_silent_addresses_are_forgotten(db):
    old, young, kept = make_subscriber(state="pending"), make_subscriber(state="pending"), make_subscriber()
    Subscriber.objects.filter(pk__in=[old.pk, kept.pk]).update(asked_at=timezone.now() - timedelta(days=31))
    Subscriber.objects.filter(pk=young.pk).update(asked_at=timezone.now())

    retention.forget()

    assert set(Subscriber.objects.values_list("pk", flat=True)) == {young.pk, kept.pk}


def person(client, group):
    user = User.objects.create_user("person", password="secret")
    user.groups.add(Group.objects.get(name=group))
    client.force_login(user)


def test_moderators_see_and_count_and_forget(client, db):
    person(client, "Moderators")
    for number in range(30):
        make_subscriber(language=("en", "de")[number % 2])

    page = client.get("/admin/subscribers/").content.decode()

    assert page.count("<td>15</td>") == 2
    subscriber = Subscriber.objects.first()
    assert subscriber.email in page
    assert client.post(f"/admin/subscribers/delete/{subscriber.pk}/").status_code == 302
    assert Subscriber.objects.count() == 29
    assert client.get("/admin/subscribers/new/").status_code == 302
    assert (
        client.post(f"/admin/subscribers/edit/{Subscriber.objects.first().pk}/", {"language": "ar"}).status_code == 302
    )
    assert not Subscriber.objects.filter(language="ar").exists()


def test_the_number_of_queries_does_not_grow(client, db):
    person(client, "Moderators")

    def queries():
        with CaptureQueriesContext(connection) as captured:
            client.get("/admin/subscribers/")
        return len(captured)

    make_subscriber()
    queries()
    few = queries()
    for _number in range(40):
        make_subscriber()

    assert queries() == few


def test_a_forgotten_address_stays_in_no_log(client, db):
    from wagtail.models import ModelLogEntry

    person(client, "Moderators")
    subscriber = make_subscriber("mina.berg@example.org")

    client.post(f"/admin/subscribers/delete/{subscriber.pk}/")

    assert not [entry for entry in ModelLogEntry.objects.all() if "mina" in f"{entry.label}{entry.data}"]


def test_editors_do_not_see_addresses(client, db):
    person(client, "Editors")
    subscriber = make_subscriber()

    for address in ("/admin/subscribers/", f"/admin/subscribers/inspect/{subscriber.pk}/"):
        answer = client.get(address)
        assert answer.status_code == 302
    client.post(f"/admin/subscribers/delete/{subscriber.pk}/")
    assert Subscriber.objects.exists()


def test_who_asks_eight_times_at_once_is_one_subscriber(committed_db):
    done_at_once([lambda: subscribers.ask("mina@example.org", "en")] * 8)

    subscriber = Subscriber.objects.get()
    assert subscribers.confirm(subscriber.confirm_token)
    assert Outbox.objects.count() == 8


def test_a_wish_from_the_checkout_is_asked_back_once_and_its_address_forgotten(db, mailoutbox):
    wish = {"order": 7, "email": "Mina@example.org", "language": "de", "source": "checkout"}
    outbox.put("newsletter_wish", "newsletter_wish:7", wish)
    outbox.put("newsletter_wish", "newsletter_wish:7", wish)

    outbox.send_due()

    subscriber = Subscriber.objects.get()
    assert (subscriber.email, subscriber.state, subscriber.source) == ("mina@example.org", "pending", "checkout")
    (mail,) = mailoutbox
    assert mail.to == ["mina@example.org"]
    assert "/de/" in mail.body
    assert Outbox.objects.get(kind="newsletter_wish").payload == {"order": 7, "language": "de", "source": "checkout"}
