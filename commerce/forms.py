"""What shoppers send: what goes into the cart, and the checkout."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from commerce import addresses
from commerce.cart import MOST_UNITS
from commerce.checkout import Buyer
from commerce.delivery import methods_for
from commerce.models import DeliveryMethod
from commerce.payments import STRIPE, TRANSFER, offered
from core.digits import ascii_digits
from core.validators import one_line, plain_text

BIGGEST_ID = 2**63 - 1
PAYMENTS = {STRIPE: _("Card and more"), TRANSFER: _("Bank transfer")}
NOT_SERVED = _("We do not deliver to this country yet. Please choose another one.")
TOO_HEAVY = _("Your cart is too heavy to be sent there in one order. Please take something out, or write to us.")
phone_number = RegexValidator(r"^[0-9+()/. -]{5,30}$", _("Please enter a phone number, such as +49 30 1234567."))


class AddForm(forms.Form):
    """So many units more of a variant; one when nothing is said."""

    variant = forms.IntegerField(min_value=1, max_value=BIGGEST_ID)
    quantity = forms.IntegerField(min_value=1, max_value=MOST_UNITS, required=False)

    def clean_quantity(self) -> int:
        return self.cleaned_data["quantity"] or 1


class UpdateForm(forms.Form):
    """So many units of a variant from now on; 0 takes it out."""

    variant = forms.IntegerField(min_value=1, max_value=BIGGEST_ID)
    quantity = forms.IntegerField(min_value=0, max_value=MOST_UNITS)


class RestoreForm(forms.Form):
    """A variant that was taken out and shall come back."""

    variant = forms.IntegerField(min_value=1, max_value=BIGGEST_ID)


class BesideForm(forms.Form):
    """Which suggestions a page asks for."""

    product = forms.IntegerField(required=False, min_value=1, max_value=BIGGEST_ID)
    popular = forms.BooleanField(required=False)


class CouponForm(forms.Form):
    """A code as somebody types it."""

    code = forms.CharField(
        label=_("Coupon code"),
        max_length=60,
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        error_messages={"required": _("Please enter a code.")},
    )


def text(
    label: Any, max_length: int, autocomplete: str, *, required: bool = True, help_text: Any = "", **attrs: str
) -> forms.CharField:
    """One line of text with the browser's word for it (HTML standard, autofill)."""
    return forms.CharField(
        label=label,
        max_length=max_length,
        required=required,
        help_text=help_text,
        widget=forms.TextInput({"autocomplete": autocomplete, **attrs}),
        validators=[one_line],
    )


