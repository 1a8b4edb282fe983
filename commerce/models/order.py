"""Orders: frozen, so that they copy whatever they state. Amounts are gross, in major units of the order's currency."""

from __future__ import annotations

import secrets
import uuid
from decimal import Decimal
from typing import Any

from django.db import models
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from catalog.models import Variant
from commerce.addresses import country_name
from commerce.models.delivery import DeliveryMethod
from commerce.pricing import Line, LineTotal, Shipping, Totals, tax_lines
from commerce.querysets import OrderQuerySet
from commerce.tariff import Quote
from core.money import Money

# No vowels, so no words; nothing that looks like something else on paper or sounds like it on the phone.
NUMBER_LETTERS = "23456789BCDFGHJKMNPQRSTVWXZ"


def new_token() -> str:
    """192 random bits: whoever knows an order's address may see the order."""
    return secrets.token_urlsafe(24)


def new_number() -> str:
    """A readable order number, e.g. K7F3-9QWM. Random, so that it tells nobody how many orders there are."""
    letters = [secrets.choice(NUMBER_LETTERS) for _position in range(8)]
    return f"{''.join(letters[:4])}-{''.join(letters[4:])}"


def money_off(label: Any, **more: Any) -> models.DecimalField:
    """A column for a part of the discount, gross, not negative."""
    return models.DecimalField(
        label, max_digits=12, decimal_places=3, default=Decimal(0), db_default=Decimal(0), **more
    )


class Status(models.TextChoices):
    """Where an order stands. Which state may follow which: TRANSITIONS."""

    PENDING = "pending", _("Waiting for payment")  # holds stock
    AWAITING_FUNDS = (
        "awaiting_funds",
        _("Waiting for the money to arrive"),
    )  # a transfer, or a delayed method; holds stock
    PAID = "paid", _("Paid")  # stock is sold
    SHIPPED = "shipped", _("Shipped")
    PART_REFUNDED = "part_refunded", _("Partly refunded")
    REFUNDED = "refunded", _("Refunded")
    EXPIRED = "expired", _("Expired")  # never paid in time; holds nothing
    CANCELLED = "cancelled", _("Cancelled")  # by somebody, or the delayed payment failed; holds nothing
    NEEDS_ATTENTION = "needs_attention", _("Needs attention")  # amount, currency or owner differ; still holds stock
    PAID_UNFULFILLABLE = "paid_unfulfillable", _("Paid, but sold out")  # paid after the hold ended; to be refunded


TRANSITIONS: dict[str, set[str]] = {
    Status.PENDING: {
        Status.AWAITING_FUNDS,
        Status.PAID,
        Status.EXPIRED,
        Status.CANCELLED,
        Status.NEEDS_ATTENTION,
    },
    Status.AWAITING_FUNDS: {Status.PAID, Status.EXPIRED, Status.CANCELLED, Status.NEEDS_ATTENTION},
    Status.PAID: {Status.SHIPPED, Status.PART_REFUNDED, Status.REFUNDED},
    Status.SHIPPED: {Status.PAID, Status.PART_REFUNDED, Status.REFUNDED},
    # Back to where it was, or from shipped to paid: a refund failed. Only refunds.py goes these ways.
    Status.PART_REFUNDED: {Status.SHIPPED, Status.REFUNDED, Status.PAID},
    Status.REFUNDED: {
        Status.PART_REFUNDED,
        Status.PAID,
        Status.SHIPPED,
        Status.NEEDS_ATTENTION,
        Status.PAID_UNFULFILLABLE,
    },
    # The money came after all: an editor ended the hold, or the provider was late.
    Status.EXPIRED: {Status.PAID, Status.PAID_UNFULFILLABLE, Status.NEEDS_ATTENTION},
    Status.CANCELLED: {Status.PAID, Status.PAID_UNFULFILLABLE, Status.NEEDS_ATTENTION, Status.REFUNDED},
    Status.NEEDS_ATTENTION: {Status.PAID, Status.CANCELLED, Status.REFUNDED},
    Status.PAID_UNFULFILLABLE: {Status.PAID, Status.REFUNDED},
}


# Events by which a sale was none after all: only `orders.take_back` goes from "paid" to these.
UNSOLD = models.Q(
    from_status=Status.PAID,
    to_status__in=[Status.AWAITING_FUNDS, Status.EXPIRED, Status.CANCELLED, Status.NEEDS_ATTENTION],
)

# Money of the buyer is with the shop.
REFUNDABLE = {
    Status.PAID,
    Status.SHIPPED,
    Status.PART_REFUNDED,
    Status.NEEDS_ATTENTION,
    Status.PAID_UNFULFILLABLE,
}


