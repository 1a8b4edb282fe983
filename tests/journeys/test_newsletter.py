"""The newsletter in a real browser: subscribed without a script, written, tried, sent, read and left."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group, User
from django.core.mail import EmailMessage
from playwright.sync_api import Browser, Page, expect
from wagtail.users.models import UserProfile

from blog import sending
from blog.models import Sending, SendingState, Subscriber, SubscriberState
from blog.tests.factories import newsletter_of
from core import outbox

pytestmark = pytest.mark.journey

LogIn = Callable[[Page, User], None]


def moderator() -> User:
    user = User.objects.create_user("mona", "mona@example.com", "secret-for-tests")
    user.groups.add(Group.objects.get(name="Moderators"))
    UserProfile.objects.create(user=user, preferred_language="en")
    return user


def link(mail: EmailMessage, word: str, server: str) -> str:
    """The address in a mail's text that holds a word, on the test's server."""
    found = re.search(rf"http://testserver(\S*/{word}/[^\s)]*)", str(mail.body))
    assert found, mail.body
    return server + found[1]


@pytest.fixture
def plain(browser: Browser) -> Page:
    """A visitor's window without JavaScript."""
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 800})
    yield context.new_page()
    context.close()


def subscribe(visitor: Page, server: str, mailoutbox: list[EmailMessage]) -> None:
    visitor.goto(f"{server}/en/shop/")
    visitor.get_by_label("E-mail").fill("ada@example.org")
    visitor.get_by_role("button", name="Subscribe").click()
    expect(visitor.get_by_role("heading", name="Please look into your mailbox")).to_be_visible()
    outbox.send_due()
    visitor.goto(link(mailoutbox.pop(), "confirm", server))
    visitor.get_by_role("button", name="Yes, send me the newsletter").click()
    expect(visitor.get_by_role("heading", name="Welcome")).to_be_visible()
    assert visitor.context.cookies() == []


def write_issue(page: Page, server: str) -> None:
    index = newsletter_of("en")
    page.goto(f"{server}/admin/pages/add/blog/newsletterissuepage/{index.pk}/")
    page.wait_for_timeout(2500)  # Wagtail's first look at the form
    page.get_by_role("textbox", name="Title").first.fill("First flush")
    page.get_by_role("textbox", name="Subject").fill("The first flush is here")
    page.get_by_role("button", name="Insert a block").first.click()
    page.get_by_role("option", name="Heading").click()
    page.locator("[name=body-0-value]").fill("Picked on Tuesday")
    page.get_by_role("combobox", name="Subscribers without a translation").select_option("fallback")
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.locator(".messages")).to_contain_text("Published now")


def test_from_the_form_to_the_last_mail(
    page: Page, plain: Page, server: str, log_in: LogIn, mailoutbox: list[EmailMessage]
) -> None:
    subscribe(plain, server, mailoutbox)
    log_in(page, moderator())
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))

    write_issue(page, server)
    page.goto(f"{server}/admin/newsletter-issues/")
    page.get_by_role("link", name="First flush").click()
    page.get_by_role("button", name="Send a test mail").click()
    expect(page.locator(".messages .success")).to_contain_text("mona@example.com")
    test = mailoutbox.pop()
    assert (test.to, test.subject) == (["mona@example.com"], "[Test] The first flush is here")
    assert "Picked on Tuesday" in str(test.body)

    page.get_by_label("Send at once, to everybody").check()
    page.get_by_role("button", name="Plan the sending").click()
    expect(page.get_by_text("It begins within a minute.").first).to_be_visible()
    assert sending.send_due() == 1
    expect(page.get_by_text("1 of 1 mails")).to_be_visible(timeout=30_000)  # by itself
    assert Sending.objects.get().state == SendingState.SENT
    assert sending.send_due() == 0
    assert problems == []

    issue = mailoutbox.pop()
    assert (issue.to, mailoutbox) == (["ada@example.org"], [])
    plain.goto(link(issue, "news", server))
    expect(plain.get_by_role("heading", name="Picked on Tuesday")).to_be_visible()
    plain.goto(link(issue, "unsubscribe", server))
    plain.get_by_role("button", name="Unsubscribe").click()
    expect(plain.get_by_role("heading", name="You are not subscribed")).to_be_visible()
    assert Subscriber.objects.get().state == SubscriberState.UNSUBSCRIBED
