"""Writes the search table: notes what has changed, catches up with it, builds all of it anew, repairs what was missed.

One writer at a time (an advisory lock until the end of its transaction): who reads an object later writes it later.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from catalog.models import Category, Product
from search import boosts, languages
from search.models import Change, Entry, Kind, Word
from search.texts import SOURCES, Text, texts_of
from search.words import joined, spelled, split, tidy

BATCH = 200
LONGEST = 100_000  # characters of a body that are searched; PostgreSQL takes a megabyte of words
LONGEST_HEAD = 20_000  # of keywords, and of what stands before the body
LOCK = 0x5EA4C4  # any number that nothing else in this database locks

log = logging.getLogger(__name__)

# Stems in the language's configuration, and the folded words beside them.
WRITE = """
    INSERT INTO search_entry
        (kind, object_id, language, title, folded, keywords, body, words, codes, vector, updated_at)
    VALUES (%(kind)s, %(object_id)s, %(language)s, %(title)s, %(folded_a)s, %(keywords)s, %(body)s, %(words)s::text[],
        %(codes)s::text[],
        setweight(to_tsvector(%(config)s, %(written_a)s) || to_tsvector('simple', %(folded_a)s), 'A')
        || setweight(to_tsvector(%(config)s, %(written_b)s) || to_tsvector('simple', %(folded_b)s), 'B')
        || setweight(to_tsvector(%(config)s, %(written_c)s) || to_tsvector('simple', %(folded_c)s), 'C')
        || setweight(to_tsvector(%(config)s, %(written_d)s) || to_tsvector('simple', %(folded_d)s), 'D'),
        %(now)s)
    ON CONFLICT (kind, object_id, language) DO UPDATE SET
        title = excluded.title, folded = excluded.folded, keywords = excluded.keywords, body = excluded.body,
        words = excluded.words, codes = excluded.codes, vector = excluded.vector, updated_at = excluded.updated_at
"""

# A word that comes brings its stem; one that no entry has any more goes.
COUNT = """
    INSERT INTO search_word AS known (language, word, stem, entries)
    SELECT %(language)s, word, coalesce((tsvector_to_array(to_tsvector(%(config)s, written)))[1], word), more
    FROM unnest(%(words)s::text[], %(written)s::text[], %(more)s::int[]) AS counted (word, written, more)
    ON CONFLICT (word, language) DO UPDATE SET entries = known.entries + excluded.entries,
        stem = CASE WHEN excluded.entries < 0 THEN known.stem ELSE excluded.stem END
    WHERE excluded.entries <> 0 OR known.stem <> excluded.stem
