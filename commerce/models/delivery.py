"""How goods are sent and taxed: methods with their rates by weight and total, tax rates by country and day."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel

from catalog.models import TaxClass
from commerce.addresses import COUNTRIES, country_choices
from core.localized import LocalizedTextField
from core.money import Money


class DeliveryMethod(models.Model):
    """A way to send goods, its price and the countries it reaches."""

    name = LocalizedTextField(_("Name"))
    description = LocalizedTextField(_("Description"), blank=True, max_length=300)
    price = models.DecimalField(
        _("Price"), max_digits=12, decimal_places=3, validators=[MinValueValidator(Decimal(0))], help_text=_("Gross.")
    )
    min_days = models.PositiveSmallIntegerField(_("Days, at least"), default=2)
    max_days = models.PositiveSmallIntegerField(_("Days, at most"), default=4)
    countries = models.JSONField(
        _("Countries"),
        default=list,
        blank=True,
        help_text=_("Country codes in capitals. Empty: every country the shop serves."),
    )
    position = models.PositiveIntegerField(_("Position"), default=0)
    active = models.BooleanField(_("Active"), default=True)

    panels = [
        FieldPanel("name"),
        FieldPanel("description"),
        FieldPanel("price"),
        FieldRowPanel([FieldPanel("min_days"), FieldPanel("max_days")]),
        FieldPanel("countries"),
        MultiFieldPanel([FieldPanel("position"), FieldPanel("active")]),
    ]

    class Meta:
        verbose_name = _("delivery method")
        verbose_name_plural = _("delivery methods")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(price__gte=0), name="delivery_price"),
            models.CheckConstraint(condition=models.Q(min_days__lte=models.F("max_days")), name="delivery_days"),
        ]

    def __str__(self) -> str:
        return str(self.name)

    def clean(self) -> None:
        """Raises ValidationError unless the countries are a list of codes that the shop serves."""
        known = COUNTRIES.keys()
        if not isinstance(self.countries, list) or any(code not in known for code in map(str, self.countries)):
            raise ValidationError({"countries": _("Please choose from the countries the shop serves.")})

    @property
    def gross(self) -> Money:
        """The price in the shop currency."""
        return Money(self.price, settings.SHOP_CURRENCY).rounded()

    def reaches(self, country: str) -> bool:
        return not self.countries or country in self.countries


class TaxRate(models.Model):
    """The tax contained in gross prices of one tax class in one country. Without a row: no tax (an export)."""

    country = models.CharField(_("Country"), max_length=2, choices=country_choices)
    tax_class = models.CharField(_("Tax class"), max_length=20, choices=TaxClass, default=TaxClass.STANDARD)
    rate = models.DecimalField(
        _("Rate in percent"),
        max_digits=5,
        decimal_places=2,
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(100))],
    )

    panels = [FieldPanel("country"), FieldPanel("tax_class"), FieldPanel("rate")]

    class Meta:
        verbose_name = _("tax rate")
        verbose_name_plural = _("tax rates")
        ordering = ["country", "tax_class"]
        constraints = [
            models.UniqueConstraint(fields=["country", "tax_class"], name="tax_rate_once"),
            models.CheckConstraint(condition=models.Q(rate__gte=0, rate__lte=100), name="tax_rate_percent"),
        ]

    def __str__(self) -> str:
        return f"{self.country} {self.tax_class}: {self.rate.normalize():f} %"
