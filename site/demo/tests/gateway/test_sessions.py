"""Creating, reading, listing and expiring Checkout Sessions."""

import sqlite3
import time
from typing import Any

import pytest
import stripe

from demo.tests.gateway.harness import Gateway, client_for, line, session_params, wait_for


def test_it_works(gateway: Gateway) -> None:
    session = gateway.create()

    assert session.id.startswith("cs_test_")
    assert session.url == f"{gateway.url}/pay/{session.id}"
    assert (session.status, session.payment_status, session.livemode) == ("open", "unpaid", False)
    assert (session.amount_subtotal, session.amount_total, session.currency) == (6780, 7270, "eur")
    assert session.total_details.amount_shipping == 490
    assert session.client_reference_id == "order-1"
    assert session.metadata["order"] == "order-1"
    assert session.payment_intent is None

    again = gateway.retrieve(session, "line_items")
    assert [(item.description, item.quantity, item.amount_total) for item in again.line_items.data] == [
        ("Sencha, 100 g", 2, 2580),
        ("Teeschale „Nebel“", 1, 4200),
    ]
    assert "line_items" not in gateway.retrieve(session)


@pytest.mark.parametrize(
    ("changes", "param", "code"),
    [
        ({"colour": "red"}, "colour", "parameter_unknown"),
        ({"payment_intent_data": {"metdata": {"a": "b"}}}, "payment_intent_data[metdata]", "parameter_unknown"),
        ({"line_items": [line("A", 900) | {"sku": "x"}]}, "line_items[0][sku]", "parameter_unknown"),
        ({"mode": None}, "mode", "parameter_missing"),
        ({"line_items": None}, "line_items", "parameter_missing"),
        ({"success_url": None}, "success_url", "parameter_missing"),
        ({"line_items": [{"quantity": 1}]}, "line_items[0][price_data]", "parameter_missing"),
        ({"mode": "pay"}, "mode", None),
        ({"ui_mode": "hosted"}, "ui_mode", None),
        ({"locale": "ar"}, "locale", None),
        ({"line_items": [line("A", -1)]}, "line_items[0][price_data][unit_amount]", "parameter_invalid_integer"),
        ({"line_items": [line("A", 9.99)]}, "line_items[0][price_data][unit_amount]", "parameter_invalid_integer"),
        ({"line_items": [line("A", 900, 0)]}, "line_items[0][quantity]", "parameter_invalid_integer"),
        ({"line_items": [line("", 900)]}, "line_items[0][price_data][product_data][name]", "parameter_invalid_empty"),
        ({"line_items": [line("A", 900, currency="EUR")]}, "line_items[0][price_data][currency]", None),
        ({"line_items": [line("A", 900), line("B", 900, currency="usd")]}, "line_items[1][price_data][currency]", None),
        ({"line_items": [line("A", 900)] * 101}, "line_items", None),
        ({"success_url": "/thanks/"}, "success_url", "url_invalid"),
        ({"cancel_url": "javascript:alert(1)"}, "cancel_url", "url_invalid"),
        ({"success_url": "http://shop.test;script-src */"}, "success_url", "url_invalid"),
        ({"customer_email": "ada"}, "customer_email", "email_invalid"),
        ({"client_reference_id": "x" * 201}, "client_reference_id", "parameter_invalid_string_length"),
        ({"metadata": {f"k{n}": "v" for n in range(51)}}, "metadata", None),
        ({"metadata": {"k" * 41: "v"}}, f"metadata[{'k' * 41}]", None),
        ({"metadata": {"k": "v" * 501}}, "metadata[k]", None),
        ({"adaptive_pricing": {"enabled": "yes"}}, "adaptive_pricing[enabled]", None),
        ({"discounts": [{"coupon": "NOPE"}]}, "discounts[0][coupon]", "resource_missing"),
        (
            {"discounts": [{"coupon": "NOPE"}], "allow_promotion_codes": True},
            "allow_promotion_codes",
            None,
        ),
    ],
)
def test_wrong_parameters_are_refused(gateway: Gateway, changes: dict[str, Any], param: str, code: str | None) -> None:
    before = newest(gateway)

    with pytest.raises(stripe.InvalidRequestError) as refused:
        gateway.create(**changes)

    assert refused.value.http_status == 400
    assert (refused.value.param, refused.value.code) == (param, code)
    assert newest(gateway) == before


def newest(gateway: Gateway) -> list[str]:
    return [session.id for session in gateway.client.v1.checkout.sessions.list(params={"limit": 1}).data]


@pytest.mark.parametrize("seconds", [60, 30 * 60 - 5, 24 * 60 * 60 + 60])
def test_expires_at_must_lie_in_the_window(gateway: Gateway, seconds: int) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        gateway.create(expires_at=int(time.time()) + seconds)

    assert refused.value.param == "expires_at"


def test_expires_at_defaults_to_a_day(gateway: Gateway) -> None:
    session = gateway.create(expires_at=None)

    assert session.expires_at - session.created == 24 * 60 * 60


@pytest.mark.parametrize(("amount", "currency"), [(49, "eur"), (49, "usd"), (29, "gbp"), (49, "jpy")])
def test_a_total_below_the_minimum_is_refused(gateway: Gateway, amount: int, currency: str) -> None:
    items = {"line_items": [line("A", amount, currency=currency)], "shipping_options": None}

    with pytest.raises(stripe.InvalidRequestError) as refused:
        gateway.create(**items)

    assert refused.value.code == "amount_too_small"


