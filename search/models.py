"""What is stored of the search: one entry per object and language, the words of all entries, and what has changed."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from search.desk.models import Placement, QueryCount, QueryRedirect, Synonym
from search.querysets import EntryQuerySet

__all__ = ["Boost", "Change", "Entry", "Kind", "Placement", "QueryCount", "QueryRedirect", "Synonym", "Word"]


class Kind(models.TextChoices):
    """What can be found. The values stand in the table."""

    PRODUCT = "product"
    CATEGORY = "category"
    POST = "post"
    PAGE = "page"


class Entry(models.Model):
    """One public object in one language it is written in. Written by `search/index.py` alone.

    `vector`: stems in the language's own configuration and, beside them, the words as folded by `search/words.py`;
    weight A title, B keywords and categories, C summary, D body. A partial index per language: `search/languages.py`.
    """

    kind = models.CharField(max_length=10, choices=Kind)
    object_id = models.PositiveBigIntegerField()
    language = models.CharField(max_length=15)
    title = models.TextField()
    folded = models.TextField()  # the title's words; what is called just so is found by index
    keywords = models.TextField(blank=True)
    body = models.TextField(blank=True)  # what snippets are cut from
    words = ArrayField(models.TextField(), default=list)  # every word once, as counted in Word
    codes = ArrayField(models.TextField(), default=list)  # SKUs as letters and digits only, GTINs as 14 digits
    vector = SearchVectorField()
    updated_at = models.DateTimeField()

    objects = EntryQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "object_id", "language"], name="search_entry_once")]
        indexes = [GinIndex(fields=["codes"], name="search_entry_codes", fastupdate=False)]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id} {self.language}: {self.title}"


class Word(models.Model):
    """A word of the entries of one language, and how many of them have it: what spelling is corrected to.

    It has a partial trigram index per language. `stem`: its lexeme in the language's configuration.
    """

    language = models.CharField(max_length=15)
    word = models.TextField()
    stem = models.TextField()
    entries = models.IntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["word", "language"], name="search_word_once")]
        indexes = [models.Index(fields=["stem", "language"], name="search_word_stem")]

    def __str__(self) -> str:
        return f"{self.language}: {self.word}"


class Change(models.Model):
    """An object that may have changed since its entries were written. Noted with the change itself, in one transaction;
    gone once `index.catch_up` has looked at the object again."""

    kind = models.CharField(max_length=10, choices=Kind)
    object_id = models.PositiveBigIntegerField()

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}"


class Boost(models.Model):
    """What the text of a product is multiplied by, where it is not 1. Written by `search/boosts.py` alone, without a
    foreign key: products may go while it writes, and what is left of them goes with its next round."""

    product_id = models.BigIntegerField(primary_key=True)
    factor = models.FloatField()

    def __str__(self) -> str:
        return f"{self.product_id}: {self.factor:.3f}"
