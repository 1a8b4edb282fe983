"""A payment gateway that misbehaves on command: the slice of Stripe's API that the shop uses, kept in memory.

It shares nothing with the demo gateway, so that the shop cannot depend on that one's manners.
"""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections import Counter
from contextlib import suppress
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from tests.faults.courier import Courier

HANG_SECONDS = 30
Body = dict[str, Any]


class Trouble(StrEnum):
    """What the API does to every request until told otherwise."""

    NONE = "none"
    ERROR_AFTER = "500 after doing it"
    BUSY = "429"
    HANG = "hangs for 30 s"


class Closed(Exception):
    """The session is not open any more: nobody can pay here."""


class Refusal(Exception):
    """What Stripe answers with 400."""

    def __init__(self, message: str, kind: str = "invalid_request_error", code: str | None = None) -> None:
        super().__init__(message)
        self.body = {"error": {"type": kind, "code": code, "message": message}}


class Gateway:
    """Runs from `with` to its end. What buyers and the bank do are methods; what the shop does comes over HTTP."""

    def __init__(self, port: int, courier: Courier) -> None:
        self.port, self.courier = port, courier
        self.base = f"http://127.0.0.1:{port}"
        self.trouble = Trouble.NONE
        self.calm = threading.Event()  # set: requests that hang need not hang any longer
        self.lies: dict[str, Body] = {}  # session id -> what is told of it instead of the truth
        self.sessions: dict[str, Body] = {}
        self.coupons: dict[str, Body] = {}
        self.refunds: dict[str, Body] = {}
        self.answers: dict[str, tuple[Body, Body]] = {}  # by idempotency key: request, answer
        self.paid_at: dict[str, float] = {}
        self.asked: Counter[str] = Counter()  # requests by what became of them
        self.lock = threading.RLock()
        self.server: ThreadingHTTPServer | None = None

    def __enter__(self) -> Self:
        self.come_up()
        self.courier.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.calm.set()
        self.courier.stop()
        self.go_down()

    def come_up(self) -> None:
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                gateway.handle(self)

            def do_POST(self) -> None:
                gateway.handle(self)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        ThreadingHTTPServer.request_queue_size = 64
        self.server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def go_down(self) -> None:
        """Nobody listens: every connection is refused."""
        server, self.server = self.server, None
        if server is not None:
            server.shutdown()
            server.server_close()

    def be(self, trouble: Trouble) -> None:
        self.calm.set() if trouble is not Trouble.HANG else self.calm.clear()
        self.trouble = trouble

    # HTTP

    def handle(self, request: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(request.path)
        body = request.rfile.read(int(request.headers.get("Content-Length") or 0)).decode()
        params = dict(parse_qsl(body if request.command == "POST" else parts.query))
        trouble = self.trouble
        self.asked[trouble] += 1
        if trouble is Trouble.BUSY:
            status, answer = 429, {"error": {"type": "rate_limit_error", "message": "slow down"}}
        else:
            status, answer = self.answer(request.command, parts.path, params, request.headers.get("Idempotency-Key"))
        if trouble is Trouble.ERROR_AFTER:
            status, answer = 500, {"error": {"type": "api_error", "message": "out of order"}}
        elif trouble is Trouble.HANG:
            self.calm.wait(HANG_SECONDS)
        payload = json.dumps(answer).encode()
        with suppress(OSError):  # whoever asked has gone
            request.send_response(status)
            request.send_header("Content-Type", "application/json")
            request.send_header("Content-Length", str(len(payload)))
            request.end_headers()
            request.wfile.write(payload)

    def answer(self, method: str, path: str, params: Body, key: str | None) -> tuple[int, Body]:
        with self.lock:
            try:
                if method == "GET":
                    return 200, self.read(path, params)
                if key and key in self.answers:
                    return 200, self.recall(key, params)
                answer = self.change(path, params)
            except Refusal as refusal:
                return 400, refusal.body
            if key:
                self.answers[key] = (params, dict(answer))
            return 200, answer

    def recall(self, key: str, params: Body) -> Body:
        """The kept answer, word for word, whatever became of the object since. Raises Refusal for another request."""
        asked, answered = self.answers[key]
        if asked != params:
            raise Refusal("this key was used for another request", "idempotency_error")
        return answered

    def read(self, path: str, params: Body) -> Body:
        _v1, collection, *rest = path.strip("/").split("/")
        if collection == "refunds":
            found = [refund for refund in self.refunds.values() if refund["payment_intent"] == params["payment_intent"]]
            return {"object": "list", "data": found[::-1], "has_more": False, "url": path}
        if rest == ["sessions"]:
            known = [s for s in self.sessions.values() if s["payment_intent"] == params["payment_intent"]]
            return {"object": "list", "data": known, "has_more": False, "url": path}
        return self.told(rest[-1])

    def told(self, session_id: str) -> Body:
        """The session as the API tells it, its intent expanded. Raises Refusal."""
        if session_id not in self.sessions:
            raise Refusal(f"No such session: {session_id}", code="resource_missing")
        session = self.sessions[session_id] | self.lies.get(session_id, {})
        intent = session["payment_intent"]
        return session | {"payment_intent": {"id": intent, "status": "succeeded"} if intent else None}

    def change(self, path: str, params: Body) -> Body:
        name = path.strip("/").split("/")
        if name[1] == "coupons":
            if params["id"] in self.coupons:
                raise Refusal("Coupon already exists.", code="resource_already_exists")
            self.coupons[params["id"]] = params
            return {"object": "coupon", "id": params["id"]}
        if name[1] == "refunds":
            return self.refund(params)
        if name[-1] == "expire":
            return self.expire(name[-2])
        return self.create(params)

    def create(self, params: Body) -> Body:
        session_id = f"cs_test_{secrets.token_hex(12)}"
        session = self.sessions[session_id] = {
            "id": session_id,
            "object": "checkout.session",
            "mode": params["mode"],
            "status": "open",
            "payment_status": "unpaid",
            "amount_total": amount_of(params, self.coupons),
            "currency": params["line_items[0][price_data][currency]"],
            "client_reference_id": params["client_reference_id"],
            "metadata": {"order": params["metadata[order]"]},
            "livemode": False,
            "payment_intent": None,
            "url": f"{self.base}/pay/{session_id}",
            "created": int(time.time()),
            "expires_at": int(params["expires_at"]),
            "success_url": params["success_url"].replace("{CHECKOUT_SESSION_ID}", session_id),
        }
        return dict(session)

    def expire(self, session_id: str) -> Body:
        self.told(session_id)
        session = self.sessions[session_id]
        if session["status"] != "open":
            raise Refusal(f"This Checkout Session has a status of `{session['status']}`.")
        session["status"] = "expired"
        self.courier.tell("checkout.session.expired", session)
        return dict(session)

    def refund(self, params: Body) -> Body:
        owner = {name[9:-1]: value for name, value in params.items() if name.startswith("metadata[")}
        paid = next(s for s in self.sessions.values() if s["payment_intent"] == params["payment_intent"])
        refund_id = f"re_{secrets.token_hex(8)}"
        refund = self.refunds[refund_id] = {
            "id": refund_id,
            "object": "refund",
            "payment_intent": params["payment_intent"],
            "amount": int(params["amount"]),
            "currency": paid["currency"],
            "status": "succeeded",
            "metadata": owner,
            "reason": params.get("reason"),
            "failure_reason": None,
        }
        self.courier.tell("refund.created", refund)
        return dict(refund)

    # What buyers and their banks do

    def pay(self, session_id: str, *, though_closed: bool = False) -> str:
        """Pays by card; the address that the browser is sent to. Raises Closed."""
        with self.lock:
            session = self.sessions[session_id]
            if session["status"] != "open" and not though_closed:
                raise Closed(session["status"])
            intent = f"pi_{secrets.token_hex(8)}"
            session |= {"status": "complete", "payment_status": "paid", "payment_intent": intent}
            self.paid_at[session_id] = time.time()
            self.courier.tell("payment_intent.succeeded", {"id": intent, "object": "payment_intent"})
            self.courier.tell("checkout.session.completed", self.told(session_id))
            return str(session["success_url"])

    def fail_refund(self, refund_id: str) -> None:
        """The bank sends back what seemed to have arrived."""
        with self.lock:
            refund = self.refunds[refund_id]
            refund |= {"status": "failed", "failure_reason": "expired_or_canceled_card"}
            self.courier.tell("refund.updated", refund)
            self.courier.tell("refund.failed", refund)

    def of_order(self, uuid: str) -> list[Body]:
        with self.lock:
            return [s for s in self.sessions.values() if s["client_reference_id"] == uuid]

    def paid(self) -> list[Body]:
        with self.lock:
            return [s for s in self.sessions.values() if s["payment_status"] == "paid"]


def amount_of(params: Body, coupons: dict[str, Body]) -> int:
    """Items - coupon + delivery, in minor units."""
    goods = number = 0
    while f"line_items[{number}][quantity]" in params:
        unit = int(params[f"line_items[{number}][price_data][unit_amount]"])
        goods += unit * int(params[f"line_items[{number}][quantity]"])
        number += 1
    coupon = coupons.get(params.get("discounts[0][coupon]", ""), {})
    delivery = int(params.get("shipping_options[0][shipping_rate_data][fixed_amount][amount]", 0))
    return goods - min(goods, int(coupon.get("amount_off", 0))) + delivery
