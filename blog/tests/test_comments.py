from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from blog import comments
from blog.models import Comment, CommentSettings, CommentState
from blog.tests.factories import make_post
from core import retention

OURS = {"HTTP_SEC_FETCH_SITE": "same-origin"}
WORDS = {"name": "Mina", "email": "mina@example.org", "text": "A fine pot."}


@pytest.fixture
def post(db):
    return make_post("On pots")


@pytest.fixture
def open_post(post):
    switch(True)
    return post


@pytest.fixture
def browser():
    return Client(enforce_csrf_checks=True, **OURS)


def switch(on):
    CommentSettings.objects.update_or_create(pk=1, defaults={"switched_on": on})


def say(browser, post, **more):
    return browser.post(f"/en/comments/{post.pk}/", {**WORDS, **more})


def person(client, group):
    user = User.objects.create_user(f"{group}-person", f"{group.split()[0]}@example.org", "secret")
    user.groups.add(Group.objects.get(name=group))
    client.force_login(user)
    return user


def test_it_works(browser, open_post, client):
    page = browser.get(open_post.url)
    assert f'action="/en/comments/{open_post.pk}/"' in page.content.decode()
    assert not page.cookies

    answer = say(browser, open_post)

    assert (answer.status_code, answer["Location"]) == (303, f"/en/comments/{open_post.pk}/thanks/")
    assert not answer.cookies
    assert browser.get(answer["Location"]).status_code == 200
    assert WORDS["text"] not in browser.get(open_post.url).content.decode()

    mona = person(client, "Moderators")
    assert WORDS["text"] in client.get("/admin/comments/").content.decode()
    row = Comment.objects.get()
    client.post("/admin/comments/decide/", {"decision": f"approved {row.pk}", "state": "waiting"})

    row.refresh_from_db()
    assert (row.state, row.decided_by, row.language) == (CommentState.APPROVED, mona, "en")
    shown = browser.get(open_post.url).content.decode()
    assert WORDS["text"] in shown
    assert WORDS["email"] not in shown


def test_it_is_off_at_first(browser, post):
    assert "comment-form" not in browser.get(post.url).content.decode()

    assert say(browser, post).status_code == 404
    assert not Comment.objects.exists()


def test_switching_off_keeps_what_was_approved(browser, open_post):
    Comment.objects.create(post=open_post, language="en", name="Mina", text="A fine pot.", state="approved")
    switch(False)

    page = browser.get(open_post.url).content.decode()

    assert "A fine pot." in page
    assert "comment-form" not in page


def test_words_stay_words(browser, open_post):
    text = '<script>alert(1)</script> https://spam.example/ <a href="https://spam.example/">x</a> {{ shop_name }}'
    say(browser, open_post, name="<b>Mina</b>", text=text)
    comments.decide(Comment.objects.values_list("pk", flat=True), CommentState.APPROVED, None)

    page = browser.get(open_post.url).content.decode()

    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
    assert 'href="https://spam.example/"' not in page
    assert "&lt;b&gt;Mina" in page
    assert "{{ shop_name }}" in page


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "Mina\r\nBcc: all@example.org"},
        {"name": "M" * 81},
        {"email": "mina"},
        {"text": "  "},
        {"text": "x" * 3001},
        {"text": "x\x00"},
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_lost(browser, open_post, wrong):
    answer = say(browser, open_post, **wrong)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "error-summary" in page
    if "text" not in wrong:
        assert WORDS["text"] in page
    assert not Comment.objects.exists()


def test_robots_are_thanked_and_put_aside(browser, open_post):
    answer = say(browser, open_post, website="https://spam.example/")

    assert answer.status_code == 303
    assert Comment.objects.get().state == CommentState.SPAM


def test_five_an_hour(browser, open_post):
    answers = [say(browser, open_post, text=f"Number {number}") for number in range(6)]

    assert [answer.status_code for answer in answers] == [303] * 5 + [429]
    assert "Number 5" in answers[-1].content.decode()
    assert Comment.objects.count() == 5


def test_a_second_click_says_it_once(browser, open_post):
    say(browser, open_post)

    assert say(browser, open_post).status_code == 303
    assert Comment.objects.count() == 1


