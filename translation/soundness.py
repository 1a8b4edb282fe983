"""What is wrong with an interface text: templates print it as it is, so a translation is treated like code."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from django.utils.translation import gettext

PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sd]|\{\w*\}")
TAG = re.compile(r"<[^<>]*>")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u2028\u2029\u202a-\u202e]")
SCRIPT = re.compile(r"javascript\s*:|\bon\w+\s*=|&\s*#|&\w+;", re.IGNORECASE)
FORMAT_SIGNS = "%{}"
MARKUP_SIGNS = '<>"'  # a straight quote would end an attribute that the text stands in


def problems(context: str, original: str, plural: str, forms: Sequence[str]) -> list[str]:
    """Reasons not to show a translation. `plural`: the original's plural, empty without one; `forms`: its texts.

    A form must have the placeholders and the markup of the singular or of the plural original. All forms blank is
    fine: nothing is translated yet.
    """
    if not any(forms):
        return []
    if context == "url":
        return [gettext("Words of addresses are changed with a release only: links would break.")]
    if not all(form.strip() for form in forms):
        return [gettext("Write every plural form.")]
    found = [reason for form in forms for reason in _reasons(form, [original, plural] if plural else [original])]
    return list(dict.fromkeys(found))


def _reasons(form: str, originals: list[str]) -> list[str]:
    """Of the closest original: the one with the fewest objections."""
    return min((_objections(form, original) for original in originals), key=len)


def _objections(form: str, original: str) -> list[str]:
    found = []
    if CONTROL.search(form):
        found.append(gettext("There is an invisible control character in the text."))
    found += _difference(PLACEHOLDER, form, original, gettext("Placeholder missing: %s"), gettext("Not known here: %s"))
    found += _difference(TAG, form, original, gettext("Markup missing: %s"), gettext("Markup not allowed here: %s"))
    bare, bare_original = _bare(form), _bare(original)
    for sign in FORMAT_SIGNS + MARKUP_SIGNS:
        if sign in bare and sign not in bare_original:
            found.append(gettext("The sign %s is not allowed here: the original has none.") % sign)
    if SCRIPT.search(form) and not SCRIPT.search(original):
        found.append(gettext("Script and character codes are not allowed."))
    return found


def _difference(pattern: re.Pattern[str], form: str, original: str, missing: str, unknown: str) -> list[str]:
    has, wanted = Counter(pattern.findall(_unescaped(form))), Counter(pattern.findall(_unescaped(original)))
    return [missing % part for part in wanted - has] + [unknown % part for part in has - wanted]


def _unescaped(text: str) -> str:
    """Without `%%`, which stands for a plain percent sign where placeholders are."""
    return text.replace("%%", "")


def _bare(text: str) -> str:
    return TAG.sub("", PLACEHOLDER.sub("", _unescaped(text)))
