"""The countries the shop serves and what an address needs in each: localflavor's rules, country names from Babel."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from babel import Locale
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from localflavor.at.forms import ATZipCodeField
from localflavor.be.forms import BEPostalCodeField
from localflavor.ch.forms import CHZipCodeField
from localflavor.cz.forms import CZPostalCodeField
from localflavor.de.forms import DEZipCodeField
from localflavor.dk.forms import DKPostalCodeField
from localflavor.es.forms import ESPostalCodeField
from localflavor.fi.forms import FIZipCodeField
from localflavor.fr.forms import FRZipCodeField
from localflavor.gb.forms import GBPostcodeField
from localflavor.ie.forms import EircodeField
from localflavor.it.forms import ITZipCodeField
from localflavor.nl.forms import NLZipCodeField
from localflavor.no.forms import NOZipCodeField
from localflavor.pl.forms import PLPostalCodeField
from localflavor.pt.forms import PTZipCodeField
from localflavor.se.forms import SEPostalCodeField
from localflavor.us.forms import USStateField, USZipCodeField
from localflavor.us.us_states import STATE_CHOICES as US_STATES
from stdnum import get_cc_module
from stdnum.eu import vat as eu_vat
from stdnum.util import clean

from core.digits import ascii_digits

LONGEST_VAT_ID = 20
HOME = "DE"  # where the shop is: the country a checkout begins with
FOUR_DIGITS = partial(forms.CharField, validators=[RegexValidator(r"^[0-9]{4}$")])
FIVE_DIGITS = partial(forms.CharField, validators=[RegexValidator(r"^[0-9]{5}$")])
TYPED_POSTCODE = partial(forms.CharField, max_length=12)


@dataclass(frozen=True)
class AddressRules:
    """How postcode and region are checked. `example`: a postcode as it is written there.

    `has_region`: an address there names one; without a `region` field it is free text and optional. `regions`: what
    there is to choose from, (code, name).
    """

    postcode: type[forms.Field] | partial[forms.CharField] = TYPED_POSTCODE
    example: str = ""
    postcode_required: bool = True
    has_region: bool = False
    region: type[forms.Field] | None = None
    regions: Sequence[tuple[str, Any]] = ()

    @property
    def digits_only(self) -> bool:
        """A number pad is the right keyboard for the postcode."""
        return self.postcode in DIGIT_POSTCODES or self.postcode in (FOUR_DIGITS, FIVE_DIGITS)


DIGIT_POSTCODES = {
    ATZipCodeField,
    BEPostalCodeField,
    CHZipCodeField,
    DEZipCodeField,
    DKPostalCodeField,
    ESPostalCodeField,
    FIZipCodeField,
    FRZipCodeField,
    ITZipCodeField,
    NOZipCodeField,
}
COUNTRIES: dict[str, AddressRules] = {
    "AE": AddressRules(postcode_required=False, has_region=True),  # the Emirates have no postcodes
    "AT": AddressRules(ATZipCodeField, "1010"),
    "BE": AddressRules(BEPostalCodeField, "1000"),
    "CH": AddressRules(CHZipCodeField, "8001"),
    "CZ": AddressRules(CZPostalCodeField, "110 00"),
    "DE": AddressRules(DEZipCodeField, "20457"),
    "DK": AddressRules(DKPostalCodeField, "1050"),
    "ES": AddressRules(ESPostalCodeField, "28013", has_region=True),
    "FI": AddressRules(FIZipCodeField, "00100"),
    "FR": AddressRules(FRZipCodeField, "75001"),
    "GB": AddressRules(GBPostcodeField, "SW1A 1AA"),
    # Many addresses are written without an Eircode.
    "IE": AddressRules(EircodeField, "D02 X285", postcode_required=False, has_region=True),
    "IT": AddressRules(ITZipCodeField, "00184", has_region=True),
    "LU": AddressRules(FOUR_DIGITS, "1234"),
    "NL": AddressRules(NLZipCodeField, "1012 AB"),
    "NO": AddressRules(NOZipCodeField, "0150"),
    "PL": AddressRules(PLPostalCodeField, "00-950"),
    "PT": AddressRules(PTZipCodeField, "1100-148"),
    "SA": AddressRules(FIVE_DIGITS, "11564"),
    "SE": AddressRules(SEPostalCodeField, "111 52"),
    "US": AddressRules(USZipCodeField, "10001", has_region=True, region=USStateField, regions=US_STATES),
}


def country_name(code: str) -> str:
    """The country's name in the active language; the code itself when nobody knows it."""
    return Locale.parse((get_language() or "en").replace("-", "_")).territories.get(code, code)


def country_choices() -> list[tuple[str, str]]:
    """Served countries by name, in the active language's names."""
    return sorted(((code, country_name(code)) for code in COUNTRIES), key=lambda choice: in_order(choice[1]))


def in_order(name: str) -> str:
    """To sort by: letters with marks stand beside those without, Österreich beside Oman."""
    return "".join(char for char in unicodedata.normalize("NFKD", name) if not unicodedata.combining(char)).casefold()


def clean_postcode(country: str, text: str) -> str:
    """The postcode as that country writes it. Raises ValidationError."""
    rules = COUNTRIES[country]
    try:
        return rules.postcode(required=rules.postcode_required).clean(ascii_digits(text).strip())
    except ValidationError as error:
        if not text.strip() or not rules.example:
            raise
        # Some of localflavor's own sentences speak of zip codes, some of postal codes.
        example = {"example": rules.example}
        raise ValidationError(_("A postcode of this country looks like %(example)s."), params=example) from error


def clean_region(country: str, text: str) -> str:
    """The region as that country's post knows it (a US state becomes its code). Raises ValidationError."""
    field = COUNTRIES[country].region
    return field().clean(text) if field else text


def clean_vat_id(country: str, text: str) -> str:
    """A VAT number with the letters of its country, "" for none. Raises ValidationError.

    One of the European Union is known by its letters, wherever the goods go; without them it is taken for one of
    `country`. Countries whose numbers nobody has described keep what was typed.
    """
    number = clean(ascii_digits(text), " -./").upper()
    if not number:
        return ""
    for candidate in (number, country + number):
        if eu_vat.is_valid(candidate):
            return eu_vat.validate(candidate)
    described = get_cc_module(country.lower(), "vat")
    if described is None and number.isascii() and number.isalnum() and len(number) <= LONGEST_VAT_ID:
        return number
    if described is None or not described.is_valid(number):
        raise ValidationError(_("This is no VAT number. Please check it, or leave it out."))
    number = described.validate(number)
    return number if number.startswith(country) else country + number
