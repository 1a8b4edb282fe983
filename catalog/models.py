"""What is stored of the catalogue. What can happen to it: stock.py, prices.py, tree.py, querysets.py."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib.contenttypes.fields import GenericRelation
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models, transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from modelcluster.contrib.taggit import ClusterTaggableManager
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from taggit.models import TaggedItemBase
from wagtail.fields import StreamField
from wagtail.models import (
    DraftStateMixin,
    LockableMixin,
    Orderable,
    PreviewableMixin,
    RevisionMixin,
    WorkflowMixin,
)
from wagtail.search import index

from catalog.querysets import CategoryQuerySet, ProductQuerySet
from core.blocks import ARTICLE_BLOCKS
from core.localized import LocalizedTextField
from core.translated import ClusterTranslatableModel, ParentalTranslationsKey, TranslationModel, slug_field


class TaxClass(models.TextChoices):
    """Which rate of a country applies; the rates themselves belong to commerce."""

    STANDARD = "standard", _("Standard")
    REDUCED = "reduced", _("Reduced")
    ZERO = "zero", _("Zero")


class EditorialModel(WorkflowMixin, DraftStateMixin, LockableMixin, RevisionMixin, PreviewableMixin, index.Indexed):
    """Wagtail's mixins for draft, review, publish, lock and preview, in the order that works."""

    class Meta:
        abstract = True

    @property
    def approved_schedule(self) -> bool:
        known = self.__dict__.get("_approved_schedule")  # annotated by lists, as Wagtail does for pages
        return super().approved_schedule if known is None else known


