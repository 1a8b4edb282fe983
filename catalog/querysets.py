"""Questions to the catalogue, in the words of the shop."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Prefetch, Q
from django.utils.translation import get_language

if TYPE_CHECKING:
    from catalog.models import Category, Product, ProductImage  # noqa: F401  (named in strings below)


def shown_languages() -> set[str]:
    """The active language and the one its gaps fall back to."""
    return {get_language() or settings.LANGUAGE_CODE, settings.LANGUAGE_CODE}


def pictures(model: type[ProductImage]) -> models.QuerySet[ProductImage]:
    """Rows of a gallery in order, with all that showing them needs."""
    return model.objects.order_by("sort_order").select_related("image").prefetch_related("image__renditions")


class CategoryQuerySet(models.QuerySet["Category"]):
    def live(self) -> Self:
        return self.filter(live=True)

    def for_tiles(self) -> Self:
        """With all that a tile shows but its name and address, which the tree knows."""
        return self.select_related("image").prefetch_related("image__renditions")


class ProductQuerySet(models.QuerySet["Product"]):
    def live(self) -> Self:
        return self.filter(live=True)

    def shown(self) -> Self:
        """Live, and in the active language where products are to be hidden in languages they have no text in."""
        rows = self.live()
        hide = "product" in settings.HIDE_UNTRANSLATED
        return rows.filter(pk__in=self.translated().values("master")) if hide else rows

    def retired(self) -> Self:
        """Were public once and are not to come back by themselves."""
        return self.filter(live=False, go_live_at=None).exclude(first_published_at=None)

    def translated(self) -> models.QuerySet:
        """The texts in the active language."""
        return self.model.translations.rel.related_model.objects.filter(language_code=get_language())

    def in_categories(self, pks: Iterable[int]) -> Self:
        return self.filter(category__in=list(pks))

    def in_stock(self) -> Self:
        """With a variant of which a unit can be bought now."""
        variants = self.model.variants.rel.related_model.objects.filter(product=OuterRef("pk"), active=True)
        return self.filter(Exists(variants.filter(stock__on_hand__gt=F("stock__reserved"))))

    def most_popular_first(self) -> Self:
        """By Popularity; those without follow, featured ones first."""
        return self.order_by(F("popularity__score").desc(nulls_last=True), "-featured", "position", "pk")

    def at_slug(self, slug: str) -> Self:
        """Under its slug in the active language, or under the default language's when it has no text of its own."""
        rows = self.model.translations.rel.related_model.objects
        texts = rows.filter(master=OuterRef("pk"))
        here = texts.filter(language_code=get_language())
        default = texts.filter(language_code=settings.LANGUAGE_CODE, slug=slug)
        return (
            self.filter(pk__in=rows.filter(slug=slug).values("master"))
            .annotate(own_slug=Exists(here.filter(slug=slug)))
            .filter(Q(own_slug=True) | (Exists(default) & ~Exists(here)))
            .order_by("-own_slug")
        )

    def with_translations(self) -> Self:
        rows = self.model.translations.rel.related_model.objects.filter(language_code__in=shown_languages())
        return self.prefetch_related(Prefetch("translations", queryset=rows))

    def for_listing(self) -> Self:
        """With all that a card shows, in a constant number of queries."""
        from catalog.models import ProductImage, Variant  # the models import this module

        variants = Variant.objects.filter(active=True).select_related("stock")
        return self.with_translations().prefetch_related(
            Prefetch("images", queryset=pictures(ProductImage)), Prefetch("variants", queryset=variants)
        )

    def for_merchants(self) -> Self:
        """As `for_listing`, with what tells variants apart."""
        from catalog.models import ProductImage, Variant  # the models import this module

        options = ("option_1__option", "option_2__option", "option_3__option")
        variants = Variant.objects.filter(active=True).select_related("stock", "image", *options)
        return self.with_translations().prefetch_related(
            Prefetch("images", queryset=pictures(ProductImage)),
            Prefetch("variants", queryset=variants.prefetch_related("image__renditions")),
        )

    def for_page(self) -> Self:
        """With all that a product page shows, in every language (the language switch needs all slugs).

        The files of its pictures are fetched by cards.gallery(), for both kinds of them at once.
        """
        from catalog.models import AttributeValue, ProductImage, Variant  # the models import this module

        options = ("option_1__option", "option_2__option", "option_3__option")
        variants = Variant.objects.filter(active=True).select_related("stock", "image", *options)
        return self.prefetch_related(
            "translations",
            "associations",
            Prefetch("images", queryset=ProductImage.objects.order_by("sort_order").select_related("image")),
            Prefetch("variants", queryset=variants),
            Prefetch("attribute_values", queryset=AttributeValue.objects.select_related("attribute", "choice")),
        )
