"""What was searched for in a time: the most frequent queries, and those that find nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Max, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from search.desk.models import QueryCount

DAYS = (7, 30, 90)


class ReportForm(forms.Form):
    """Which queries are listed; odd values give the usual list."""

    show = forms.ChoiceField(
        label=_("Show"), choices=[("all", _("All queries")), ("empty", _("Queries with no result"))], initial="all"
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    days = forms.TypedChoiceField(
        label=_("Time"),
        coerce=int,
        choices=[(7, _("Last 7 days")), (30, _("Last 30 days")), (90, _("Last 90 days"))],
        initial=30,
    )

    def chosen(self) -> dict[str, Any]:
        usual = {"show": "all", "language": settings.LANGUAGE_CODE, "days": 30}
        return {**usual, **(self.cleaned_data if self.is_valid() else {})}


def queries(language: str, days: int, *, empty: bool = False) -> QuerySet[Any, Any]:
    """Rows of `query`, `searches`, `nothing` (searches without a result), `last` (day) and `found` (results then).
    `empty`: only those that found nothing the last time; what was mended since is not listed any more."""
    since = timezone.localdate() - timedelta(days=days - 1)
    rows: QuerySet[Any, Any] = QueryCount.objects.filter(language=language, day__gte=since).values("query")
    rows = rows.annotate(
        searches=Sum("searches"), nothing=Sum("empty"), last=Max("day"), found=ArrayAgg("results", order_by="-day")
    )
    if empty:
        rows = rows.filter(nothing__gt=0, found__0=0)
    return rows.order_by("-nothing" if empty else "-searches", "query")
