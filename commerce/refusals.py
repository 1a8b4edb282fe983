"""Why an order was not placed, in words for the shopper."""

from __future__ import annotations

from django.utils.translation import gettext as _

from commerce import coupons
from commerce.models import Order
from commerce.pricing import Totals
from core.money import Money


class NotPlaced(Exception):
    """Nothing was written; the text tells the shopper why."""


class TotalChanged(NotPlaced):
    """The total differs from the one the shopper saw."""

    def __init__(self, totals: Totals) -> None:
        text = _("The total is %(total)s now. Nothing was charged; please check it and order again.")
        super().__init__(text % {"total": totals.total})
        self.totals = totals


class PartsChanged(NotPlaced):
    """The same total, made of other amounts."""

    def __init__(self) -> None:
        text = _(
            "The total is the same, but not every amount in it. Nothing was charged; please check and order again."
        )
        super().__init__(text)


class CartChanged(NotPlaced):
    """There are other goods in the cart than the shopper saw, though they may cost the same."""

    def __init__(self) -> None:
        super().__init__(_("Your cart has changed. Nothing was charged; please check it and order again."))


class TooSmall(NotPlaced):
    """Below what the payment provider can charge."""

    def __init__(self, minimum: Money) -> None:
        text = _("The smallest amount that can be paid by card is %(minimum)s. Please add something.")
        super().__init__(text % {"minimum": minimum})
        self.minimum = minimum


class TooBig(NotPlaced):
    """Above what the payment provider can charge."""

    def __init__(self, maximum: Money) -> None:
        text = _("The largest amount that can be paid by card is %(maximum)s. Please take something out.")
        super().__init__(text % {"maximum": maximum})


class TooFine(NotPlaced):
    """An amount that the payment provider cannot express, such as 1.234 dinars."""

    def __init__(self, currency: str) -> None:
        text = _("The payment service cannot charge exactly this amount in %(currency)s. Please write to us.")
        super().__init__(text % {"currency": currency})


class TooHeavy(NotPlaced):
    """The chosen delivery does not carry what is in the cart by now."""

    def __init__(self) -> None:
        text = _("Your cart is too heavy now for the delivery you chose. Nothing was charged; please choose again.")
        super().__init__(text)


class TooMany(NotPlaced):
    """More units than are kept for one network at a time: nobody shall empty the shelves without paying."""

    def __init__(self) -> None:
        text = _("That is more than we can keep for you at a time. Please order less, or try again in half an hour.")
        super().__init__(text)


class CouponGone(NotPlaced):
    """The coupon cannot be used (any more), or not by this customer."""

    def __init__(self, reason: coupons.Refused) -> None:
        text = _("%(reason)s We took it out of your cart; nothing was charged. Please check the total and order again.")
        super().__init__(text % {"reason": reason})


class AlreadyOrdered(Exception):
    """Another form of this visitor, sent at the same moment, was first."""

    def __init__(self, order: Order) -> None:
        super().__init__(f"order {order.number} waits for payment")
        self.order = order
