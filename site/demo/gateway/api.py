"""Stripe's HTTP API under ``/v1/``: keys, routes, idempotency, JSON answers."""

import base64
import binascii
import hmac
import json
import logging
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from demo.gateway import coupons, idempotency, lists, payments, refunds, schemas, sessions
from demo.gateway.config import Config
from demo.gateway.errors import ApiError, not_found
from demo.gateway.events import API_VERSION
from demo.gateway.exchange import Request, Response
from demo.gateway.idempotency import Answer
from demo.gateway.params import Hash, decode_form
from demo.gateway.store import Books, Cause, Record, Store, new_id

log = logging.getLogger(__name__)

Run = Callable[..., dict[str, Any]]
IDENTIFIER = r"([A-Za-z0-9_-]{1,200})"


@dataclass(frozen=True)
class Endpoint:
    """`run` gets the books, the checked parameters and the ids in the path."""

    method: str
    path: re.Pattern[str]
    params: Hash
    run: Run


class Api:
    """Answers requests under ``/v1/`` from one store."""

    def __init__(self, store: Store, config: Config) -> None:
        self.store = store
        self.config = config
        self.in_flight = idempotency.InFlight()
        self.endpoints = _endpoints(config)

    def __call__(self, request: Request) -> Response:
        """Never raises: what went wrong becomes Stripe's error object."""
        request_id = new_id("req_", 14)
        key = request.headers.get("idempotency-key") if request.method == "POST" else None
        try:
            answer = self._answer(request, Cause(request_id, key))
        except ApiError as error:
            answer = Answer(error.status, error.body())
        except Exception:
            log.exception("%s %s failed (%s)", request.method, request.path, request_id)
            message = "The demo gateway failed; its log says why."
            answer = Answer(500, ApiError(message, kind="api_error").body())
        headers = {"Request-Id": request_id, "Stripe-Version": API_VERSION, "Cache-Control": "no-store"}
        if key:
            headers["Idempotency-Key"] = _header(key)
        if answer.original:
            headers |= {"Idempotent-Replayed": "true", "Original-Request": answer.original}
        if answer.status == 401:
            headers["WWW-Authenticate"] = 'Basic realm="Stripe"'
        payload = json.dumps(answer.body, ensure_ascii=False, indent=2).encode()
        return Response(payload, answer.status, "application/json", headers)

    def _answer(self, request: Request, cause: Cause) -> Answer:
        check_key(request.headers.get("authorization", ""), self.config.secret_key)
        endpoint, identifiers = self._find(request)
        raw = decode_form(_form(request))
        if request.method != "POST":
            params = endpoint.params(raw, "")
            self._run_clock()
            with self.store.read() as books:
                return Answer(200, _run(endpoint, books, params, identifiers))
        if cause.idempotency_key is None:
            return self._change(endpoint, request.path, raw, identifiers, cause)
        idempotency.check(cause.idempotency_key)
        with self.in_flight.hold(cause.idempotency_key):
            return self._change(endpoint, request.path, raw, identifiers, cause)

    def _find(self, request: Request) -> tuple[Endpoint, tuple[str, ...]]:
        for endpoint in self.endpoints:
            match = endpoint.path.fullmatch(request.path)
            if match and endpoint.method == request.method:
                return endpoint, match.groups()
        raise ApiError(
            f"Unrecognized request URL ({request.method}: {request.path}). The demo gateway speaks only the part "
            "of Stripe's API which the shop uses.",
            status=404,
        )

    def _run_clock(self) -> None:
        moment = time.time()
        with self.store.read() as books:
            late = books.due(moment)
        if late:
            with self.store.write() as books:
                payments.run_clock(books, moment)

    def _change(
        self, endpoint: Endpoint, path: str, raw: dict[str, Any], identifiers: tuple[str, ...], cause: Cause
    ) -> Answer:
        """Run a POST: replay, or check, do and keep the answer, all in one transaction."""
        self._run_clock()
        key = cause.idempotency_key
        refusal: ApiError | None = None
        with self.store.write(cause) as books:
            if key and (kept := idempotency.recall(books, key, path, raw)):
                return kept
            params = endpoint.params(raw, "")
            books.connection.execute("SAVEPOINT request")
            try:
                answer = Answer(200, _run(endpoint, books, params, identifiers))
            except ApiError as error:
                books.connection.execute("ROLLBACK TO request")
                refusal = error
                answer = Answer(error.status, error.body())
            if key:
                idempotency.remember(books, key, path, raw, answer)
        log.info("POST %s -> %s %s", path, answer.status, refusal or answer.body.get("id", ""))
        return answer


