"""Base pages (home, content), old slugs, and the outbox: what leaves the shop, written with what causes it."""

from typing import Any

from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import StreamField
from wagtail.models import DraftStateMixin, LockableMixin, Page, RevisionMixin, WorkflowMixin

from core.blocks import ARTICLE_BLOCKS, HOME_BLOCKS
from core.pages import page_alternates


class ReviewedSnippet(WorkflowMixin, DraftStateMixin, LockableMixin, RevisionMixin, models.Model):
    """A snippet with draft, review, publish and lock; Wagtail's mixins in the order that works."""

    class Meta:
        abstract = True


class ShopPage(Page):
    """A page of the shop front: knows its addresses in the other languages."""

    class Meta:
        abstract = True

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context(request, *args, **kwargs), "alternates": page_alternates(self, request)}


class HomePage(ShopPage):
    """The window of the shop in one language."""

    body = StreamField(HOME_BLOCKS, blank=True, verbose_name=_("Body"))

    content_panels = [*Page.content_panels, FieldPanel("body")]
    parent_page_types = ["wagtailcore.Page"]
    template = "pages/home.html"

    class Meta:
        verbose_name = _("home page")
        verbose_name_plural = _("home pages")


class ContentPage(ShopPage):
    """A page of text: about, brewing guide, shipping."""

    intro = models.TextField(_("Introduction"), blank=True)
    body = StreamField(ARTICLE_BLOCKS, blank=True, verbose_name=_("Body"))

    content_panels = [*Page.content_panels, FieldPanel("intro"), FieldPanel("body")]
    parent_page_types = ["core.HomePage", "core.ContentPage"]
    template = "pages/content.html"

    class Meta:
        verbose_name = _("content page")
        verbose_name_plural = _("content pages")


class OldSlug(models.Model):
    """A slug that a translated snippet had in a language: its old address leads to the new one. The last owner wins."""

    kind = models.CharField(max_length=60)  # the snippet's model: "catalog.product"
    object_id = models.PositiveBigIntegerField()
    language_code = models.CharField(max_length=15)
    slug = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "language_code", "slug"], name="old_slug")]

    def __str__(self) -> str:
        return f"{self.kind} {self.language_code}: {self.slug}"


class Outbox(models.Model):
    """One side effect to do at least once: written with its cause, done by the worker, retried by the sweeper."""

    kind = models.CharField(_("Kind"), max_length=40)
    key = models.CharField(_("Key"), max_length=120, unique=True)
    payload = models.JSONField(_("Payload"), default=dict)
    created_at = models.DateTimeField(_("Created"), auto_now_add=True)
    sent_at = models.DateTimeField(_("Sent"), null=True, blank=True)
    tries = models.PositiveIntegerField(_("Tries"), default=0)
    next_try_at = models.DateTimeField(_("Next try"), auto_now_add=True)
    error = models.TextField(_("Last error"), blank=True)

    class Meta:
        verbose_name = _("outbox entry")
        verbose_name_plural = _("outbox")
        indexes = [models.Index(fields=["next_try_at"], condition=models.Q(sent_at=None), name="outbox_due")]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
