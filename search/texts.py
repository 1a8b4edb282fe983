"""What search knows of each public object: its texts in every language it is written in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Prefetch, QuerySet
from django.utils.translation import get_language, override
from wagtail.blocks import CharBlock, StructValue, TextBlock
from wagtail.blocks.list_block import ListValue
from wagtail.fields import StreamField
from wagtail.models import Page

from blog.models import BlogPostPage
from blog.posts import not_yet, published
from catalog.gtin import padded
from catalog.models import AttributeValue, Category, CategoryTranslation, Product, ProductTranslation, Variant
from catalog.tree import Tree, load_tree
from core.models import HomePage
from search.models import Kind
from search.words import code, joined

LEADS = ("intro", "summary", "preheader")


@dataclass(frozen=True)
class Text:
    """One object in one language. `places`: names of its categories, which weigh as much as `keywords`."""

    kind: Kind
    object_id: int
    language: str
    title: str
    keywords: str = ""
    places: str = ""
    lead: str = ""
    body: str = ""
    codes: tuple[str, ...] = ()


Texts = Callable[[Iterable[int]], Iterator[Text]]


def plain(model: Any, name: str, value: Any) -> str:
    """The words of a StreamField without its markup."""
    field = model._meta.get_field(name) if value else None
    if not isinstance(field, StreamField):
        return ""
    for block in value:
        fill(block.value)
    return joined(field.get_searchable_content(value))


def fill(value: Any) -> None:
    """Texts that were never written become empty: Wagtail would say "None" of them."""
    if isinstance(value, StructValue):
        for name, each in value.items():
            if each is None and isinstance(value.block.child_blocks[name], CharBlock | TextBlock):
                value[name] = ""
            fill(each)
    elif isinstance(value, ListValue):
        for each in value:
            fill(each)


def trees() -> Callable[[], Tree]:
    """The tree as it is shown in the active language: one for all, unless categories are hidden in some."""
    held: dict[str, Tree] = {}

    def tree() -> Tree:
        code = (get_language() or "") if "category" in settings.HIDE_UNTRANSLATED else ""
        if code not in held:
            held[code] = load_tree()
        return held[code]

    return tree


def public_products() -> QuerySet[Product]:
    return Product.objects.live().order_by("pk")


def product_texts(pks: Iterable[int]) -> Iterator[Text]:
    """Of the live ones among them, with what their variants, attributes, tags and categories are called."""
    options = [f"option_{number}" for number in (1, 2, 3)]
    variants = Variant.objects.filter(active=True).select_related(*options)
    values = AttributeValue.objects.select_related("attribute", "choice")
    products = (
        public_products()
        .filter(pk__in=list(pks))
        .select_related("product_type")
        .prefetch_related(
            "translations",
            "tags",
            Prefetch("variants", queryset=variants),
            Prefetch("attribute_values", queryset=values),
        )
    )
    tree = trees()
    for product in products:
        for text in product.translations.all():
            with override(text.language_code):
                yield product_text(product, text, tree())


def product_text(product: Product, text: ProductTranslation, tree: Tree) -> Text:
    """In the text's language, which is the active one."""
    variants = list(product.variants.all())
    node = tree.nodes.get(product.category_id or 0)
    labels = [str(value.label) for variant in variants for value in variant.option_values]
    keywords = [
        product.vendor,
        str(product.product_type or ""),
        *(tag.name for tag in product.tags.all()),
        *(variant.sku for variant in variants),
        *dict.fromkeys(labels),
        *(attribute_words(value) for value in product.attribute_values.all()),
    ]
    return Text(
        kind=Kind.PRODUCT,
        object_id=product.pk,
        language=text.language_code,
        title=text.name,
        keywords=joined(keywords),
        places=joined(above.name for above in [*node.ancestors, node]) if node else "",
        lead=joined([text.summary, text.seo_title, text.search_description]),
        body=plain(ProductTranslation, "body", text.body),
        codes=tuple(dict.fromkeys(each for variant in variants for each in codes_of(variant))),
    )


def codes_of(variant: Variant) -> list[str]:
    """Its SKU and its GTIN as `reading.product_codes` has what is typed."""
    return [code(variant.sku), *([padded(variant.gtin)] if variant.gtin else [])]


def attribute_words(value: AttributeValue) -> str:
    """What it is and has: "Origin Japan"; of yes or no only what is true: "Dishwasher-safe"."""
    if value.yes_no is not None:
        return str(value.attribute) if value.yes_no else ""
    return f"{value.attribute} {value.shown}" if value.shown else ""


def public_categories() -> QuerySet[Category]:
    return Category.objects.live().order_by("pk")


def category_texts(pks: Iterable[int]) -> Iterator[Text]:
    tree = trees()
    texts = CategoryTranslation.objects.filter(master__in=public_categories().filter(pk__in=list(pks)))
    for text in texts.order_by("master_id"):
        with override(text.language_code):
            node = tree().nodes.get(text.master_id)
            yield Text(
                kind=Kind.CATEGORY,
                object_id=text.master_id,
                language=text.language_code,
                title=text.name,
                places=joined(above.name for above in node.ancestors) if node else "",
                lead=joined([text.intro, text.seo_title, text.search_description]),
                body=plain(CategoryTranslation, "body", text.body),
            )


def public_posts() -> QuerySet[BlogPostPage]:
    return published().order_by("pk")


def readable() -> Any:
    """Pages and posts of all kinds that everybody may read."""
    return Page.objects.live().public().exclude(pk__in=not_yet().values("pk"))


def public_pages() -> Any:
    """All but posts and front pages, which are found without searching."""
    return Page.objects.live().public().filter(depth__gt=2).not_type(BlogPostPage, HomePage).order_by("pk")


def post_texts(pks: Iterable[int]) -> Iterator[Text]:
    posts = public_posts().filter(pk__in=list(pks)).select_related("locale")
    for post in posts.prefetch_related("tagged_items__tag", "post_authors__author"):
        with override(post.locale.language_code):
            words = [*(topic.title for topic in post.topics), *(str(author) for author in post.authors)]
            yield page_text(Kind.POST, post, joined(words))


def page_texts(pks: Iterable[int]) -> Iterator[Text]:
    for page in public_pages().filter(pk__in=list(pks)).select_related("locale").specific():
        yield page_text(Kind.PAGE, page)


def page_text(kind: Kind, page: Any, keywords: str = "") -> Text:
    leads = [getattr(page, name, "") for name in LEADS]
    return Text(
        kind=kind,
        object_id=page.pk,
        language=page.locale.language_code,
        title=page.title,
        keywords=keywords,
        lead=joined([*leads, page.seo_title, page.search_description]),
        body=plain(type(page), "body", getattr(page, "body", None)),
    )


# Kind -> (what of it is public, its texts)
SOURCES: dict[Kind, tuple[Callable[[], QuerySet[Any]], Texts]] = {
    Kind.PRODUCT: (public_products, product_texts),
    Kind.CATEGORY: (public_categories, category_texts),
    Kind.POST: (public_posts, post_texts),
    Kind.PAGE: (public_pages, page_texts),
}


def texts_of(kind: Kind, pks: Iterable[int]) -> Iterator[Text]:
    """Those of the objects that are public, in the languages of the shop; nothing for all others."""
    shop = {language for language, _name in settings.LANGUAGES}
    return (text for text in SOURCES[kind][1](pks) if text.language in shop and text.title)
