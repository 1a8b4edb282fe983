"""What is bought: one SKU with its price."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.validators import MinValueValidator
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.models import Orderable

from catalog.gtin import validate_gtin
from catalog.models.option import OptionValue
from catalog.models.product import Product


class Variant(Orderable):
    """What is bought: one SKU with its price. Part of the revision, so prices are approved with their text.

    Never holds anything that changes without an editor (stock, counters): publishing a draft would undo it.
    """

    product = ParentalKey(Product, on_delete=models.CASCADE, related_name="variants")
    sku = models.CharField(_("SKU"), max_length=40, unique=True)
    gtin = models.CharField(
        _("GTIN"), max_length=14, blank=True, default="", db_default="", validators=[validate_gtin]
    )  # digits only
    option_1 = models.ForeignKey(
        OptionValue, verbose_name=_("Option 1"), null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    option_2 = models.ForeignKey(
        OptionValue, verbose_name=_("Option 2"), null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    option_3 = models.ForeignKey(
        OptionValue, verbose_name=_("Option 3"), null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    image = models.ForeignKey(
        "wagtailimages.Image",
        verbose_name=_("Picture"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    price = models.DecimalField(
        _("Price"), max_digits=12, decimal_places=3, validators=[MinValueValidator(Decimal(0))], help_text=_("Gross.")
    )
    sale_price = models.DecimalField(
        _("Sale price"),
        max_digits=12,
        decimal_places=3,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0))],
    )
    sale_from = models.DateTimeField(_("Sale from"), null=True, blank=True)
    sale_until = models.DateTimeField(_("Sale until"), null=True, blank=True)
    weight_grams = models.PositiveIntegerField(_("Weight in grams"), default=0)
    active = models.BooleanField(_("Active"), default=True, help_text=_("Only active variants can be bought."))

    class Meta(Orderable.Meta):
        verbose_name = _("variant")
        verbose_name_plural = _("variants")
        constraints = [
            models.CheckConstraint(condition=models.Q(price__gte=0), name="variant_price"),
            models.CheckConstraint(
                condition=models.Q(sale_price=None) | models.Q(sale_price__gte=0), name="variant_sale_price"
            ),
        ]

    def __str__(self) -> str:
        return self.sku

    @property
    def option_values(self) -> list[OptionValue]:
        return [value for value in (self.option_1, self.option_2, self.option_3) if value is not None]

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Deactivates instead when stock was ever moved or an order points here. Publishing a revision deletes the
        rows that it does not have, and what was sold must stay readable."""
        try:
            with transaction.atomic():
                return super().delete(*args, **kwargs)
        except models.ProtectedError:
            type(self).objects.filter(pk=self.pk).update(active=False)
            return 0, {}
