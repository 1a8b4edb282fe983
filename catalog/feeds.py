"""Products as feeds: the newest for readers, and all of them for merchants' directories."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from xml.sax.xmlreader import AttributesImpl

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.html import format_html
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.utils.xmlutils import SimplerXMLGenerator
from django.views.decorators.http import require_safe

from catalog.cards import Availability, Offer, ProductCard, offers, product_card
from catalog.models import Product
from catalog.querysets import ProductQuerySet
from catalog.tree import Tree, tree_of
from core import limits
from core.about import absolute, described, first_words, shared_picture
from core.context_processors import shop_name
from core.feeds import KINDS, MAX_AGE, MOST, Entry, feed_response, writable

CHUNK = 200
GOOGLE = "http://base.google.com/ns/1.0"
STOCK = {Availability.IN_STOCK: "in_stock", Availability.LOW: "in_stock", Availability.SOLD_OUT: "out_of_stock"}


def written_here(products: ProductQuerySet) -> ProductQuerySet:
    """With a text of their own in the active language: a feed speaks one."""
    return products.filter(pk__in=products.translated().values("master"))


@require_safe
def new_products(request: HttpRequest, kind: str = "rss") -> HttpResponseBase:
    """The products published last."""
    title = _("New at %(shop)s") % {"shop": shop_name()}
    return newest_of(Product.objects.shown(), request, kind, title, reverse("catalog:shop"))


@require_safe
def new_in_category(request: HttpRequest, category_path: str, kind: str = "rss") -> HttpResponseBase:
    """Those in a category and below it; one that has moved leads on, for readers ask for years."""
    tree = tree_of(request)
    node = tree.find(category_path)
    if node is None:
        now = tree.earlier(category_path)
        if now is None:
            raise Http404
        return redirect(f"{now.url()}feed/{'' if kind == 'rss' else f'{kind}/'}", permanent=True)
    products = Product.objects.shown().in_categories(below.pk for below in node.descendants)
    return newest_of(products, request, kind, _("New in %(category)s") % {"category": node.name}, node.url())


def newest_of(products: ProductQuerySet, request: HttpRequest, kind: str, title: str, page: str) -> HttpResponseBase:
    if kind not in KINDS:
        raise Http404
    newest = written_here(products).exclude(first_published_at=None).order_by("-first_published_at", "-pk")
    cards = [product_card(product) for product in newest.for_listing()[:MOST]]
    return feed_response(request, kind, title, _("New products"), page, [entry_of(card) for card in cards])


def entry_of(card: ProductCard) -> Entry:
    picture = shared_picture(card.image.image, card.image.alt) if card.image else None
    summary = described(card.text.summary, first_words(card.text.body))
    price = str(card.price.now) if card.price else ""
    if card.from_price:
        price = _("from %(price)s") % {"price": price}
    return Entry(
        key=f"product/{card.product.pk}/{card.text.language_code}",
        title=card.text.name,
        url=card.url,
        summary=summary,
        html="".join(format_html("<p>{}</p>", line) for line in (summary, price) if line),
        published=card.product.first_published_at,
        changed=card.product.last_published_at,
        picture=picture,
    )


@require_safe
def merchant_feed(request: HttpRequest) -> HttpResponseBase:
    """Every active variant with a text in this language, as merchants' directories read them: RSS 2.0 with
    Google's elements (support.google.com/merchants/answer/7052112). Streamed. 429 for who asks too often: in a large
    shop each takes a minute."""
    if not limits.allowed("merchants-ip", limits.client_of(request)):
        told = _("That was often in a short time. Please try again in a few minutes.")
        wait = {"Retry-After": str(settings.RATE_LIMITS["merchants-ip"][1])}
        return HttpResponse(told, status=429, content_type="text/plain; charset=utf-8", headers=wait)
    response = StreamingHttpResponse(merchant_xml(tree_of(request)), content_type="application/rss+xml; charset=utf-8")
    patch_cache_control(response, public=True, max_age=MAX_AGE)
    return response


def merchant_xml(tree: Tree) -> Iterator[str]:
    language = get_language() or settings.LANGUAGE_CODE
    with override(language):  # the request is over when the rest is written
        sheet = StringIO()
        xml = SimplerXMLGenerator(sheet, "utf-8", short_empty_elements=True)
        xml.startDocument()
        xml.startElement("rss", AttributesImpl({"version": "2.0", "xmlns:g": GOOGLE}))
        xml.startElement("channel", AttributesImpl({}))
        for name, text in (
            ("title", shop_name()),
            ("link", absolute(reverse("catalog:shop"))),
            ("description", _("All products")),
        ):
            xml.addQuickElement(name, writable(text))
    last = 0
    while True:
        with override(language):
            found = written_here(Product.objects.shown()).filter(pk__gt=last).order_by("pk")
            products = list(found.for_merchants()[:CHUNK])
            for product in products:
                for row in merchant_rows(product, tree):
                    xml.startElement("item", AttributesImpl({}))
                    for name, value in row.items():
                        xml.addQuickElement(f"g:{name}", writable(value))
                    xml.endElement("item")
        yield sheet.getvalue()
        sheet.seek(0)
        sheet.truncate()
        if not products:
            break
        last = products[-1].pk
    yield "</channel></rss>"


def merchant_rows(product: Product, tree: Tree) -> Iterator[dict[str, str]]:
    """One per offer; values that are not known are left out. One without a GTIN says so, as it has no number of its
    maker either (support.google.com/merchants/answer/6324478)."""
    card = product_card(product)
    node = tree.nodes.get(product.category_id or 0)
    offered = offers(product)
    shared = {
        "description": described(card.text.summary, first_words(card.text.body), longest=5000) or card.text.name,
        "brand": product.vendor or shop_name(),
        "condition": "new",
        "product_type": " > ".join(above.name for above in [*node.ancestors, node]) if node else "",
        "item_group_id": f"P{product.pk}" if len(offered) > 1 else "",
    }
    default = shared_picture(card.image.image) if card.image else None
    for offer in offered:
        picture = shared_picture(offer.variant.image) or default
        row = {
            "id": offer.variant.sku,
            "gtin": offer.variant.gtin,
            "identifier_exists": "" if offer.variant.gtin else "no",
            "title": described(f"{card.text.name}, {offer.name}" if len(offered) > 1 else card.text.name, longest=150),
            **shared,
            "link": absolute(offer.url(card.url) if len(offered) > 1 else card.url),
            "image_link": picture.url if picture else "",
            "availability": STOCK[offer.availability],
            **merchant_price(offer),
            "shipping_weight": f"{offer.variant.weight_grams} g" if offer.variant.weight_grams else "",
        }
        yield {name: value for name, value in row.items() if value}


def merchant_price(offer: Offer) -> dict[str, str]:
    """Gross, as "8.90 EUR"."""
    now, regular = offer.price.now, offer.price.regular
    if regular is None:
        return {"price": f"{now.amount} {now.currency}"}
    start, end = offer.variant.sale_from, offer.variant.sale_until
    window = f"{start.isoformat(timespec='minutes')}/{end.isoformat(timespec='minutes')}" if start and end else ""
    return {
        "price": f"{regular.amount} {regular.currency}",
        "sale_price": f"{now.amount} {now.currency}",
        "sale_price_effective_date": window,
    }
