"""Columns and filters of the product list in the admin. What a row shows is loaded with the list, never per row."""

from __future__ import annotations

from typing import Any

import django_filters
from django.conf import settings
from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet, Sum
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from taggit.models import Tag
from wagtail.admin.filters import WagtailFilterSet

from catalog.cards import LOW_STOCK, lowest_price, offers
from catalog.models import Category, Product, ProductImage, ProductType, Variant
from catalog.prices import on_sale_at
from catalog.tree import indented_names
from core.pictures import renditions

LANGUAGES = [code for code, _name in settings.LANGUAGES]


def with_rows(products: QuerySet) -> QuerySet:
    """With pictures, variants and stock, in a constant number of queries."""
    images = ProductImage.objects.order_by("sort_order").select_related("image")
    return products.prefetch_related(
        Prefetch("images", queryset=images.prefetch_related("image__renditions")),
        Prefetch("variants", queryset=Variant.objects.filter(active=True).select_related("stock")),
    )


def thumbnail(product: Product) -> SafeString | str:
    """The first picture of the gallery, small; it decorates, the name stands beside it."""
    first = next(iter(product.images.all()), None)
    files = renditions(first.image, "thumb") if first else []
    if not files:
        return ""
    return format_html('<img src="{}" width="56" alt="">', files[0].url)


def languages(instance: Product | Category) -> str:
    """EN DE: the languages the object has a text in."""
    written = {row.language_code for row in instance.translations.all()}
    return " ".join(code.upper() for code in LANGUAGES if code in written)


def price_range(product: Product) -> str:
    """The price, or the lowest one with "from"; empty without active variants."""
    price, others = lowest_price(offers(product))
    if price is None:
        return ""
    return gettext("from {price}").format(price=price.now) if others else str(price.now)


def stock_words(product: Product) -> str:
    """Units that can be bought, over all active variants."""
    units = sum(max(offer.available, 0) for offer in offers(product))
    return str(units) if units else gettext("Sold out")


def containing(queryset: QuerySet, words: str) -> QuerySet:
    """Products or categories with these words in a name, in any language, or in a SKU or GTIN."""
    found = Q(translations__name__icontains=words)
    if queryset.model is Product:
        found |= Q(variants__sku__icontains=words) | Q(variants__gtin__contains=words)
    return queryset.filter(pk__in=queryset.model.objects.filter(found).values("pk"))


class MissingLanguageFilter(django_filters.ChoiceFilter):
    """Objects without a text in the chosen language."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label=_("Without text in"), choices=settings.LANGUAGES, **kwargs)

    def filter(self, qs: QuerySet, value: str) -> QuerySet:
        return qs.exclude(translations__language_code=value) if value else qs


def stock_of_product() -> QuerySet:
    """A subquery: units available over the active variants of a product."""
    rows = Variant.objects.filter(product=OuterRef("pk"), active=True).order_by().values("product")
    return rows.annotate(units=Sum(F("stock__on_hand") - F("stock__reserved"))).values("units")


class ProductFilters(WagtailFilterSet):
    category = django_filters.ChoiceFilter(label=_("Category"), choices=indented_names)
    product_type = django_filters.ModelChoiceFilter(label=_("Type"), queryset=ProductType.objects.all())
    tag = django_filters.ModelChoiceFilter(
        label=_("Tag"),
        field_name="tags",
        queryset=lambda request: Tag.objects.filter(catalog_producttag_items__isnull=False).distinct().order_by("name"),
    )
    stock = django_filters.ChoiceFilter(
        label=_("Availability"), choices=[("sold-out", _("Sold out")), ("low", _("Low"))], method="in_stock_state"
    )
    on_sale = django_filters.BooleanFilter(label=_("On sale"), method="with_sale")
    missing_language = MissingLanguageFilter()

    class Meta:
        model = Product
        fields = ["live", "featured", "tax_class"]

    def in_stock_state(self, products: QuerySet, name: str, value: str) -> QuerySet:
        products = products.annotate(units=stock_of_product())
        if value == "sold-out":
            return products.filter(Q(units__lte=0) | Q(units=None))
        return products.filter(units__gt=0, units__lte=LOW_STOCK)

    def with_sale(self, products: QuerySet, name: str, value: bool) -> QuerySet:
        sale = Exists(Variant.objects.filter(on_sale_at(timezone.now()), product=OuterRef("pk"), active=True))
        return products.filter(sale if value else ~sale)


def shown_in_list(request: HttpRequest) -> QuerySet:
    """The products that the list shows for the search and the filters of this request."""
    products = ProductFilters(request.GET, queryset=Product.objects.all(), request=request).qs
    words = request.GET.get("q", "").strip()
    return containing(products, words) if words else products


class CategoryFilters(WagtailFilterSet):
    parent = django_filters.ChoiceFilter(label=_("Parent"), choices=indented_names)
    missing_language = MissingLanguageFilter()

    class Meta:
        model = Category
        fields = ["live"]
