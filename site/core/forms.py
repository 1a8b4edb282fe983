"""Inputs that forms of several rooms share."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.conf import settings

from core.money import smallest


class AmountInput(forms.NumberInput):
    """An amount in major units, with the decimals of its currency, the shop's unless another is given.

    What has more decimals is shown as it was typed: the form says what is wrong with it.
    """

    def __init__(self, attrs: dict[str, Any] | None = None, currency: str = "") -> None:
        self.smallest = smallest(currency or settings.SHOP_CURRENCY)
        super().__init__({"step": str(self.smallest), **(attrs or {})})

    def format_value(self, value: Any) -> str | None:
        try:
            amount = Decimal(value)
            rounded = amount.quantize(self.smallest)
        except (InvalidOperation, TypeError, ValueError):
            return super().format_value(value)
        return f"{rounded:f}" if rounded == amount else super().format_value(value)
