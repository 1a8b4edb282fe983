"""Who writes. One row for all languages: a name and a line about a person need no page of their own per language."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, PublishingPanel
from wagtail.search import index

from core.localized import LocalizedTextField
from core.models import ReviewedSnippet


class Author(ReviewedSnippet, index.Indexed):
    name = LocalizedTextField(_("Name"))
    bio = LocalizedTextField(
        _("About"), max_length=500, blank=True, help_text=_("One or two sentences that stand below the posts.")
    )
    image = models.ForeignKey(
        "wagtailimages.Image",
        verbose_name=_("Picture"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    panels = [FieldPanel("name"), FieldPanel("bio"), FieldPanel("image"), PublishingPanel()]
    search_fields = [index.SearchField("name"), index.AutocompleteField("name"), index.FilterField("live")]

    class Meta:
        verbose_name = _("author")
        verbose_name_plural = _("authors")

    def __str__(self) -> str:
        return str(self.name)
