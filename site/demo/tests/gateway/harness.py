"""For the tests: a running gateway, the client the shop uses, and a listener that plays the shop's webhook address."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests
import stripe

SITE = Path(__file__).resolve().parents[3]
KEY = "sk_test_gateway"
SECRET = "whsec_first"


class Gateway:
    """One gateway process with its own database file; may be killed and started again."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.database = folder / "gateway.sqlite3"
        self.env = {name: value for name, value in os.environ.items() if not name.startswith(("GATEWAY_", "STRIPE_"))}
        self.env |= {
            "PYTHONPATH": str(SITE),
            "GATEWAY_PORT": str(self.port),
            "GATEWAY_DB": str(self.database),
            "GATEWAY_PUBLIC_BASE": self.url,
            "STRIPE_SECRET_KEY": KEY,
            "STRIPE_WEBHOOK_SECRETS": f"{SECRET},whsec_second",
            **settings,
        }
        self.process: subprocess.Popen[bytes] | None = None
        self.client = client_for(self.url)

    def start(self) -> "Gateway":
        self.process = subprocess.Popen([sys.executable, "-m", "demo.gateway"], env=self.env)
        wait_for(lambda: requests.get(f"{self.url}/healthz", timeout=1).ok, seconds=15)
        return self

    def kill(self) -> None:
        assert self.process
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        assert self.process
        self.process.terminate()
        return self.process.wait(timeout=5)

    def create(self, **changes: Any) -> Any:
        return self.client.v1.checkout.sessions.create(params=session_params(**changes))

    def click(self, session: Any, choice: str, step: str = "", **options: Any) -> requests.Response:
        """Press one button of the hosted page, without following where it leads."""
        return requests.post(
            f"{self.url}/pay/{session.id}{step}",
            data={"choice": choice},
            allow_redirects=False,
            timeout=5,
            **options,
        )

    def act(self, intent: str, choice: str, **form: Any) -> requests.Response:
        """Press one button of a payment's page in the provider's own pages."""
        url = f"{self.url}/dashboard/{intent}"
        return requests.post(url, data={"choice": choice, **form}, allow_redirects=False, timeout=5)

    def retrieve(self, session: Any, *expand: str) -> Any:
        return self.client.v1.checkout.sessions.retrieve(session.id, params={"expand": list(expand)})

    def event_types(self, session: Any) -> list[str]:
        """Types of the events about a session, its intent and charges, oldest first."""
        intent = self.retrieve(session).payment_intent
        found = []
        for event in self.client.v1.events.list(params={"limit": 100}).data:
            subject = event.data.object
            if subject["id"] in (session.id, intent) or (intent and subject.to_dict().get("payment_intent") == intent):
                found.append(event.type)
        return found[::-1]


class Shop:
    """Stands where the shop's webhook view stands: keeps what comes, checks signatures, answers as told or 200."""

    def __init__(self) -> None:
        self.received: list[tuple[str, dict[str, Any]]] = []
        self.answers: list[int] = []
        shop = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                signature = self.headers["Stripe-Signature"]
                shop.received.append((signature, json.loads(body)))
                answer = shop.answers.pop(0) if shop.answers else 200
                try:
                    stripe.WebhookSignature.verify_header(body, signature, SECRET, 300)
                except stripe.SignatureVerificationError:
                    answer = 400
                self.send_response(answer)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/webhooks/stripe/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def types(self) -> list[str]:
        return [event["type"] for _, event in self.received]

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


def client_for(url: str, key: str = KEY) -> Any:
    """The client exactly as the shop builds it; untyped, because tests send wrong things and read everything."""
    return stripe.StripeClient(
        key,
        base_addresses={"api": url},
        max_network_retries=2,
        http_client=stripe.RequestsClient(timeout=4),
    )


def session_params(**changes: Any) -> dict[str, Any]:
    """Two teas and a bowl with delivery, 72.70 EUR; a value of None leaves the field out."""
    params: dict[str, Any] = {
        "mode": "payment",
        "ui_mode": "hosted_page",
        "client_reference_id": "order-1",
        "customer_email": "ada@example.com",
        "locale": "de",
        "line_items": [line("Sencha, 100 g", 1290, 2), line("Teeschale „Nebel“", 4200)],
        "shipping_options": [
            {
                "shipping_rate_data": {
                    "display_name": "Paket",
                    "type": "fixed_amount",
                    "fixed_amount": {"amount": 490, "currency": "eur"},
                }
            }
        ],
        "adaptive_pricing": {"enabled": False},
        "expires_at": int(time.time()) + 31 * 60,
        "metadata": {"order": "order-1"},
        "payment_intent_data": {"metadata": {"order": "order-1"}},
        "success_url": "http://shop.test:8000/de/bestellungen/tok/?session={CHECKOUT_SESSION_ID}",
        "cancel_url": "http://shop.test:8000/de/warenkorb/",
    }
    params |= changes
    return {name: value for name, value in params.items() if value is not None}


def line(name: str, amount: float, quantity: int = 1, currency: str = "eur") -> dict[str, Any]:
    """One line item as the shop sends it."""
    return {
        "price_data": {"currency": currency, "unit_amount": amount, "product_data": {"name": name}},
        "quantity": quantity,
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(condition: Callable[[], Any], seconds: float = 5) -> None:
    """Return as soon as the condition holds; fail when it never does."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with suppress(requests.ConnectionError):
            if condition():
                return
        time.sleep(0.02)
    pytest.fail("waited in vain")