def check_key(header: str, secret: str) -> None:
    """Accept ``Bearer KEY`` or ``Basic base64(KEY:)``. Raises ApiError (401)."""
    scheme, _, value = header.partition(" ")
    key = value.strip()
    if scheme.lower() == "basic":
        try:
            key = base64.b64decode(key, validate=True).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            key = ""
    if scheme.lower() not in ("basic", "bearer") or not key:
        raise ApiError(
            "You did not provide an API key. You need to provide your API key in the Authorization header, using "
            "Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
            status=401,
        )
    if not hmac.compare_digest(key.encode(), secret.encode()):
        raise ApiError(f"Invalid API Key provided: {key[:8]}****{key[-4:]}", status=401)


def _form(request: Request) -> str:
    if request.method != "POST":
        return request.query
    try:
        return request.body.decode("ascii")
    except UnicodeDecodeError:
        raise ApiError("Invalid request: the body must be form-encoded.") from None


def _header(value: str) -> str:
    return re.sub(r"[^\x20-\x7e]", "?", value)


def _run(endpoint: Endpoint, books: Books, params: dict[str, Any], identifiers: tuple[str, ...]) -> dict[str, Any]:
    paths = params.pop("expand", [])
    return lists.expand(books, endpoint.run(books, params, *identifiers), paths)


def _endpoints(config: Config) -> list[Endpoint]:
    def at(method: str, path: str, params: Hash, run: Run) -> Endpoint:
        return Endpoint(method, re.compile(path.replace("{id}", IDENTIFIER)), params, run)

    def create_session(books: Books, params: dict[str, Any]) -> dict[str, Any]:
        return sessions.create(books, params, config)

    sessions_path = "/v1/checkout/sessions"
    return [
        at("POST", sessions_path, schemas.SESSION_CREATE, create_session),
        at("GET", sessions_path, schemas.SESSION_LIST, _lister("checkout.session", sessions_path)),
        at("GET", f"{sessions_path}/{{id}}", schemas.RETRIEVE, _getter("checkout.session")),
        at("POST", f"{sessions_path}/{{id}}/expire", schemas.RETRIEVE, _expire_session),
        at("GET", f"{sessions_path}/{{id}}/line_items", schemas.LINE_ITEM_LIST, _line_items),
        at("GET", "/v1/payment_intents/{id}", schemas.RETRIEVE, _getter("payment_intent")),
        at("POST", "/v1/refunds", schemas.REFUND_CREATE, refunds.create),
        at("GET", "/v1/refunds", schemas.REFUND_LIST, _lister("refund", "/v1/refunds")),
        at("GET", "/v1/refunds/{id}", schemas.RETRIEVE, _getter("refund")),
        at("GET", "/v1/charges/{id}", schemas.RETRIEVE, _getter("charge")),
        at("GET", "/v1/disputes", schemas.DISPUTE_LIST, _lister("dispute", "/v1/disputes")),
        at("GET", "/v1/disputes/{id}", schemas.RETRIEVE, _getter("dispute")),
        at("POST", "/v1/coupons", schemas.COUPON_CREATE, coupons.create),
        at("GET", "/v1/coupons", schemas.LIST, _lister("coupon", "/v1/coupons")),
        at("GET", "/v1/coupons/{id}", schemas.RETRIEVE, _getter("coupon")),
        at("GET", "/v1/events", schemas.EVENT_LIST, _lister("event", "/v1/events")),
        at("GET", "/v1/events/{id}", schemas.RETRIEVE, _getter("event")),
    ]


def _getter(kind: str) -> Run:
    def get(books: Books, params: dict[str, Any], identifier: str) -> dict[str, Any]:
        return _required(books, kind, identifier).body

    return get


def _lister(kind: str, url: str) -> Run:
    def page(books: Books, params: dict[str, Any]) -> dict[str, Any]:
        return lists.page(books, kind, url, params)

    return page


def _expire_session(books: Books, params: dict[str, Any], identifier: str) -> dict[str, Any]:
    return sessions.expire(books, identifier)


def _line_items(books: Books, params: dict[str, Any], identifier: str) -> dict[str, Any]:
    return lists.lines(sessions.find(books, identifier), params)


def _required(books: Books, kind: str, identifier: str) -> Record:
    record = books.get(kind, identifier)
    if record is None:
        raise not_found(kind, identifier)
    return record
