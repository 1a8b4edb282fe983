"""What the editorial desk stores: how strict publishing is."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting


class Weight(models.TextChoices):
    """What a missing thing does to publishing."""

    BLOCK = "block", _("Must be there before publishing")
    WARN = "warn", _("Is missed with a warning")
    OFF = "off", _("Is not looked at")


@register_setting(icon="tasks")
class PublishRules(BaseGenericSetting):
    """How strict publishing is. A name, a variant and a price are always wanted: without them nothing can be sold."""

    alt_text = models.CharField(_("Alt text of pictures"), max_length=5, choices=Weight, default=Weight.BLOCK)
    languages = models.CharField(_("A text in every language"), max_length=5, choices=Weight, default=Weight.WARN)
    picture = models.CharField(_("A picture of the product"), max_length=5, choices=Weight, default=Weight.WARN)
    search_texts = models.CharField(_("Texts for search engines"), max_length=5, choices=Weight, default=Weight.WARN)

    panels = [FieldPanel("alt_text"), FieldPanel("languages"), FieldPanel("picture"), FieldPanel("search_texts")]

    class Meta:
        verbose_name = _("publishing rules")
