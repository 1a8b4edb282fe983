import smtplib
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.utils import timezone
from wagtail.models import PageLogEntry

from blog import sending
from blog.models import Sending, SendingState
from blog.tests.factories import make_issue, make_subscriber

LIST = "/admin/newsletter-issues/"


def person(client, group):
    user = User.objects.create_user(f"{group}-person", f"{group.split()[0].lower()}@example.org", "secret")
    user.groups.add(Group.objects.get(name=group))
    client.force_login(user)
    return user


@pytest.fixture
def moderator(client, db):
    person(client, "Moderators")
    return client


@pytest.fixture
def editor(client, db):
    person(client, "Editors")
    return client


def address(issue, verb=""):
    return f"{LIST}{issue.translation_key}/{verb}"


def test_it_works(moderator, mailoutbox):
    issue = make_issue()
    make_issue("de", like=issue, live=False)
    for language in ("en", "de", "ar"):
        make_subscriber(language=language)

    assert issue.title in moderator.get(LIST).content.decode()
    page = moderator.get(address(issue)).content.decode()
    assert "3 people get it" in page
    assert "Not translated" in page
    answer = moderator.post(address(issue, "plan/"), {"now": "on"}, follow=True)
    assert "It begins within a minute." in answer.content.decode()
    assert sending.send_due() == 3

    page = moderator.get(address(issue)).content.decode()
    assert "3 of 3 mails" in page
    assert "Plan the sending" not in page
    assert "3 / 3" in moderator.get(LIST).content.decode()
    assert PageLogEntry.objects.filter(action="blog.newsletter.plan", page=issue.pk).exists()


def test_the_number_of_queries_does_not_grow(moderator, django_assert_max_num_queries):
    for _number in range(12):
        issue = make_issue()
        make_issue("de", like=issue)
        sending.plan(issue.translation_key, issue.subject, timezone.now() + timedelta(days=1), None)
    moderator.get(LIST)

    with django_assert_max_num_queries(14):
        moderator.get(LIST)
    with django_assert_max_num_queries(18):
        moderator.get(address(issue))


def test_a_test_mail_shows_the_draft(editor, mailoutbox):
    issue = make_issue(live=False)
    issue.subject = "A better subject"
    issue.save_revision()

    answer = editor.post(address(issue, "test/"), {"language": "en", "email": "colleague@example.org"})

    assert answer.status_code == 302
    (mail,) = mailoutbox
    assert (mail.to, mail.subject) == (["colleague@example.org"], "[Test] A better subject")
    assert "/newsletter/unsubscribe/test/" in mail.body
    assert not Sending.objects.exists()


@pytest.mark.parametrize(
    "wish",
    [
        {"language": "ar", "email": "a@example.org"},
        {"language": "en", "email": "a@example.org\r\nBcc: b@example.org"},
        {"language": "en", "email": ""},
    ],
)
def test_a_bad_wish_for_a_test_mail_is_explained(editor, mailoutbox, wish):
    assert editor.post(address(make_issue(), "test/"), wish).status_code == 422
    assert mailoutbox == []


def test_a_mail_server_that_says_no_is_told(editor, monkeypatch):
    def no(_mail):
        raise smtplib.SMTPRecipientsRefused({})

    monkeypatch.setattr("django.core.mail.EmailMultiAlternatives.send", no)

    answer = editor.post(address(make_issue(), "test/"), {"language": "en", "email": "a@example.org"})

    assert answer.status_code == 502
    assert "did not take the mail" in answer.content.decode()


def test_test_mails_are_limited(editor, settings):
    settings.RATE_LIMITS = {"newsletter-test": (1, 3600)}
    issue, wish = make_issue(), {"language": "en", "email": "a@example.org"}

    assert [editor.post(address(issue, "test/"), wish).status_code for _ in range(2)] == [302, 429]


def test_editors_do_not_send(editor):
    issue = make_issue()
    make_subscriber()

    assert editor.get(address(issue)).status_code == 200
    assert editor.post(address(issue, "plan/"), {"now": "on"}).status_code == 302
    assert editor.post(address(issue, "cancel/")).status_code == 302
    assert not Sending.objects.exists()


@pytest.mark.parametrize("group", ["Translators", "Shop managers"])
def test_others_see_nothing_of_it(client, db, group):
    person(client, group)
    issue = make_issue()

    assert issue.title not in client.get(LIST).content.decode()
    for verb in ("", "mail/en/"):
        assert client.get(address(issue, verb)).status_code == 302
    for verb in ("test/", "plan/", "cancel/"):
        wish = {"language": "en", "email": "a@example.org"}
        assert client.post(address(issue, verb), wish).status_code == 302
    assert not Sending.objects.exists()


def test_a_past_moment_is_refused_and_kept(moderator):
    issue = make_issue()

    answer = moderator.post(address(issue, "plan/"), {"send_at": "2020-01-02 09:00"})

    assert answer.status_code == 422
    assert "2020-01-02 09:00" in answer.content.decode()
    assert not Sending.objects.exists()


def test_a_plan_is_changed_and_cancelled_until_it_begins(moderator):
    issue = make_issue()
    make_subscriber()
    moderator.post(address(issue, "plan/"), {"send_at": "2099-01-02 09:00"})
    moderator.post(address(issue, "plan/"), {"send_at": "2099-01-03 09:00"})
    assert timezone.localtime(Sending.objects.get().send_at).day == 3

    moderator.post(address(issue, "cancel/"))
    assert Sending.objects.get().state == SendingState.CANCELLED
    moderator.post(address(issue, "plan/"), {"now": "on"})
    sending.send_due()

    for verb in ("plan/", "cancel/"):
        page = moderator.post(address(issue, verb), {"now": "on"}, follow=True).content.decode()
        assert "It is too late" in page
    assert Sending.objects.get().state == SendingState.SENT


def test_what_stands_in_the_way_is_said(moderator):
    issue = make_issue(when_missing="block")
    make_subscriber(language="en")
    make_subscriber(language="de")
    sending.plan(issue.translation_key, issue.subject, timezone.now(), None)

    page = moderator.get(address(issue)).content.decode()

    assert "It is due, and waits:" in page
    assert "The issue is not published in: German." in page
    assert "holds up all" in page


@pytest.mark.parametrize(("mode", "expected"), [("", "site-header"), ("mail", "Words in en"), ("text", "Words in en")])
def test_the_editor_previews_page_mail_and_text(editor, mode, expected):
    issue = make_issue()
    request = editor.get(f"/admin/pages/{issue.pk}/edit/").wsgi_request

    answer = issue.make_preview_request(request, mode)

    content = getattr(answer, "rendered_content", "") or answer.content.decode()
    assert answer.status_code == 200
    assert expected in content
    assert "frame-ancestors 'self'" in answer["Content-Security-Policy"]
    if mode == "mail":
        assert "style-src 'self' 'unsafe-inline'" in answer["Content-Security-Policy"]


def test_the_web_version_is_public_and_alike_for_all(client, db):
    issue = make_issue()
    index = issue.get_parent()

    answer = client.get(issue.url)

    assert answer.status_code == 200
    assert "Words in en" in answer.content.decode()
    assert not answer.cookies
    assert issue.title in client.get(index.url).content.decode()