class Order(models.Model):
    """A frozen purchase: what was agreed on, at which price, where it goes. Only `status` and its times change."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    token = models.CharField(max_length=64, default=new_token, unique=True, editable=False)
    number = models.CharField(_("Number"), max_length=20, default=new_number, unique=True, editable=False)
    cart_attempt = models.UUIDField(unique=True, help_text=_("The checkout form it came from: one form, one order."))
    status = models.CharField(_("Status"), max_length=20, choices=Status, default=Status.PENDING)

    language = models.CharField(_("Language"), max_length=10)
    email = models.EmailField(_("E-mail"))
    name = models.CharField(_("Name"), max_length=100)
    phone = models.CharField(_("Phone"), max_length=30, blank=True)
    company = models.CharField(_("Company"), max_length=100, blank=True)
    vat_id = models.CharField(_("VAT number"), max_length=20, blank=True, default="", db_default="")
    country = models.CharField(_("Country"), max_length=2)
    address = models.JSONField(_("Address"), help_text=_("Street, postcode, city and region as they were typed."))
    note = models.TextField(_("Note from the buyer"), blank=True, default="", db_default="")
    wants_newsletter = models.BooleanField(
        _("Asked for the newsletter"), default=False, db_default=False, help_text=_("Ticked at checkout.")
    )

    currency = models.CharField(_("Currency"), max_length=3)
    goods_total = models.DecimalField(_("Goods"), max_digits=12, decimal_places=3)
    delivery_method = models.ForeignKey(
        DeliveryMethod, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    delivery_name = models.CharField(_("Delivery"), max_length=200)
    delivery_gross = models.DecimalField(_("Delivery price"), max_digits=12, decimal_places=3)
    delivery_tax_rate = models.DecimalField(max_digits=5, decimal_places=2, default=Decimal(0))
    delivery_tax = models.DecimalField(max_digits=12, decimal_places=3, default=Decimal(0))
    delivery_basis = models.JSONField(
        default=dict, db_default={}, editable=False, help_text=_("Weight, band and prices that delivery came from.")
    )
    coupon_code = models.CharField(_("Coupon"), max_length=30, blank=True, default="", db_default="")
    discount = money_off(_("Discount"))
    delivery_discount = money_off(_("Discount on delivery"))
    min_days = models.PositiveSmallIntegerField(default=0)
    max_days = models.PositiveSmallIntegerField(default=0)
    tax_total = models.DecimalField(_("Tax contained"), max_digits=12, decimal_places=3)
    total = models.DecimalField(_("Total"), max_digits=12, decimal_places=3)

    placed_at = models.DateTimeField(_("Placed"))
    expires_at = models.DateTimeField(_("Held until"))
    paid_at = models.DateTimeField(_("Paid at"), null=True, blank=True)
    erased_at = models.DateTimeField(_("Personal data erased at"), null=True, blank=True, editable=False)

    objects = OrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        ordering = ["-placed_at", "-pk"]
        permissions = [
            ("handle_order", _("Can pack, ship and cancel orders, and write notes on them")),
            ("export_order", _("Can export orders with names and addresses")),
            ("refund_order", _("Can refund an order")),
            ("view_sales", _("Can see the sales overview")),
        ]
        indexes = [
            models.Index(
                fields=["expires_at"],
                condition=models.Q(status__in=["pending", "awaiting_funds"]),
                name="order_unsettled",
            ),
            models.Index(fields=["-placed_at"], name="order_newest"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    total=models.F("goods_total") + models.F("delivery_gross") - models.F("discount"), total__gte=0
                ),
                name="order_adds_up",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    delivery_discount__gte=0,
                    delivery_discount__lte=models.F("delivery_gross"),
                    discount__gte=models.F("delivery_discount"),
                ),
                name="order_discount",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        """The order page, in the order's own language."""
        with translation.override(self.language):
            return reverse("commerce:order", args=[self.token])

    @property
    def reference(self) -> str:
        """The name under which stock is held for it."""
        return str(self.uuid)

    @property
    def grand_total(self) -> Money:
        return Money(self.total, self.currency)

    @property
    def refundable(self) -> bool:
        """Also a cancelled order of which money had come: another amount than asked for."""
        if self.status == Status.CANCELLED:
            return self.attempts.exclude(paid_amount=None).exists()
        return self.status in REFUNDABLE

    @property
    def was_sold(self) -> bool:
        """It became a sale, whatever became of that; not any more when the receipt of its money was taken back."""
        turns = self.events.filter(models.Q(to_status=Status.PAID) | UNSOLD).order_by("-pk")
        return turns.values_list("to_status", flat=True).first() == Status.PAID

    @property
    def country_name(self) -> str:
        return country_name(self.country)

    @property
    def address_lines(self) -> list[str]:
        """The postal address, one entry per printed line, without empty ones."""
        place = " ".join(filter(None, [self.address.get("postcode"), self.address.get("city")]))
        lines = [self.name, self.company, self.address.get("line1"), self.address.get("line2"), place]
        return [line for line in [*lines, self.address.get("region"), self.country_name] if line]

    @property
    def totals(self) -> Totals:
        """The frozen amounts in the shape that carts have, never computed again."""
        lines = tuple(line.as_total for line in self.lines.all())
        off = Money(self.delivery_discount, self.currency)
        delivery = Shipping(Money(self.delivery_gross, self.currency), off, self.delivery_tax_rate)
        delivery_tax = Money(self.delivery_tax, self.currency)
        return Totals(
            lines=lines,
            goods=Money(self.goods_total, self.currency),
            discount=Money(self.discount, self.currency),
            delivery=delivery.gross,
            delivery_discount=delivery.discount,
            delivery_rate=delivery.tax_rate,
            delivery_tax=delivery_tax,
            taxes=tax_lines(lines, delivery, delivery_tax),
            tax=Money(self.tax_total, self.currency),
            total=self.grand_total,
            quote=self.quote,
        )

    @property
    def quote(self) -> Quote | None:
        """Where the price of delivery came from; None: not noted, as in old orders."""
        if not self.delivery_basis:
            return None
        basis = dict(self.delivery_basis)
        listed, free_from = Money(Decimal(basis.pop("listed")), self.currency), basis.pop("free_from")
        free_from = None if free_from is None else Money(Decimal(free_from), self.currency)
        return Quote(**basis, listed=listed, free_from=free_from)


