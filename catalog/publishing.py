"""What a product or category must have before it may go live, and the refusal when it has not."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language_info, gettext
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.views.generic.mixins import CreateEditViewOptionalFeaturesMixin

from catalog.models import Category, Product
from core.panels import tab_id

log = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(frozen=True)
class Missing:
    """One thing to do before publishing. `tab`: the id of the editor's tab where it is done. `blocking`: it must be."""

    text: str
    tab: str
    blocking: bool = True


def missing(draft: Product | Category) -> list[Missing]:
    """What keeps this draft from being published; empty when nothing does."""
    return [lack for lack in lacks(draft) if lack.blocking]


def advice(draft: Product | Category) -> list[Missing]:
    """What the draft had better have, but may go live without."""
    return [lack for lack in lacks(draft) if not lack.blocking]


def lacks(draft: Model) -> list[Missing]:
    """What the hooks `check_before_publishing` find: the one below, and the rules kept by an app above this one."""
    return [lack for check in hooks.get_hooks("check_before_publishing") for lack in check(draft)]


@hooks.register("check_before_publishing", order=-1)
def _missing_always(draft: Model) -> list[Missing]:
    if not isinstance(draft, Product | Category):
        return []
    found = []
    default = settings.LANGUAGE_CODE
    texts = {row.language_code: row for row in draft.translations.all()}
    for code in {default, *texts}:
        if code not in texts or not texts[code].name:
            language = gettext(get_language_info(code)["name"])
            found.append(Missing(gettext("Write a name in %(language)s.") % {"language": language}, tab_id(code)))
    if isinstance(draft, Product):
        found += _missing_to_sell(draft)
    return found


def _missing_to_sell(draft: Product) -> list[Missing]:
    offered = [variant for variant in draft.variants.all() if variant.active]
    if not offered:
        return [Missing(gettext("Add at least one active variant: it is what is bought."), "tab-variants")]
    return [
        Missing(gettext("Set a price above 0 for %(sku)s.") % {"sku": variant.sku}, "tab-variants")
        for variant in offered
        if not variant.price
    ]


def refusal(request: HttpRequest, draft: Product | Category) -> HttpResponse | None:
    """Back to the editor with a list of what is missing, each linked to its tab; None when nothing is."""
    lacking = missing(draft)
    if not lacking:
        return None
    edit_url = reverse(draft.snippet_viewset.get_url_name("edit"), args=[draft.pk])
    messages.error(request, as_list(gettext("Saved as a draft, but not ready to be published:"), edit_url, lacking))
    return back_to(request, edit_url)


def advise(request: HttpRequest, draft: Product | Category) -> None:
    """Says what the draft had better have, each linked to its tab."""
    lacking = advice(draft)
    if lacking:
        edit_url = reverse(draft.snippet_viewset.get_url_name("edit"), args=[draft.pk])
        messages.warning(request, as_list(gettext("Good to have, too:"), edit_url, lacking))


def as_list(intro: str, edit_url: str, lacking: Sequence[Missing]) -> SafeString:
    items = ((f"{edit_url}#{lack.tab}" if lack.tab else edit_url, lack.text) for lack in lacking)
    return format_html("{}<ul>{}</ul>", intro, format_html_join("", '<li><a href="{}">{}</a></li>', items))


def back_to(request: HttpRequest, url: str) -> HttpResponse:
    """To the editor; a decision made in Wagtail's pop-up is told to go there, too."""
    if request.headers.get("x-requested-with") == "XMLHttpRequest":
        return JsonResponse({"step": "success", "redirect": url})
    return redirect(url)


class PublishCheckMixin(CreateEditViewOptionalFeaturesMixin):
    """For the create and edit views: publishing and submitting are refused while something is missing."""

    def publish_action(self) -> HttpResponse | None:
        return self.checked() or published_or_refused(self.request, self.object, super().publish_action)

    def submit_action(self) -> HttpResponse | None:
        return self.checked() or super().submit_action()

    def restart_workflow_action(self) -> HttpResponse | None:
        return self.checked() or super().restart_workflow_action()

    def checked(self) -> HttpResponse | None:
        """The refusal, when something must be done first; else only the advice is said."""
        refused = refusal(self.request, self.object)
        if refused is None:
            advise(self.request, self.object)
        return refused


def published_or_refused(request: HttpRequest, draft: Product | Category, publish: Callable[[], T]) -> T | HttpResponse:
    """Runs `publish`. A SKU that another product took in this very moment ends in a sentence, not in an error page."""
    try:
        with transaction.atomic():
            return publish()
    except IntegrityError:
        log.exception("cannot publish %s", draft)
        messages.error(
            request,
            gettext("Not published: one of its SKUs has just been taken by another product. Change it and try again."),
        )
        return back_to(request, reverse(draft.snippet_viewset.get_url_name("edit"), args=[draft.pk]))
