"""Products: texts per language, gallery, attributes and associations. What is bought is a Variant."""

from __future__ import annotations

from typing import Any

from django.contrib.contenttypes.fields import GenericRelation
from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from modelcluster.contrib.taggit import ClusterTaggableManager
from modelcluster.fields import ParentalKey
from taggit.models import TaggedItemBase
from wagtail.fields import StreamField
from wagtail.models import Orderable
from wagtail.search import index

from catalog.models.attribute import ProductType
from catalog.models.category import Category
from catalog.models.editorial import EditorialModel
from catalog.querysets import ProductQuerySet
from core.blocks import ARTICLE_BLOCKS
from core.localized import LocalizedTextField
from core.translated import ClusterTranslatableModel, ParentalTranslationsKey, TranslationModel, slug_field


class TaxClass(models.TextChoices):
    """Which rate of a country applies; the rates themselves belong to commerce."""

    STANDARD = "standard", _("Standard")
    REDUCED = "reduced", _("Reduced")
    ZERO = "zero", _("Zero")


class ProductTag(TaggedItemBase):
    content_object = ParentalKey("catalog.Product", related_name="tagged_items", on_delete=models.CASCADE)


class Product(ClusterTranslatableModel, EditorialModel):
    """One row per product for all languages; texts in ProductTranslation, what is bought in Variant."""

    natural_child_keys = {"translations": "language_code", "variants": "sku", "attribute_values": "attribute"}

    category = models.ForeignKey(
        Category, verbose_name=_("Category"), null=True, blank=True, on_delete=models.SET_NULL, related_name="products"
    )
    product_type = models.ForeignKey(
        ProductType,
        verbose_name=_("Type"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="products",
        help_text=_("Decides which attributes there are to fill."),
    )
    vendor = models.CharField(_("Vendor"), max_length=100, blank=True, help_text=_("Brand or maker."))
    tags = ClusterTaggableManager(through=ProductTag, blank=True, verbose_name=_("Tags"))
    tax_class = models.CharField(_("Tax class"), max_length=20, choices=TaxClass, default=TaxClass.STANDARD)
    featured = models.BooleanField(_("Featured"), default=False)
    position = models.PositiveIntegerField(_("Position"), default=0, help_text=_("Small numbers come first."))

    _revisions = GenericRelation("wagtailcore.Revision", related_query_name="product")
    workflow_states = GenericRelation(
        "wagtailcore.WorkflowState",
        content_type_field="base_content_type",
        object_id_field="object_id",
        related_query_name="product",
        for_concrete_model=False,
    )
    objects = ProductQuerySet.as_manager()
    search_fields = [
        index.RelatedFields("translations", [index.SearchField("name"), index.AutocompleteField("name")]),
        index.FilterField("live"),
    ]

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering = ["position", "pk"]

    @property
    def revisions(self) -> Any:
        return self._revisions

    def get_absolute_url(self) -> str:
        """The address in the active language, under its own or the fallback language's slug."""
        return reverse("catalog:product", args=[self.text.slug])

    def get_preview_template(self, request: HttpRequest, mode_name: str) -> str:
        return "catalog/product.html"

    def get_preview_context(self, request: HttpRequest, mode_name: str) -> dict[str, Any]:
        from catalog.views import product_context  # views import models; only the preview asks back

        return product_context(request, self)


class ProductTranslation(TranslationModel):
    """One language of a product."""

    master = ParentalTranslationsKey(
        Product, related_name="translations", null=True, editable=False, on_delete=models.CASCADE
    )
    name = models.CharField(_("Name"), max_length=200)
    slug = slug_field()
    summary = models.CharField(_("Summary"), max_length=300, blank=True)
    body = StreamField(ARTICLE_BLOCKS, blank=True, null=True, verbose_name=_("Body"))
    seo_title = models.CharField(_("SEO title"), max_length=70, blank=True)
    search_description = models.CharField(_("SEO description"), max_length=170, blank=True)

    class Meta:
        verbose_name = _("product text")
        verbose_name_plural = _("product texts")
        constraints = [
            models.UniqueConstraint(fields=["language_code", "master"], name="product_language"),
            models.UniqueConstraint(fields=["language_code", "slug"], name="product_slug"),
        ]
        indexes = [models.Index(fields=["language_code", "name"], name="product_name")]


class ProductImage(Orderable):
    """One picture of the gallery, with its alt text per language."""

    product = ParentalKey(Product, on_delete=models.CASCADE, related_name="images")
    image = models.ForeignKey(
        "wagtailimages.Image", verbose_name=_("Picture"), on_delete=models.CASCADE, related_name="+"
    )
    alt = LocalizedTextField(
        _("Alt text"), blank=True, help_text=_("What the picture shows, for those who cannot see it.")
    )

    class Meta(Orderable.Meta):
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")

    def __str__(self) -> str:
        return str(self.alt) or str(self.image)


class Association(Orderable):
    """Another product that an editor shows beside this one."""

    class Kind(models.TextChoices):
        ACCESSORY = "accessory", _("Goes with it")
        SIMILAR = "similar", _("Similar")

    product = ParentalKey(Product, on_delete=models.CASCADE, related_name="associations")
    kind = models.CharField(_("Kind"), max_length=10, choices=Kind, default=Kind.SIMILAR)
    target = models.ForeignKey(Product, verbose_name=_("Product"), on_delete=models.CASCADE, related_name="+")

    class Meta(Orderable.Meta):
        verbose_name = _("association")
        verbose_name_plural = _("associations")

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.target}"
