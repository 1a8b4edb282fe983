"""What a person sees: the hosted payment page with its 3-D Secure and waiting steps, the index, one payment's page."""

import json
import re
import time
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from babel import Locale
from babel.dates import format_timedelta
from babel.numbers import format_currency
from django.template import Context, Engine
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from demo.gateway import dashboard, payments
from demo.gateway.config import Config
from demo.gateway.currencies import exponent
from demo.gateway.exchange import Request, Response, plain, redirect
from demo.gateway.sessions import KIND
from demo.gateway.store import Books, Record, Store

LANGUAGES = {"en": "English", "de": "Deutsch", "ar": "العربية"}
HERE = Path(__file__).parent
STATIC = {"gateway.css": "text/css; charset=utf-8", "icon.svg": "image/svg+xml"}
REASONS = {
    "card_declined": _("Your card was declined and nothing was charged. You can try again with another card."),
    "payment_intent_authentication_failure": _(
        "Your bank could not confirm that it is you, and nothing was charged. You can try again."
    ),
}
METHOD_NAMES = {"sepa_debit": "SEPA", "us_bank_account": "ACH"}
_ADDRESS = re.compile(r"/pay/(cs_test_[A-Za-z0-9]{1,100})(/challenge|/funds)?")

Step = Callable[[Books, Record, dict[str, str]], str]