def test_another_site_cannot_comment(open_post):
    client = Client(enforce_csrf_checks=True, HTTP_SEC_FETCH_SITE="cross-site")

    assert say(client, open_post).status_code == 403
    assert not Comment.objects.exists()


@pytest.mark.parametrize("gone", ["draft", "other language", "unknown"])
def test_only_below_a_post_that_can_be_read(browser, open_post, gone):
    address = f"/en/comments/{open_post.pk}/"
    if gone == "draft":
        open_post.unpublish()
    elif gone == "other language":
        address = f"/de/comments/{open_post.pk}/"
    else:
        address = "/en/comments/999999999999999999/"

    assert browser.post(address, WORDS).status_code == 404
    assert not Comment.objects.exists()


def test_looking_at_the_address_leads_to_the_post(browser, open_post):
    assert browser.get(f"/en/comments/{open_post.pk}/")["Location"] == f"{open_post.url}#comments"


def test_the_number_of_queries_does_not_grow(browser, client, open_post):
    person(client, "Moderators")

    def look():
        with CaptureQueriesContext(connection) as on_page:
            browser.get(open_post.url)
        with CaptureQueriesContext(connection) as on_list:
            page = client.get("/admin/comments/").content.decode()
        return page.count('name="comment"'), len(on_page), len(on_list)

    for state in ("approved", "waiting"):
        Comment.objects.create(post=open_post, language="en", name="First", text="x", state=state)
    look()
    few = look()
    for state in ("approved", "waiting"):
        Comment.objects.bulk_create(
            Comment(post=open_post, language="en", name=f"N{n}", text="x", state=state) for n in range(40)
        )

    assert look() == (30, *few[1:])


def test_editors_read_but_do_not_decide(client, open_post):
    row = Comment.objects.create(post=open_post, language="en", name="Mina", text="A fine pot.")
    person(client, "Editors")

    page = client.get("/admin/comments/").content.decode()
    assert "A fine pot." in page
    assert 'name="decision"' not in page
    for decision in ("approved", "delete"):
        assert client.post("/admin/comments/decide/", {"decision": decision, "comment": [row.pk]}).status_code == 302
    row.refresh_from_db()
    assert row.state == CommentState.WAITING


@pytest.mark.parametrize("group", ["Translators", "Shop managers"])
def test_others_see_none(client, open_post, group):
    Comment.objects.create(post=open_post, language="en", name="Mina", text="A fine pot.")
    person(client, group)

    assert client.get("/admin/comments/").status_code == 302


def test_many_are_decided_at_once(client, open_post):
    rows = [Comment.objects.create(post=open_post, language="en", name=f"N{n}", text="x") for n in range(3)]
    person(client, "Moderators")

    client.post("/admin/comments/decide/", {"decision": "spam", "comment": [rows[0].pk, rows[1].pk]})
    client.post("/admin/comments/decide/", {"decision": "delete", "comment": [rows[0].pk]})

    assert sorted(Comment.objects.values_list("name", "state")) == [("N1", "spam"), ("N2", "waiting")]


@pytest.mark.parametrize("decision", ["", "waiting", "approved x", "approved 1 or 1=1", "approved " + "9" * 30])
def test_a_strange_decision_changes_nothing(client, open_post, decision):
    row = Comment.objects.create(post=open_post, language="en", name="Mina", text="x")
    person(client, "Moderators")

    assert client.post("/admin/comments/decide/", {"decision": decision, "comment": [row.pk]}).status_code == 400
    row.refresh_from_db()
    assert row.state == CommentState.WAITING


def test_refused_comments_and_spam_are_forgotten(open_post):
    for name, state, days in [
        ("old", "spam", 31),
        ("no", "refused", 31),
        ("young", "spam", 1),
        ("kept", "approved", 99),
    ]:
        row = Comment.objects.create(post=open_post, language="en", name=name, text="x", state=state)
        Comment.objects.filter(pk=row.pk).update(created_at=timezone.now() - timedelta(days=days))

    retention.forget()

    assert sorted(Comment.objects.values_list("name", flat=True)) == ["kept", "young"]


def test_moderators_turn_the_switch(client, post):
    person(client, "Moderators")

    address = client.get("/admin/settings/blog/commentsettings/", follow=True).redirect_chain[-1][0]
    client.post(address, {"switched_on": "on"})

    assert comments.switched_on()
