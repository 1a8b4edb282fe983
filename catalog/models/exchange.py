"""Imports of products: the file, what became of each product in it, and where pictures came from.

Written only by catalog/exchange/.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.models.product import Product


class Import(models.Model):
    """One uploaded file. Read and checked first; changes something only after it is confirmed."""

    class State(models.TextChoices):
        READING = "reading", _("Being read")
        CHECKING = "checking", _("Being checked")  # the dry run
        CHECKED = "checked", _("Waiting for your decision")
        RUNNING = "running", _("Being imported")
        DONE = "done", _("Imported")
        FAILED = "failed", _("Cannot be read")
        CANCELLED = "cancelled", _("Cancelled")

    name = models.CharField(_("File"), max_length=200)
    state = models.CharField(_("State"), max_length=10, choices=State, default=State.READING)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("By"), null=True, on_delete=models.SET_NULL, related_name="+"
    )
    language = models.CharField(_("Language"), max_length=10, default=settings.LANGUAGE_CODE)
    publish = models.BooleanField(_("Publish at once"), default=False)
    overwrite_drafts = models.BooleanField(_("Change drafts that somebody is working on, too"), default=False)
    stock = models.CharField(_("Stock"), max_length=10, default="leave")
    columns = models.JSONField(_("Columns"), default=list)
    notes = models.JSONField(_("Notes"), default=list)
    error = models.TextField(_("Error"), blank=True)
    created_at = models.DateTimeField(_("When"), auto_now_add=True)
    touched_at = models.DateTimeField(_("Last progress"), auto_now=True)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-created_at", "-pk"]
        default_permissions = ()
        indexes = [models.Index(fields=["state", "touched_at"], name="import_state")]

    def __str__(self) -> str:
        return self.name

    @property
    def at_work(self) -> bool:
        return self.state in (self.State.READING, self.State.CHECKING, self.State.RUNNING)


class ImportFile(models.Model):
    """The uploaded table (no `name`) or a picture that came with it, until the import has ended.

    In the database, because the worker may run on another machine and no visitor may fetch it.
    """

    parent = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="files")
    name = models.CharField(max_length=255, blank=True)
    data = models.BinaryField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["parent", "name"], name="import_file_once")]

    def __str__(self) -> str:
        return self.name or str(self.parent)


class ImportEntry(models.Model):
    """One product of an import: its rows as they were in the file, and what became of it.

    `expected`: outcome of the dry run; `outcome`: of the import itself; empty while it waits. `later`: to be done once
    more at the end, because it names products that stand further down.
    """

    parent = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="entries")
    position = models.PositiveIntegerField()
    line = models.PositiveIntegerField()  # where its first row stands in the file
    handle = models.CharField(max_length=255)
    rows = models.JSONField(default=list)  # [line, {column: cell}, what is wrong with the row, its raw text]
    expected = models.CharField(max_length=10, blank=True)
    outcome = models.CharField(max_length=10, blank=True)
    later = models.BooleanField(default=False)
    changes = models.JSONField(default=list)
    problems = models.JSONField(default=list)
    product = models.ForeignKey(Product, null=True, on_delete=models.SET_NULL, related_name="import_entries")
    revision = models.BigIntegerField(null=True, db_index=True)  # the draft it wrote

    class Meta:
        default_permissions = ()
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["parent", "position"], name="import_entry_once")]
        indexes = [
            models.Index(fields=["parent", "expected"], name="import_expected"),
            models.Index(fields=["parent", "outcome"], name="import_outcome"),
            models.Index(fields=["parent", "handle"], name="import_handle"),
        ]

    def __str__(self) -> str:
        return self.handle


class PictureSource(models.Model):
    """Where a picture of the library was fetched from, so that the next import does not fetch it again."""

    digest = models.CharField(max_length=64, primary_key=True)  # SHA-256 of the address
    address = models.TextField()
    image = models.ForeignKey("wagtailimages.Image", on_delete=models.CASCADE, related_name="+")

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.address
