"""A counted shelf, uploaded as a file: checked first, then applied. What can happen to it: catalog/counting.py."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class StockCount(models.Model):
    """One file of counts. `rows`: what it says and what the stock was at that moment (counting.CountRow), with the
    outcome of each once `applied_at` is set."""

    name = models.CharField(_("File"), max_length=200)
    user = models.ForeignKey(
        "auth.User", verbose_name=_("By"), null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    rows = models.JSONField(default=list)
    notes = models.JSONField(default=list)
    created_at = models.DateTimeField(_("When"), auto_now_add=True)
    applied_at = models.DateTimeField(_("Applied"), null=True, blank=True)

    class Meta:
        verbose_name = _("stock count")
        verbose_name_plural = _("stock counts")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.name
