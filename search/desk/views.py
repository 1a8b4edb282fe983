"""The search desk in the admin: what was searched for, and why a query finds what it finds."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, URLResolver, include, path, reverse
from django.utils.translation import gettext, override
from django.views.decorators.http import require_safe

from search.desk.admin import SEE, PlacementViewSet, QueryRedirectViewSet, RuleViewSet, SynonymViewSet
from search.desk.explain import AttemptForm, explain
from search.desk.reports import ReportForm, queries
from search.query import TookTooLong
from search.reading import clean

PER_PAGE = 50


@permission_required(SEE, raise_exception=True)
@require_safe
def query_list(request: HttpRequest) -> HttpResponse:
    """Queries of one language and time, with ways to mend each."""
    usual = {"show": "all", "language": request.LANGUAGE_CODE, "days": 30}
    form = ReportForm({**usual, **request.GET.dict()})
    chosen = form.chosen()
    rows = queries(chosen["language"], chosen["days"], empty=chosen["show"] == "empty")
    address = request.GET.copy()
    address.pop("page", None)
    context = {
        "form": form,
        "chosen": chosen,
        "page_obj": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "page_query": address.urlencode(),
        "ways": ways(request),
        **framed(gettext("Queries"), "list-ol"),
    }
    return render(request, "search/admin/queries.html", context)


def ways(request: HttpRequest) -> list[tuple[str, str]]:
    """(name, address) of the forms that the user may fill in for a query."""
    forms: list[tuple[str, RuleViewSet]] = [
        (gettext("Add synonym"), SynonymViewSet()),
        (gettext("Redirect"), QueryRedirectViewSet()),
        (gettext("Pin or bury"), PlacementViewSet()),
    ]
    return [
        (name, reverse(viewset.get_url_name("add")))
        for name, viewset in forms
        if request.user.has_perm(f"search.add_{viewset.model_name}")
    ]


@permission_required(SEE, raise_exception=True)
@require_safe
def attempt(request: HttpRequest) -> HttpResponse:
    """What a query finds and why, by the very search that the shop uses. It is not counted."""
    usual = {"language": request.LANGUAGE_CODE, "query": ""}
    form = AttemptForm({**usual, **request.GET.dict()})
    context: dict[str, Any] = {"form": form, "ways": ways(request), **framed(gettext("Try a query"), "search")}
    if "query" in request.GET and form.is_valid():
        asked = form.cleaned_data
        context |= {"chosen": asked, "ways": ways(request)}
        try:
            with override(asked["language"]):
                context["explained"] = explain(request, clean(asked["query"]), asked["language"])
        except TookTooLong:
            context["too_long"] = True
    return render(request, "search/admin/attempt.html", context)


def framed(title: str, icon: str) -> dict[str, Any]:
    """What Wagtail's page frame shows."""
    return {
        "header_title": title,
        "page_title": title,
        "header_icon": icon,
        "breadcrumbs_items": [
            {"url": reverse("wagtailadmin_home"), "label": gettext("Home")},
            {"url": "", "label": title},
        ],
    }


def admin_urls() -> list[URLPattern | URLResolver]:
    own = [path("queries/", query_list, name="queries"), path("try/", attempt, name="attempt")]
    return [path("search-desk/", include((own, "search_desk"), namespace="search_desk"))]
