"""Finding an order again without the link in its mail: by its number and the address it was confirmed to."""

from __future__ import annotations

import re

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from commerce.models import Order
from core import limits
from core.answers import see_other
from core.origin import same_origin_required
from core.pages import view_alternates


class FindForm(forms.Form):
    """One answer for a number that does not exist and for another person's order: it tells nobody what is there."""

    number = forms.CharField(
        label=gettext_lazy("Order number"),
        max_length=30,
        help_text=gettext_lazy("It stands in every mail about the order, for example S729-2K6Z."),
        widget=forms.TextInput(attrs={"autocapitalize": "characters", "spellcheck": "false", "dir": "ltr"}),
    )
    email = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    order: Order | None = None

    def clean_number(self) -> str:
        """As it is stored, whatever was typed between its letters."""
        letters = re.sub(r"[^0-9A-Z]", "", self.cleaned_data["number"].upper())
        return f"{letters[:4]}-{letters[4:]}"

    def clean(self) -> None:
        if {"number", "email"} <= self.cleaned_data.keys():
            wanted = {"number": self.cleaned_data["number"], "email__iexact": self.cleaned_data["email"]}
            self.order = Order.objects.filter(**wanted).first()
            if self.order is None:
                raise forms.ValidationError(
                    _("There is no order with this number and this address. Please check both.")
                )


@never_cache
@same_origin_required
@require_http_methods(["GET", "HEAD", "POST"])
def order_find(request: HttpRequest) -> HttpResponse:
    """The form; with the right pair, the way to the order's page."""
    form = FindForm(request.POST if request.method == "POST" else None)
    status = 200
    if form.is_bound:
        if not limits.allowed("order-find-ip", limits.client_of(request)):
            form.errors.clear()
            form.add_error(None, _("That was often in a short time. Please try again in a few minutes."))
            status = 429
        elif form.is_valid() and form.order:
            return see_other(form.order.get_absolute_url())
        else:
            status = 422
    context = {"form": form, "alternates": view_alternates("commerce:order_find")}
    return render(request, "commerce/order_find.html", context, status=status)
