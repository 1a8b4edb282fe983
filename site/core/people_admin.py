"""One person's data in the Wagtail admin: look, export as JSON, erase. The address never stands in an URL."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.contrib.auth.decorators import permission_required
from django.contrib.auth.models import User
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST
from wagtail.admin import messages
from wagtail.admin.menu import MenuItem

from core import people
from core.proof import proof_required

HANDLE = "core.handle_personal_data"
# What staff call each kind of entry.
NAMES = {
    "orders": _("Orders"),
    "newsletter": _("Newsletter subscriptions"),
    "comments": _("Comments"),
    "visits": _("Visits with a cart or a half-filled checkout"),
    "visits_with_the_address": _("Visits with a cart or a half-filled checkout"),
    "mails": _("Entries of the outbox"),
    "mails_to_the_address": _("Entries of the outbox"),
    "staff_accounts": _("Accounts of staff"),
}


class StaffRequest(HttpRequest):
    """What a view gets behind a permission check."""

    user: User


class AddressForm(forms.Form):
    email = forms.EmailField(label=_("E-mail address of the person"))


class ErasureForm(AddressForm):
    repeated = forms.EmailField(label=_("The address once more"), help_text=_("Erasing cannot be undone."))

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        if typed.get("email", "").casefold() != typed.get("repeated", "").casefold():
            self.add_error("repeated", _("This is another address."))
        return typed


def named(found: dict[str, Any]) -> list[tuple[str, int]]:
    return [(str(NAMES.get(name, name)), people.size(entries)) for name, entries in found.items()]


@permission_required(HANDLE, raise_exception=True)
@require_http_methods(["GET", "HEAD", "POST"])
def look(request: HttpRequest) -> HttpResponse:
    """Asks for an address; a POST shows what is kept under it."""
    form = AddressForm(request.POST or None)
    if not form.is_valid():
        return show(request, form)
    return show_person(request, form, ErasureForm(initial={"email": form.cleaned_data["email"]}))


@permission_required(HANDLE, raise_exception=True)
@proof_required
@require_POST
def export(request: StaffRequest) -> HttpResponse:
    """Everything as a JSON file."""
    form = AddressForm(request.POST)
    if not form.is_valid():
        return show(request, form)
    found = people.export(form.cleaned_data["email"], request.user)
    text = json.dumps(found, indent=2, ensure_ascii=False, cls=DjangoJSONEncoder)
    response = HttpResponse(text, content_type="application/json; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="personal-data.json"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


@permission_required(HANDLE, raise_exception=True)
@proof_required
@require_POST
def erase(request: StaffRequest) -> HttpResponse:
    """Erases, when the address was typed twice and nothing is open."""
    form = ErasureForm(request.POST)
    if not form.is_valid():
        return show_person(request, AddressForm(request.POST), form)
    try:
        done = people.erase(form.cleaned_data["email"], request.user)
    except people.StillOpen as problem:
        messages.error(request, gettext("Nothing was erased."))
        return show(request, AddressForm(request.POST), reasons=problem.reasons, status=409)
    what = ", ".join(f"{name}: {number}" for name, number in named(done) if number)
    messages.success(request, gettext("Erased. %(what)s") % {"what": what or gettext("There was nothing.")})
    return redirect("personal_data")


def show_person(request: HttpRequest, form: AddressForm, erasure: ErasureForm) -> HttpResponse:
    if not form.is_valid():
        return show(request, form)
    email = form.cleaned_data["email"]
    return show(
        request, form, email=email, found=named(people.look(email)), reasons=people.objections(email), erasure=erasure
    )


def show(request: HttpRequest, form: AddressForm, status: int = 200, **more: Any) -> HttpResponse:
    title = gettext("Personal data")
    context = {
        "form": form,
        **more,
        "header_title": title,
        "page_title": title,
        "header_icon": "user",
        "breadcrumbs_items": [
            {"url": reverse("wagtailadmin_home"), "label": gettext("Home")},
            {"url": "", "label": title},
        ],
    }
    response = render(request, "core/admin/personal_data.html", context, status=status)
    response.headers["Cache-Control"] = "private, no-store"
    return response


class PersonalDataMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(HANDLE))


def menu_item() -> PersonalDataMenuItem:
    return PersonalDataMenuItem(
        _("Personal data"), reverse("personal_data"), name="personal-data", icon_name="user", order=900
    )


urlpatterns = [
    path("personal-data/", look, name="personal_data"),
    path("personal-data/export/", export, name="personal_data_export"),
    path("personal-data/erase/", erase, name="personal_data_erase"),
]
