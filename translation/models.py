"""What translators leave behind: interface texts, what each translation was made from, and how far each object is."""

from __future__ import annotations

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils.translation import gettext_lazy as _


class Message(models.Model):
    """One interface text as its translators want it. It stands above the shipped catalogue of its language."""

    language_code = models.CharField(_("Language"), max_length=15)
    context = models.CharField(_("Context"), max_length=200, blank=True)
    msgid = models.TextField(_("Original"))
    digest = models.CharField(max_length=64)  # of context and msgid: a text is too long for a unique index
    has_plural = models.BooleanField(default=False)
    forms = models.JSONField(_("Translation"), default=list)  # one text, or one per plural form of the language
    shipped = models.JSONField(default=list)  # what the catalogue said when this was written
    fuzzy = models.BooleanField(_("Needs review"), default=False)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("Author"), null=True, on_delete=models.SET_NULL, related_name="+"
    )
    changed_at = models.DateTimeField(_("Changed"), auto_now=True)

    class Meta:
        verbose_name = _("interface text")
        verbose_name_plural = _("interface texts")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["language_code", "digest"], name="message_once")]

    def __str__(self) -> str:
        return f"{self.language_code}: {self.msgid}"


class Basis(models.Model):
    """The source text that one translated field was made from, or last found to be still correct with."""

    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE, related_name="+")
    object_id = models.PositiveBigIntegerField()
    language_code = models.CharField(max_length=15)
    path = models.CharField(max_length=255)  # as translation.pieces names a text
    source = models.TextField()
    target = models.TextField()
    seen_at = models.DateTimeField(auto_now=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["content_type", "object_id", "language_code", "path"], name="basis_of_a_field"
            )
        ]

    def __str__(self) -> str:
        return f"{self.content_type_id}/{self.object_id} {self.language_code} {self.path}"


class Standing(models.Model):
    """How far one object is in one language; derived from its latest revision, can be computed anew at any time."""

    class State(models.TextChoices):
        MISSING = "missing", _("Missing")  # no text at all in this language
        OUTDATED = "outdated", _("Outdated")  # its source has changed since
        DRAFT = "draft", _("Draft")  # begun, or not published yet
        REVIEW = "review", _("In review")
        DONE = "done", _("Done")

    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE, related_name="+")
    object_id = models.PositiveBigIntegerField()
    language_code = models.CharField(max_length=15)
    revision_id = models.BigIntegerField(null=True)  # the latest one when this was computed
    name = models.CharField(max_length=255)
    state = models.CharField(max_length=10, choices=State)
    words_left = models.PositiveIntegerField(default=0)
    seen_at = models.DateTimeField(auto_now=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["content_type", "object_id", "language_code"], name="standing_of_an_object")
        ]
        indexes = [models.Index(fields=["language_code", "state"], name="standing_state")]

    def __str__(self) -> str:
        return f"{self.name} {self.language_code}: {self.state}"
