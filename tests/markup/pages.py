"""Every public page of a demo shop, in every language: what the sitemaps list, and what no search engine should see.

Made by requests like a visitor's; the pages of errors that no address leads to by the functions that make them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import BadRequest, PermissionDenied
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils.translation import override

from blog.models import BlogPostPage, Subscriber, SubscriberState
from blog.tests.factories import make_subscriber
from catalog.models import Product, Variant
from commerce.models import Order, Status
from commerce.orders import payment_page
from commerce.payments import TRANSFER
from commerce.tests.factories import make_order
from commerce.tests.visits import browser
from core import views
from tests.markup.shop import COUPON

Page = tuple[str, str]  # what it is, and its HTML
Visit = tuple[str, Any]  # what it is, and the response
# A fragment stands in a page; suggestions stand in the list of the search field.
FRAGMENT = """<!DOCTYPE html><html lang="{}"><head><title>A part of a page</title></head>
<body><h1>A part of a page</h1><div{}>{}</div></body></html>"""
LISTBOX = ' role="listbox" aria-label="Suggestions"'
WORDS = {"en": "tea", "de": "tee", "ar": "شاي"}
NONE_HAS_THIS = "qqqqzzzz"


def every_page(visitor: Client, *, whole: bool) -> Iterator[Page]:
    """All of them; unless `whole`, a third of the categories and tags, which are all alike.

    The shop is `tests.markup.shop`'s, and nobody else's: products go and come back meanwhile.
    """
    yield from in_sitemaps(visitor, whole)
    for code, _name in settings.LANGUAGES:
        with override(code):
            for part in (lists(code), buying(), orders(code), letters(code), comments(code), errors(code), mailbox()):
                for name, response in part:
                    yield f"{code}: {name}", document(code, name, response)


def in_sitemaps(visitor: Client, whole: bool) -> Iterator[Page]:
    for file in locations(visitor.get("/sitemap.xml")):
        urls = locations(visitor.get(urlsplit(file).path))
        some = slice(None, None, 3) if "-categories-" in file or "-lists-" in file else slice(None)
        for url in urls if whole else urls[some]:
            response = visitor.get(urlsplit(url).path)
            assert response.status_code == 200, url
            yield url, response.content.decode()


def locations(response: Any) -> list[str]:
    return re.findall("<loc>(.*?)</loc>", response.getvalue().decode())


def document(code: str, name: str, response: Any) -> str:
    """The HTML of a page; of a fragment, in the smallest page there is."""
    html = response.content.decode()
    if html.lstrip().lower().startswith("<!doctype"):
        return html
    return FRAGMENT.format(code, LISTBOX if name == "suggestions" else "", html)


def lists(code: str) -> Iterator[Visit]:
    """Search, filters, and the pages of a long list."""
    visitor = browser()
    results, shop, word = reverse("search:results"), reverse("catalog:shop"), WORDS[code]
    more = [{"page": 2}, {"stock": "yes", "sort": "name"}, {"price": "5-20"}, {"price": "9000-"}]
    slips = [{"q": "matsha"}, {"q": "matsha", "exact": "1"}]
    for query in ({}, {"q": NONE_HAS_THIS}, *slips, *({"q": word, **also} for also in [{}, *more])):
        yield f"search {query}", visitor.get(results, query)
    for query in ({"sale": "yes", "stock": "yes"}, *more):
        yield f"shop {query}", visitor.get(shop, query)
    yield "suggestions", visitor.get(reverse("search:suggest"), {"q": word})


def buying() -> Iterator[Visit]:
    """Cart and checkout, empty, full and with mistakes, and the fragments beside them."""
    visitor = browser()
    cart, checkout = reverse("commerce:cart"), reverse("commerce:checkout")
    yield "empty cart", visitor.get(cart)
    variants = list(Variant.objects.filter(product__live=True, active=True, stock__on_hand__gt=5).order_by("pk")[:3])
    for variant in variants:
        yield "looked at", visitor.get(variant.product.get_absolute_url())
        add = {"variant": variant.pk, "quantity": 2}
        yield "added", visitor.post(reverse("commerce:cart_add"), add, headers={"HX-Request": "true"})
    yield "not added", visitor.post(reverse("commerce:cart_add"), {"variant": 0}, headers={"HX-Request": "true"})
    yield "badge", visitor.get(reverse("commerce:cart_badge"))
    yield "suggestions beside", visitor.get(reverse("commerce:beside"), {"product": variants[0].product_id})
    yield "popular", visitor.get(reverse("commerce:beside"), {"popular": "1"})
    yield "full cart", visitor.get(cart)
    yield "unknown coupon", visitor.post(reverse("commerce:cart_coupon"), {"code": "NOTHING"})
    visitor.post(reverse("commerce:cart_coupon"), {"code": COUPON})
    yield "cart with a coupon", visitor.get(cart)
    visitor.post(reverse("commerce:cart_update"), {"variant": variants[0].pk, "quantity": 0})
    Variant.objects.filter(pk=variants[1].pk).update(active=False)
    yield "cart with news", visitor.get(cart)
    Variant.objects.filter(pk=variants[1].pk).update(active=True)
    yield "checkout", visitor.get(checkout)
    for country in ("DE", "US", "XX"):
        wrong = {"country": country, "email": "no", "postcode": "?"}
        yield f"checkout with mistakes, {country}", visitor.post(checkout, wrong)


def orders(code: str) -> Iterator[Visit]:
    """An order in each of its states, and looking for one."""
    visitor = browser()
    find = reverse("commerce:order_find")
    yield "order lookup", visitor.get(find)
    yield "no order", visitor.post(find, {"number": "S729-2K6Z", "email": "mina@example.org"})
    yield "lookup with mistakes", visitor.post(find, {})
    order = make_order(some_units(), language=code)
    for state in Status.values:
        Order.objects.filter(pk=order.pk).update(status=state)
        yield f"order: {state}", visitor.get(order.get_absolute_url())
    order = make_order(some_units(), language=code, provider=TRANSFER)
    payment_page(order)
    yield "order by transfer", visitor.get(order.get_absolute_url())


def some_units() -> dict[int, int]:
    return {
        pk: 2
        for pk in Variant.objects.filter(product__live=True, stock__on_hand__gt=9).values_list("pk", flat=True)[:2]
    }


def letters(code: str) -> Iterator[Visit]:
    """The newsletter's forms, and the pages its links lead to."""
    visitor = browser()
    subscribe = reverse("blog:subscribe")
    yield "subscribe", visitor.get(subscribe)
    yield "subscribe with a mistake", visitor.post(subscribe, {"email": "no"})
    yield "asked", visitor.get(reverse("blog:subscribe_asked"))
    subscriber = make_subscriber(f"{code}@example.org", code, state=SubscriberState.PENDING, confirmed_at=None)
    for state in SubscriberState.values:
        Subscriber.objects.filter(pk=subscriber.pk).update(state=state)
        yield f"confirm: {state}", visitor.get(reverse("blog:confirm", args=[subscriber.confirm_token]))
        yield f"unsubscribe: {state}", visitor.get(reverse("blog:unsubscribe", args=[subscriber.key]))
    yield "confirm: unknown", visitor.get(reverse("blog:confirm", args=["unknown"]))


