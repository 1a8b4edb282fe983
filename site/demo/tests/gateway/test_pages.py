"""The hosted page as a browser gets it: language, safety headers, kind refusals."""

from collections.abc import Callable
from typing import Any

import pytest
import requests

from demo.tests.gateway.harness import Gateway, Shop, line, wait_for

SHOP_AR = {"success_url": "http://shop.test/ar/orders/tok/", "cancel_url": None}


def page(gateway: Gateway, session: Any, language: str = "", query: str = "") -> requests.Response:
    return requests.get(f"{gateway.url}/pay/{session.id}{query}", headers={"Accept-Language": language}, timeout=5)


def test_it_works(gateway: Gateway) -> None:
    answer = page(gateway, gateway.create(locale="en"))

    assert answer.status_code == 200
    text = answer.text
    assert "TEST GATEWAY" in text
    assert "Sencha, 100 g" in text and "€25.80" in text and "€72.70" in text
    for choice in ("pay", "decline", "challenge", "later"):
        assert f'name="choice" value="{choice}"' in text
    for number in ("4242 4242 4242 4242", "4000 0000 0000 0002", "4000 0025 0000 3155"):
        assert number in text
    assert "close this tab" in text
    assert 'href="http://shop.test:8000/de/warenkorb/"' in text
    assert "<script" not in text and " style=" not in text and "<style" not in text


@pytest.mark.parametrize(
    ("changes", "browser", "query", "language"),
    [
        ({"locale": "de"}, "en", "", "de"),
        ({"locale": "en-GB"}, "de", "", "en"),
        ({"locale": "fr"}, "de", "", "en"),
        ({"locale": "auto", "success_url": "http://shop.test/thanks/"}, "ar-EG,en;q=0.5", "", "ar"),
        ({"locale": "auto"} | SHOP_AR, "en", "", "ar"),
        ({"locale": None} | SHOP_AR, "en", "", "ar"),
        ({"locale": "de"}, "en", "?lang=ar", "ar"),
        ({"locale": "de"}, "en", "?lang=xx", "de"),
    ],
)
def test_the_language(gateway: Gateway, changes: dict[str, Any], browser: str, query: str, language: str) -> None:
    answer = page(gateway, gateway.create(**changes), browser, query)

    direction = "rtl" if language == "ar" else "ltr"
    assert f'<html lang="{language}" dir="{direction}">' in answer.text
    assert answer.headers["Content-Language"] == language


def test_amounts_follow_the_locale(gateway: Gateway) -> None:
    assert "72,70\xa0€" in page(gateway, gateway.create(locale="de")).text
    yen = gateway.create(locale="en", line_items=[line("Cup", 1500, currency="jpy")], shipping_options=None)
    assert "¥1,500" in page(gateway, yen).text


def test_a_language_picked_by_hand_stays(gateway: Gateway) -> None:
    session = gateway.create(locale="de")

    answer = requests.post(f"{session.url}?lang=ar", data={"choice": "challenge"}, allow_redirects=False, timeout=5)

    assert answer.headers["Location"] == f"/pay/{session.id}/challenge?lang=ar"
    assert 'dir="rtl"' in requests.get(gateway.url + answer.headers["Location"], timeout=5).text


def test_nothing_from_outside_runs(gateway: Gateway) -> None:
    session = gateway.create(line_items=[line("<script>alert(1)</script>", 900)])

    answer = page(gateway, session)

    assert "&lt;script&gt;alert(1)" in answer.text
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'self';")
    # Without the shop's origin Chromium blocks the redirect that follows the form.
    assert "form-action 'self' http://shop.test:8000;" in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"


def test_closed_pages_say_so(gateway: Gateway) -> None:
    expired, paid = gateway.create(locale="en"), gateway.create(locale="en")
    gateway.client.v1.checkout.sessions.expire(expired.id)
    gateway.click(paid, "pay")

    answer = page(gateway, expired)
    assert answer.status_code == 410
    assert "This payment page is closed" in answer.text and "<form" not in answer.text
    answer = page(gateway, paid)
    assert answer.status_code == 200
    assert "This order is paid" in answer.text and "<form" not in answer.text
    unknown = requests.get(f"{gateway.url}/pay/cs_test_nothing", timeout=5)
    assert unknown.status_code == 404 and "Nothing to pay here" in unknown.text


@pytest.mark.parametrize("body", [b"", b"choice=gift", b"\xff\xfe=%00", b"choice=complete"])
def test_strange_forms_change_nothing(gateway: Gateway, body: bytes) -> None:
    session = gateway.create()

    answer = requests.post(f"{gateway.url}/pay/{session.id}", data=body, timeout=5)

    assert answer.status_code == 409
    assert gateway.retrieve(session).status == "open"


def test_reading_changes_nothing(gateway: Gateway) -> None:
    session = gateway.create()

    for path in ("", "?choice=pay", "/challenge", "/funds"):
        requests.get(f"{gateway.url}/pay/{session.id}{path}", timeout=5)
    assert requests.head(f"{gateway.url}/pay/{session.id}", timeout=5).text == ""

    assert gateway.retrieve(session).status == "open"
    assert gateway.event_types(session) == []


def test_the_index_shows_sessions_and_deliveries(new_gateway: Callable[..., Gateway], shop: Shop) -> None:
    gateway = new_gateway(GATEWAY_WEBHOOK_URL=shop.url)
    shop.answers = [500]
    session = gateway.create()
    gateway.client.v1.checkout.sessions.expire(session.id)

    wait_for(lambda: "HTTP 500" in requests.get(gateway.url, timeout=5).text)

    text = requests.get(gateway.url, timeout=5).text
    assert f"/pay/{session.id}" in text and "€72.70" in text
    assert "checkout.session.expired" in text and "next try in" in text
    assert "ada@example.com" not in text
    wait_for(lambda: "delivered" in requests.get(gateway.url, timeout=5).text)


def test_hostile_requests_are_not_server_errors(gateway: Gateway) -> None:
    auth = {"Authorization": "Bearer sk_test_gateway"}
    url = f"{gateway.url}/v1/checkout/sessions"

    for body in (b"\xff", b"mode=%ff", b"a[b=1", b"mode=payment&mode[x]=1", b"a" + b"[b]" * 50 + b"=1", b"mode=%00"):
        assert requests.post(url, data=body, headers=auth, timeout=5).status_code == 400
    assert requests.post(url, data=b"&".join([b"a=1"] * 3000), headers=auth, timeout=5).status_code == 400
    assert requests.post(url, data=b"x" * 1_100_000, headers=auth, timeout=5).status_code == 413
    assert requests.get(f"{gateway.url}/static/../config.py", timeout=5).status_code == 404
    assert requests.get(f"{gateway.url}/static/%2e%2e/config.py", timeout=5).status_code == 404
    for header in ("", "Bearer", "Basic !!!", "Basic c2tfdGVzdF9nYXRld2F5", "Bearer ü".encode("latin-1")):
        status = requests.get(url, headers={"Authorization": header}, timeout=5).status_code
        assert status == (200 if header == "Basic c2tfdGVzdF9nYXRld2F5" else 401)
