"""GTIN, the number under a barcode (GTIN-8, UPC, EAN, ISBN-13, GTIN-14): as it is typed, checked and compared."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from stdnum import ean
from stdnum.exceptions import InvalidChecksum
from stdnum.exceptions import ValidationError as NotValid

from core.digits import ascii_digits

LENGTHS = (8, 12, 13, 14)
INTERNAL = ("02", "04", "2")  # for use inside a shop: support.google.com/merchants/answer/6286293
COUPONS = ("05", "981", "982", "983", "984", "99")  # support.google.com/merchants/answer/6286302


def compact(text: str) -> str:
    """Without the spaces and hyphens that stand between digits, and digits of any script as 0 to 9.

    >>> compact("4 006381-333931"), compact("٤٠٠٦٣٨١٣٣٣٩٣١")
    ('4006381333931', '4006381333931')
    """
    return ascii_digits(ean.compact(text))


def read_gtin(text: str) -> str:
    """The digits of a number as it is typed. Raises ValueError with the reason in the active language.

    Length and check digit: GS1 General Specifications, section 7.9 (https://www.gs1.org/services/check-digit-calculator).
    Internal numbers and coupons are no GTINs of products, and merchants' directories refuse them.

    >>> read_gtin("4 006381 333931"), read_gtin("0-12345-67890-5")
    ('4006381333931', '012345678905')
    """
    number = compact(text)
    try:
        ean.validate(number)
    except InvalidChecksum as error:
        raise ValueError(gettext("The last digit does not fit the others: is one of them mistyped?")) from error
    except NotValid as error:
        raise ValueError(gettext("Write the 8, 12, 13 or 14 digits that stand under the barcode.")) from error
    if not number.strip("0"):
        raise ValueError(gettext("Write the 8, 12, 13 or 14 digits that stand under the barcode."))
    if prefixed(number).startswith(INTERNAL):
        raise ValueError(gettext("Numbers that begin like this are for use inside a shop: the product has no GTIN."))
    if prefixed(number).startswith(COUPONS):
        raise ValueError(gettext("This is the number of a coupon, not of a product."))
    return number


def prefixed(gtin: str) -> str:
    """With the prefix in front, as 13 digits: the first of 14 is not a part of it. GTIN-8 has prefixes of its own,
    however many zeros stand before it.

    >>> prefixed("212345678909"), prefixed("10614141000415"), prefixed("00000096385074")
    ('0212345678909', '0614141000415', '96385074')
    """
    short = gtin.lstrip("0").zfill(8)
    return short if len(short) == 8 else gtin[-13:].zfill(13)


def validate_gtin(value: str) -> None:
    """For the column, which holds digits only."""
    try:
        if read_gtin(value) != value:
            raise ValueError(gettext("Write the 8, 12, 13 or 14 digits that stand under the barcode."))
    except ValueError as error:
        raise ValidationError(str(error), code="gtin") from error


def padded(gtin: str) -> str:
    """As it is compared: a shorter number is the longer one without its leading zeros.

    >>> padded("012345678905") == padded("0012345678905")
    True
    """
    return gtin.zfill(max(LENGTHS))


def spellings(gtin: str) -> set[str]:
    """The same number in every length that it may be written in.

    >>> sorted(spellings("0012345678905"))
    ['00012345678905', '0012345678905', '012345678905']
    """
    shortest = gtin.lstrip("0")
    return {shortest.zfill(length) for length in LENGTHS if length >= len(shortest)}
