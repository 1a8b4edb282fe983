"""Base pages (home, content), old slugs, rate counts, scheduled jobs, and the outbox: what leaves the shop."""

from dataclasses import replace
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models.fields.json import KeyTransform
from django.http import HttpRequest
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, PublishingPanel
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting
from wagtail.fields import StreamField
from wagtail.models import (
    DraftStateMixin,
    LockableMixin,
    Page,
    PreviewableMixin,
    RevisionMixin,
    TranslatableMixin,
    WorkflowMixin,
)

from core.about import About, described, first_words, organization, shared_picture, website
from core.blocks import HOME_BLOCKS, PAGE_BLOCKS
from core.cache import renew_window
from core.localized import LocalizedTextField
from core.menu_blocks import MENU_BLOCKS, SocialLinkBlock
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
        context = super().get_context(request, *args, **kwargs)
        return {**context, "alternates": page_alternates(self, request), "about": self.about()}

    def about(self) -> About:
        """From the texts for search engines, else from the page's own."""
        written = (self.search_description, *self.descriptions(), first_words(getattr(self, "body", None)))
        return About(self.seo_title or self.title, described(*written))

    def descriptions(self) -> list[str]:
        """What tells of the page when nothing was written for search engines, the best first."""
        return [getattr(self, "intro", "")]


class HomePage(ShopPage):
    """The window of the shop in one language."""

    body = StreamField(HOME_BLOCKS, blank=True, verbose_name=_("Body"))

    content_panels = [*Page.content_panels, FieldPanel("body")]
    parent_page_types = ["wagtailcore.Page"]
    template = "pages/home.html"

    class Meta:
        verbose_name = _("home page")
        verbose_name_plural = _("home pages")

    def about(self) -> About:
        from core.context_processors import shop_details  # it reads what is stored here

        details = shop_details()
        data = [organization(details), website(details, reverse("search:results"))]
        heroes = [block.value for block in self.body if block.block_type == "hero"]
        picture = shared_picture(heroes[0]["image"], heroes[0]["alt"]) if heroes else None
        return replace(super().about(), picture=picture, data=data)

    def descriptions(self) -> list[str]:
        return [block.value["text"] for block in self.body if block.block_type == "hero"]


class ContentPage(ShopPage):
    """A page of text: about, brewing guide, shipping."""

    intro = models.TextField(_("Introduction"), blank=True)
    body = StreamField(PAGE_BLOCKS, blank=True, verbose_name=_("Body"))

    content_panels = [*Page.content_panels, FieldPanel("intro"), FieldPanel("body")]
    parent_page_types = ["core.HomePage", "core.ContentPage"]
    template = "pages/content.html"

    class Meta:
        verbose_name = _("content page")
        verbose_name_plural = _("content pages")


