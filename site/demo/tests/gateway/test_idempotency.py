"""The same idempotency key: one session, whoever asks how often, also across a kill."""

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
import stripe

from demo.gateway.app import Gateway as Application
from demo.gateway.config import Config
from demo.gateway.exchange import Request
from demo.gateway.store import Store
from demo.tests.gateway.harness import KEY, Gateway, client_for, session_params


def create(gateway: Gateway, key: str, params: dict[str, Any]) -> Any:
    return client_for(gateway.url).v1.checkout.sessions.create(params=params, options={"idempotency_key": key})


def test_the_same_request_gets_the_same_answer(gateway: Gateway) -> None:
    params = session_params(client_reference_id="twice")

    first = create(gateway, "cs:twice:1", params)
    second = create(gateway, "cs:twice:1", params)

    assert second.id == first.id
    assert "Idempotent-Replayed" not in first.last_response.headers
    assert second.last_response.headers["Idempotent-Replayed"] == "true"
    assert second.last_response.headers["Original-Request"] == first.last_response.headers["Request-Id"]
    assert create(gateway, "cs:twice:2", params).id != first.id


def test_another_body_under_the_same_key_is_refused(gateway: Gateway) -> None:
    params = session_params()
    create(gateway, "cs:changed:1", params)

    with pytest.raises(stripe.IdempotencyError) as refused:
        create(gateway, "cs:changed:1", params | {"expires_at": params["expires_at"] + 1})

    assert refused.value.http_status == 400


def test_another_endpoint_under_the_same_key_is_refused(gateway: Gateway) -> None:
    session = create(gateway, "cs:elsewhere:1", session_params())

    with pytest.raises(stripe.IdempotencyError):
        gateway.client.v1.checkout.sessions.expire(session.id, options={"idempotency_key": "cs:elsewhere:1"})

    assert gateway.retrieve(session).status == "open"


def test_eight_at_the_same_instant_make_one_session(gateway: Gateway) -> None:
    params = session_params(client_reference_id="crowd")
    barrier = Barrier(8)

    def go(_: int) -> str:
        barrier.wait()
        return create(gateway, "cs:crowd:1", params).id

    with ThreadPoolExecutor(8) as pool:
        ids = set(pool.map(go, range(8)))

    assert len(ids) == 1
    made = gateway.client.v1.checkout.sessions.list(params={"limit": 100})
    assert [session.id for session in made.data if session.client_reference_id == "crowd"] == list(ids)


def test_a_key_in_use_is_a_conflict(tmp_path: Path) -> None:
    """In this process, because the instant in which a request runs cannot be hit from outside every time."""
    store = Store(tmp_path / "gateway.sqlite3", deliver=False)
    application = Application(store, Config(secret_key=KEY))
    request = Request(
        method="POST",
        path="/v1/coupons",
        query="",
        headers={"authorization": f"Bearer {KEY}", "idempotency-key": "busy"},
        body=b"amount_off=100&currency=eur",
    )

    with application.api.in_flight.hold("busy"):
        refused = application.answer(request)
    allowed = application.answer(request)

    assert (refused.status, allowed.status) == (409, 200)
    assert b'"idempotency_key_in_use"' in refused.body
    store.close()


def test_a_request_refused_for_its_parameters_leaves_the_key_free(gateway: Gateway) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        create(gateway, "cs:fixed:1", session_params(mode="pay"))

    assert create(gateway, "cs:fixed:1", session_params()).status == "open"


def test_a_refusal_after_the_request_ran_is_kept(gateway: Gateway) -> None:
    session = gateway.create()
    gateway.click(session, "pay")
    refunds = gateway.client.v1.refunds
    ask = {"payment_intent": gateway.retrieve(session).payment_intent, "amount": 999_999}

    for _ in range(2):
        with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded") as refused:
            refunds.create(params=ask, options={"idempotency_key": "re:too-much"})

    assert (refused.value.headers or {})["Idempotent-Replayed"] == "true"


def test_a_killed_gateway_replays_after_its_restart(new_gateway: Callable[..., Gateway]) -> None:
    gateway = new_gateway()
    params = session_params()
    first = create(gateway, "cs:killed:1", params)

    gateway.kill()
    gateway.start()

    assert create(gateway, "cs:killed:1", params).id == first.id
    assert gateway.retrieve(first).status == "open"
    assert gateway.click(first, "pay").status_code == 303


def test_a_second_gateway_on_the_same_file_refuses_to_start(new_gateway: Callable[..., Gateway]) -> None:
    gateway = new_gateway()
    second = Gateway(gateway.database.parent)

    ended = subprocess.run(
        [sys.executable, "-m", "demo.gateway"], env=second.env, capture_output=True, text=True, timeout=10
    )

    assert ended.returncode == 1
    assert "another gateway uses" in ended.stderr