class Category(ClusterTranslatableModel, EditorialModel):
    """A node of the category tree. Its products are its own and those of its descendants."""

    parent = models.ForeignKey(
        "self", verbose_name=_("Parent"), null=True, blank=True, on_delete=models.SET_NULL, related_name="children"
    )
    position = models.PositiveIntegerField(_("Position"), default=0, help_text=_("Small numbers come first."))
    image = models.ForeignKey(
        "wagtailimages.Image",
        verbose_name=_("Picture"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    _revisions = GenericRelation("wagtailcore.Revision", related_query_name="category")
    workflow_states = GenericRelation(
        "wagtailcore.WorkflowState",
        content_type_field="base_content_type",
        object_id_field="object_id",
        related_query_name="category",
        for_concrete_model=False,
    )
    objects = CategoryQuerySet.as_manager()
    search_fields = [
        index.RelatedFields("translations", [index.SearchField("name"), index.AutocompleteField("name")]),
        index.FilterField("live"),
    ]

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["position", "pk"]

    @property
    def revisions(self) -> Any:
        return self._revisions

    def clean(self) -> None:
        super().clean()
        if self.would_cycle():
            raise ValidationError({"parent": _("A category cannot be below itself. Choose another parent.")})

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keeps the live parent when the new one lies below: a draft may be older than a move, and publishing
        validates nothing. The lock makes two such publishes wait for each other."""
        if self.pk is None or kwargs.get("update_fields") is not None:
            super().save(*args, **kwargs)
            return
        with transaction.atomic():
            list(Category.objects.order_by("pk").select_for_update().values_list("pk"))
            if self.would_cycle():
                self.parent_id = Category.objects.filter(pk=self.pk).values_list("parent_id", flat=True).first()
            super().save(*args, **kwargs)

    def would_cycle(self) -> bool:
        """True when following the live parents of this category's parent leads back to it."""
        parents = dict(Category.objects.values_list("pk", "parent_id"))
        seen, current = set(), self.parent_id
        while current is not None and current not in seen:
            if current == self.pk:
                return True
            seen.add(current)
            current = parents.get(current)
        return False

    def get_preview_template(self, request: HttpRequest, mode_name: str) -> str:
        return "catalog/category.html"

    def get_preview_context(self, request: HttpRequest, mode_name: str) -> dict[str, Any]:
        from catalog.views import category_context  # views import models; only the preview asks back

        return category_context(request, self)


class CategoryTranslation(TranslationModel):
    """One language of a category."""

    master = ParentalTranslationsKey(
        Category, related_name="translations", null=True, editable=False, on_delete=models.CASCADE
    )
    name = models.CharField(_("Name"), max_length=200)
    slug = slug_field()
    intro = models.TextField(_("Introduction"), blank=True)
    body = StreamField(ARTICLE_BLOCKS, blank=True, null=True, verbose_name=_("Body"))
    seo_title = models.CharField(_("SEO title"), max_length=70, blank=True)
    search_description = models.CharField(_("SEO description"), max_length=170, blank=True)

    class Meta:
        verbose_name = _("category text")
        verbose_name_plural = _("category texts")
        constraints = [
            models.UniqueConstraint(fields=["language_code", "master"], name="category_language"),
            models.UniqueConstraint(fields=["language_code", "slug"], name="category_slug"),
        ]


class Option(ClusterableModel):
    """What a variant may differ in: size, colour. Short labels, so all languages stand side by side."""

    key = models.SlugField(_("Key"), unique=True)
    name = LocalizedTextField(_("Name"))
    position = models.PositiveIntegerField(_("Position"), default=0)

    class Meta:
        verbose_name = _("option")
        verbose_name_plural = _("options")
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return str(self.name)

    @property
    def value_list(self) -> str:
        return ", ".join(str(value.label) for value in self.values.all())


class OptionValue(Orderable):
    """One value of an option: 100 g, celadon."""

    option = ParentalKey(Option, on_delete=models.CASCADE, related_name="values")
    key = models.SlugField(_("Key"))
    label = LocalizedTextField(_("Label"))
    colour = models.CharField(
        _("Colour"),
        max_length=7,
        blank=True,
        validators=[RegexValidator(r"^#[0-9a-fA-F]{6}$", _("Write it like #8fa998."))],
        help_text=_("Hex value for a swatch, e.g. #8fa998."),
    )

    class Meta(Orderable.Meta):
        verbose_name = _("option value")
        verbose_name_plural = _("option values")
        constraints = [models.UniqueConstraint(fields=["option", "key"], name="option_value_key")]

    def __str__(self) -> str:
        return f"{self.option}: {self.label}"


class ProductTag(TaggedItemBase):
    content_object = ParentalKey("catalog.Product", related_name="tagged_items", on_delete=models.CASCADE)


class Product(ClusterTranslatableModel, EditorialModel):
    """One row per product for all languages; texts in ProductTranslation, what is bought in Variant."""

    natural_child_keys = {"translations": "language_code", "variants": "sku"}

    category = models.ForeignKey(
        Category, verbose_name=_("Category"), null=True, blank=True, on_delete=models.SET_NULL, related_name="products"
    )
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


class Variant(Orderable):
    """What is bought: one SKU with its price. Part of the revision, so prices are approved with their text.

    Never holds anything that changes without an editor (stock, counters): publishing a draft would undo it.
    """

    product = ParentalKey(Product, on_delete=models.CASCADE, related_name="variants")
    sku = models.CharField(_("SKU"), max_length=40, unique=True)
    option_1 = models.ForeignKey(
        OptionValue, verbose_name=_("Option 1"), null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    option_2 = models.ForeignKey(
        OptionValue, verbose_name=_("Option 2"), null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    option_3 = models.ForeignKey(
        OptionValue, verbose_name=_("Option 3"), null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    image = models.ForeignKey(
        "wagtailimages.Image",
        verbose_name=_("Picture"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    price = models.DecimalField(
        _("Price"), max_digits=12, decimal_places=3, validators=[MinValueValidator(Decimal(0))], help_text=_("Gross.")
    )
    sale_price = models.DecimalField(
        _("Sale price"),
        max_digits=12,
        decimal_places=3,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0))],
    )
    sale_from = models.DateTimeField(_("Sale from"), null=True, blank=True)
    sale_until = models.DateTimeField(_("Sale until"), null=True, blank=True)
    weight_grams = models.PositiveIntegerField(_("Weight in grams"), default=0)
    active = models.BooleanField(_("Active"), default=True, help_text=_("Only active variants can be bought."))

    class Meta(Orderable.Meta):
        verbose_name = _("variant")
        verbose_name_plural = _("variants")
        constraints = [
            models.CheckConstraint(condition=models.Q(price__gte=0), name="variant_price"),
            models.CheckConstraint(
                condition=models.Q(sale_price=None) | models.Q(sale_price__gte=0), name="variant_sale_price"
            ),
        ]

    def __str__(self) -> str:
        return self.sku

    @property
    def option_values(self) -> list[OptionValue]:
        return [value for value in (self.option_1, self.option_2, self.option_3) if value is not None]

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Deactivates instead when stock was ever moved or an order points here. Publishing a revision deletes the
        rows that it does not have, and what was sold must stay readable."""
        try:
            with transaction.atomic():
                return super().delete(*args, **kwargs)
        except models.ProtectedError:
            type(self).objects.filter(pk=self.pk).update(active=False)
            return 0, {}


class Stock(models.Model):
    """Units of one variant. Outside every revision; written only by stock.py. Available = on_hand - reserved."""

    variant = models.OneToOneField(Variant, on_delete=models.CASCADE, primary_key=True, related_name="stock")
    on_hand = models.PositiveIntegerField(_("On hand"), default=0)
    reserved = models.PositiveIntegerField(_("Held"), default=0)

    class Meta:
        verbose_name = _("stock level")
        verbose_name_plural = _("stock levels")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(reserved__gte=0, reserved__lte=models.F("on_hand")), name="stock_never_oversold"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.variant.sku}: {self.available}"

    @property
    def available(self) -> int:
        return self.on_hand - self.reserved


class StockMove(models.Model):
    """The ledger: every change of a stock row, by whom and why. Never edited; keeps its variant from deletion."""

    class Kind(models.TextChoices):
        HOLD = "hold", _("Held for an order")
        RELEASE = "release", _("Hold released")
        SALE = "sale", _("Sold")
        ADJUST = "adjust", _("Adjusted")
        RESTOCK = "restock", _("Restocked")

    stock = models.ForeignKey(Stock, on_delete=models.PROTECT, related_name="moves")
    kind = models.CharField(_("Kind"), max_length=10, choices=Kind)
    on_hand_change = models.IntegerField(_("On hand"), default=0)
    reserved_change = models.IntegerField(_("Held"), default=0)
    reason = models.CharField(_("Reason"), max_length=200, blank=True)
    reference = models.CharField(_("Reference"), max_length=64, blank=True, db_index=True)
    actor = models.ForeignKey(
        "auth.User", verbose_name=_("By"), null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(_("When"), auto_now_add=True)

    class Meta:
        verbose_name = _("stock move")
        verbose_name_plural = _("stock moves")
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.stock_id} {self.kind} {self.on_hand_change:+d}/{self.reserved_change:+d}"
