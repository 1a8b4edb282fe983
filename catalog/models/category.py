"""The tree of categories."""

from __future__ import annotations

from typing import Any

from django.contrib.contenttypes.fields import GenericRelation
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.fields import StreamField
from wagtail.search import index

from catalog.models.editorial import EditorialModel
from catalog.querysets import CategoryQuerySet
from core.blocks import ARTICLE_BLOCKS
from core.translated import ClusterTranslatableModel, ParentalTranslationsKey, TranslationModel, slug_field


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

    def clean(self) -> None:
        """Raises ValidationError for a slug whose address is something else's: the feed stands beside categories."""
        super().clean()
        if self.slug == "feed":
            raise ValidationError({"slug": _("This word is taken by the shop itself. Please choose another one.")})
