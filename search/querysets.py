"""Questions to the search table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import get_language
from wagtail.models import Page, PageViewRestriction

from blog.posts import not_yet
from catalog.models import Category, Product
from catalog.querysets import ProductQuerySet
from search.candidates import Candidates

if TYPE_CHECKING:
    from search.models import Entry  # noqa: F401  (named in a string below)


class Lexemes(models.Expression):
    """A tsquery of finished lexemes, written by `search.reading`: nothing is parsed, stemmed or interpreted again."""

    output_field = SearchVectorField()

    def __init__(self, query: str) -> None:
        super().__init__()
        self.query = query

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[str | int, ...]]:
        return "%s::tsquery", (self.query,)


class Once(models.Func):
    """An expression over `Unpacked()`: the long vector of each row is fetched once, however often it is asked.

    OFFSET keeps PostgreSQL from putting the column itself back into each place.
    """

    template = (
        "(SELECT %(expressions)s"
        " FROM (SELECT ts_filter(search_entry.vector, '{a,b,c,d}') AS vector OFFSET 0) AS unpacked)"
    )
    arity = 1


class Unpacked(models.Expression):
    """The vector inside `Once`."""

    output_field = SearchVectorField()

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[str | int, ...]]:
        return "unpacked.vector", ()


class Rank(models.Expression):
    """How often and where a row has the words of a tsquery, long texts counting a little less. Inside `Once`."""

    output_field = models.FloatField()

    def __init__(self, query: str) -> None:
        super().__init__()
        self.query = query

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[str | int, ...]]:
        return "ts_rank('{0.05, 0.15, 0.4, 1.0}', unpacked.vector, %s::tsquery, 1)", (self.query,)


@SearchVectorField.register_lookup
class Has(models.Lookup):
    """`vector__has=Lexemes(…)`."""

    lookup_name = "has"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        left, left_params = self.process_lhs(compiler, connection)
        right, right_params = self.process_rhs(compiler, connection)
        return f"{left} @@ {right}", (*left_params, *right_params)


class EntryQuerySet(models.QuerySet["Entry"]):
    def candidates(
        self,
        language: str,
        query: str,
        title: str,
        most: int,
        *,
        ahead: bool = False,
        among: ProductQuerySet | None = None,
    ) -> Self:
        """What is worth ranking of all that answers a query, as told in `search/candidates.py`; perhaps also of
        objects that have just ceased to be public."""
        return self.filter(Candidates(language, query, title, most, ahead=ahead, among=among))

    def shown(self) -> Self:
        """Only what is public at this moment, in the active language: the table may be a second late."""
        categories = Category.objects.live()
        if "category" in settings.HIDE_UNTRANSLATED:
            categories = categories.filter(translations__language_code=get_language())
        path = models.ExpressionWrapper(OuterRef("path"), output_field=models.CharField())
        closed = PageViewRestriction.objects.annotate(below=path).filter(below__startswith=F("page__path"))
        pages = Page.objects.live().filter(~Exists(closed))
        return self.filter(
            Q(Q(kind="product"), itself(Product.objects.shown()))
            | Q(Q(kind="category"), itself(categories))
            | Q(Q(kind="page"), itself(pages))
            | Q(Q(kind="post"), itself(pages), ~itself(not_yet()))
        )


def itself(things: models.QuerySet) -> Exists:
    """Is the entry's object among these? Asked for each entry: a list of all of them would be made for every search."""
    return Exists(things.order_by().filter(pk=OuterRef("object_id")))