class CheckoutForm(forms.Form):
    """Who orders, where it goes, and how. Prices are never part of it."""

    # As on the page: what is to correct is listed in this order.
    field_order = (
        *("email", "phone", "country", "name", "company", "vat_id", "line1", "line2", "postcode", "city", "region"),
        *("delivery", "payment", "note", "newsletter"),
    )

    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        widget=forms.EmailInput({"autocomplete": "email", "inputmode": "email", "dir": "ltr"}),
        help_text=_("For the confirmation and the link to your order."),
    )
    name = text(_("Name"), 100, "shipping name")
    company = text(_("Company (optional)"), 100, "shipping organization", required=False)
    vat_id = text(
        _("VAT number (optional)"),
        30,
        "off",
        required=False,
        help_text=_("Printed on your invoice. Prices stay as they are."),
        autocapitalize="characters",
        spellcheck="false",
        dir="ltr",
    )
    country = forms.ChoiceField(
        label=_("Country"),
        choices=addresses.country_choices,
        initial=addresses.HOME,
        widget=forms.Select({"autocomplete": "shipping country"}),
        error_messages={"invalid_choice": NOT_SERVED},
        help_text=_("A country that is not in the list is one we do not deliver to yet."),
    )
    line1 = text(_("Street and number"), 100, "shipping address-line1")
    line2 = text(_("Flat, floor, c/o (optional)"), 100, "shipping address-line2", required=False)
    postcode = text(_("Postcode"), 20, "shipping postal-code", required=False)
    city = text(_("City"), 100, "shipping address-level2")
    region = text(_("State or region"), 100, "shipping address-level1", required=False)
    phone = forms.CharField(
        label=_("Phone (optional)"),
        max_length=30,
        required=False,
        widget=forms.TextInput({"type": "tel", "autocomplete": "tel", "inputmode": "tel", "dir": "ltr"}),
        help_text=_("Only for questions about the delivery."),
    )
    delivery = forms.ModelChoiceField(
        label=_("Delivery"),
        queryset=DeliveryMethod.objects.filter(active=True),
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={"required": _("Please choose how we shall deliver.")},
    )
    note = forms.CharField(
        label=_("Note (optional)"),
        max_length=500,
        required=False,
        widget=forms.Textarea({"rows": 3, "autocomplete": "off"}),
        help_text=_("Anything we should know about the delivery."),
        validators=[plain_text],
    )
    newsletter = forms.BooleanField(
        label=_("Write to me about new things in the shop, too"),
        required=False,
        help_text=_("We first ask you back by mail. Leave with one click."),
    )

    payment = forms.ChoiceField(
        label=_("Payment"),
        choices=lambda: [(name, PAYMENTS[name]) for name in offered()],
        initial=STRIPE,
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": _("Please choose another way to pay.")},
    )

    def __init__(self, *args: Any, grams: int = 0, **kwargs: Any) -> None:
        """`grams`: what is to be sent."""
        super().__init__(*args, **kwargs)
        self.grams = grams
        rules = addresses.COUNTRIES[self.country_now]
        self.fields["postcode"].widget.is_required = rules.postcode_required
        self.fields["region"].required = rules.region is not None
        if not rules.has_region:
            del self.fields["region"]  # and what was typed for another country is not kept
        if rules.regions:
            autocomplete = {"autocomplete": self.fields["region"].widget.attrs["autocomplete"]}
            widget = forms.Select(autocomplete, [("", _("Please choose")), *rules.regions])
            widget.is_required = True
            self.fields["region"].widget = widget
        if rules.digits_only:
            self.fields["postcode"].widget.attrs["inputmode"] = "numeric"

    @property
    def country_now(self) -> str:
        """The chosen country, if the shop serves it, else the one the form begins with."""
        source = self.data if self.is_bound else self.initial
        country = source.get("country")
        return country if country in addresses.COUNTRIES else addresses.HOME

    def clean_payment(self) -> str:
        return self.cleaned_data["payment"] or STRIPE

    def clean_phone(self) -> str:
        phone = ascii_digits(self.cleaned_data["phone"])
        if phone:
            phone_number(phone)
        return phone

    def clean_note(self) -> str:
        """Browsers end lines with two characters."""
        return "\n".join(self.cleaned_data["note"].splitlines())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        country = cleaned.get("country")
        if country:
            self._clean_part("postcode", addresses.clean_postcode)
            self._clean_part("region", addresses.clean_region)
            self._clean_part("vat_id", addresses.clean_vat_id)
            self._clean_delivery(country)
        return self.cleaned_data

    def _clean_delivery(self, country: str) -> None:
        reaching = methods_for(country)
        if not any(method.tariff.carries(self.grams) for method in reaching):
            self.errors.pop("delivery", None)  # there is nothing to choose from
            self.add_error(*(("delivery", TOO_HEAVY) if reaching else ("country", NOT_SERVED)))
            return
        method = self.cleaned_data.get("delivery")
        if method is not None and not method.reaches(country):
            self.add_error("delivery", _("This does not reach your country. Please choose another way."))
        elif method is not None and not method.tariff.carries(self.grams):
            self.add_error("delivery", _("Your cart is too heavy for this. Please choose another way."))

    def _clean_part(self, name: str, clean: Any) -> None:
        if name not in self.cleaned_data:
            return
        try:
            self.cleaned_data[name] = clean(self.cleaned_data["country"], self.cleaned_data[name])
        except ValidationError as error:
            self.add_error(name, error)

    def buyer(self) -> Buyer:
        """The checked answers, as an order freezes them."""
        data = self.cleaned_data
        return Buyer(
            email=data["email"],
            name=data["name"],
            phone=data["phone"],
            company=data["company"],
            country=data["country"],
            address={part: data.get(part, "") for part in ("line1", "line2", "postcode", "city", "region")},
            vat_id=data["vat_id"],
            note=data["note"],
            wants_newsletter=data["newsletter"],
        )