def comments(code: str) -> Iterator[Visit]:
    visitor = browser()
    post = BlogPostPage.objects.live().filter(locale__language_code=code).first()
    if post is not None:
        yield "comment with mistakes", visitor.post(reverse("blog:comment", args=[post.pk]), {"email": "no"})
        yield "comment thanks", visitor.get(reverse("blog:comment_thanks", args=[post.pk]))


def errors(code: str) -> Iterator[Visit]:
    visitor = browser()
    yield "404", visitor.get(f"/{code}/nothing/")
    retired = Product.objects.live().order_by("-pk").first()
    yield "410", gone(visitor, retired)
    request = RequestFactory().get(f"/{code}/")
    yield "400", views.bad_request(request, BadRequest())
    yield "403", views.forbidden(request, PermissionDenied())
    yield "500", views.server_error(request)


def gone(visitor: Client, product: Product) -> Any:
    Product.objects.filter(pk=product.pk).update(live=False)
    try:
        return visitor.get(product.get_absolute_url())
    finally:
        Product.objects.filter(pk=product.pk).update(live=True)


def mailbox() -> Iterator[Visit]:
    visitor = browser()
    yield "mails of the demo", visitor.get(reverse("demo:mail"))
    yield "a mail of the demo", visitor.get(reverse("demo:mail_detail", args=["0.0"]))
