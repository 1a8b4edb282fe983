"""Suggestions for pages that are the same for everybody, fetched after them; and forgetting what was looked at."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from catalog.models import Product
from commerce.answers import VisitorRequest, private
from commerce.forms import BesideForm
from commerce.suggestions import looks, recent
from commerce.suggestions.choosing import associated, suggestions
from core.answers import see_other
from core.limits import client_of
from core.origin import same_origin_required


@same_origin_required
@require_http_methods(["GET", "HEAD", "POST"])
def beside(request: VisitorRequest) -> HttpResponse:
    """What goes with `product`, what is `popular`, and what the visitor has seen. A POST says that he looks at it."""
    form = BesideForm(request.POST if request.method == "POST" else request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    pk = asked.get("product")
    shown = [pk] if pk and Product.objects.shown().filter(pk=pk).exists() else []
    there = associated(shown[0]) if shown else []
    found = suggestions(request.session, shown, without=there, with_popular=asked.get("popular", False))
    if shown and request.method == "POST":
        note_look(request, shown[0])
    return private(render(request, "commerce/beside.html", {"found": found}))


def note_look(request: VisitorRequest, product_id: int) -> None:
    recent.note(request.session, product_id)
    if not looks.is_bot(request.headers.get("User-Agent", "")):
        looks.count(product_id, client_of(request))


@same_origin_required
@require_POST
def forget(request: VisitorRequest) -> HttpResponse:
    """Empties the list of what was looked at; back to where the visitor was."""
    recent.forget(request.session)
    return private(see_other(page_before(request)))


def page_before(request: HttpRequest) -> str:
    came_from = request.headers.get("Referer", "")
    ours = url_has_allowed_host_and_scheme(came_from, {request.get_host()}, require_https=request.is_secure())
    return came_from if ours else reverse("catalog:shop")
