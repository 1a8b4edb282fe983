"""The search page and its suggestions."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from catalog import popularity
from catalog.cards import product_cards
from catalog.facets.selection import read
from catalog.models import Product
from catalog.tree import tree_of
from core.pages import view_alternates
from search.desk import querylog
from search.desk.leads import lead
from search.query import TookTooLong, product_of_sku, search
from search.reading import clean
from search.results import results
from search.suggestions import suggest

POPULAR = 4


@require_safe
def found(request: HttpRequest) -> HttpResponse:
    """Results; a SKU leads straight to its product, and other queries to where the search desk says."""
    text = clean(request.GET.get("q", ""))
    elsewhere = lead(request, text) or page_of_sku(text)
    if elsewhere:
        querylog.note(request, text, get_language() or "", None)
        return redirect(elsewhere)
    selection = read(request.GET, tree_of(request).roots, keep=["q"])
    context: dict[str, Any] = {
        "search_text": text,
        "alternates": view_alternates("search:results"),
        "too_long": False,
    }
    try:
        narrowed = selection.narrowed(Product.objects.shown()) if selection.chosen else None
        hits = search(text, get_language() or "", products=narrowed) if text else None
    except TookTooLong:
        hits, context["too_long"] = None, True
    if hits is not None:
        querylog.note(request, text, get_language() or "", hits.total)
    if hits is not None and (hits.total or (selection.chosen and hits.where)):
        context |= {"found": hits, "results": results(request, hits, selection)}
    else:
        context["popular"] = product_cards(popular())
    return render(request, "search/results.html", context)


def page_of_sku(text: str) -> str:
    """The address of the product with this SKU; "" without one."""
    product = product_of_sku(text)
    return product.get_absolute_url() if product is not None and product.text else ""


def popular() -> list[Product]:
    """For those who found nothing, or have not asked yet."""
    return list(popularity.popular().for_listing()[:POPULAR])


@require_safe
def suggestions(request: HttpRequest) -> HttpResponse:
    """A fragment for below the search field; empty when there is nothing to offer."""
    text = clean(request.GET.get("q", ""))
    try:
        groups = suggest(request, text, get_language() or "")
    except TookTooLong:
        groups = []
    return render(request, "search/suggestions.html", {"groups": groups, "text": text})
