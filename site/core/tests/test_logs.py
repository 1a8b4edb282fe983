"""What a log line never holds, and the id that it does."""

import logging
from importlib import import_module

import pytest
from django.conf import settings
from django.urls import path

from core.logs import Formatter, masked, request_id, request_id_is

SECRETS = [
    ("mina.berg+tea@mail.example.org", "m…@mail.example.org"),
    ("sk_live_51AbCdEf", "sk_live_…"),
    ("whsec_AbCdEf123", "whsec_…"),
    ("postgresql://vitrine:hunter2@db/vitrine", "postgresql://vitrine:…@db/vitrine"),
    ("4242-4242-4242-4242", "…4242"),
    ("/de/bestellungen/Zk3_-vVxW0a9bQp1LmN4cRt7yUo2iEgH/", "/de/bestellungen/…/"),
    ("/en/orders/Zk3_-vVxW0a9bQp1LmN4cRt7yUo2iEgH/invoice.pdf", "/en/orders/…/invoice.pdf"),
]


@pytest.mark.parametrize(("secret", "shown"), SECRETS)
def test_it_works(secret, shown):
    assert masked(f"before {secret} after") == f"before {shown} after"


@pytest.mark.parametrize(
    "harmless",
    ["order K7F3-9QWM", "2026-11-21 10:41:41,123", "4242424242424241", "cs:7b0f0a3c-9f5e-4c9b-8a53-4a0a2d1f8a10:1"],
)
def test_other_text_stays(harmless):
    assert masked(harmless) == harmless


def lines_of(*calls):
    """What the console would show for calls like (level, message, *args)."""
    formatter = Formatter("%(levelname)s [%(request_id)s] %(message)s")
    return [
        formatter.format(logging.LogRecord("shop", level, "x.py", 1, message, tuple(args), None))
        for level, message, *args in calls
    ]


def test_arguments_are_masked_too():
    assert request_id() == "-"
    with request_id_is("abc"):
        (line,) = lines_of((logging.INFO, "mail to %s", "mina@example.org"))

    assert line == "INFO [abc] mail to m…@example.org"


def fail(request, token):
    card, secret = "4242424242424242", "sk_live_abcdefgh12345"
    raise ValueError(f"{card} of mina@example.org with {secret}")


urlpatterns = [path("en/orders/<str:token>/", fail), *import_module(settings.ROOT_URLCONF).urlpatterns]
handler500 = "core.views.server_error"


@pytest.mark.urls(__name__)
def test_a_failing_page_tells_its_number_and_its_log_line_nothing_else(client, caplog):
    client.raise_request_exception = False
    with caplog.at_level(logging.INFO):
        answer = client.get("/en/orders/Zk3_-vVxW0a9bQp1LmN4cRt7yUo2iEgH/")

    number = answer.headers["X-Request-Id"]
    page = answer.content.decode()
    assert answer.status_code == 500
    assert number in page
    (record,) = [record for record in caplog.records if record.name == "django.request"]
    line = Formatter("%(message)s").format(record)
    assert "ValueError: …4242 of m…@example.org with sk_live_…" in line
    for text in (page, line):
        assert "4242424242424242" not in text
        assert "mina@example.org" not in text
        assert "abcdefgh12345" not in text
        assert "Zk3_" not in text


@pytest.mark.django_db
def test_a_trusted_proxy_names_the_request(client, settings):
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    assert client.get("/en/", headers={"X-Request-Id": "from-the-proxy"}).headers["X-Request-Id"] == "from-the-proxy"
    strange = client.get("/en/", headers={"X-Request-Id": "two words"}).headers["X-Request-Id"]
    settings.TRUSTED_PROXIES = []
    forged = client.get("/en/", headers={"X-Request-Id": "from-the-proxy"}).headers["X-Request-Id"]

    assert {len(strange), len(forged)} == {16}
    assert strange != forged
