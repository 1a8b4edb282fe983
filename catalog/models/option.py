"""What variants may differ in."""

from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.models import Orderable

from core.localized import LocalizedTextField


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