class CallToAction(PreviewableMixin, ReviewedSnippet):
    """A sentence with a button, used in many places and changed in one."""

    title = LocalizedTextField(_("Heading"))
    text = LocalizedTextField(_("Text"), max_length=300, blank=True)
    label = LocalizedTextField(_("Button"), max_length=60)
    page = models.ForeignKey(
        "wagtailcore.Page",
        verbose_name=_("Page"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("Shown in the visitor’s language where it is translated. Empty: all products."),
    )

    panels = [FieldPanel("title"), FieldPanel("text"), FieldPanel("label"), FieldPanel("page"), PublishingPanel()]

    class Meta:
        verbose_name = _("call to action")
        verbose_name_plural = _("calls to action")

    def __str__(self) -> str:
        return str(self.title)

    @property
    def preview_modes(self) -> list[tuple[str, Any]]:
        return list(settings.LANGUAGES)

    def get_preview_template(self, request: HttpRequest, mode_name: str) -> str:
        return "core/call_to_action_preview.html"

    def serve_preview(self, request: HttpRequest, mode_name: str) -> Any:
        translation.activate(mode_name)
        return super().serve_preview(request, mode_name).render()


class Menu(TranslatableMixin, ReviewedSnippet):
    """The header's or footer's links in one language. A language without its own shows the default language's."""

    class Place(models.TextChoices):
        HEADER = "header", _("Header")
        FOOTER = "footer", _("Footer")

    place = models.CharField(_("Place"), max_length=20, choices=Place)
    items = StreamField(MENU_BLOCKS, verbose_name=_("Links"))

    panels = [FieldPanel("place"), FieldPanel("items"), PublishingPanel()]

    class Meta(TranslatableMixin.Meta):
        verbose_name = _("menu")
        verbose_name_plural = _("menus")
        constraints = [models.UniqueConstraint(fields=["place", "locale"], name="menu_place")]

    def __str__(self) -> str:
        return self.get_place_display()


def page_choice(label: Any, help_text: Any) -> models.ForeignKey:
    """A page that stands for its translations."""
    return models.ForeignKey(
        "wagtailcore.Page",
        verbose_name=label,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=help_text,
    )


@register_setting(icon="home")
class ShopSettings(BaseGenericSetting):
    """Who runs the shop: shown in header, footer and mails. Read through `core.context_processors.shop_details()`."""

    name = models.CharField(_("Name of the shop"), max_length=80, blank=True)
    address = models.TextField(_("Address"), blank=True, help_text=_("Company, street, town, as on an envelope."))
    vat_id = models.CharField(_("VAT identification number"), max_length=30, blank=True)
    email = models.EmailField(_("E-mail for questions"), blank=True)
    phone = models.CharField(_("Phone"), max_length=40, blank=True)
    terms_page = page_choice(_("Terms"), _("Linked where an order is placed, in the buyer's language."))
    privacy_page = page_choice(_("Privacy"), _("Linked where people leave their address."))
    social_links = StreamField(
        [("link", SocialLinkBlock())],
        blank=True,
        verbose_name=_("Elsewhere"),
        help_text=_("Social networks and so on."),
    )

    panels = [
        MultiFieldPanel(
            [FieldPanel("name"), FieldPanel("address"), FieldPanel("vat_id"), FieldPanel("email"), FieldPanel("phone")],
            heading=_("Shop"),
        ),
        MultiFieldPanel([FieldPanel("terms_page"), FieldPanel("privacy_page")], heading=_("Pages")),
        FieldPanel("social_links"),
    ]

    class Meta:
        verbose_name = _("shop details")

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        transaction.on_commit(renew_window)


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
        indexes = [
            models.Index(fields=["next_try_at"], condition=models.Q(sent_at=None), name="outbox_due"),
            # What is about one thing names it under "order" in its payload; the desk lists it there.
            models.Index(KeyTransform("order", "payload"), name="outbox_of_order"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class RateCount(models.Model):
    """Attempts in one window, written by `core.limits` alone. `key`: what is limited, and a digest of whom."""

    key = models.CharField(max_length=120, primary_key=True)
    count = models.PositiveIntegerField()
    ends_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.key


class ScheduledJob(models.Model):
    """How a job of the schedule last went; one row each, written by `core.jobs` alone. `name`: the task's."""

    name = models.CharField(max_length=100, primary_key=True)
    started_at = models.DateTimeField(_("Last start"))
    ended_at = models.DateTimeField(_("Last end"), null=True, blank=True)  # None: at work, or its worker died
    seconds = models.FloatField(_("Duration in seconds"), null=True, blank=True)
    succeeded_at = models.DateTimeField(_("Last success"), null=True, blank=True)
    error = models.TextField(_("Last error"), blank=True)
    failures = models.PositiveIntegerField(_("Failures in a row"), default=0)
    told = models.BooleanField(default=False)  # the operators know that it fails

    class Meta:
        verbose_name = _("scheduled job")
        verbose_name_plural = _("scheduled jobs")
        default_permissions = ("view",)
        permissions = [("run_scheduledjob", _("Can run a scheduled job now"))]

    def __str__(self) -> str:
        return self.name


class PersonalDataAct(models.Model):
    """Somebody exported or erased a person's data. `person`: keyed digest of the address; `found`: what, how many."""

    class Kind(models.TextChoices):
        EXPORT = "export", _("Exported")
        ERASURE = "erasure", _("Erased")

    kind = models.CharField(_("What"), max_length=10, choices=Kind)
    at = models.DateTimeField(_("When"), auto_now_add=True, db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("By"), null=True, on_delete=models.SET_NULL, related_name="+"
    )
    person = models.CharField(max_length=64)
    found = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("act on personal data")
        verbose_name_plural = _("acts on personal data")
        default_permissions = ()
        permissions = [("handle_personal_data", _("Can export and erase a person’s data"))]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d}"
