"""What has changed between two texts, word by word."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from django.utils.html import strip_tags


@dataclass(frozen=True)
class Word:
    """A run of words. `kind`: kept, gone (in the old text only) or new."""

    text: str
    kind: Literal["kept", "gone", "new"]


def words_changed(before: str, after: str) -> list[Word]:
    """The two texts as one, without markup."""
    old, new = _words(before), _words(after)
    runs = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if tag == "equal":
            runs.append(Word("".join(new[j1:j2]), "kept"))
            continue
        if i2 > i1:
            runs.append(Word("".join(old[i1:i2]), "gone"))
        if j2 > j1:
            runs.append(Word("".join(new[j1:j2]), "new"))
    return runs


def _words(text: str) -> list[str]:
    return re.findall(r"\S+\s*", strip_tags(text.replace("><", "> <")))
