"""Coupons, reviewed like texts, and the uses that orders made of them. What can happen to them: coupons.py."""

from __future__ import annotations

import unicodedata
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from modelcluster.models import ClusterableModel
from wagtail.models import Revision
from wagtail.search import index

from catalog.models import Category, Product
from commerce.models.order import Order
from commerce.pricing import Gives
from core.models import ReviewedSnippet
from core.money import Money

LONGEST_CODE = 30
letters_and_digits = RegexValidator(
    r"^[A-Z0-9]+(-[A-Z0-9]+)*\Z", _("Please use letters from A to Z, digits, and single hyphens between them.")
)


def plain_code(typed: str) -> str:
    """A code as it is stored, however it was typed: capitals, no spaces around, full-width letters made narrow."""
    return unicodedata.normalize("NFKC", typed).strip().upper()


class CodeField(models.CharField):
    """Written and looked up in its stored form, so that a plain unique index knows no case."""

    def to_python(self, value: Any) -> str | None:
        value = super().to_python(value)
        return None if value is None else plain_code(value)


class GivesChoice(models.TextChoices):
    """Names of commerce.pricing.Gives."""

    PERCENT = Gives.PERCENT.value, _("Percent off")
    AMOUNT = Gives.AMOUNT.value, _("Amount off")
    FREE_DELIVERY = Gives.FREE_DELIVERY.value, _("Free delivery")


class Scope(models.TextChoices):
    """Kept beside the choice: a deleted category must not make a coupon for tea one for everything."""

    ALL = "all", _("All products")
    CHOSEN = "chosen", _("The chosen products, categories and tags")


class Coupon(ClusterableModel, ReviewedSnippet, index.Indexed):
    """A code that takes something off an order. Amounts are gross, in the shop currency.

    The code belongs to the coupon, not to a revision of it, so that publishing never meets a code that is taken. It is
    fixed with the first publication: shoppers have it on paper.
    """

    code = CodeField(
        _("Code"),
        max_length=LONGEST_CODE,
        unique=True,
        validators=[letters_and_digits],
        error_messages={
            "unique": _("There is a coupon with this code already. Capital and small letters are the same.")
        },
    )
    note = models.CharField(
        _("Note"), max_length=200, blank=True, help_text=_("For colleagues; shoppers never see it.")
    )
    gives = models.CharField(_("Gives"), max_length=20, choices=GivesChoice, default=GivesChoice.PERCENT)
    value = models.DecimalField(
        _("Percent or amount"),
        max_digits=12,
        decimal_places=3,
        null=True,
        blank=True,
        help_text=_("10 means 10 % or an amount of 10, as chosen above. Not needed for free delivery."),
    )
    minimum = models.DecimalField(
        _("From goods of"),
        max_digits=12,
        decimal_places=3,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0))],
        help_text=_("Gross, of the goods that the coupon is for. Empty: any amount."),
    )
    scope = models.CharField(_("For"), max_length=10, choices=Scope, default=Scope.ALL)
    categories = ParentalManyToManyField(
        Category,
        verbose_name=_("Categories"),
        blank=True,
        related_name="+",
        help_text=_("With everything in the categories below them."),
    )
    tags = ParentalManyToManyField(
        "taggit.Tag",
        verbose_name=_("Tags"),
        blank=True,
        related_name="+",
        limit_choices_to={"catalog_producttag_items__isnull": False},
    )
    starts_at = models.DateTimeField(_("From"), null=True, blank=True)
    ends_at = models.DateTimeField(_("Until"), null=True, blank=True)
    max_uses = models.PositiveIntegerField(
        _("Uses in total"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Empty: as often as people like."),
    )
    max_uses_each = models.PositiveIntegerField(
        _("Uses per customer"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("A customer is known by the e-mail address. Empty: as often as they like."),
    )

    search_fields = [
        index.SearchField("code"),
        index.AutocompleteField("code"),
        index.SearchField("note"),
        index.FilterField("live"),
    ]

    class Meta:
        verbose_name = _("coupon")
        verbose_name_plural = _("coupons")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(gives=Gives.FREE_DELIVERY.value)
                | models.Q(gives=Gives.AMOUNT.value, value__gt=0)
                | models.Q(gives=Gives.PERCENT.value, value__gt=0, value__lte=100),
                name="coupon_value",
            ),
        ]

    def __str__(self) -> str:
        return self.code

    def clean(self) -> None:
        """Raises ValidationError unless it could go live as it is: publishing does not look again."""
        super().clean()
        if self.gives == GivesChoice.FREE_DELIVERY:
            self.value = None
        elif not self.value or self.value <= 0:
            raise ValidationError({"value": _("Please say how much; more than nothing.")})
        elif self.gives == GivesChoice.PERCENT and self.value > 100:
            raise ValidationError({"value": _("At most 100 %.")})
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            raise ValidationError({"ends_at": _("This must be later than the beginning.")})

    def save_revision(self, *args: Any, **kwargs: Any) -> Revision:
        with transaction.atomic():
            # Reserved at once, though the rest waits for its publication.
            type(self).objects.filter(pk=self.pk, first_published_at=None).update(code=self.code)
            return super().save_revision(*args, **kwargs)

    def with_content_json(self, content: dict[str, Any]) -> Coupon:
        draft = super().with_content_json(content)
        draft.code = self.code
        return draft

    @property
    def approved_schedule(self) -> bool:
        known = self.__dict__.get("_approved_schedule")  # annotated by the list, as Wagtail does for pages
        return super().approved_schedule if known is None else known

    @property
    def least(self) -> Money | None:
        """The minimum in the shop currency."""
        return None if self.minimum is None else Money(self.minimum, settings.SHOP_CURRENCY).rounded()


class CouponProduct(models.Model):
    coupon = ParentalKey(Coupon, on_delete=models.CASCADE, related_name="products")
    product = models.ForeignKey(Product, verbose_name=_("Product"), on_delete=models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return str(self.product)


class CouponUse(models.Model):
    """One order's use of a coupon: held while it waits for payment, used once it is paid, free again when it ends.

    `customer`: keyed digest of the e-mail address, which outlives it for the limit per customer.
    """

    coupon = models.ForeignKey(Coupon, on_delete=models.PROTECT, related_name="uses")
    order = models.OneToOneField(Order, on_delete=models.CASCADE, related_name="coupon_use")
    customer = models.CharField(max_length=64)
    taken_at = models.DateTimeField(_("Taken"), auto_now_add=True)
    released_at = models.DateTimeField(_("Released"), null=True, blank=True)

    class Meta:
        verbose_name = _("coupon use")
        verbose_name_plural = _("coupon uses")
        ordering = ["-taken_at", "-pk"]
        indexes = [
            models.Index(fields=["coupon", "customer"], condition=models.Q(released_at=None), name="coupon_use_counts")
        ]

    def __str__(self) -> str:
        return f"{self.coupon_id}: {self.order_id}"
