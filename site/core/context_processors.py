"""What every page of the shop knows."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation
from django.utils.functional import SimpleLazyObject

from core.cache import remember_window
from core.models import ShopSettings


@dataclass(frozen=True)
class ShopDetails:
    """Who runs the shop, as editors told. `links`: (label, address) pairs of social networks."""

    name: str
    address: str = ""
    vat_id: str = ""
    email: str = ""
    phone: str = ""
    links: tuple[tuple[str, str], ...] = ()


def shop_details() -> ShopDetails:
    return remember_window("shop", load_details)


def load_details() -> ShopDetails:
    stored = ShopSettings.objects.order_by("pk").first()
    if stored is None:
        return ShopDetails(name=settings.WAGTAIL_SITE_NAME)
    links = tuple((block.value["label"], block.value["url"]) for block in stored.social_links)
    name = stored.name or settings.WAGTAIL_SITE_NAME
    return ShopDetails(name, stored.address, stored.vat_id, stored.email, stored.phone, links)


def shop_name() -> str:
    return shop_details().name


def shop(request: HttpRequest) -> dict[str, Any]:
    """Who runs the shop, and the direction of the active language. The admin's own templates ask for neither."""
    return {
        "shop_name": SimpleLazyObject(shop_name),
        "shop_details": SimpleLazyObject(shop_details),
        "is_demo": settings.STORE_DEMO,
        "direction": "rtl" if translation.get_language_bidi() else "ltr",
    }
