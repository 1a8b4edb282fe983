"""How goods are sent and taxed: methods with their prices by weight and total, tax rates by country and day."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel

from catalog.models import TaxClass
from commerce.addresses import COUNTRIES, country_choices
from commerce.tariff import Band, Tariff
from core.forms import AmountInput
from core.localized import LocalizedTextField
from core.money import Money

EVER = date(2000, 1, 1)  # earlier than any order


class DeliveryMethod(ClusterableModel):
    """A way to send goods, what it costs, and the countries it reaches: its zone. Another price elsewhere is another
    method, which may have the same name."""

    name = LocalizedTextField(_("Name"))
    description = LocalizedTextField(_("Description"), blank=True, max_length=300)
    price = models.DecimalField(
        _("Price"),
        max_digits=12,
        decimal_places=3,
        validators=[MinValueValidator(Decimal(0))],
        help_text=_("Gross. For any weight, unless heavier parcels have a price of their own below."),
    )
    most_grams = models.PositiveIntegerField(
        _("Heaviest, in grams"),
        null=True,
        blank=True,
        help_text=_("It is not offered for heavier carts. Empty: it carries any weight."),
    )
    free_from = models.DecimalField(
        _("Free from"),
        max_digits=12,
        decimal_places=3,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0))],
        help_text=_("What the goods must cost, with tax and after a coupon. Empty: never free."),
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
        FieldRowPanel(
            [
                FieldPanel("price", widget=AmountInput),
                FieldPanel("free_from", widget=AmountInput),
                FieldPanel("most_grams"),
            ]
        ),
        InlinePanel(
            "rates",
            heading=_("Heavier parcels"),
            label=_("Price of heavier parcels"),
            help_text=_("Each price counts from its weight on, until the next heavier one."),
        ),
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
            models.CheckConstraint(
                condition=models.Q(free_from=None) | models.Q(free_from__gte=0), name="delivery_free_from"
            ),
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
        """The price of the lightest parcel, in the shop currency."""
        return Money(self.price, settings.SHOP_CURRENCY).rounded()

    @property
    def tariff(self) -> Tariff:
        """All its prices, in the shop currency."""
        heavier = sorted((rate.over_grams, rate.gross) for rate in self.rates.all())
        free_from = None if self.free_from is None else Money(self.free_from, settings.SHOP_CURRENCY).rounded()
        bands = (Band(0, self.gross), *(Band(over, price) for over, price in heavier))
        return Tariff(bands, self.most_grams, free_from)

    def reaches(self, country: str) -> bool:
        return not self.countries or country in self.countries


class DeliveryRate(models.Model):
    """What a method costs from a weight on. No two begin at the same, so bands neither overlap nor leave a gap."""

    method = ParentalKey(DeliveryMethod, on_delete=models.CASCADE, related_name="rates")
    over_grams = models.PositiveIntegerField(
        _("Heavier than, in grams"), validators=[MinValueValidator(1, _("The lightest parcel has its price above."))]
    )
    price = models.DecimalField(
        _("Price"), max_digits=12, decimal_places=3, validators=[MinValueValidator(Decimal(0))], help_text=_("Gross.")
    )

    panels = [FieldRowPanel([FieldPanel("over_grams"), FieldPanel("price", widget=AmountInput)])]

    class Meta:
        verbose_name = _("price of heavier parcels")
        verbose_name_plural = _("prices of heavier parcels")
        ordering = ["over_grams"]
        constraints = [
            models.UniqueConstraint(fields=["method", "over_grams"], name="delivery_rate_once"),
            models.CheckConstraint(condition=models.Q(price__gte=0, over_grams__gte=1), name="delivery_rate_price"),
        ]

    def __str__(self) -> str:
        return f"> {self.over_grams} g: {self.gross}"

    @property
    def gross(self) -> Money:
        """In the shop currency."""
        return Money(self.price, settings.SHOP_CURRENCY).rounded()


class TaxRate(models.Model):
    """The tax contained in gross prices of one tax class in one country, from a day on. Without a row: no tax (an
    export)."""

    country = models.CharField(_("Country"), max_length=2, choices=country_choices)
    tax_class = models.CharField(_("Tax class"), max_length=20, choices=TaxClass, default=TaxClass.STANDARD)
    rate = models.DecimalField(
        _("Rate in percent"),
        max_digits=5,
        decimal_places=2,
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(100))],
    )
    valid_from = models.DateField(
        _("Valid from"),
        default=EVER,
        db_default=EVER,
        help_text=_("The first day of this rate, in the shop's time zone. It ends where a later one begins."),
    )

    panels = [FieldPanel("country"), FieldPanel("tax_class"), FieldPanel("rate"), FieldPanel("valid_from")]

    class Meta:
        verbose_name = _("tax rate")
        verbose_name_plural = _("tax rates")
        ordering = ["country", "tax_class", "valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["country", "tax_class", "valid_from"], name="tax_rate_once_a_day"),
            models.CheckConstraint(condition=models.Q(rate__gte=0, rate__lte=100), name="tax_rate_percent"),
        ]

    def __str__(self) -> str:
        return f"{self.country} {self.tax_class}: {self.rate.normalize():f} % ({self.valid_from})"
