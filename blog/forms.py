"""What visitors send: their wish for the newsletter, and comments.

`website` is a trap: people do not see it, robots fill it in.
"""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from core.validators import one_line


class SubscribeForm(forms.Form):
    email = forms.EmailField(label=_("E-mail"), max_length=254)
    website = forms.CharField(required=False, max_length=200)


class CommentForm(forms.Form):
    """Plain text: nothing in it becomes a link or markup."""

    name = forms.CharField(
        label=_("Name"),
        max_length=80,
        widget=forms.TextInput({"autocomplete": "name"}),
        validators=[one_line],
        help_text=_("Shown beside your comment."),
    )
    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        required=False,
        widget=forms.EmailInput({"autocomplete": "email", "inputmode": "email", "dir": "ltr"}),
        help_text=_("Never shown. Only if we may write to you."),
    )
    text = forms.CharField(
        label=_("Comment"), max_length=3000, widget=forms.Textarea({"rows": 6, "autocomplete": "off"})
    )
    website = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)
