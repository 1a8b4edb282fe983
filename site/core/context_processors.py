"""What every page of the shop knows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation
from wagtail.models import Site

from core.cache import remember


def shop_name(request: HttpRequest) -> str:
    site = Site.find_for_request(request)
    return site.site_name if site and site.site_name else settings.WAGTAIL_SITE_NAME


def shop(request: HttpRequest) -> dict[str, Any]:
    """Shop name, and the direction of the active language."""
    if request.path_info.startswith(("/admin/", "/rosetta/")):
        return {}
    return {
        "shop_name": remember(f"shop-name:{request.get_host()}", 60, lambda: shop_name(request)),
        "is_demo": settings.STORE_DEMO,
        "direction": "rtl" if translation.get_language_bidi() else "ltr",
    }
