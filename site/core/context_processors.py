"""What every page of the shop knows."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation
from django.utils.functional import SimpleLazyObject
from wagtail.models import Page

from core.cache import remember_window
from core.models import ShopSettings


@dataclass(frozen=True)
class ShopDetails:
    """Who runs the shop, as editors told. `links`: (label, address) pairs of social networks. `terms`, `privacy`:
    (language, path) of a page in every language it is live in.
    """

    name: str
    address: str = ""
    vat_id: str = ""
    email: str = ""
    phone: str = ""
    links: tuple[tuple[str, str], ...] = ()
    terms: tuple[tuple[str, str], ...] = ()
    privacy: tuple[tuple[str, str], ...] = ()

    @property
    def terms_url(self) -> str:
        return path_in(translation.get_language(), self.terms)

    @property
    def privacy_url(self) -> str:
        return path_in(translation.get_language(), self.privacy)


def path_in(language: str | None, paths: tuple[tuple[str, str], ...]) -> str:
    """The path in this language, else in any; "" for none."""
    return dict(paths).get(language or "") or next((path for _code, path in paths), "")


def shop_details() -> ShopDetails:
    return remember_window("shop", load_details)


def load_details() -> ShopDetails:
    stored = ShopSettings.objects.order_by("pk").first()
    if stored is None:
        return ShopDetails(name=settings.WAGTAIL_SITE_NAME)
    links = tuple((block.value["label"], block.value["url"]) for block in stored.social_links)
    name = stored.name or settings.WAGTAIL_SITE_NAME
    pages = paths_of(stored.terms_page), paths_of(stored.privacy_page)
    return ShopDetails(name, stored.address, stored.vat_id, stored.email, stored.phone, links, *pages)


def paths_of(page: Page | None) -> tuple[tuple[str, str], ...]:
    """(language, path) of this page's live translations, itself among them."""
    if page is None:
        return ()
    found = page.get_translations(inclusive=True).live().select_related("locale").order_by("locale")
    return tuple((each.locale.language_code, each.url) for each in found if each.url)


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
