"""The lines and lists that the inbox is made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

SHOWN = 10  # lines of a section; its heading tells how many there are


@dataclass(frozen=True)
class Entry:
    """One line. `changes`: address of the comparison with what is live."""

    name: str
    url: str
    text: str = ""
    when: datetime | None = None
    changes: str = ""


@dataclass(frozen=True)
class Section:
    """One list of the inbox. `all_url`: where the rest is, when there is such a place."""

    key: str
    heading: str
    nothing: str
    entries: list[Entry]
    all_url: str = ""

    @property
    def shown(self) -> list[Entry]:
        return self.entries[:SHOWN]

    @property
    def more(self) -> int:
        return max(len(self.entries) - SHOWN, 0)
