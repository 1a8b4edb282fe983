"""What visitors say below posts. Shown only after a moderator has approved it. Verbs: `blog/comments.py`."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting


class CommentState(models.TextChoices):
    WAITING = "waiting", _("Waiting")  # nobody has looked at it; only moderators see it
    APPROVED = "approved", _("Approved")  # shown below its post
    REFUSED = "refused", _("Refused")  # kept, not shown
    SPAM = "spam", _("Spam")  # kept for comparison, not shown


class CommentQuerySet(models.QuerySet["Comment"]):
    def waiting(self) -> Self:
        return self.filter(state=CommentState.WAITING)

    def approved(self) -> Self:
        return self.filter(state=CommentState.APPROVED)


class Comment(models.Model):
    """Plain text of one visitor below one post; the post's page gives the language."""

    post = models.ForeignKey(
        "blog.BlogPostPage", verbose_name=_("Post"), on_delete=models.CASCADE, related_name="comments"
    )
    language = models.CharField(_("Language"), max_length=15, choices=settings.LANGUAGES)
    name = models.CharField(_("Name"), max_length=80)
    email = models.EmailField(_("E-mail"), blank=True)  # never shown on the site
    text = models.TextField(_("Comment"), max_length=3000)
    state = models.CharField(_("State"), max_length=20, choices=CommentState, default=CommentState.WAITING)
    created_at = models.DateTimeField(_("Written"), auto_now_add=True)
    decided_at = models.DateTimeField(_("Decided"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = CommentQuerySet.as_manager()

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        indexes = [models.Index(fields=["post", "state", "created_at"], name="comment_shown")]

    def __str__(self) -> str:
        return f"{self.name}: {self.text[:60]}"


@register_setting(icon="comment")
class CommentSettings(BaseGenericSetting):
    """Whether visitors may comment at all. Read through `blog.comments.switched_on()`."""

    switched_on = models.BooleanField(
        _("Visitors may comment on posts"),
        default=False,
        help_text=_("Every comment waits until a moderator has approved it."),
    )

    panels = [FieldPanel("switched_on")]

    class Meta:
        verbose_name = _("comments of visitors")
