"""The form that asks for the newsletter, as it stands in the footer and in pages."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class SubscribeForm(forms.Form):
    """`website` is a trap: people do not see it, robots fill it in."""

    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email", "dir": "ltr"}),
    )
    website = forms.CharField(required=False, max_length=200)
