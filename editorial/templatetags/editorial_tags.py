"""For Wagtail's confirmation screens: where something is used, and where its visitors are led."""

from __future__ import annotations

from typing import Any

from django import template
from django.forms import Media

from editorial.redirects import LeadForm
from editorial.usage import usage_of

register = template.Library()


@register.inclusion_tag("editorial/where_used.html", takes_context=True)
def where_used(context: dict[str, Any], usage_url: str = "") -> dict[str, Any]:
    """Of the screen's `object` or `page`."""
    instance = context.get("object") or context.get("page")
    usage = usage_of(instance, context["request"].user) if instance else None
    return {"usage": usage, "usage_url": usage_url, "is_protected": context.get("is_protected")}


@register.inclusion_tag("editorial/lead_fields.html", takes_context=True)
def lead_fields(context: dict[str, Any]) -> dict[str, Any]:
    """The choice where visitors are led; nothing for what has no address."""
    instance = context.get("object")
    return {"form": LeadForm(taken_down=instance) if getattr(instance, "live", False) else None}


@register.simple_tag
def lead_media() -> Media:
    """The scripts of the choosers."""
    return LeadForm(taken_down=None).media
