"""The form for a refund: everything that is left, units of lines, or an amount. It becomes a refunds.Wish."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from commerce import shipping
from commerce.models import Order, OrderLine, PaymentAttempt, Refund
from commerce.refunds import State, Wish, left_of, payments, shelvable, units_left, worth
from core.forms import AmountInput
from core.money import Money

ALL, ITEMS, AMOUNT = "all", "items", "amount"


@dataclass(frozen=True)
class Row:
    """One order line in the form. `left`: units not given back yet; `shelf`: units that may go back on the shelf."""

    line: OrderLine
    left: int
    shelf: int
    units: forms.BoundField
    restock: forms.BoundField

    @property
    def worth(self) -> Money:
        return worth(self.line, self.left, self.left)


class RefundForm(forms.Form):
    """For one order; what can be chosen is what is left of it now."""

    uuid = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    payment = forms.ModelChoiceField(label=_("Payment"), queryset=PaymentAttempt.objects.none(), empty_label=None)
    what = forms.ChoiceField(label=_("What goes back"), widget=forms.RadioSelect, initial=ITEMS)
    delivery = forms.BooleanField(label=_("The delivery price, too"), required=False)
    amount = forms.DecimalField(
        label=_("Amount"),
        required=False,
        max_digits=12,
        decimal_places=3,
        help_text=_("Only when you chose “This amount”. Units given above are counted as given back, too."),
    )
    sent_first = forms.BooleanField(
        label=_("These units had been sent and come back"),
        required=False,
        help_text=_("Otherwise units that are still to be packed are given back first, and will not be sent."),
    )
    reason = forms.ChoiceField(label=_("Reason"), choices=Refund.Reason.choices)
    comment = forms.CharField(
        label=_("Comment"), required=False, max_length=500, help_text=_("For your colleagues; the buyer never sees it.")
    )

    def __init__(self, order: Order, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order = order
        self.lines = list(order.lines.all())
        self.left, self.shelf = units_left(order), shelvable(order)
        self.payments = {payment.pk: left for payment in payments(order) if (left := left_of(payment))}
        self._offer_payments(order)
        self.fields["amount"].widget = AmountInput(currency=self.rest.currency)
        if not (shipping.remaining(order) and shipping.with_buyer(order)):
            del self.fields["sent_first"]  # all of it is on one side
        for line in self.lines:
            self.fields[f"units_{line.pk}"] = forms.IntegerField(
                label=gettext("Units of %(item)s") % {"item": line.description},
                required=False,
                min_value=0,
                max_value=self.left[line.pk],
                initial=0,
            )
            self.fields[f"restock_{line.pk}"] = forms.BooleanField(
                label=gettext("Put %(item)s back into stock") % {"item": line.description},
                required=False,
                disabled=not self.shelf[line.pk],
            )

    def _offer_payments(self, order: Order) -> None:
        field: Any = self.fields["payment"]
        field.queryset = order.attempts.filter(pk__in=self.payments)
        field.initial = next(iter(self.payments), None)
        field.label_from_instance = lambda payment: f"{payment.number}: {self.payments[payment.pk]}"
        if len(self.payments) < 2:
            field.widget = forms.HiddenInput()
        self.delivery_left = Money(Decimal(0), order.currency)
        if not order.refunds.filter(delivery=True).exclude(state=State.FAILED).exists():
            totals = order.totals
            self.delivery_left = totals.delivery - totals.delivery_discount
        what: Any = self.fields["what"]
        what.choices = [(ALL, _("All that is left")), (ITEMS, _("The units below")), (AMOUNT, _("This amount"))]

    @property
    def rest(self) -> Money:
        """What is left of the payment chosen, or of the first one."""
        chosen = self.cleaned_data.get("payment") if self.is_bound and hasattr(self, "cleaned_data") else None
        nothing = Money(Decimal(0), self.order.currency)
        return self.payments[chosen.pk] if chosen else next(iter(self.payments.values()), nothing)

    def rows(self) -> Iterator[Row]:
        for line in self.lines:
            units, restock = self[f"units_{line.pk}"], self[f"restock_{line.pk}"]
            yield Row(line, self.left[line.pk], self.shelf[line.pk], units, restock)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.errors:
            return data
        if data["what"] == ITEMS and self.rest.currency != self.order.currency:
            text = gettext("This payment came in %(currency)s, which says nothing about single units.")
            self.add_error("what", text % {"currency": self.rest.currency})
            return data
        amount = self._amount(data)
        if not amount:
            self.add_error(*self._nothing_said(data["what"]))
        elif amount.amount < 0 or amount != amount.rounded():
            self.add_error("amount", gettext("Please write an amount such as %(example)s.") % {"example": self.rest})
        elif self.rest < amount:
            field = "amount" if data["what"] == AMOUNT else None
            text = gettext("That is %(amount)s, more than is left of this payment: %(left)s.")
            self.add_error(field, text % {"amount": amount, "left": self.rest})
        data["money"] = amount
        return data

    def _nothing_said(self, what: str) -> tuple[str | None, str]:
        if what == AMOUNT:
            return "amount", gettext("Please write an amount such as %(example)s.") % {"example": self.rest}
        return None, gettext("Please say how many units go back, or tick the delivery price.")

    def _amount(self, data: dict[str, Any]) -> Money:
        if data["what"] == ALL:
            return self.rest
        if data["what"] == AMOUNT:
            return Money(data["amount"] or Decimal(0), self.rest.currency)
        units = self.units(data)
        parts = [worth(line, self.left[line.pk], units[line.pk]) for line in self.lines if line.pk in units]
        delivery = self.delivery_left if data["delivery"] else Money(Decimal(0), self.order.currency)
        return sum(parts, delivery)

    def units(self, data: dict[str, Any]) -> dict[int, int]:
        """{order line id: units that go back}"""
        if data["what"] == ALL:
            return {pk: left for pk, left in self.left.items() if left > 0}
        typed = {line.pk: data.get(f"units_{line.pk}") or 0 for line in self.lines}
        return {pk: units for pk, units in typed.items() if units}

    def wish(self) -> Wish:
        """Of a valid form."""
        data = self.cleaned_data
        units = self.units(data)
        return Wish(
            uuid=data["uuid"],
            payment=data["payment"],
            amount=data["money"],
            units=units,
            restock=frozenset(pk for pk in units if data[f"restock_{pk}"]),
            delivery=bool(self.delivery_left) and (data["what"] == ALL or data["delivery"]),
            sent_first=data.get("sent_first", False),
            reason=data["reason"],
            comment=data["comment"],
        )
