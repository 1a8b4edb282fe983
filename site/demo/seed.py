"""Puts the demo's texts and pictures into the shop, step by step. Every step creates only what is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from wagtail.models import Page, Site
from wagtail.rich_text import RichText

from catalog import stock
from catalog.models import (
    Category,
    CategoryTranslation,
    Option,
    OptionValue,
    Product,
    ProductImage,
    ProductTranslation,
    Variant,
)
from commerce.delivery import create_starting_delivery
from core.about import shared_picture
from core.models import ContentPage, HomePage
from core.pictures import renditions
from demo.attributes import describe, seed_associations, seed_types
from demo.coupons import seed_coupons
from demo.history import seed_orders
from demo.journal import seed_blog
from demo.newsletter import seed_newsletter
from demo.sources import LANGUAGES, Progress, body, category_of, content, homes, picture, products_content
from demo.synonyms import seed_synonyms
from demo.users import create_users
from demo.window import seed_window

LINKED_PAGES = ("about", "brewing-guide")


def seed_users() -> Progress:
    """People."""
    users = create_users()
    yield len(users), len(users)


def seed_delivery() -> Progress:
    """Delivery and taxes."""
    create_starting_delivery()
    yield 1, 1


def seed_options() -> Progress:
    """Options."""
    entries = content("options")["option"]
    for number, entry in enumerate(entries, start=1):
        option, _created = Option.objects.get_or_create(
            key=entry["key"], defaults={"name": entry["name"], "position": entry["position"]}
        )
        for value in entry["value"]:
            OptionValue.objects.get_or_create(
                option=option,
                key=value["key"],
                defaults={
                    "label": value["label"],
                    "colour": value.get("colour", ""),
                    "sort_order": value["position"],
                },
            )
        yield number, len(entries)


def texts(entry: dict[str, Any], fields: tuple[str, ...]) -> Iterator[tuple[str, dict[str, Any]]]:
    for code in LANGUAGES:
        if code in entry:
            yield (
                code,
                {
                    **{name: entry[code].get(name, "") for name in fields},
                    "body": body(entry[code].get("body", [])),
                },
            )


def seed_categories() -> Progress:
    """Categories."""
    entries = content("categories")["category"]
    fields = ("name", "slug", "intro", "seo_title", "search_description")
    for number, entry in enumerate(entries, start=1):
        if category_of(entry["key"]) is None:
            category = Category(
                parent=category_of(entry["parent"]),
                position=entry["position"],
                image=picture(f"category-{entry['key']}"),
                live=False,
            )
            category.translations = [
                CategoryTranslation(language_code=code, **text) for code, text in texts(entry, fields)
            ]
            category.save()
            category.save_revision().publish()
        yield number, len(entries)


def seed_products() -> Progress:
    """Products."""
    entries = products_content()
    for number, entry in enumerate(entries, start=1):
        if not Variant.objects.filter(sku=entry["variant"][0]["sku"]).exists():
            with transaction.atomic():
                seed_product(entry)
        yield number, len(entries)


def seed_product(entry: dict[str, Any]) -> None:
    product = Product(
        category=category_of(entry["category"]),
        tax_class=entry["tax_class"],
        featured=entry["featured"],
        position=entry["position"],
        live=False,
    )
    fields = ("name", "slug", "summary", "seo_title", "search_description")
    product.translations = [ProductTranslation(language_code=code, **text) for code, text in texts(entry, fields)]
    product.images = gallery(entry)
    product.variants = [variant(entry, row, order) for order, row in enumerate(entry["variant"])]
    product.tags.add(*entry["tags"])
    describe(product, entry["key"])
    product.save()
    publish(product, entry.get("state", "live"))
    for row in entry["variant"]:
        saved = Variant.objects.get(sku=row["sku"])
        stock.adjust(saved, count=row["on_hand"], reason="Opening stock of the demo")


def gallery(entry: dict[str, Any]) -> list[ProductImage]:
    pictures = []
    for number in (1, 2):
        image = picture(f"{entry['key']}-{number}")
        if image is not None:
            alt = {code: entry[code][f"alt_{number}"] for code in LANGUAGES if f"alt_{number}" in entry.get(code, {})}
            pictures.append(ProductImage(image=image, alt=alt, sort_order=number))
    return pictures


def variant(entry: dict[str, Any], row: dict[str, Any], order: int) -> Variant:
    values = [
        OptionValue.objects.get(option__key=option, key=value) for option, value in row.get("options", {}).items()
    ]
    now = timezone.now()
    on_sale = "sale_price" in row
    return Variant(
        sku=row["sku"],
        gtin=row.get("gtin", ""),
        sort_order=order,
        price=row["price"],
        sale_price=row.get("sale_price"),
        sale_from=now - timedelta(days=row.get("sale_days_before", 1)) if on_sale else None,
        sale_until=now + timedelta(days=row.get("sale_days_after", 30)) if on_sale else None,
        weight_grams=row["weight_grams"],
        image=picture(row["image"]) if "image" in row else None,
        **{f"option_{number}": value for number, value in enumerate(values, start=1)},
    )


def publish(product: Product, state: str) -> None:
    """live: published. scheduled: goes live in a week. review: submitted by the editor, waiting for a moderator."""
    editor = User.objects.get(username="editor")
    if state == "scheduled":
        product.go_live_at = timezone.now() + timedelta(days=7)
    revision = product.save_revision(user=editor)
    if state == "review":
        product.get_workflow().start(product, editor)
    else:
        revision.publish(user=User.objects.get(username="moderator"))


def seed_pages() -> Progress:
    """Pages."""
    pages = content("pages")
    keys = [key for key in pages if key != "home"]
    site = Site.objects.get(is_default_site=True)
    home = site.root_page.specific
    for number, key in enumerate(keys, start=1):
        seed_content_page(home, key, pages[key])
        yield number, len(keys) + 1
    seed_home(home, pages["home"], pages["brewing-guide"])
    yield len(keys) + 1, len(keys) + 1


def seed_content_page(home: Page, key: str, entry: dict[str, Any]) -> None:
    source: ContentPage | None = None
    for code, parent in homes(home):
        text = entry[code]
        existing = ContentPage.objects.child_of(parent).filter(slug=text["slug"]).first()
        if existing is None:
            page = ContentPage(
                title=text["title"],
                slug=text["slug"],
                seo_title=text["seo_title"],
                search_description=text["search_description"],
                intro=text["intro"],
                body=[*page_picture(key, text), *body(text["body"])],
                locale=parent.locale,
                show_in_menus=True,
            )
            if source is not None:
                page.translation_key = source.translation_key
            parent.add_child(instance=page)
            page.save_revision().publish()
            existing = page
        source = source or existing


def page_picture(key: str, text: dict[str, Any]) -> list[tuple[str, Any]]:
    image = picture(key)
    return [("picture", {"image": image, "alt": text.get("picture_alt", ""), "caption": ""})] if image else []


def seed_home(home: Page, entry: dict[str, Any], guide: dict[str, Any]) -> None:
    for code, page in homes(home):
        if page.body:
            continue
        text = entry[code]
        page.title, page.seo_title = text["title"], text["seo_title"]
        page.search_description = text["search_description"]
        page.body = home_body(text, guide[code]["picture_alt"], links={key: page_in(page, key) for key in LINKED_PAGES})
        page.save_revision().publish()


def page_in(home: HomePage, key: str) -> ContentPage | None:
    slug = content("pages")[key][home.locale.language_code]["slug"]
    return ContentPage.objects.child_of(home).filter(slug=slug).first()


def home_body(text: dict[str, str], guide_alt: str, links: dict[str, ContentPage | None]) -> list[tuple[str, Any]]:
    """The window from top to bottom: hero, featured products, the house, categories, a quote, the brewing guide."""
    return [
        (
            "hero",
            {
                "title": text["hero_title"],
                "text": text["hero_text"],
                "image": picture("home-hero"),
                "alt": text["hero_alt"],
                "link": {"label": text["hero_button"], "page": None},
            },
        ),
        ("products", {"heading": text["featured_heading"], "intro": text["featured_intro"], "products": []}),
        story(text, "story", picture("about"), text["story_alt"], links["about"]),
        ("categories", {"heading": text["categories_heading"], "categories": []}),
        ("quote", {"text": text["quote_text"], "source": text["quote_source"]}),
        story(text, "guide", picture("brewing-guide"), guide_alt, links["brewing-guide"]),
    ]


def story(text: dict[str, str], prefix: str, image: Any, alt: str, page: ContentPage | None) -> tuple[str, Any]:
    return (
        "story",
        {
            "heading": text[f"{prefix}_heading"],
            "text": RichText(text[f"{prefix}_text"]),
            "image": image,
            "alt": alt,
            "link": {"label": text[f"{prefix}_link"], "page": page},
        },
    )


def seed_renditions() -> Progress:
    """Picture sizes."""
    # The first visitor of a page must not wait until its pictures are made.
    gallery_images = [row.image for row in ProductImage.objects.select_related("image")]
    shown = [(image, place) for image in gallery_images for place in ("card", "gallery")]
    shown += [(row.image, "tile") for row in Category.objects.select_related("image") if row.image]
    for number, (image, place) in enumerate(shown, start=1):
        renditions(image, place)
        shared_picture(image)
        yield number, len(shown)


STEPS: list[Callable[[], Progress]] = [
    seed_users,
    seed_delivery,
    seed_options,
    seed_categories,
    seed_types,
    seed_products,
    seed_associations,
    seed_coupons,
    seed_synonyms,
    seed_pages,
    seed_window,
    seed_blog,
    seed_newsletter,
    seed_renditions,
    seed_orders,
]
