"""Security lines that concern orders and cross the apps, each test named after its line: see docs/checks.md."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from urllib.parse import urljoin, urlsplit

import pytest
import requests
from bs4 import BeautifulSoup
from django.contrib.auth.models import Group, User
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse

from catalog.tests.factories import make_product, make_variant
from commerce import orders
from commerce.documents import printing
from commerce.documents.issue import invoice_for
from commerce.models import Document, Order, PaymentAttempt, Refund, Status
from commerce.tests.factories import ADDRESS, BUYER, checkout_form, make_coupon, make_order
from commerce.tests.papers import make_paid, no_press
from commerce.tests.visits import put, send
from core import outbox
from core.logs import Formatter
from core.models import Outbox


def staff(group: str) -> Client:
    user = User.objects.create_user(group.replace(" ", ""), f"{group[:4]}@shop.example", "secret")
    user.groups.add(Group.objects.get(name=group))
    client = Client()
    client.force_login(user)
    return client


# S10


def pages_of(order: Order, token: str, number: str) -> list[str]:
    base = f"/en/orders/{token}/"
    return [base, f"{base}invoice.pdf", f"{base}{number}.pdf"]


def test_s10_an_order_opens_by_its_token_alone(shop, client, monkeypatch):
    no_press(monkeypatch)
    mine, other = make_paid(), make_paid()
    for order in (mine, other):
        invoice_for(order)
    number, theirs = mine.documents.get().number, other.documents.get().number
    assert len(mine.token) * 6 >= 128

    assert client.get(pages_of(mine, mine.token, number)[0]).status_code == 200
    guesses = [str(mine.pk), str(other.pk), mine.number, str(mine.uuid), mine.token[:-1], mine.token.swapcase(), "1"]
    for guess in guesses:
        for page in pages_of(mine, guess, number):
            assert client.get(page).status_code == 404, page
        for step in ("pay", "cancel", "again"):
            assert client.post(f"/en/orders/{guess}/{step}/").status_code == 404
    assert client.get(pages_of(mine, mine.token, theirs)[2]).status_code == 404


def test_s10_pages_of_orders_are_kept_nowhere(shop, client):
    order = make_paid()
    while outbox.send_due():
        pass
    number = order.documents.get().number

    for page in pages_of(order, order.token, number):
        answer = client.get(page)
        assert answer.status_code == 200, page
        assert answer.headers["Referrer-Policy"] == "no-referrer", page
        assert "noindex" in answer.headers["X-Robots-Tag"], page
        assert "no-store" in answer.headers["Cache-Control"], page


# S21


def order_addresses(order: Order) -> list[str]:
    """Every address of orders and payments in the admin."""
    found = []
    for namespace in ("orders", "invoices", "webhook-events", "delivery-methods", "tax-rates"):
        for pattern in names_of(namespace):
            for arguments in ([], [order.pk], [order.pk, 1], [order.pk, "INV-2026-00001"], [2026, 11]):
                try:
                    found.append(reverse(f"{namespace}:{pattern}", args=arguments))
                    break
                except NoReverseMatch:
                    continue
    return found


def names_of(namespace: str) -> Iterator[str]:
    """Names of the addresses in a namespace of the admin."""
    for resolver in get_resolver().url_patterns:
        if str(resolver.pattern) == "admin/":
            names = resolver.namespace_dict[namespace][1].reverse_dict
            yield from (name for name in names if isinstance(name, str))


@pytest.mark.django_db
@pytest.mark.parametrize("group", ["Editors", "Moderators", "Translators"])
def test_s21_only_shop_managers_reach_orders(group):
    order = make_order()
    client = staff(group)
    addresses = order_addresses(order)
    assert len(addresses) > 25
    before = contents()

    for address in addresses:
        for answer in (client.get(address), client.post(address, {"seen": "1", "amount": "13.80", "text": "x"})):
            assert answer.status_code in (302, 403, 404, 405), address
            assert order.email not in answer.content.decode(errors="replace")

    assert contents() == before


# S27

PAYLOADS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'-alert(1)-'<svg/onload=alert(1)>",
    "</script><script>alert(1)//",
    "{{7*7}}{% debug %}<b>",
]


def assert_harmless(html: str, payload: str) -> None:
    """The payload stands in the page as text, and has become no element and no attribute of one."""
    soup = BeautifulSoup(html, "html.parser")
    assert payload in soup.get_text() or payload in [part.strip() for part in soup.stripped_strings]
    assert not [tag for tag in soup.find_all(True) if any(name.startswith("on") for name in tag.attrs)]
    assert not soup.find_all("img", src="x")
    code = [script for script in soup.find_all("script") if script.get("type") != "application/ld+json"]
    assert not [script for script in code if "alert(1)" in script.get_text()]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_s27_what_a_buyer_types_is_text_everywhere(shop, client, payload):
    address = {**ADDRESS, "line1": payload, "city": payload}
    order = make_paid(buyer=type(BUYER)(**{**vars(BUYER), "name": payload, "company": payload, "address": address}))
    outbox.send_due()
    manager = staff("Shop managers")

    assert_harmless(client.get(order.get_absolute_url()).content.decode(), payload)
    assert_harmless(manager.get(reverse("orders:index")).content.decode(), payload)
    assert_harmless(manager.get(reverse("orders:order", args=[order.pk])).content.decode(), payload)
    assert_harmless(printing.html_of(Document.objects.get()), payload)
    (letter,) = mail.outbox
    assert_harmless(letter.alternatives[0][0], payload)


@pytest.mark.django_db
@pytest.mark.parametrize("payload", PAYLOADS)
def test_s27_what_an_editor_types_is_text_in_shop_and_json(client, payload):
    product = make_product("Tea", languages=["en"], texts={"en": {"name": payload, "summary": payload}})
    put(client, product.variants.get())

    page = client.get(product.get_absolute_url()).content.decode()
    cart = client.get("/en/cart/").content.decode()

    assert_harmless(page, payload)
    assert_harmless(cart, payload)
    for script in BeautifulSoup(page, "html.parser").find_all("script", type="application/ld+json"):
        assert "<" not in script.get_text()


# S28

# Written by reading on purpose: counters, caches, and whose screen is open. None of it belongs to a visitor.
OWN_ACCOUNT = {
    "commerce_dailycount",
    "core_ratecount",
    "django_session",
    "wagtailadmin_editingsession",
    "wagtailimages_rendition",
    "wagtailusers_userprofile",
}


def contents() -> dict[str, str]:
    """Table -> a digest of all its rows."""
    digests = {}
    with connection.cursor() as cursor:
        for table in sorted(set(connection.introspection.table_names()) - OWN_ACCOUNT):
            cursor.execute(f"SELECT md5(coalesce(string_agg(t::text, '' ORDER BY t::text), '')) FROM \"{table}\" t")
            digests[table] = cursor.fetchone()[0]
    return digests


def crawl(client: Client, start: Iterable[str], within: tuple[str, ...], most: int) -> list[str]:
    """GETs what is linked from these pages; returns the addresses that answered with 200."""
    waiting, seen, good = list(start), set(start), []
    while waiting and len(seen) <= most:
        address = waiting.pop(0)
        answer = client.get(address)
        assert answer.status_code < 500, address
        if answer.status_code != 200:
            continue
        good.append(address)
        if not answer.headers["Content-Type"].startswith("text/html"):
            continue
        for link in BeautifulSoup(answer.content, "html.parser").find_all(["a", "form", "button"]):
            for name in ("href", "action", "formaction"):
                found = urlsplit(urljoin(address, str(link.get(name) or "")))
                plain = found.path + (f"?{found.query}" if found.query else "")
                if not found.netloc and plain.startswith(within) and plain not in seen and link.get(name):
                    seen.add(plain)
                    waiting.append(plain)
    return good


def test_s28_looking_changes_nothing(visitor, parcel):
    tea = make_variant(stock=9)
    pending, paid = make_order({tea.pk: 1}), make_paid()
    make_coupon("TEA10")
    put(visitor, tea)
    token = f"/en/orders/{pending.token}/"
    own = [token, f"{token}pay/", f"{token}cancel/", f"{token}again/", paid.get_absolute_url()]
    shop_pages = ["/en/", "/en/cart/", "/en/cart/badge/", "/en/checkout/", f"/en/cart/add/?variant={tea.pk}&quantity=2"]
    shop_pages += [f"/en/cart/update/?variant={tea.pk}&quantity=0", "/en/cart/coupon/?code=TEA10", "/webhooks/stripe/"]
    cart = dict(visitor.session)
    manager = staff("Shop managers")
    desk = order_addresses(paid) + order_addresses(pending)
    manager.get(reverse("orders:index"))
    before = contents()

    seen = crawl(visitor, [*shop_pages, *own], ("/en/",), 60)
    seen_by_staff = crawl(manager, desk, ("/admin/orders/", "/admin/documents/"), 120)

    assert contents() == before
    assert dict(visitor.session) == cart
    assert len(seen) > 8 and len(seen_by_staff) > 12
    orders.note(pending, "seen")
    assert contents() != before  # so a change would have been noticed
    pending.refresh_from_db()
    assert (pending.status, PaymentAttempt.objects.count(), Refund.objects.count()) == (Status.PENDING, 2, 0)


# S35


def test_s35_logs_hold_no_key_address_or_card(visitor, parcel, gateway, caplog, settings):
    caplog.handler.setFormatter(Formatter("%(levelname)s %(name)s %(message)s"))
    caplog.set_level(logging.INFO)
    put(visitor, make_variant(price="8.90"))
    settings.EMAIL_BACKEND = "commerce.tests.refusing.EmailBackend"

    page = send(visitor, checkout_form(visitor, parcel, "13.80"))
    order = Order.objects.get()
    session_id = order.attempts.get().session_id
    requests.post(f"{gateway.base}/pay/{session_id}", data={"choice": "pay"}, allow_redirects=False, timeout=10)
    visitor.get(f"{order.get_absolute_url()}?session={session_id}")
    visitor.get(f"/en/orders/{order.token}/nothing-here/")
    while outbox.send_due():
        pass
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    visitor.post(f"/en/orders/{order.token}/pay/")

    assert page.status_code == 303
    text = caplog.text
    assert "outbox row" in text and "…" in text  # it tells what failed
    for secret in (order.token, order.email, "4242 4242 4242 4242", "4242424242424242", settings.STRIPE_SECRET_KEY):
        assert secret not in text
    assert Outbox.objects.filter(kind="order_confirmation").exclude(error="").exists()
