"""What the search forgets by itself."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.retention import Rule, register
from search.desk.models import QueryCount

register(
    Rule(
        "search-queries",
        _("Counts of what was searched for"),
        lambda before: QueryCount.objects.filter(day__lt=timezone.localdate(before)),
    )
)
