import smtplib
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from blog import sending, subscribers
from blog.issues import load_issue, obstacle
from blog.models import Delivery, DeliveryState, Sending, SendingState, Subscriber, SubscriberState, WhenMissing
from blog.tests.factories import make_issue, make_subscriber
from tests.together import done_at_once


def plan(issue, minutes=-1):
    sending.plan(issue.translation_key, issue.subject, timezone.now() + timedelta(minutes=minutes), None)
    return Sending.objects.get(issue_key=issue.translation_key)


def states(of=None):
    rows = Delivery.objects.filter(sending=of) if of else Delivery.objects.all()
    return sorted(rows.values_list("subscriber__email", "used_language", "state"))


def test_it_works(db, mailoutbox):
    english = make_issue("en")
    make_issue("de", like=english)
    for email, language in [("ada@x.org", "en"), ("ben@x.org", "de"), ("noor@x.org", "ar")]:
        make_subscriber(email, language)
    make_subscriber("gone@x.org", state=SubscriberState.UNSUBSCRIBED)
    make_subscriber("new@x.org", state=SubscriberState.PENDING)
    row = plan(english)

    assert sending.send_due() == 3

    assert {(sent.to[0], sent.subject) for sent in mailoutbox} == {
        ("ada@x.org", "Spring teas (en)"),
        ("ben@x.org", "Spring teas (de)"),
        ("noor@x.org", "Spring teas (en)"),  # the declared fallback
    }
    row.refresh_from_db()
    assert row.state == SendingState.SENT
    assert row.started_at and row.finished_at
    assert {delivery.state for delivery in Delivery.objects.all()} == {DeliveryState.SENT}


def test_nobody_gets_it_twice(db, mailoutbox):
    issue = make_issue()
    make_subscriber()
    plan(issue)

    assert [sending.send_due(), sending.send_due()] == [1, 0]
    with pytest.raises(sending.TooLate):
        plan(issue)
    with pytest.raises(sending.TooLate):
        sending.cancel(issue.translation_key)

    assert len(mailoutbox) == 1


def test_it_waits_for_its_time(db, mailoutbox):
    make_subscriber()
    row = plan(make_issue(), minutes=5)

    assert sending.send_due() == 0
    Sending.objects.update(send_at=timezone.now())
    assert sending.send_due() == 1
    row.refresh_from_db()
    assert row.state == SendingState.SENT


def test_it_waits_until_it_is_published(db, mailoutbox):
    make_subscriber()
    issue = make_issue(live=False)
    plan(issue)

    assert sending.send_due() == 0
    issue.save_revision().publish()
    assert sending.send_due() == 1


def test_what_is_cancelled_stays_and_may_be_planned_again(db, mailoutbox):
    make_subscriber()
    issue = make_issue()
    plan(issue)
    sending.cancel(issue.translation_key)

    assert sending.send_due() == 0
    plan(issue)
    assert sending.send_due() == 1


@pytest.mark.parametrize(
    ("policy", "mails", "state"),
    [
        (WhenMissing.FALLBACK, 2, SendingState.SENT),
        (WhenMissing.LEAVE_OUT, 1, SendingState.SENT),
        (WhenMissing.BLOCK, 0, SendingState.SCHEDULED),
    ],
)
def test_a_missing_language_goes_as_chosen(db, mailoutbox, policy, mails, state):
    make_subscriber(language="en")
    make_subscriber(language="ar")
    row = plan(make_issue(when_missing=policy))

    assert sending.send_due() == mails

    row.refresh_from_db()
    assert row.state == state
    assert ("Arabic" in obstacle(load_issue(row.issue_key))) == (policy == WhenMissing.BLOCK)


def test_a_fallback_that_is_not_published_holds_it_up(db, mailoutbox):
    make_subscriber(language="en")
    make_subscriber(language="de")
    english = make_issue("en", live=False)
    make_issue("de", like=english)
    plan(english)

    assert sending.send_due() == 0
    assert "main language" in obstacle(load_issue(english.translation_key))


def test_without_readers_nothing_is_used_up(db):
    row = plan(make_issue())

    assert sending.send_due() == 0
    row.refresh_from_db()
    assert row.state == SendingState.SCHEDULED


def test_who_leaves_in_between_is_left_out(db, mailoutbox):
    ada, ben, cid = [make_subscriber(f"{name}@x.org") for name in ("ada", "ben", "cid")]
    issue = make_issue()
    plan(issue)
    sending.begin_due()
    subscribers.unsubscribe(ada.key)
    ben.delete()

    assert sending.send_due() == 1

    assert mailoutbox[0].to == [cid.email]
    assert sorted(Delivery.objects.values_list("state", flat=True)) == ["sent", "skipped", "skipped"]
    assert Sending.objects.get().state == SendingState.SENT


def test_unpublishing_holds_it_up(db, mailoutbox):
    english = make_issue("en")
    german = make_issue("de", like=english)
    make_subscriber("ada@x.org", "en")
    make_subscriber("ben@x.org", "de")
    row = plan(english)
    sending.begin_due()
    german.unpublish()

    assert sending.send_due() == 1
    row.refresh_from_db()
    assert row.state == SendingState.SENDING
    german.save_revision().publish()
    assert sending.send_due() == 1


