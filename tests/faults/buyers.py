"""Buyers over HTTP: cart, checkout, payment; patient as people are, who press the button again when nothing happens."""

from __future__ import annotations

import html
import itertools
import random
import re
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

import requests

from tests.faults.gateway import Closed
from tests.faults.shelf import COUPON
from tests.faults.shop import Shop

HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')
DELIVERY = re.compile(r'name="delivery"[^>]*?value="(\d+)"')
# The words of the addresses, by language.
PATHS = {
    "en": {"cart": "cart", "add": "add", "coupon": "coupon", "checkout": "checkout", "orders": "orders", "pay": "pay"},
    "de": {
        "cart": "warenkorb",
        "add": "hinzufuegen",
        "coupon": "gutschein",
        "checkout": "kasse",
        "orders": "bestellungen",
        "pay": "bezahlen",
    },
}
ADDRESS = {"name": "Mina Berg", "country": "DE", "line1": "Hafenstraße 1", "postcode": "20457", "city": "Hamburg"}
numbers = itertools.count(1)


class GaveUp(Exception):
    """A buyer lost patience."""


@dataclass
class Purchase:
    """What became of one buyer. `troubles`: answers 5xx and connections that broke, all of which were overcome."""

    email: str
    units: dict[int, int]
    session: str = ""
    page: str = ""
    is_paid: bool = False
    failure: str = ""
    coupon: bool = False
    troubles: list[tuple[float, str]] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)  # of each answer


class Buyer:
    """One visitor with a browser of his own. `patience`: seconds for one step."""

    def __init__(self, shop: Shop, *, patience: float = 60, language: str = "en") -> None:
        number = next(numbers)
        self.shop, self.patience, self.language = shop, patience, language
        self.browser = requests.Session()
        self.browser.headers["Origin"] = shop.base
        self.browser.headers["X-Forwarded-For"] = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        self.purchase = Purchase(f"buyer-{number}@example.org", {})

    def ask(self, method: str, path: str, form: dict[str, str] | None = None) -> requests.Response:
        """One click, again until the shop answers. Raises GaveUp."""
        url = urljoin(self.shop.base, path)
        deadline = time.monotonic() + self.patience
        while time.monotonic() < deadline:
            began = time.monotonic()
            try:
                answer = self.browser.request(method, url, data=form, timeout=30, allow_redirects=False)
            except requests.RequestException as error:
                trouble = type(error).__name__
            else:
                self.purchase.seconds.append(time.monotonic() - began)
                if answer.status_code < 500:
                    return answer
                trouble = str(answer.status_code)
            self.purchase.troubles.append((time.time(), f"{method} {urlsplit(url).path}: {trouble}"))
            time.sleep(0.3)
        raise GaveUp(self.purchase.troubles[-1][1])

    def path(self, *words: str) -> str:
        return "/".join(["", self.language, *(PATHS[self.language][word] for word in words), ""])

    def fill_cart(self, units: dict[int, int], coupon: bool = False) -> None:
        self.purchase.units, self.purchase.coupon = units, coupon
        for variant, quantity in units.items():
            answer = self.ask("POST", self.path("cart", "add"), {"variant": str(variant), "quantity": str(quantity)})
            if answer.status_code != 303:
                raise GaveUp(f"cart: {answer.status_code}")
        if coupon:
            token = hidden(self.ask("GET", self.path("cart")))["csrfmiddlewaretoken"]
            self.ask("POST", self.path("cart", "coupon"), {"csrfmiddlewaretoken": token, "code": COUPON})

    def check_out(self) -> None:
        """From the cart to the payment page. Raises GaveUp."""
        deadline = time.monotonic() + self.patience
        self.follow(self.send_checkout(), deadline)

    def send_checkout(self) -> str:
        """Fills in the checkout and orders, again when the shop shows it once more; where that led."""
        deadline = time.monotonic() + self.patience
        page = self.ask("GET", self.path("checkout"))
        while page.status_code == 200 and time.monotonic() < deadline:
            form = hidden(page) | ADDRESS | {"email": self.purchase.email, "delivery": DELIVERY.findall(page.text)[0]}
            page = self.ask("POST", self.path("checkout"), form)
        return page.headers.get("Location", "")

    def follow(self, location: str, deadline: float) -> None:
        """Where the checkout has led: the payment page, or the order page, whose button asks for one again."""
        while not location.startswith(self.shop.gateway.base):
            if not location.startswith(self.path("orders")):
                raise GaveUp(f"led to {location!r}")
            if time.monotonic() > deadline:
                raise GaveUp("no payment page")
            self.purchase.page = urljoin(self.shop.base, location)
            time.sleep(0.5)
            answer = self.ask("POST", f"{self.purchase.page}{PATHS[self.language]['pay']}/")
            location = answer.headers.get("Location", location)
        self.purchase.session = location.rpartition("/")[2]

    def pay(self, *, comes_back: bool = True) -> None:
        """Pays, and goes back to the shop unless the tab is closed."""
        back = self.shop.gateway.pay(self.purchase.session)
        self.purchase.is_paid = True
        self.purchase.page = back.partition("?")[0]
        if comes_back:
            self.ask("GET", back)

    def buy(
        self, units: dict[int, int], *, coupon: bool = False, comes_back: bool = True, pays: bool = True
    ) -> Purchase:
        """All of it; what went wrong stands in `failure`."""
        try:
            self.fill_cart(units, coupon)
            self.check_out()
            if pays:
                self.pay(comes_back=comes_back)
        except (GaveUp, Closed) as error:
            self.purchase.failure = f"{type(error).__name__}: {error}"
        finally:
            self.browser.close()
        return self.purchase


def hidden(answer: requests.Response) -> dict[str, str]:
    """The hidden fields of the page's forms."""
    return {name: html.unescape(value) for name, value in HIDDEN.findall(answer.text)}


def crowd(shop: Shop, count: int, at_once: int = 4, **how: bool) -> list[Purchase]:
    """So many buyers of one unit each, a few at a time."""

    def one(number: int) -> Purchase:
        return Buyer(shop).buy({shop.variants[number % len(shop.variants)]: 1}, **how)

    with ThreadPoolExecutor(at_once) as pool:
        return list(pool.map(one, range(count)))


class Stream:
    """Buyers who keep coming in the background until told to stop."""

    def __init__(self, shop: Shop, at_once: int = 3, pause: float = 0.2) -> None:
        self.shop, self.pause = shop, pause
        self.purchases: list[Purchase] = []
        self.stopped = threading.Event()
        self.threads = [threading.Thread(target=self.work, args=(number,), daemon=True) for number in range(at_once)]

    def __enter__(self) -> Stream:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.stopped.set()
        for thread in self.threads:
            thread.join(120)

    def work(self, number: int) -> None:
        chance = random.Random(number)
        while not self.stopped.wait(self.pause):
            variant = chance.choice(self.shop.variants)
            self.purchases.append(Buyer(self.shop).buy({variant: 1}, comes_back=chance.random() < 0.5))


def failures(purchases: Iterable[Purchase]) -> list[str]:
    return [f"{purchase.email}: {purchase.failure}" for purchase in purchases if purchase.failure]


def until(shop: Shop, purchases: list[Purchase], count: int, act: Callable[[], None]) -> None:
    """Acts once so many have bought."""
    while len(purchases) < count:
        time.sleep(0.05)
    act()
