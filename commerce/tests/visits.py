"""What a visitor's browser does, as plain functions."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.test import Client

from catalog.models import Variant

FROM_HERE = {"Sec-Fetch-Site": "same-origin"}
CHECKOUT = "/en/checkout/"


def browser(**more: Any) -> Client:
    return Client(headers=FROM_HERE, **more)


def other_tab(visitor: Client) -> Client:
    """The same session, in a client that a thread of its own may use."""
    tab = browser()
    tab.cookies["session"] = visitor.cookies["session"].value
    return tab


def put(visitor: Client, variant: Variant, quantity: int = 1) -> None:
    visitor.post("/en/cart/add/", {"variant": variant.pk, "quantity": quantity})


def send(visitor: Client, form: dict[str, Any], **more: Any) -> HttpResponse:
    """Sends the checkout."""
    return visitor.post(CHECKOUT, form, **more)


def said(response: HttpResponse) -> list[str]:
    return [str(message) for message in response.context["messages"]]
