"""The demo gateway as a real process: what the store says to Stripe goes over HTTP here, too."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from django.test import Client

from commerce import cart_memory
from commerce.delivery import create_starting_rates
from commerce.models import DeliveryMethod
from commerce.tests.factories import make_delivery
from commerce.tests.papers import name_shop
from commerce.tests.visits import browser
from core.cache import renew_window
from core.models import ShopSettings

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Gateway:
    """The address, and what a buyer does on the payment page."""

    base: str

    def click(self, session_id: str, choice: str, step: str = "") -> requests.Response:
        answer = requests.post(
            f"{self.base}/pay/{session_id}{step}", data={"choice": choice}, allow_redirects=False, timeout=10
        )
        assert answer.status_code in (302, 303), answer.text
        return answer

    def pay(self, session_id: str) -> str:
        """Pays by card; the address that the browser is sent to."""
        return self.click(session_id, "pay").headers["Location"]

    def act(self, payment_id: str, choice: str, **form: str) -> None:
        """Presses a button of the provider's own page of this payment, or of the buyer's bank."""
        url = f"{self.base}/dashboard/{payment_id}"
        answer = requests.post(url, data={"choice": choice, **form}, allow_redirects=False, timeout=10)
        assert answer.status_code == 303, answer.text

    def api(self, method: str, path: str) -> dict[str, Any]:
        answer = requests.request(method, f"{self.base}/v1/{path}", auth=("sk_test_demo", ""), timeout=10)
        return answer.json()

    def sessions(self) -> list[dict[str, Any]]:
        return self.api("GET", "checkout/sessions?limit=100")["data"]


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


@pytest.fixture(scope="session")
def gateway_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    port = free_port()
    folder = tmp_path_factory.mktemp("gateway")
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "site"),
        "GATEWAY_PORT": str(port),
        "GATEWAY_DB": str(folder / "gateway.sqlite3"),
        "GATEWAY_PUBLIC_BASE": f"http://127.0.0.1:{port}",
        "GATEWAY_WEBHOOK_URL": "",
        "STRIPE_SECRET_KEY": "sk_test_demo",
    }
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([sys.executable, "-m", "demo.gateway"], env=environment, stdout=log, stderr=log)
    base = f"http://127.0.0.1:{port}"
    try:
        for _try in range(100):
            try:
                requests.get(f"{base}/healthz", timeout=1).raise_for_status()
                break
            except requests.RequestException:
                assert process.poll() is None, (folder / "log").read_text()
                time.sleep(0.1)
        yield Gateway(base)
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture
def gateway(gateway_process: Gateway, settings: Any) -> Gateway:
    """The running gateway, with the store pointed at it."""
    settings.STRIPE_API_BASE = gateway_process.base
    return gateway_process


@pytest.fixture(scope="session", autouse=True)
def no_long_waits() -> Iterator[None]:
    """Stripe's library tries as often as ever, but does not wait half a second before it asks nobody once more."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("stripe._http_client.HTTPClient.INITIAL_DELAY", 0.02)
        yield


@pytest.fixture
def visitor(db: None) -> Client:
    return browser()


@pytest.fixture
def no_double_clicks(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same thing put in again at once is meant."""
    monkeypatch.setattr(cart_memory, "SAME_CLICK", 0)


@pytest.fixture
def parcel(db: None) -> DeliveryMethod:
    create_starting_rates()
    return make_delivery("4.90")


@pytest.fixture
def shop(db: None) -> Iterator[ShopSettings]:
    """The shop with a name and an address, and not a word of it remembered afterwards."""
    renew_window()
    yield name_shop()
    renew_window()
