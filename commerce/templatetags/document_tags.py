"""What printed documents need that browsers do by themselves."""

import unicodedata

from django import template

register = template.Library()


@register.filter
def own_direction(text: object) -> str:
    """The direction a browser finds for <bdi>, which WeasyPrint does not look for: that of the first letter.

    >>> own_direction("20457 Hamburg"), own_direction("12 شارع النيل"), own_direction("42")
    ('ltr', 'rtl', 'ltr')
    """
    kinds = (unicodedata.bidirectional(char) for char in str(text))
    return "rtl" if next((kind for kind in kinds if kind in ("L", "R", "AL")), "L") in ("R", "AL") else "ltr"