class Pages:
    """Answers everything that is not ``/v1/``."""

    def __init__(self, store: Store, config: Config) -> None:
        self.store = store
        self.config = config
        self.base = urlsplit(config.public_base).path
        self.engine = Engine(
            dirs=[str(HERE / "templates")], libraries={"i18n": "django.templatetags.i18n"}, autoescape=True
        )

    def __call__(self, request: Request) -> Response:
        name = request.path.removeprefix("/static/")
        if request.path.startswith("/static/") and name in STATIC and request.method == "GET":
            body = (HERE / "static" / name).read_bytes()
            return Response(body, 200, STATIC[name], {"Cache-Control": "public, max-age=3600"})
        match = _ADDRESS.fullmatch(request.path)
        if match:
            return self._pay(request, match[1], match[2] or "")
        if match := dashboard.ADDRESS.fullmatch(request.path):
            return self._dashboard(request, match[1])
        if request.path == "/" and request.method == "GET":
            return self._index(request)
        return self._render(request, None, "message.html", 404, {"state": "unknown"})

    def _pay(self, request: Request, identifier: str, step: str) -> Response:
        if request.method not in ("GET", "POST") or (step == "/funds" and request.method == "GET"):
            return plain("405", 405)
        closed = False
        location = ""
        with self.store.write() as books:
            payments.run_clock(books, time.time())
            session = books.get(KIND, identifier)
            if session and request.method == "POST":
                try:
                    location = self._take_step(books, session, step, _form(request).get("choice", ""))
                except payments.Closed:
                    closed = True
            intent = books.get("payment_intent", session.body["payment_intent"] or "") if session else None
        if session is None:
            return self._render(request, None, "message.html", 404, {"state": "unknown"})
        if location:
            local = location.startswith(self.base + "/pay/")
            return redirect(location + (self._chosen(request) if local else ""))
        return self._show(request, session, intent, step, closed)

    def _dashboard(self, request: Request, intent: str) -> Response:
        if request.method not in ("GET", "POST"):
            return plain("405", 405)
        problem = None
        with self.store.write() as books:
            charge = dashboard.charge_of(books, intent)
            if charge and request.method == "POST":
                problem = dashboard.act(books, charge, _form(request))
            shown = dashboard.overview(books, charge) if charge else {}
        if charge is None:
            return self._render(request, None, "message.html", 404, {"state": "unknown"})
        if request.method == "POST" and not problem:
            return redirect(f"{self.base}{request.path}{self._chosen(request)}")
        context = _payment(shown, choose_language(request, None))
        return self._render(request, None, "dashboard.html", 409 if problem else 200, {"problem": problem} | context)

    def _take_step(self, books: Books, session: Record, step: str, choice: str) -> str:
        """Do what was clicked; the address to go to. Raises payments.Closed."""
        here = f"{self.base}/pay/{session.body['id']}"
        back = session.body["success_url"].replace("{CHECKOUT_SESSION_ID}", session.body["id"])
        if step == "/funds" and choice in ("arrive", "fail"):
            payments.settle(books, session, arrived=choice == "arrive")
            return here
        if step == "/challenge" and choice in ("complete", "fail"):
            payments.answer_challenge(books, session, passed=choice == "complete")
            return back if choice == "complete" else here
        if step == "" and choice == "pay":
            payments.pay(books, session)
            return str(back)
        if step == "" and choice == "decline":
            payments.decline(books, session)
            return here
        if step == "" and choice == "challenge":
            payments.challenge(books, session)
            return f"{here}/challenge"
        if step == "" and choice == "later":
            payments.pay_later(books, session, self.config.settle_seconds)
            return here
        raise payments.Closed

    def _show(self, request: Request, session: Record, intent: Record | None, step: str, closed: bool) -> Response:
        state = _state(session.body, intent.body if intent else None)
        body = session.body
        if step == "/challenge" and state == "open" and intent and intent.body["status"] == "requires_action":
            return self._render(request, session, "challenge.html", 409 if closed else 200, {})
        if step and state == "open":
            return redirect(f"{self.base}/pay/{body['id']}{self._chosen(request)}")
        if state != "open":
            status = 409 if closed else 410 if state == "expired" else 200
            return self._render(request, session, "message.html", status, {"state": state})
        error = (intent.body["last_payment_error"] or {}).get("code") if intent else None
        context = {
            "error": REASONS.get(error) if error else None,
            "later": METHOD_NAMES.get(payments.delayed_method(body) or ""),
            "free": body["amount_total"] == 0,
            "left": max(60, body["expires_at"] - int(time.time())),
        }
        return self._render(request, session, "pay.html", 409 if closed else 200, context)

    def _index(self, request: Request) -> Response:
        with self.store.read() as books:
            rows = books.connection.execute(
                "SELECT o.body, d.tries, d.next_at, d.delivered_at, d.problem FROM object o"
                " LEFT JOIN delivery d ON d.event = o.id WHERE o.kind = 'event' ORDER BY o.seq DESC LIMIT 30"
            ).fetchall()
            sessions = books.newest(KIND, limit=15)
        return self._render(
            request,
            None,
            "index.html",
            200,
            {"sessions": [_session_row(body) for body in sessions], "events": [_event_row(row) for row in rows]},
        )

    def _chosen(self, request: Request) -> str:
        """The language picked by hand, as a query string to carry on."""
        lang = parse_qs(request.query).get("lang", [""])[0]
        return f"?lang={lang}" if lang in LANGUAGES else ""

    def _render(
        self, request: Request, session: Record | None, template: str, status: int, context: dict[str, Any]
    ) -> Response:
        body = session.body if session else None
        language = choose_language(request, body)
        context |= {
            "base": self.base,
            "shop": self.config.shop_name,
            "language": language,
            "direction": "rtl" if language == "ar" else "ltr",
            "languages": LANGUAGES,
            "query": self._chosen(request),
        }
        with translation.override(language):
            if session:
                context["session"] = _order(session, language)
            if "left" in context:
                context["left"] = format_timedelta(timedelta(seconds=context["left"]), locale=language, threshold=1.5)
            text = self.engine.get_template(f"gateway/{template}").render(Context(context))
        headers = {
            "Content-Security-Policy": content_policy(body),
            "Content-Language": language,
            "Cache-Control": "no-store",
            "X-Frame-Options": "DENY",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Vary": "Accept-Language",
        }
        return Response(text.encode(), status, headers=headers)


def choose_language(request: Request, session: dict[str, Any] | None) -> str:
    """The page's language: picked by hand, the session's, the shop address's, the browser's, else English."""
    wanted = parse_qs(request.query).get("lang", [])
    locale = (session or {}).get("locale") or "auto"
    if locale != "auto":
        wanted.append(locale if locale.partition("-")[0] in LANGUAGES else "en")
    elif session:
        wanted.append(urlsplit(session["success_url"]).path.lstrip("/").partition("/")[0])
    for part in request.headers.get("accept-language", "").split(","):
        wanted.append(part.partition(";")[0].strip())
    codes = (code.partition("-")[0].lower() for code in wanted)
    return next((code for code in codes if code in LANGUAGES), "en")