def test_deleting_ends_it(db, mailoutbox):
    make_subscriber()
    issue = make_issue()
    row = plan(issue)
    sending.begin_due()
    issue.delete()

    assert sending.send_due() == 0
    row.refresh_from_db()
    assert (row.state, Delivery.objects.get().state) == (SendingState.SENT, DeliveryState.SKIPPED)


class Server:
    """A mail server that answers some addresses with an error."""

    def __init__(self, answers):
        self.answers = answers
        self.sent = []
        self.opened = 0

    def __call__(self):
        return self

    def open(self):
        self.opened += 1

    def close(self):
        pass

    def send_messages(self, messages):
        for message in messages:
            error = self.answers.get(message.to[0])
            if error:
                raise error
            self.sent.append(message.to[0])


def refused(code, words):
    return smtplib.SMTPRecipientsRefused({"x": (code, words)})


@pytest.mark.parametrize(
    ("error", "state", "reader"),
    [
        (refused(550, b"5.1.1 no such user"), "failed", "bounced"),
        (refused(550, b"5.7.1 relaying denied"), "queued", "confirmed"),
        (refused(451, b"4.7.1 greylisted"), "queued", "confirmed"),
        (smtplib.SMTPDataError(554, b"5.7.1 spam"), "queued", "confirmed"),
        (smtplib.SMTPServerDisconnected("closed"), "queued", "confirmed"),
        (smtplib.SMTPSenderRefused(452, b"too many", "shop"), "queued", "confirmed"),
        (ConnectionResetError(), "queued", "confirmed"),
        (ValueError("no address"), "failed", "confirmed"),
    ],
)
def test_one_bad_address_keeps_nobody_waiting(db, monkeypatch, error, state, reader):
    ada, bad, cid = [make_subscriber(f"{name}@x.org") for name in ("ada", "bad", "cid")]
    server = Server({bad.email: error})
    monkeypatch.setattr("blog.postman.get_connection", server)
    plan(make_issue())

    assert sending.send_due() == 2

    assert sorted(server.sent) == [ada.email, cid.email]
    row = Delivery.objects.get(subscriber=bad)
    bad.refresh_from_db()
    assert (row.state, bad.state) == (state, reader)
    assert row.error and "x.org" not in row.error
    if state == "queued":
        assert row.next_try_at > timezone.now()
        del server.answers[bad.email]
        Delivery.objects.update(next_try_at=timezone.now())
        assert sending.send_due() == 1
    assert Sending.objects.get().state == SendingState.SENT


def test_a_server_that_is_gone_is_left_alone(db, monkeypatch):
    readers = [make_subscriber(f"r{number}@x.org") for number in range(10)]
    server = Server({reader.email: smtplib.SMTPServerDisconnected("closed") for reader in readers})
    monkeypatch.setattr("blog.postman.get_connection", server)
    plan(make_issue())

    assert sending.send_due() == 0

    assert sorted(Delivery.objects.values_list("tries", flat=True)) == [0] * 7 + [1] * 3
    assert Sending.objects.get().state == SendingState.SENDING


def test_a_server_that_cannot_be_reached_uses_up_no_try(db, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    make_subscriber()
    plan(make_issue())

    assert sending.send_due() == 0

    assert Delivery.objects.get().tries == 0


def test_too_many_tries_are_a_failure(db, monkeypatch):
    reader = make_subscriber()
    monkeypatch.setattr("blog.postman.get_connection", Server({reader.email: refused(451, b"4.7.1 later")}))
    plan(make_issue())

    for _try in range(8):
        sending.send_due()
        Delivery.objects.update(next_try_at=timezone.now())

    assert Delivery.objects.get().state == DeliveryState.FAILED
    assert Subscriber.objects.get().state == SubscriberState.CONFIRMED
    assert Sending.objects.get().state == SendingState.SENT


def test_time_is_up(db, mailoutbox):
    for _number in range(5):
        make_subscriber()
    plan(make_issue())

    assert sending.send_due(seconds=0) == 0
    assert sending.send_due() == 5


def test_two_workers_at_once_send_each_mail_once(committed_db, monkeypatch):
    for number in range(60):
        make_subscriber(f"r{number}@x.org")
    plan(make_issue())
    server = Server({})
    monkeypatch.setattr("blog.postman.get_connection", server)

    counts = done_at_once([sending.send_due] * 4)

    assert sorted(counts)[-1] >= 1
    sending.send_due()
    assert len(server.sent) == len(set(server.sent)) == 60


def test_two_editors_at_once_plan_one_sending(committed_db):
    issue = make_issue()

    done_at_once([lambda: plan(issue, minutes=10)] * 6)

    assert Sending.objects.count() == 1
    assert mail.outbox == []


def test_copies_of_another_language_are_no_translation(db):
    english = make_issue("en")
    german = make_issue("de", like=english)
    german.alias_of = english
    german.save()
    make_subscriber(language="de")

    assert list(load_issue(english.translation_key).pages) == ["en"]
