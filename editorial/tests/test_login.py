"""Signing in: wrong passwords are counted, and the way back for who has forgotten the right one."""

import pytest
from django.core import mail

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("language", "words"), [("de", "Passwort"), ("en", "password")])
def test_the_mail_is_in_the_readers_language(person, client, language, words):
    person("elif", "Editors", language=language)

    client.post("/admin/password_reset/", {"email": "elif@example.com"}, headers={"accept-language": "ar"})

    assert words in mail.outbox[0].subject + mail.outbox[0].body
    assert "/admin/password_reset/confirm/" in mail.outbox[0].body


def test_an_unknown_address_gets_the_same_answer(person, client):
    person("elif", "Editors")

    known, unknown = (
        client.post("/admin/password_reset/", {"email": email}) for email in ("elif@example.com", "x@y.example")
    )

    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    assert len(mail.outbox) == 1


def sign_in(client, name, password, **extra):
    response = client.post("/admin/login/", {"username": name, "password": password}, **extra)
    return "in" if response.status_code == 302 else response.content.decode()


def test_the_eleventh_wrong_password_is_not_even_tried(person, client, settings):
    settings.RATE_LIMITS = {"login": (10, 900)}
    person("elif", "Editors")
    for _number in range(10):
        assert "didn't match" in sign_in(client, "elif", "wrong").replace("&#x27;", "'")

    assert "Too many attempts." in sign_in(client, "ELIF", "secret-for-tests")
    assert sign_in(client, "elif", "secret-for-tests", REMOTE_ADDR="203.0.113.9") == "in"


def test_a_right_password_begins_anew(person, client, settings):
    settings.RATE_LIMITS = {"login": (2, 900)}
    person("elif", "Editors")

    for _number in range(3):
        sign_in(client, "elif", "wrong")
        assert sign_in(client, "elif", "secret-for-tests") == "in"
        client.logout()


def test_the_account_offers_time_zones_that_browsers_know(person, client):
    client.force_login(person("elif", "Editors"))

    form = client.get("/admin/account/").content.decode()

    assert '<option value="Europe/Berlin"' in form
    assert not [zone for zone in ("Factory", "localtime", "posixrules") if f'<option value="{zone}"' in form]
