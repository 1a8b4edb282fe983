"""What every page of the shop knows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation
from wagtail.models import Site

from core.cache import remember


def shop_name() -> str:
    """The name an editor gave the default site; remembered for a minute."""
    return remember("shop-name", 60, default_site_name)


def default_site_name() -> str:
    name = Site.objects.filter(is_default_site=True).values_list("site_name", flat=True).first()
    return name or settings.WAGTAIL_SITE_NAME


def shop(request: HttpRequest) -> dict[str, Any]:
    """Shop name, and the direction of the active language."""
    if request.path_info.startswith(("/admin/", "/rosetta/")):
        return {}
    return {
        "shop_name": shop_name(),
        "is_demo": settings.STORE_DEMO,
        "direction": "rtl" if translation.get_language_bidi() else "ltr",
    }
