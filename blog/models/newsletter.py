"""The newsletter's pages, and what is stored of sending an issue. What happens to it: `blog/sending.py`."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.db import models
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail.admin.panels import FieldPanel, HelpPanel, MultiFieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail.search import index
from wagtail_localize.fields import SynchronizedField, TranslatableField

from blog.models.post import PER_PAGE, TEXTS
from core.blocks import ARTICLE_BLOCKS
from core.models import ShopPage
from core.policy import widen_policy


class NewsletterIndexPage(ShopPage):
    """The newsletter of one language: what it is about, the form, and earlier issues."""

    intro = models.TextField(_("Introduction"), blank=True)

    content_panels = [*Page.content_panels, FieldPanel("intro")]
    parent_page_types = ["core.HomePage"]
    subpage_types = ["blog.NewsletterIssuePage"]
    max_count_per_parent = 1
    translatable_fields = [*TEXTS, TranslatableField("intro"), SynchronizedField("show_in_menus")]
    template = "blog/newsletter_index.html"

    class Meta:
        verbose_name = _("newsletter")
        verbose_name_plural = _("newsletters")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """With the published issues page by page, newest first."""
        issues = NewsletterIssuePage.objects.child_of(self).live().public().order_by("-first_published_at")
        shown = Paginator(issues, PER_PAGE).get_page(request.GET.get("page"))
        return {**super().get_context(request, *args, **kwargs), "page_obj": shown}


class WhenMissing(models.TextChoices):
    """What those get who read a language into which the issue is not translated. Chosen, never assumed."""

    FALLBACK = "fallback", _("They get it in the shop’s main language")
    LEAVE_OUT = "leave_out", _("They do not get this issue")
    BLOCK = "block", _("Send nothing before it is translated")


class NewsletterIssuePage(ShopPage):
    """One issue in one language. The page is the web version; the mail is rendered from the same blocks."""

    subject = models.CharField(_("Subject"), max_length=150, help_text=_("The subject of the mail."))
    preheader = models.CharField(
        _("Preheader"), max_length=150, blank=True, help_text=_("What mail programs show beside the subject.")
    )
    body = StreamField(ARTICLE_BLOCKS, verbose_name=_("Body"))
    when_missing = models.CharField(
        _("Subscribers without a translation"),
        max_length=20,
        choices=WhenMissing,
        help_text=_("When the issue is not published in a subscriber’s language."),
    )

    content_panels = [
        *Page.content_panels,
        MultiFieldPanel([FieldPanel("subject"), FieldPanel("preheader")], heading=_("Mail")),
        FieldPanel("body"),
        FieldPanel("when_missing"),
        HelpPanel(_("Test mails, schedule and sending: menu “Newsletter”, “Issues”.")),
    ]
    search_fields = [*Page.search_fields, index.SearchField("subject"), index.SearchField("body")]
    parent_page_types = ["blog.NewsletterIndexPage"]
    subpage_types: list[str] = []
    translatable_fields = [
        *TEXTS,
        TranslatableField("subject"),
        TranslatableField("preheader"),
        TranslatableField("body"),
        SynchronizedField("when_missing", overridable=False),
    ]
    template = "blog/newsletter_issue.html"
    preview_modes = [("", _("Web page")), ("mail", _("Mail")), ("text", _("Mail as plain text"))]

    class Meta:
        verbose_name = _("newsletter issue")
        verbose_name_plural = _("newsletter issues")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context(request, *args, **kwargs), "index": self.get_parent().specific}

    def descriptions(self) -> list[str]:
        return [self.preheader]

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        """The page, or the mail as it would leave now. A mail's styles are inline, which pages are not allowed."""
        from blog.letters import letter_of  # it renders what is stored here

        if not mode_name:
            return super().serve_preview(request, mode_name)
        letter = letter_of(self)
        if mode_name == "text":
            return HttpResponse(letter.text, content_type="text/plain; charset=utf-8")
        response = HttpResponse(letter.html)
        widen_policy(response, {"style-src": ["'unsafe-inline'"]})
        return response


class SendingState(models.TextChoices):
    SCHEDULED = "scheduled", _("Scheduled")  # begins at `send_at`; may be cancelled
    SENDING = "sending", _("Being sent")  # recipients are fixed, mails are leaving
    SENT = "sent", _("Sent")  # every recipient is sent, failed or skipped
    CANCELLED = "cancelled", pgettext_lazy("sending", "Cancelled")  # before it began; may be scheduled again


class Sending(models.Model):
    """The one sending of an issue in all its languages, ever: `issue_key` is the translation key of its pages."""

    issue_key = models.UUIDField(unique=True, editable=False)
    subject = models.CharField(_("Subject"), max_length=150)
    state = models.CharField(_("State"), max_length=20, choices=SendingState, default=SendingState.SCHEDULED)
    send_at = models.DateTimeField(_("Send at"))
    started_at = models.DateTimeField(_("Begun"), null=True, blank=True)
    finished_at = models.DateTimeField(_("Finished"), null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        verbose_name = _("newsletter sending")
        verbose_name_plural = _("newsletter sendings")
        permissions = [("send_newsletter", _("Can send the newsletter"))]

    def __str__(self) -> str:
        return self.subject


class DeliveryState(models.TextChoices):
    QUEUED = "queued", _("Waiting")  # not tried, or to be tried again at `next_try_at`
    SENT = "sent", _("Sent")  # the mail server took it
    FAILED = "failed", _("Failed")  # refused for good, or too often for now
    SKIPPED = "skipped", _("Left out")  # unsubscribed or erased in between


class Delivery(models.Model):
    """One recipient of one sending, fixed when it begins. Its row is locked while its mail leaves."""

    sending = models.ForeignKey(Sending, on_delete=models.CASCADE, related_name="deliveries")
    subscriber = models.ForeignKey(
        "blog.Subscriber", null=True, blank=True, on_delete=models.SET_NULL, related_name="deliveries"
    )
    language = models.CharField(max_length=15)  # of the subscriber
    used_language = models.CharField(max_length=15)  # of the mail: the same, or the fallback
    state = models.CharField(max_length=20, choices=DeliveryState, default=DeliveryState.QUEUED)
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=200, blank=True)  # the server's code, never the address

    class Meta:
        verbose_name = _("newsletter delivery")
        verbose_name_plural = _("newsletter deliveries")
        constraints = [models.UniqueConstraint(fields=["sending", "subscriber"], name="delivery_once")]
        indexes = [
            models.Index(fields=["sending", "next_try_at"], condition=Q(state="queued"), name="delivery_due"),
            models.Index(fields=["sending", "language", "state"], name="delivery_counts"),
        ]

    def __str__(self) -> str:
        return f"{self.sending_id} {self.pk} {self.state}"
