"""What the catalogue forgets by itself: imports and counts, with what became of each row."""

from django.utils.translation import gettext_lazy as _

from catalog.models import Import, StockCount
from core.retention import Rule, register

register(
    Rule("imports", _("Imports and their files"), lambda before: Import.objects.filter(created_at__lt=before)),
    Rule("stock-counts", _("Counts of the stock"), lambda before: StockCount.objects.filter(created_at__lt=before)),
)
