"""Reading: lists in pages, newest first, and `expand`, which puts whole objects where ids stand."""

from typing import Any

from demo.gateway.errors import ApiError, not_found
from demo.gateway.store import Books

EXPANDABLE = {
    "checkout.session": {"line_items": "", "payment_intent": "payment_intent"},
    "payment_intent": {"latest_charge": "charge"},
    "charge": {"payment_intent": "payment_intent"},
    "refund": {"charge": "charge", "payment_intent": "payment_intent"},
    "dispute": {"charge": "charge", "payment_intent": "payment_intent"},
}
FIRST_LINES = 10  # an expanded session shows "the first handful" of its lines; the rest has its own address
NAMES = ("status", "payment_intent", "charge", "type", "types")


def page(books: Books, kind: str, url: str, params: dict[str, Any]) -> dict[str, Any]:
    """One page of a kind for checked list parameters. Raises ApiError for an unknown cursor."""
    cursor = params.get("starting_after")
    if cursor and books.get(kind, cursor) is None:
        raise not_found(kind, cursor, param="starting_after", status=400)
    limit = params.get("limit", 10)
    equal = {
        "type" if name == "types" else name: params[name] if name == "types" else [params[name]]
        for name in NAMES
        if name in params
    }
    if "delivery_success" in params:
        equal["pending_webhooks"] = [0 if params["delivery_success"] else 1]
    found = books.newest(kind, equal=equal, created=params.get("created"), after=cursor, limit=limit + 1)
    return as_list(found[:limit], url, has_more=len(found) > limit)


def lines(session: Any, params: dict[str, Any]) -> dict[str, Any]:
    """One page of a session's lines, in the order of the order. Raises ApiError for an unknown cursor."""
    items = session.private["line_items"]
    limit = params.get("limit", FIRST_LINES)
    start = 0
    if "starting_after" in params:
        ids = [item["id"] for item in items]
        if params["starting_after"] not in ids:
            raise not_found("item", params["starting_after"], param="starting_after", status=400)
        start = ids.index(params["starting_after"]) + 1
    url = f"/v1/checkout/sessions/{session.body['id']}/line_items"
    return as_list(items[start : start + limit], url, has_more=start + limit < len(items))


def as_list(data: list[dict[str, Any]], url: str, *, has_more: bool) -> dict[str, Any]:
    """Stripe's list object."""
    return {"object": "list", "data": data, "has_more": has_more, "url": url}


def expand(books: Books, body: dict[str, Any], paths: list[str]) -> dict[str, Any]:
    """Replace ids by objects along dotted paths; in lists the paths begin with ``data.``. Raises ApiError."""
    for path in paths:
        names = path.split(".")
        if len(names) > 4:
            raise ApiError("You cannot expand more than 4 levels of a property.", param="expand")
        if body["object"] == "list":
            if names.pop(0) != "data" or not names:
                raise _cannot(path)
            for entry in body["data"]:
                _expand(books, entry, names, path)
        else:
            _expand(books, body, names, path)
    return body


def _expand(books: Books, body: dict[str, Any], names: list[str], path: str) -> None:
    name, *rest = names
    kinds = EXPANDABLE.get(body["object"], {})
    if name not in kinds:
        raise _cannot(path)
    if name == "line_items":
        session = books.get("checkout.session", body["id"])
        body[name] = lines(session, {})
        if rest:
            raise _cannot(path)
        return
    if isinstance(body[name], str):
        found = books.get(kinds[name], body[name])
        body[name] = found.body if found else body[name]
    if rest and body[name] is not None:
        _expand(books, body[name], rest, path)


def _cannot(path: str) -> ApiError:
    return ApiError(f"This property cannot be expanded ({path}).", param="expand")
