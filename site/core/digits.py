"""Digits as keyboards of other scripts type them."""

from __future__ import annotations


def ascii_digits(text: str) -> str:
    """Digits of any script as 0-9: an Arabic keyboard types ١٠١١٥.

    >>> ascii_digits("١٠١١٥ Berlin")
    '10115 Berlin'
    """
    return "".join(str(int(char)) if char.isdecimal() else char for char in text)
