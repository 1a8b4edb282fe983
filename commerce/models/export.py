"""Exports of orders: who took which names and addresses out of the shop, and files that are made in the background."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class OrderExport(models.Model):
    """One export, also one that was streamed at once. `query`: the list's filters as in its address.

    `ready_at`, `expires_at`: only of files made by the worker, between which they can be fetched.
    """

    actor = models.ForeignKey(
        "auth.User", verbose_name=_("By"), null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    actor_name = models.CharField(_("By"), max_length=150, help_text=_("Kept when the account is gone."))
    query = models.TextField(_("Filters"), blank=True)
    kind = models.CharField(_("File"), max_length=4, choices=[("csv", "CSV"), ("xlsx", "XLSX")])
    rows = models.PositiveIntegerField(_("Orders"))
    created_at = models.DateTimeField(_("When"), auto_now_add=True)
    ready_at = models.DateTimeField(_("Ready"), null=True, blank=True)
    expires_at = models.DateTimeField(_("Can be fetched until"), null=True, blank=True)

    class Meta:
        verbose_name = _("export of orders")
        verbose_name_plural = _("exports of orders")
        ordering = ["-pk"]
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.actor_name}: {self.rows}"

    @property
    def can_be_fetched(self) -> bool:
        return self.expires_at is not None and timezone.now() < self.expires_at

    @property
    def filename(self) -> str:
        return f"orders-{timezone.localdate(self.created_at):%Y-%m-%d}.{self.kind}"


class OrderExportFile(models.Model):
    """In the database, not among the media: those are public, and a worker may run on another machine."""

    export = models.OneToOneField(OrderExport, on_delete=models.CASCADE, primary_key=True, related_name="file")
    content = models.BinaryField()

    def __str__(self) -> str:
        return str(self.export_id)
