"""What the search desk stores: rules for queries, which hold as soon as they are saved, and how often each was asked.

Rules carry no text or price of their own: they only order, widen or lead to what was reviewed and published.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

from catalog.models import Category, Product
from search.words import spelled, tidy

LONGEST = 100  # characters of a query, as `search.reading` uses them
MOST_TERMS = 12  # on each side of a synonym
MOST_WORDS = 4  # of each of them
LOWEST = 240  # the last position that results have


def languages() -> list[tuple[str, Any]]:
    return settings.LANGUAGES


def key_of(text: str) -> str:
    """A query as it is compared and counted: folded words with single spaces.

    >>> key_of("  Grüner TEE! ")
    'gruner tee'
    """
    return spelled(tidy(text[: 4 * LONGEST])[:LONGEST])[0][: 2 * LONGEST]


def terms_of(text: str) -> list[str]:
    """The words or groups of words that commas separate."""
    return [term for part in text.split(",") if (term := tidy(part))]


class Synonym(models.Model):
    """Words that find what others find, in one language."""

    class Direction(models.TextChoices):
        BOTH = "both", _("Both ways: each of these words finds all of them")
        ONE = "one", _("One way: only who types the first finds the second")

    language = models.CharField(_("Language"), max_length=15, choices=languages)
    words = models.CharField(
        _("Who types"),
        max_length=300,
        help_text=_("Separated by commas; a term may have several words: earl grey, chai"),
    )
    others = models.CharField(_("also finds"), max_length=300, help_text=_("Separated by commas."))
    direction = models.CharField(_("Direction"), max_length=10, choices=Direction, default=Direction.BOTH)

    class Meta:
        verbose_name = _("synonym")
        verbose_name_plural = _("synonyms")
        ordering = ["language", "words", "pk"]

    def __str__(self) -> str:
        return f"{self.words} {'↔' if self.direction == self.Direction.BOTH else '→'} {self.others}"

    def clean(self) -> None:
        errors = {name: error for name in ("words", "others") if (error := wrong_with(getattr(self, name)))}
        if not errors and {key_of(term) for term in terms_of(self.others)} <= {key_of(t) for t in terms_of(self.words)}:
            errors["others"] = _("Please write other words than on the left.")
        if errors:
            raise ValidationError(errors)


def wrong_with(text: str) -> Any:
    """Why these terms cannot be used; "" when they can."""
    terms = [key_of(term) for term in terms_of(text)]
    if not terms or not all(terms):
        return _("Please write words, separated by commas.")
    if len(terms) > MOST_TERMS:
        return _("Please write at most %(most)s terms.") % {"most": MOST_TERMS}
    if any(len(term.split()) > MOST_WORDS for term in terms):
        return _("A term may have at most %(most)s words.") % {"most": MOST_WORDS}
    return ""


class Rule(models.Model):
    """A rule for one query in one language that names one thing of the shop."""

    TARGETS: tuple[str, ...] = ("product", "category", "page")

    language = models.CharField(_("Language"), max_length=15, choices=languages)
    query = models.CharField(
        _("Query"), max_length=LONGEST, help_text=_("Case, accents and punctuation make no difference.")
    )
    key = models.CharField(max_length=2 * LONGEST, editable=False)
    product = models.ForeignKey(
        Product, verbose_name=_("Product"), null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    category = models.ForeignKey(
        Category, verbose_name=_("Category"), null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    page = models.ForeignKey(
        Page, verbose_name=_("Page or post"), null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.language}: {self.query}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.key = key_of(self.query)
        super().save(*args, **kwargs)

    def clean(self) -> None:
        self.key = key_of(self.query)
        if self.query and not self.key:
            raise ValidationError({"query": _("Please write at least one word.")})
        if sum(1 for name in self.TARGETS if getattr(self, name)) != 1:
            raise ValidationError(_("Please choose exactly one place."))

    @property
    def target(self) -> Any:
        return next((value for name in self.TARGETS if (value := getattr(self, name))), None)


class Placement(Rule):
    """Something is shown at a place, or at the end, of what a query finds."""

    class Action(models.TextChoices):
        PIN = "pin", _("Pinned")
        BURY = "bury", _("Buried: at the end")

    class Match(models.TextChoices):
        EXACT = "exact", _("is exactly this")
        WORDS = "words", _("contains all these words")

    match = models.CharField(_("when the query"), max_length=10, choices=Match, default=Match.EXACT)
    action = models.CharField(_("What happens"), max_length=10, choices=Action, default=Action.PIN)
    position = models.PositiveSmallIntegerField(
        _("Position"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(LOWEST)],
        help_text=_("1 is the first place. Counts for what is pinned."),
    )

    class Meta:
        verbose_name = _("pinned or buried result")
        verbose_name_plural = _("pinned and buried results")
        ordering = ["language", "key", "action", "position", "pk"]

    def clean(self) -> None:
        super().clean()
        same = Placement.objects.filter(language=self.language, key=self.key, match=self.match).exclude(pk=self.pk)
        if same.filter(product=self.product_id, category=self.category_id, page=self.page_id).exists():
            raise ValidationError(_("There is a rule for this query and this place already."))


class QueryRedirect(Rule):
    """A query that leads to a place in the shop instead of to results."""

    TARGETS = ("product", "category", "page", "path")

    path = models.CharField(
        _("Address in this shop"), max_length=255, blank=True, help_text=_("A path like /en/shop/, without a domain.")
    )

    class Meta:
        verbose_name = _("query redirect")
        verbose_name_plural = _("query redirects")
        ordering = ["language", "key"]
        constraints = [
            models.UniqueConstraint(
                fields=["language", "key"],
                name="search_redirect_once",
                violation_error_message=_("There is a redirect for this query already."),
            )
        ]

    def clean(self) -> None:
        self.path = self.path.strip()
        super().clean()
        if QueryRedirect.objects.filter(language=self.language, key=self.key).exclude(pk=self.pk).exists():
            raise ValidationError({"query": _("There is a redirect for this query already.")})


class QueryCount(models.Model):
    """How often a query was asked on a day. Nobody who asked is known: no session, address or time of day."""

    day = models.DateField(_("Day"))
    language = models.CharField(_("Language"), max_length=15)
    query = models.CharField(_("Query"), max_length=2 * LONGEST)  # as `key_of` writes it
    searches = models.PositiveIntegerField(_("Searches"))
    empty = models.PositiveIntegerField(_("Without a result"), default=0)  # so many of them
    results = models.PositiveIntegerField(_("Results"), default=0)  # of the last one

    class Meta:
        verbose_name = _("counted query")
        verbose_name_plural = _("counted queries")
        constraints = [
            models.UniqueConstraint(fields=["day", "language", "query"], name="search_query_once"),
            models.CheckConstraint(condition=Q(empty__lte=models.F("searches")), name="search_query_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.language}: {self.query}"