def content_policy(session: dict[str, Any] | None) -> str:
    """Nothing but our own style sheet; forms may lead back to the shop, whose pictures may be shown."""
    shop = ""
    if session:
        addresses = [session["success_url"], session["cancel_url"] or session["success_url"]]
        shop = "".join(f" {origin}" for origin in sorted({_origin(address) for address in addresses}))
    return (
        f"default-src 'none'; style-src 'self'; img-src 'self'{shop}; form-action 'self'{shop}; "
        "base-uri 'none'; frame-ancestors 'none'"
    )


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def _state(session: dict[str, Any], intent: dict[str, Any] | None) -> str:
    if session["status"] != "complete":
        return str(session["status"])
    if session["payment_status"] != "unpaid":
        return "paid"
    return "waiting" if intent and intent["status"] == "processing" else "failed"


def _order(session: Record, language: str) -> dict[str, Any]:
    """Lines and sums as text in the page's locale."""
    body = session.body
    money = _formatter(body, language)
    details = body["total_details"]
    lines = [
        {
            "name": item["description"],
            "quantity": item["quantity"],
            "unit": money(item["price"]["unit_amount"]),
            "total": money(item["amount_subtotal"]),
            "image": image,
        }
        for item, image in zip(session.private["line_items"], session.private["images"], strict=True)
    ]
    return {
        "id": body["id"],
        "lines": lines,
        "subtotal": money(body["amount_subtotal"]),
        "discount": money(-details["amount_discount"]) if details["amount_discount"] else "",
        "shipping": money(details["amount_shipping"]) if body["shipping_cost"] else "",
        "shipping_name": session.private["shipping_name"],
        "total": money(body["amount_total"]),
        "cancel_url": body["cancel_url"],
        "success_url": body["success_url"].replace("{CHECKOUT_SESSION_ID}", body["id"]),
    }


def _formatter(session: dict[str, Any], language: str) -> Callable[[int], str]:
    """A function from minor units to text, in the session's own locale when it is a kind of the page's language."""
    locale = language
    if (session["locale"] or "").partition("-")[0] == language:
        locale = str(Locale.parse(session["locale"], sep="-"))
    currency = session["currency"]

    def money(amount: int) -> str:
        value = Decimal(amount).scaleb(-exponent(currency))
        return format_currency(value, currency.upper(), locale=locale)

    return money


def _form(request: Request) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(request.body.decode("latin-1")).items()}


def _payment(shown: dict[str, Any], language: str) -> dict[str, Any]:
    """Amounts and times of one payment as text."""
    charge = shown["charge"]

    def money(amount: int) -> str:
        value = Decimal(amount).scaleb(-exponent(charge["currency"]))
        return format_currency(value, charge["currency"].upper(), locale=language)

    def row(body: dict[str, Any]) -> dict[str, Any]:
        texts = {"short": f"…{body['id'][-8:]}", "total": money(body["amount"]), "created": _clock(body["created"])}
        return body | texts

    return {
        "charge": {
            "short": f"…{charge['payment_intent'][-8:]}",
            "total": money(charge["amount"]),
            "refunded": money(charge["amount_refunded"]),
        },
        "rest": money(shown["left"]),
        "slow": shown["slow"],
        "can_refund": shown["left"] and not shown["charged_back"],
        "can_dispute": not charge["disputed"] and not charge["refunded"],
        "refunds": [row(body) for body in shown["refunds"]],
        "disputes": [row(body) for body in shown["disputes"]],
    }


def _session_row(body: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": body["id"],
        "short": f"…{body['id'][-8:]}",
        "total": format_currency(
            Decimal(body["amount_total"]).scaleb(-exponent(body["currency"])), body["currency"].upper(), locale="en"
        ),
        "status": body["status"],
        "payment_status": body["payment_status"],
        "intent": body["payment_intent"] if body["payment_status"] == "paid" else None,
        "created": _clock(body["created"]),
    }


def _event_row(row: tuple[Any, ...]) -> dict[str, Any]:
    text, tries, next_at, delivered_at, problem = row
    body = json.loads(text)
    return {
        "id": body["id"],
        "kind": body["type"],
        "created": _clock(body["created"]),
        "tries": tries,
        "delivered": bool(delivered_at),
        "queued": tries is not None,
        "wait": max(0, int(next_at - time.time())) if next_at else None,
        "problem": problem,
    }


def _clock(moment: float) -> str:
    return time.strftime("%H:%M:%S", time.gmtime(moment))
