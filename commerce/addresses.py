"""The countries the shop serves and what an address needs in each: localflavor's rules, country names from Babel."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import partial

from babel import Locale
from django import forms
from django.utils.translation import get_language
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

HOME = "DE"  # where the shop is: the country a checkout begins with
TYPED_POSTCODE = partial(forms.CharField, max_length=12)


@dataclass(frozen=True)
class AddressRules:
    """How postcode and region are checked; no `region` field: the region is free text and optional."""

    postcode: type[forms.Field] | partial[forms.CharField] = TYPED_POSTCODE
    postcode_required: bool = True
    region: type[forms.Field] | None = None

    @property
    def digits_only(self) -> bool:
        """A number pad is the right keyboard for the postcode."""
        return self.postcode in DIGIT_POSTCODES


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
    "AE": AddressRules(postcode_required=False),  # the Emirates have no postcodes
    "AT": AddressRules(ATZipCodeField),
    "BE": AddressRules(BEPostalCodeField),
    "CH": AddressRules(CHZipCodeField),
    "CZ": AddressRules(CZPostalCodeField),
    "DE": AddressRules(DEZipCodeField),
    "DK": AddressRules(DKPostalCodeField),
    "ES": AddressRules(ESPostalCodeField),
    "FI": AddressRules(FIZipCodeField),
    "FR": AddressRules(FRZipCodeField),
    "GB": AddressRules(GBPostcodeField),
    "IE": AddressRules(EircodeField, postcode_required=False),  # many addresses are written without
    "IT": AddressRules(ITZipCodeField),
    "LU": AddressRules(),
    "NL": AddressRules(NLZipCodeField),
    "NO": AddressRules(NOZipCodeField),
    "PL": AddressRules(PLPostalCodeField),
    "PT": AddressRules(PTZipCodeField),
    "SA": AddressRules(),
    "SE": AddressRules(SEPostalCodeField),
    "US": AddressRules(USZipCodeField, region=USStateField),
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


def ascii_digits(text: str) -> str:
    """Digits of any script as 0-9: an Arabic keyboard types ١٠١١٥.

    >>> ascii_digits("١٠١١٥ Berlin")
    '10115 Berlin'
    """
    return "".join(str(unicodedata.digit(char)) if char.isdecimal() else char for char in text)


def clean_postcode(country: str, text: str) -> str:
    """The postcode as that country writes it. Raises ValidationError."""
    rules = COUNTRIES[country]
    return rules.postcode(required=rules.postcode_required).clean(ascii_digits(text).strip())


def clean_region(country: str, text: str) -> str:
    """The region as that country's post knows it (a US state becomes its code). Raises ValidationError."""
    field = COUNTRIES[country].region
    return field().clean(text) if field else text