@pytest.mark.parametrize(("amount", "currency"), [(10_005, "kwd"), (10_050, "isk")])
def test_amounts_the_currency_cannot_express_are_refused(gateway: Gateway, amount: int, currency: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        gateway.create(line_items=[line("A", amount, currency=currency)], shipping_options=None)

    assert refused.value.param == "line_items[0][price_data]"


def test_methods_with_delayed_money_can_be_left_out(gateway: Gateway) -> None:
    assert gateway.create().payment_method_types == ["card", "sepa_debit"]
    assert gateway.create(allowed_payment_method_types=["card"]).payment_method_types == ["card"]


def test_a_wrong_key_is_refused(gateway: Gateway) -> None:
    with pytest.raises(stripe.AuthenticationError) as refused:
        client_for(gateway.url, "sk_test_other").v1.checkout.sessions.create(params=session_params())

    assert refused.value.http_status == 401
    assert "sk_test_other" not in str(refused.value)


def test_expire_closes_an_open_session_once(gateway: Gateway) -> None:
    session = gateway.create()

    expired = gateway.client.v1.checkout.sessions.expire(session.id)
    assert (expired.status, expired.url) == ("expired", None)
    assert gateway.event_types(session) == ["checkout.session.expired"]

    with pytest.raises(stripe.InvalidRequestError, match="status of `expired`"):
        gateway.client.v1.checkout.sessions.expire(session.id)
    assert gateway.click(session, "pay").status_code == 409
    assert gateway.retrieve(session).payment_status == "unpaid"


def test_a_paid_session_cannot_be_expired(gateway: Gateway) -> None:
    session = gateway.create()
    gateway.click(session, "pay")

    with pytest.raises(stripe.InvalidRequestError, match="status of `complete`"):
        gateway.client.v1.checkout.sessions.expire(session.id)


def test_a_session_expires_by_itself(gateway: Gateway) -> None:
    session = gateway.create()

    let_time_pass(gateway, session.id)

    # Look into the file: a question through the API would run the clock itself.
    with sqlite3.connect(gateway.database) as connection:
        stored = "SELECT body->>'status' FROM object WHERE id = ?"
        wait_for(lambda: connection.execute(stored, (session.id,)).fetchone() == ("expired",))
    assert gateway.event_types(session) == ["checkout.session.expired"]


def test_an_overdue_session_cannot_be_paid_before_the_clock_ticks(gateway: Gateway) -> None:
    session = gateway.create()

    let_time_pass(gateway, session.id)

    assert gateway.click(session, "pay").status_code == 409
    assert gateway.event_types(session) == ["checkout.session.expired"]


def let_time_pass(gateway: Gateway, session: str) -> None:
    """Instead of half an hour: move the end of the session into the past."""
    with sqlite3.connect(gateway.database, timeout=10) as connection:
        connection.execute("UPDATE object SET due = ? WHERE id = ?", (time.time() - 1, session))


def test_unknown_ids_and_addresses(gateway: Gateway) -> None:
    with pytest.raises(stripe.InvalidRequestError) as missing:
        gateway.client.v1.checkout.sessions.retrieve("cs_test_none")
    assert (missing.value.http_status, missing.value.code) == (404, "resource_missing")

    with pytest.raises(stripe.InvalidRequestError) as unknown:
        gateway.client.v1.customers.list()
    assert unknown.value.http_status == 404


def test_lists_are_paged_and_filtered(gateway: Gateway) -> None:
    mark = int(time.time())
    orders = [gateway.create() for _ in range(5)]
    made = [session.id for session in orders]
    gateway.click(orders[2], "pay")
    sessions = gateway.client.v1.checkout.sessions

    first = sessions.list(params={"limit": 2})
    assert [session.id for session in first.data] == made[:2:-1]
    assert first.has_more
    second = sessions.list(params={"limit": 2, "starting_after": first.data[-1].id})
    assert [session.id for session in second.data] == [made[2], made[1]]

    recent = sessions.list(params={"created": {"gte": mark}, "limit": 2})
    assert set(made) <= {session.id for session in recent.auto_paging_iter()}
    complete = sessions.list(params={"created": {"gte": mark}, "status": "complete", "limit": 100})
    assert made[2] in {session.id for session in complete.data}
    assert not {made[0], made[1]} & {session.id for session in complete.data}
    assert sessions.list(params={"created": {"gt": mark + 3600}}).data == []


def test_a_long_order_shows_its_first_lines_and_pages_the_rest(gateway: Gateway) -> None:
    names = [f"Tasse {n}" for n in range(13)]
    session = gateway.create(line_items=[line(name, 900) for name in names])

    shown = gateway.retrieve(session, "line_items").line_items
    assert (len(shown.data), shown.has_more) == (10, True)
    listed = gateway.client.v1.checkout.sessions.line_items.list(session.id, params={"limit": 6})
    assert [item.description for item in listed.auto_paging_iter()] == names


def test_what_cannot_be_expanded_is_refused(gateway: Gateway) -> None:
    session = gateway.create()

    with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
        gateway.retrieve(session, "custumer")
