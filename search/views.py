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
from search.query import Found, TookTooLong, find, limited, product_of_code
from search.reading import clean
from search.results import results
from search.spelling import corrected, proposals, unknown
from search.suggestions import suggest

POPULAR = 4


@require_safe
def found(request: HttpRequest) -> HttpResponse:
    """Results; a SKU or GTIN leads straight to its product, and other queries to where the search desk says. With
    `exact=1` no slip is put right."""
    text = clean(request.GET.get("q", ""))
    elsewhere = lead(request, text) or page_of_code(text)
    if elsewhere:
        querylog.note(request, text, get_language() or "", None)
        return redirect(elsewhere)
    context = {"search_text": text, "alternates": view_alternates("search:results"), "too_long": False}
    if text:
        context |= answer(request, text, literal=request.GET.get("exact") == "1")
    if "found" not in context:
        context["popular"] = product_cards(popular())
    return render(request, "search/results.html", context)


def answer(request: HttpRequest, text: str, *, literal: bool) -> dict[str, Any]:
    """What the page tells of a search. Who asks for the words just as they are has been counted before."""
    asked = request.GET.copy()
    asked["q"] = text  # as each link of the page repeats it
    selection = read(asked, tree_of(request).roots, keep=["q", "exact"] if literal else ["q"])
    narrowed = selection.narrowed(Product.objects.shown()) if selection.chosen else None
    try:
        with limited():
            hits = find(text, get_language() or "", products=narrowed, literal=literal)
            if not literal:
                querylog.note(request, text, get_language() or "", hits.total)
            some = bool(hits.total or (selection.chosen and hits.where))
            shown = results(request, hits, selection) if some else None
    except TookTooLong:
        return {"too_long": True}
    if shown is None:
        return {"proposals": proposed(hits)}
    told = {"found": hits, "corrected": corrected(hits), "unknown": unknown(hits), "results": shown}
    return told if selection.chosen else {**told, "proposals": proposed(hits)}


def proposed(hits: Found) -> list[str]:
    """Other spellings; none when they would take too long: the results are there already."""
    try:
        return proposals(hits)
    except TookTooLong:
        return []


def page_of_code(text: str) -> str:
    """The address of the product with this SKU or GTIN; "" without one."""
    product = product_of_code(text)
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
    response = render(request, "search/suggestions.html", {"groups": groups, "text": text})
    response.headers["X-Robots-Tag"] = "noindex"  # a fragment has no head to say it in
    return response
