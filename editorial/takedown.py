"""Unpublishing and deleting: the choice where visitors are led, made on Wagtail's own confirmation screens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from wagtail.admin import messages
from wagtail.models import Page

from catalog.models import Category, Product
from editorial.redirects import LeadForm, lead_to, said


def lead_visitors(request: HttpRequest, instance: Any) -> HttpResponse | None:
    """Before something is unpublished or deleted: notes the redirect. Back with the reason when it makes no sense."""
    if request.method != "POST" or not isinstance(instance, Product | Category | Page):
        return None
    form = LeadForm(request.POST, taken_down=instance)
    if not form.is_valid():
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
        return redirect(request.get_full_path())
    if form.target is not None and lead_to(instance, form.target):
        messages.success(request, said(instance, form.target))
    return None


def lead_visitors_of_all(request: HttpRequest, instances: Sequence[Any]) -> HttpResponse | None:
    """The same for a snippet that is deleted; several at once are deleted without."""
    return lead_visitors(request, instances[0]) if len(instances) == 1 else None
