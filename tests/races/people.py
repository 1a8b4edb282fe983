"""Who races: buyers with filled carts, staff, and the payment provider's messenger, each over HTTP."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from ipaddress import IPv4Address
from threading import Barrier
from typing import Any
from uuid import uuid4

import requests
from bs4 import BeautifulSoup, Tag
from django.contrib.auth.models import Group, User
from django.test import Client
from stripe import WebhookSignature

from commerce.tests.factories import ADDRESS, make_session
from tests.races.shop import Shop

TOKEN = "r" * 32  # the CSRF cookie is this visitor's own; its form repeats it
LONGEST = 120  # seconds; a busy machine is no broken promise
numbers = itertools.count(1)


@dataclass(frozen=True)
class Answer:
    status: int
    location: str
    text: str
    seconds: float

    @property
    def failed(self) -> bool:
        return self.status >= 500


@dataclass(frozen=True)
class Visitor:
    """A browser: its session, and an address of its own, so that limits count it alone."""

    base: str
    session: str
    address: str

    def get(self, path: str) -> Answer:
        return self.send("GET", path, None)

    def post(self, path: str, form: Mapping[str, Any]) -> Answer:
        return self.send("POST", path, {**form, "csrfmiddlewaretoken": TOKEN})

    def send(self, method: str, path: str, form: Mapping[str, Any] | None) -> Answer:
        headers = {"Cookie": f"session={self.session}; csrf={TOKEN}", "X-Forwarded-For": self.address}
        url = path if path.startswith("http") else self.base + path
        return timed(lambda: requests.request(method, url, data=form, headers=headers, **ONCE))


ONCE: dict[str, Any] = {"allow_redirects": False, "timeout": LONGEST}


def timed(ask: Callable[[], requests.Response]) -> Answer:
    start = time.monotonic()
    try:
        answer = ask()
    except requests.RequestException as error:  # counted like an error of the server: nobody got an answer
        return Answer(599, "", repr(error), time.monotonic() - start)
    return Answer(answer.status_code, answer.headers.get("Location", ""), answer.text, time.monotonic() - start)


def new_address() -> str:
    return str(IPv4Address("10.0.0.0") + next(numbers))


def visitor(shop: Shop, units: Mapping[int, int], coupon: str = "") -> Visitor:
    """With this cart: {variant id: units}."""
    session = make_session(units, coupon)
    session.save()
    return Visitor(shop.base, session.session_key or "", new_address())


def stranger(shop: Shop) -> Visitor:
    """A browser that nobody knows."""
    return Visitor(shop.base, "", new_address())


def staff(shop: Shop) -> Visitor:
    """A shop manager who is signed in."""
    user = User.objects.create_user(f"manager-{next(numbers)}", password="leaf-and-kiln")
    user.groups.add(Group.objects.get(name="Shop managers"))
    client = Client()
    client.force_login(user)
    return Visitor(shop.base, client.cookies["session"].value, new_address())


@dataclass(frozen=True)
class Checkout:
    """A checkout form as the shop has shown it, filled in."""

    visitor: Visitor
    form: dict[str, Any]

    def send(self) -> Answer:
        return self.visitor.post("/en/checkout/", self.form)

    def again(self) -> Checkout:
        """The same page in another tab: an id of its own."""
        return replace(self, form={**self.form, "attempt": str(uuid4())})

    def of(self, visitor: Visitor, email: str) -> Checkout:
        """The same goods at the same total, seen by somebody else."""
        return Checkout(visitor, {**self.form, "attempt": str(uuid4()), "email": email})


def look(visitor: Visitor, email: str) -> Checkout:
    """Opens the checkout over HTTP and fills it in."""
    page = visitor.get("/en/checkout/")
    assert page.status == 200, f"{page.status} {page.location} {page.text[:2000]}"
    contact = {"email": email, "name": "Mina Berg", "country": "DE", **ADDRESS}
    return Checkout(visitor, {**offered(page.text), **contact})


def offered(page: str) -> dict[str, str]:
    """What a browser would send of the checkout form as it is shown."""
    form = BeautifulSoup(page, "html.parser").find("form", id="checkout")
    assert isinstance(form, Tag), page
    inputs = form.find_all("input", attrs={"name": True})
    return {
        str(each["name"]): str(each.get("value", ""))
        for each in inputs
        if each.get("type") not in ("radio", "checkbox") or each.has_attr("checked")
    }


def checkouts(
    shop: Shop, carts: Sequence[Mapping[int, int]], coupon: str = "", email: str = "buyer-{}@example.org"
) -> list[Checkout]:
    """One buyer for each cart, all carts of the same goods; the first looks, and the others see the same."""
    everybody = [visitor(shop, cart, coupon) for cart in carts]
    first = look(everybody[0], email.format(next(numbers)))
    return [first, *(first.of(each, email.format(next(numbers))) for each in everybody[1:])]


def deliver(shop: Shop, event: Mapping[str, Any]) -> Answer:
    """The payment provider's message, signed."""
    body = json.dumps(event)
    secret = shop.env["STRIPE_WEBHOOK_SECRETS"]
    signature = WebhookSignature.generate_signature_header(body, secret)
    headers = {"Stripe-Signature": signature, "Content-Type": "application/json"}
    return timed(lambda: requests.post(f"{shop.base}/webhooks/stripe/", data=body, headers=headers, **ONCE))


def at_once(jobs: Sequence[Callable[[], Any]]) -> list[Any]:
    """Runs the jobs in as many threads, started together; returns what each returned."""
    start = Barrier(len(jobs))

    def run(job: Callable[[], Any]) -> Any:
        start.wait(LONGEST)
        return job()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))