"""


def note(kind: Kind, pks: Iterable[int]) -> None:
    """Objects that change in this transaction. After its commit they are caught up with, here or by the schedule."""
    Change.objects.bulk_create([Change(kind=kind, object_id=pk) for pk in pks], batch_size=5000)
    transaction.on_commit(catch_up_quietly)


def note_products(products: Q) -> None:
    """Products whose words have changed although they themselves have not."""
    note(Kind.PRODUCT, Product.objects.live().filter(products).distinct().values_list("pk", flat=True))


def note_category(pk: int) -> None:
    """A category with all that is below it: their rows name it."""
    parents = dict(Category.objects.values_list("pk", "parent_id"))
    inside = {pk}
    while more := {child for child, parent in parents.items() if parent in inside} - inside:
        inside |= more
    note(Kind.CATEGORY, inside)
    note_products(Q(category__in=inside))


def catch_up_quietly() -> None:
    """A few changes at once, right after the commit that made them. What fails or is more than a few waits for the
    schedule: whoever has published something must not see an error of the search."""
    try:
        catch_up(most=BATCH)
    except Exception:
        log.exception("the search table will be brought up to date by the schedule")


def catch_up(most: int = 10_000) -> int:
    """Looks again at what has changed, up to so many notes. Returns how many were looked at. What cannot be written
    keeps its note and holds nothing else up."""
    done = last = 0
    while done < most:
        with transaction.atomic():
            if not locked(wait=False):
                return done
            changes = list(Change.objects.filter(pk__gt=last).order_by("pk")[: min(BATCH, most - done)])
            for kind in Kind:
                mine = [change for change in changes if change.kind == kind]
                failed = refresh_each(kind, {change.object_id for change in mine})
                Change.objects.filter(pk__in=[each.pk for each in mine if each.object_id not in failed]).delete()
        last = changes[-1].pk if changes else last
        done += len(changes)
        if not changes:  # what others have noted meanwhile, and could not write themselves, is among them
            break
    return done


def locked(*, wait: bool = True) -> bool:
    """True when this transaction is the one that writes the table."""
    function = "pg_advisory_xact_lock" if wait else "pg_try_advisory_xact_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s)", [LOCK])
        return cursor.fetchone()[0] is not False


def refresh_each(kind: Kind, pks: Collection[int], *, anew: bool = False) -> set[int]:
    """`refresh` of all together; one by one when that fails. Returns those that cannot be written. Needs the lock."""
    try:
        with transaction.atomic():
            refresh(kind, pks, anew=anew)
    except Exception:
        if len(pks) > 1:
            return {failed for pk in pks for failed in refresh_each(kind, [pk], anew=anew)}
        log.exception("%s %s cannot be searched as it is now", kind, *pks)
        return set(pks)
    return set()


def refresh(kind: Kind, pks: Iterable[int], *, anew: bool = False) -> int:
    """Writes the rows of these objects as they are now, and drops those that must not be there. Needs the lock.
    `anew`: words that are counted already get their stems again; `recount` must follow."""
    pks = list(pks)
    if not pks:
        return 0
    before = Entry.objects.filter(kind=kind, object_id__in=pks)
    gone = {(entry.object_id, entry.language): entry for entry in before.defer("body", "vector")}
    tally = Tally()
    written = 0
    for text in texts_of(kind, pks):
        old = gone.pop((text.object_id, text.language), None)
        tally.change(text.language, old.words if old else [], write(text))
        written += 1
    for old in gone.values():
        tally.change(old.language, old.words, {})
    Entry.objects.filter(pk__in=[old.pk for old in gone.values()]).delete()
    tally.store(anew=anew)
    return written


def write(text: Text) -> dict[str, str]:
    """Writes one row. Returns its words, folded -> as written."""
    keywords, lead = tidy(joined([text.places, text.keywords])), tidy(text.lead)
    parts = [tidy(text.title), keywords[:LONGEST_HEAD], lead[:LONGEST_HEAD], tidy(text.body)[:LONGEST]]
    words: dict[str, str] = {}
    for folded, written in split(joined(parts)):
        words.setdefault(folded, written)
    row: dict[str, Any] = {
        "kind": text.kind,
        "object_id": text.object_id,
        "language": text.language,
        "config": languages.configuration(text.language),
        "title": parts[0],
        "keywords": parts[1],
        "body": joined(parts[2:]),
        "words": sorted(words),
        "codes": list(text.codes),
        "now": timezone.now(),
    }
    for weight, part in zip("abcd", parts, strict=True):
        row[f"folded_{weight}"], row[f"written_{weight}"] = spelled(part)
    with connection.cursor() as cursor:
        cursor.execute(WRITE, row)
    return words


class Tally:
    """How many entries more or fewer have a word, per language."""

    def __init__(self) -> None:
        self.more: dict[str, Counter[str]] = {}
        self.written: dict[str, str] = {}

    def change(self, language: str, before: Iterable[str], after: dict[str, str]) -> None:
        count = self.more.setdefault(language, Counter())
        count.subtract(before)
        count.update(after.keys())
        self.written.update(after)

    def store(self, *, anew: bool = False) -> None:
        for language, count in self.more.items():
            words = sorted(word for word, more in count.items() if more or (anew and word in self.written))
            if not words:
                continue
            row: dict[str, Any] = {
                "language": language,
                "config": languages.configuration(language),
                "words": words,
                "written": [self.written.get(word, word) for word in words],
                "more": [count[word] for word in words],
            }
            with connection.cursor() as cursor:
                cursor.execute(COUNT, row)
            if not anew:
                Word.objects.filter(language=language, word__in=words, entries__lte=0).delete()


def rebuild(progress: Callable[[Kind, int, int], None] = lambda kind, done, total: None) -> None:
    """Every row anew, in small transactions: the shop sells, finds and publishes meanwhile."""
    languages.prepare()
    for kind in Kind:
        public = list(SOURCES[kind][0]().values_list("pk", flat=True))
        stale = sorted(set(strangers(kind).values_list("object_id", flat=True)))
        progress(kind, 0, len(public))
        done = 0
        for batch in batches([*stale, *public]):
            with transaction.atomic():
                locked()
                refresh_each(kind, batch, anew=True)
            done += len(batch)
            progress(kind, min(done, len(public)), len(public))
    recount()
    boosts.refresh()


def batches(pks: list[int]) -> Iterator[list[int]]:
    return (pks[start : start + BATCH] for start in range(0, len(pks), BATCH))


def recount() -> None:
    """Counts the words from the entries themselves."""
    with transaction.atomic(), connection.cursor() as cursor:
        locked()
        cursor.execute("DROP TABLE IF EXISTS pg_temp.counted")  # of a rebuild in the same transaction
        cursor.execute(
            """CREATE TEMPORARY TABLE counted ON COMMIT DROP AS
               SELECT language, word, count(*)::int AS entries FROM search_entry, unnest(words) AS word GROUP BY 1, 2"""
        )
        cursor.execute(
            """DELETE FROM search_word AS known
               WHERE NOT EXISTS (SELECT FROM counted c WHERE c.word = known.word AND c.language = known.language)"""
        )
        cursor.execute(
            """INSERT INTO search_word AS known (language, word, stem, entries)
               SELECT language, word, word, entries FROM counted
               ON CONFLICT (word, language) DO UPDATE SET entries = excluded.entries
               WHERE known.entries <> excluded.entries"""
        )


def strangers(kind: Kind) -> QuerySet[Entry]:
    """Entries of objects that are not public."""
    public = SOURCES[kind][0]().order_by().filter(pk=OuterRef("object_id"))
    return Entry.objects.filter(~Exists(public), kind=kind)


def repair() -> int:
    """Notes what differs from what is public: missed, left over, or published since it was written. Returns how many.

    For what no receiver sees: rows written in bulk, a post whose day has come, a restored backup.
    """
    found = 0
    for kind in Kind:
        public = SOURCES[kind][0]()
        entries = Entry.objects.filter(kind=kind)
        stale = set(strangers(kind).values_list("object_id", flat=True))
        stale |= set(public.filter(~Exists(entries.filter(object_id=OuterRef("pk")))).values_list("pk", flat=True))
        times = dict(entries.order_by("-updated_at").values_list("object_id", "updated_at"))
        published = public.filter(last_published_at__isnull=False).values_list("pk", "last_published_at")
        stale |= {pk for pk, at in published if pk in times and times[pk] < at}
        stale -= set(Change.objects.filter(kind=kind).values_list("object_id", flat=True))  # noted already
        note(kind, sorted(stale))
        found += len(stale)
    return found
