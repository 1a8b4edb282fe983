"""The days that the overview is about, and the form that chooses them. Days are those of the shop's time zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Self

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language_bidi
from django.utils.translation import gettext_lazy as _

DAY = timedelta(days=1)
MOST_DAYS = 3 * 366
STEPS = ("day", "week", "month")


@dataclass(frozen=True)
class Period:
    """`first` to `last`, both included, told in `step`s: day, week (from Monday) or month."""

    first: date
    last: date
    step: str = "day"

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def before(self) -> Self:
        """As many days, right before it."""
        length = timedelta(days=self.days)
        return type(self)(self.first - length, self.last - length, self.step)

    @property
    def span(self) -> tuple[datetime, datetime]:
        """The moments in which it begins and in which it is over."""
        return start_of(self.first), start_of(self.last + DAY)

    def bucket(self, day: date) -> date:
        """The first day of the step that the day is in, but never before the period."""
        start = day
        if self.step == "week":
            start = day - timedelta(days=day.weekday())
        elif self.step == "month":
            start = day.replace(day=1)
        return max(start, self.first)

    @property
    def buckets(self) -> list[date]:
        """All of them, also those in which nothing was sold."""
        return list(dict.fromkeys(self.bucket(self.first + number * DAY) for number in range(self.days)))

    def __str__(self) -> str:
        days = f"{date_format(self.first, 'SHORT_DATE_FORMAT')} – {date_format(self.last, 'SHORT_DATE_FORMAT')}"
        # Isolated: dates at the edge of a sentence from right to left would change places with its words.
        mark = "\u2067" if get_language_bidi() else "\u2066"
        return f"{mark}{days}\u2069"


def start_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min), timezone.get_default_timezone())


def today() -> date:
    return timezone.localdate(timezone=timezone.get_default_timezone())


def natural_step(days: int) -> str:
    """So that a plot has between 7 and 45 columns, mostly."""
    return "day" if days <= 45 else "week" if days <= 200 else "month"


DATE_FIELD = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class PeriodForm(forms.Form):
    """Read from the address, so that a view can be kept as a bookmark."""

    period = forms.ChoiceField(
        label=_("Period"),
        required=False,
        choices=[
            ("7", _("The last 7 days")),
            ("30", _("The last 30 days")),
            ("90", _("The last 90 days")),
            ("365", _("The last year")),
            ("own", _("From one day to another")),
        ],
    )
    first = forms.DateField(label=_("First day"), required=False, widget=DATE_FIELD)
    last = forms.DateField(label=_("Last day"), required=False, widget=DATE_FIELD)
    step = forms.ChoiceField(
        label=_("Told by"),
        required=False,
        choices=[("", _("What fits")), ("day", _("Day")), ("week", _("Week")), ("month", _("Month"))],
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("period") != "own" or self.errors:
            return data
        first, last = data.get("first"), data.get("last") or today()
        if first is None:
            self.add_error("first", _("Please choose a first day."))
        elif first > last:
            self.add_error("last", _("The last day must not lie before the first one."))
        elif (last - first).days >= MOST_DAYS or first.year < 2000 or last.year > today().year + 1:
            self.add_error("first", _("Please choose at most three years at once."))
        return data

    def chosen(self) -> Period:
        """What was asked for; the last 30 days when that is not valid."""
        data = self.cleaned_data if self.is_valid() else {}
        if data.get("period") == "own":
            first, last = data["first"], data.get("last") or today()
        else:
            last = today()
            first = last - timedelta(days=int(data.get("period") or 30) - 1)
        return Period(first, last, data.get("step") or natural_step((last - first).days + 1))
