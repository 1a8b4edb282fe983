"""What visitors of something taken down find instead: redirects of its addresses in every language.

They are Wagtail's redirects, so editors see and change them; renamed slugs are followed by the catalogue itself.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets import AdminPageChooser
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Page
from wagtail.snippets.widgets import AdminSnippetChooser

from catalog.models import Category, Product
from catalog.tree import load_tree

LANGUAGES = [code for code, _name in settings.LANGUAGES]


class LeadForm(forms.Form):
    """Where visitors are led. At most one field is filled; none leaves a "not found" page."""

    prefix = "lead"

    product = forms.ModelChoiceField(
        Product.objects.live(), label=_("A product"), required=False, widget=AdminSnippetChooser(Product)
    )
    category = forms.ModelChoiceField(
        Category.objects.live(), label=_("A category"), required=False, widget=AdminSnippetChooser(Category)
    )
    page = forms.ModelChoiceField(Page.objects.live(), label=_("A page"), required=False, widget=AdminPageChooser())
    url = forms.CharField(
        label=_("Another address"), required=False, max_length=255, help_text=_("A path like /en/shop/ or a full URL.")
    )

    def __init__(self, *args: Any, taken_down: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.taken_down = taken_down

    def clean_url(self) -> str:
        url = self.cleaned_data["url"].strip()
        web = urlsplit(url).scheme in ("http", "https") and urlsplit(url).hostname
        if url and not web and not (url.startswith("/") and url_has_allowed_host_and_scheme(url, None)):
            raise ValidationError(_("Write a path like /en/shop/ or a full URL."))
        return url

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        chosen = [value for value in data.values() if value]
        if len(chosen) > 1:
            raise ValidationError(_("Choose one place only."))
        if any(isinstance(each, type(self.taken_down)) and each.pk == self.taken_down.pk for each in chosen):
            raise ValidationError(_("Choose another place than the one that is taken down."))
        return data

    @property
    def target(self) -> Any:
        """The chosen object or URL; None when nothing is chosen."""
        return next((value for value in self.cleaned_data.values() if value), None)


def addresses(instance: Any) -> dict[str, str]:
    """Language code -> path of the page about it, in every language; a page has only its own."""
    if isinstance(instance, Page):
        url = urlsplit(instance.get_url() or "").path
        return {instance.locale.language_code: url} if url else {}
    if isinstance(instance, Category):
        node = load_tree().nodes.get(instance.pk)
        return {code: node.url(code) for code in LANGUAGES} if node else {}
    found = {}
    for code in LANGUAGES:
        text = instance.text_in(code)
        if text is not None:
            with override(code):
                found[code] = reverse("catalog:product", args=[text.slug])
    return found


@transaction.atomic
def lead_to(instance: Any, target: Any) -> int:
    """Redirects every address of what is taken down to the target in the same language. Returns how many there are."""
    here = addresses(instance)
    there = {} if isinstance(target, str | Page) else addresses(target)
    pages = {page.locale.language_code: page for page in _in_all_languages(target)}
    for code, path in here.items():
        values: dict[str, Any] = {"redirect_page": None, "redirect_link": "", "automatically_created": True}
        if isinstance(target, Page):
            values["redirect_page"] = pages.get(code, target)
        else:
            values["redirect_link"] = target if isinstance(target, str) else there.get(code, "")
        Redirect.objects.update_or_create(old_path=Redirect.normalise_path(path), site=None, defaults=values)
    return len(here)


def _in_all_languages(target: Any) -> Any:
    return target.get_translations(inclusive=True).live().select_related("locale") if isinstance(target, Page) else []


def forget(instance: Any) -> None:
    """Something is live again at these addresses: nobody is led away from them any more."""
    paths = [Redirect.normalise_path(path) for path in addresses(instance).values()]
    if paths:
        Redirect.objects.filter(old_path__in=paths, site=None, automatically_created=True).delete()


def said(instance: Any, target: Any) -> str:
    """What will be told to the editor."""
    return gettext("Visitors of “%(name)s” are now led to “%(target)s”.") % {"name": instance, "target": target}
