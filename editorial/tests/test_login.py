"""The way back for who has forgotten the password."""

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
