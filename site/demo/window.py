"""The demo's frame: the shop's details, a call to action, menus per language, questions on the delivery page."""

from __future__ import annotations

from typing import Any

from wagtail.models import Locale, Page, Site

from core.models import CallToAction, ContentPage, Menu, ShopSettings
from demo.sources import LANGUAGES, Progress, body, category_of, content, homes

PAGES = ("about", "brewing-guide", "shipping", "privacy")
CATEGORIES = ("tea", "ceramics", "gifts")


def seed_window() -> Progress:
    """Menus and details."""
    home = Site.objects.get(is_default_site=True).root_page.specific
    seed_details(content("window")["details"], home)
    for entry in content("window")["call"].values():
        seed_call(entry, home)
    for number, (code, parent) in enumerate(homes(home), start=1):
        seed_menu(Menu.Place.HEADER, code, header())
        seed_menu(Menu.Place.FOOTER, code, footer(code, parent))
        seed_questions(page_of(parent, "shipping"), content("window")["faq"][code])
        yield number, len(LANGUAGES)


def seed_details(entry: dict[str, Any], home: Page) -> None:
    """Where nobody has written an address yet."""
    details = ShopSettings.load()
    if details.address:
        return
    for name in ("name", "address", "vat_id", "email", "phone"):
        setattr(details, name, entry[name].strip())
    details.social_links = [("link", {"label": label, "url": url}) for label, url in entry["links"]]
    details.terms_page, details.privacy_page = page_of(home, "shipping"), page_of(home, "privacy")
    details.save()


def seed_call(entry: dict[str, Any], home: Page) -> None:
    if not CallToAction.objects.filter(title__en=entry["title"]["en"]).exists():
        fields = {name: entry[name] for name in ("title", "text", "label")}
        CallToAction.objects.create(page=page_of(home, entry["page"]), **fields)


def page_of(home: Page, key: str) -> ContentPage | None:
    slug = content("pages")[key][home.locale.language_code]["slug"]
    return ContentPage.objects.child_of(home).filter(slug=slug).first()


def seed_menu(place: str, code: str, items: list[tuple[str, Any]]) -> None:
    """Menus of the same place are translations of each other."""
    locale = Locale.objects.get(language_code=code)
    if Menu.objects.filter(place=place, locale=locale).exists():
        return
    menu = Menu(place=place, locale=locale, items=items)
    first = Menu.objects.filter(place=place).first()
    if first is not None:
        menu.translation_key = first.translation_key
    menu.save()
    menu.save_revision().publish()


def header() -> list[tuple[str, Any]]:
    """Tea, ceramics, gifts; then the blog."""
    shelves = [("category", {"category": category_of(key), "label": ""}) for key in CATEGORIES]
    return [*shelves, ("place", {"place": "blog", "label": ""})]


def footer(code: str, home: Page) -> list[tuple[str, Any]]:
    headings = content("window")["footer"]
    shop = [("categories", None), ("place", {"place": "shop", "label": ""})]
    pages = [("page", {"page": page_of(home, key), "label": ""}) for key in PAGES]
    house = [("place", {"place": "blog", "label": ""}), *pages]
    return [
        ("group", {"heading": headings["shop"][code], "links": shop}),
        ("group", {"heading": headings["house"][code], "links": house}),
    ]


def seed_questions(page: ContentPage | None, entry: dict[str, Any]) -> None:
    """At the end of the delivery page, once."""
    if page is None or any(block.block_type == "faq" for block in page.body):
        return
    for block in body([{"type": "faq", **entry}]):
        page.body.append(block)
    page.save_revision().publish()
