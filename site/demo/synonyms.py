"""The demo's synonyms at the search desk."""

from __future__ import annotations

from demo.sources import Progress, content
from search.desk.models import Synonym


def seed_synonyms() -> Progress:
    """Synonyms."""
    entries = content("synonyms")["synonym"]
    for number, entry in enumerate(entries, start=1):
        Synonym.objects.get_or_create(language=entry["language"], words=entry["words"], defaults=entry)
        yield number, len(entries)
