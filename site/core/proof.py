"""Asking for the password once more, before what cannot be undone or carries data out of the shop.

A proof belongs to a session: signing in is one, typing the password again another. It holds settings.PROOF_SECONDS.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django import forms
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters

from core import limits

KEY = "proved_at"
FIELD = "proof_password"  # its name in the form, beside the fields that are carried along
Params = ParamSpec("Params")


class ProofForm(forms.Form):
    proof_password = forms.CharField(
        label=_("Your password"),
        strip=False,
        max_length=4096,
        widget=forms.PasswordInput({"autocomplete": "current-password", "autofocus": True}),
    )


@receiver(user_logged_in)
def remember(request: HttpRequest, **kwargs: Any) -> None:
    """Who has just signed in is not asked again."""
    request.session[KEY] = time.time()


def is_fresh(request: HttpRequest) -> bool:
    return 0 <= time.time() - request.session.get(KEY, 0) <= settings.PROOF_SECONDS


def proof_required(
    view: Callable[Concatenate[Any, Params], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, Params], HttpResponseBase]:
    """For views whose POSTs need a fresh proof; put it below the permission check, which comes first.

    A POST without one is answered by a page that asks for the password and carries everything that was sent, so that
    nothing has to be typed again. Uploaded files are not carried.
    """

    @sensitive_post_parameters(FIELD)
    @wraps(view)
    def ask(request: HttpRequest, *args: Params.args, **kwargs: Params.kwargs) -> HttpResponseBase:
        if request.method != "POST":
            return view(request, *args, **kwargs)
        if FIELD in request.POST:
            if (refused := refusal(request)) is not None:
                return refused
            request.session[KEY] = time.time()
        elif not is_fresh(request):
            return page(request, ProofForm(), 403)
        return view(request, *args, **kwargs)

    return ask


def refusal(request: HttpRequest) -> HttpResponse | None:
    """None: the password is right. Tries are counted for each person, wherever they come from."""
    user = request.user
    form = ProofForm(request.POST)
    if not form.is_valid():
        return page(request, form, 422)
    who = str(user.pk)
    if not limits.allowed("proof-user", who):
        form.add_error(FIELD, gettext("That was wrong too often. Please try again in a few minutes."))
        return page(request, form, 429)
    if not isinstance(user, User) or not user.check_password(form.cleaned_data[FIELD]):
        form.add_error(FIELD, gettext("This is not your password."))
        return page(request, form, 422)
    limits.forget("proof-user", who)
    return None


def page(request: HttpRequest, form: ProofForm, status: int) -> HttpResponse:
    """The question, with all that was sent as hidden fields. Nothing of it is kept anywhere."""
    left_out = {FIELD, "csrfmiddlewaretoken"}
    carried = [(name, value) for name in request.POST for value in request.POST.getlist(name) if name not in left_out]
    title = gettext("Please confirm that it is you")
    context = {"form": form, "carried": carried, "header_title": title, "page_title": title, "header_icon": "lock"}
    response = render(request, "core/proof.html", context, status=status)
    response.headers["Cache-Control"] = "private, no-store"
    return response
