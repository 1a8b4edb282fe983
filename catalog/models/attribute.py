"""Typed facts about products. A product's type says which of them it has."""

from __future__ import annotations

from decimal import Decimal

from babel.numbers import format_decimal
from django.db import models
from django.utils.translation import get_language, gettext, pgettext_lazy, to_locale
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from modelcluster.models import ClusterableModel
from wagtail.models import Orderable

from core.localized import LocalizedTextField


class Attribute(ClusterableModel):
    """One fact that products may have: origin, capacity, dishwasher-safe."""

    class Kind(models.TextChoices):
        TEXT = "text", _("Text")
        NUMBER = "number", pgettext_lazy("attribute kind", "Number")
        CHOICE = "choice", _("Choice")
        YES_NO = "yes_no", _("Yes or no")

    key = models.SlugField(_("Key"), unique=True)
    name = LocalizedTextField(_("Name"))
    kind = models.CharField(_("Kind"), max_length=10, choices=Kind, default=Kind.TEXT)
    unit = models.CharField(_("Unit"), max_length=20, blank=True, help_text=_("Of a number: ml, °C, g."))
    facet = models.BooleanField(
        _("Filter"), default=False, help_text=_("Shoppers can narrow lists by it. Texts cannot be filtered by.")
    )
    position = models.PositiveIntegerField(_("Position"), default=0, help_text=_("Small numbers come first."))

    class Meta:
        verbose_name = _("attribute")
        verbose_name_plural = _("attributes")
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return str(self.name)


class AttributeChoice(Orderable):
    """One of the values of a choice attribute: spring, autumn."""

    attribute = ParentalKey(Attribute, on_delete=models.CASCADE, related_name="choices")
    key = models.SlugField(_("Key"))
    label = LocalizedTextField(_("Label"))

    class Meta(Orderable.Meta):
        verbose_name = _("choice")
        verbose_name_plural = _("choices")
        constraints = [models.UniqueConstraint(fields=["attribute", "key"], name="attribute_choice_key")]

    def __str__(self) -> str:
        return str(self.label)


class ProductType(ClusterableModel):
    """A kind of product with its set of attributes: loose tea, teapot."""

    key = models.SlugField(_("Key"), unique=True)
    name = LocalizedTextField(_("Name"))
    attributes = ParentalManyToManyField(Attribute, verbose_name=_("Attributes"), blank=True, related_name="types")

    class Meta:
        verbose_name = _("product type")
        verbose_name_plural = _("product types")
        ordering = ["key"]

    def __str__(self) -> str:
        return str(self.name)


class AttributeValue(models.Model):
    """What one product has as one attribute. Exactly the column of the attribute's kind is filled."""

    product = ParentalKey("catalog.Product", on_delete=models.CASCADE, related_name="attribute_values")
    attribute = models.ForeignKey(
        Attribute, verbose_name=_("Attribute"), on_delete=models.CASCADE, related_name="values"
    )
    text = LocalizedTextField(_("Text"), blank=True)
    number = models.DecimalField(
        pgettext_lazy("attribute kind", "Number"), max_digits=14, decimal_places=4, null=True, blank=True
    )
    choice = models.ForeignKey(
        AttributeChoice, verbose_name=_("Choice"), null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    yes_no = models.BooleanField(_("Yes or no"), null=True, blank=True)

    class Meta:
        verbose_name = _("attribute value")
        verbose_name_plural = _("attribute values")
        ordering = ["attribute__position", "attribute"]
        constraints = [models.UniqueConstraint(fields=["product", "attribute"], name="attribute_once_per_product")]
        indexes = [models.Index(fields=["attribute", "choice"], name="attribute_value_choice")]

    def __str__(self) -> str:
        return f"{self.attribute}: {self.shown}"

    @property
    def shown(self) -> str:
        """The value in the active language, with its unit; empty when nothing is filled."""
        kind = self.attribute.kind
        if kind == Attribute.Kind.NUMBER:
            return shown_number(self.number, self.attribute.unit) if self.number is not None else ""
        if kind == Attribute.Kind.YES_NO:
            return {True: gettext("Yes"), False: gettext("No"), None: ""}[self.yes_no]
        return str(self.choice or "") if kind == Attribute.Kind.CHOICE else str(self.text)


def shown_number(number: Decimal, unit: str) -> str:
    """1250.5 and "ml" as "1,250.5 ml" in English and "1.250,5 ml" in German."""
    shown = format_decimal(number, locale=to_locale(get_language() or "en"))
    return f"{shown}\u00a0{unit}" if unit else shown
