"""What staff say about products bought together. What follows from it: suggestions/choosing.py."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.models import Product


class Pairing(models.Model):
    """Beside one product, another is always or never suggested. No text and no price: it holds at once."""

    class Kind(models.TextChoices):
        PIN = "pin", _("Always, before all others")
        BAN = "ban", _("Never")

    product = models.ForeignKey(
        Product,
        verbose_name=_("Beside this product"),
        on_delete=models.CASCADE,
        related_name="+",
        help_text=_("Also in carts and orders that hold it."),
    )
    partner = models.ForeignKey(Product, verbose_name=_("this one"), on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(_("is suggested"), max_length=10, choices=Kind, default=Kind.PIN)
    position = models.PositiveIntegerField(_("Position"), default=0, help_text=_("Small numbers come first."))

    class Meta:
        verbose_name = _("suggestion")
        verbose_name_plural = _("suggestions")
        ordering = ["product", "kind", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "partner"],
                name="pairing_once",
                violation_error_message=_("There is a rule for these two products already."),
            ),
            models.CheckConstraint(
                condition=~models.Q(product=models.F("partner")),
                name="pairing_of_two",
                violation_error_message=_("Please choose two different products."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product} – {self.partner}"