class OrderLine(models.Model):
    """One bought variant, with everything an invoice would say about it."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="+")
    sku = models.CharField(_("SKU"), max_length=40)
    name = models.CharField(_("Name"), max_length=200)
    options = models.CharField(_("Options"), max_length=700, blank=True)
    unit_price = models.DecimalField(_("Unit price"), max_digits=12, decimal_places=3)
    quantity = models.PositiveIntegerField(_("Quantity"))
    line_total = models.DecimalField(_("Line total"), max_digits=12, decimal_places=3)
    discount = money_off(_("Discount"), help_text=_("Its share of the order’s discount."))
    tax_rate = models.DecimalField(_("Tax rate in percent"), max_digits=5, decimal_places=2)
    tax = models.DecimalField(_("Tax contained"), max_digits=12, decimal_places=3)

    class Meta:
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="order_line_quantity"),
            models.CheckConstraint(
                condition=models.Q(line_total=models.F("unit_price") * models.F("quantity")), name="order_line_adds_up"
            ),
            models.CheckConstraint(
                condition=models.Q(discount__gte=0, discount__lte=models.F("line_total")), name="order_line_discount"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.description}"

    @property
    def description(self) -> str:
        return f"{self.name} ({self.options})" if self.options else self.name

    @property
    def price(self) -> Money:
        return Money(self.unit_price, self.order.currency)

    @property
    def total(self) -> Money:
        return Money(self.line_total, self.order.currency)

    @property
    def as_total(self) -> LineTotal:
        line = Line(self.variant_id, self.price, self.quantity, self.tax_rate)
        currency = self.order.currency
        return LineTotal(line, self.total, Money(self.discount, currency), Money(self.tax, currency))


class OrderEvent(models.Model):
    """One arrow an order went along, or a note on it. Never edited.

    `code`, `facts`: what notes.py says in the reader's language; `note`: the same in English, or what staff wrote.
    """

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="events")
    from_status = models.CharField(_("From"), max_length=20, choices=Status, blank=True)
    to_status = models.CharField(_("To"), max_length=20, choices=Status)
    note = models.TextField(_("Note"), blank=True)
    code = models.CharField(max_length=40, blank=True, default="", db_default="")
    facts = models.JSONField(default=dict, db_default={})
    actor = models.ForeignKey(
        "auth.User", verbose_name=_("By"), null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(_("When"), auto_now_add=True)

    class Meta:
        verbose_name = _("order event")
        verbose_name_plural = _("order events")
        ordering = ["created_at", "pk"]

    def __str__(self) -> str:
        return f"{self.order_id}: {self.from_status or '-'} → {self.to_status}"
