"""Invoices and credit notes: what was stated, under a number without gaps, with the PDF that says so. Never changed.

PostgreSQL itself refuses to change these rows, and to delete them before the law allows it (the trigger is in the
migration): § 14b (1) UStG asks to keep invoices for eight years from the end of the year they were written in.
Who writes them: commerce/documents/issue.py. Amounts are gross, in major units of the document's currency.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from commerce.models.order import Order
from core.money import Money


class Kind(models.TextChoices):
    """What a document states; each kind is numbered on its own."""

    INVOICE = "invoice", _("Invoice")
    CREDIT_NOTE = "credit_note", _("Credit note")  # takes back a part of an invoice, or all of it


class DocumentCounter(models.Model):
    """The last number given to a kind in a year. Its row is locked until the document is committed: no gaps."""

    kind = models.CharField(max_length=20, choices=Kind)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "year"], name="document_counter_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.year}: {self.last}"


class Document(models.Model):
    """One invoice or credit note. `content` is all that it says (see documents/content.py), frozen.

    `key` names what it is about, once: "invoice:<order>", "credit_note:<refund>".
    `total`, `tax`: never negative; a credit note's are what is given back.
    """

    kind = models.CharField(_("Kind"), max_length=20, choices=Kind)
    number = models.CharField(_("Number"), max_length=30, unique=True)
    year = models.PositiveSmallIntegerField()
    sequence = models.PositiveIntegerField()
    key = models.CharField(max_length=120, unique=True)
    order = models.ForeignKey(Order, verbose_name=_("Order"), on_delete=models.PROTECT, related_name="documents")
    corrects = models.ForeignKey(
        "self", verbose_name=_("Corrects"), null=True, on_delete=models.PROTECT, related_name="corrections"
    )
    language = models.CharField(_("Language"), max_length=10)
    issued_on = models.DateField(_("Date"), db_index=True)
    created_at = models.DateTimeField(_("Created"), auto_now_add=True)
    currency = models.CharField(_("Currency"), max_length=3)
    total = models.DecimalField(_("Total"), max_digits=12, decimal_places=3)
    tax = models.DecimalField(_("Tax contained"), max_digits=12, decimal_places=3)
    content = models.JSONField(_("Content"))

    class Meta:
        verbose_name = _("invoice or credit note")
        verbose_name_plural = _("invoices and credit notes")
        ordering = ["-issued_on", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "year", "sequence"], name="document_sequence"),
            models.UniqueConstraint(fields=["order"], condition=models.Q(kind="invoice"), name="document_one_invoice"),
            models.CheckConstraint(
                condition=models.Q(kind="invoice", corrects=None)
                | models.Q(kind="credit_note", corrects__isnull=False),
                name="document_corrects",
            ),
            models.CheckConstraint(condition=models.Q(tax__gte=0, total__gte=models.F("tax")), name="document_amounts"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def gross(self) -> Money:
        """What was charged; for a credit note what is given back."""
        return Money(self.total, self.currency)

    @property
    def charged(self) -> Money:
        """As books have it: what a credit note gives back is negative."""
        return self.gross * -1 if self.kind == Kind.CREDIT_NOTE else self.gross

    @property
    def filename(self) -> str:
        return f"{self.number}.pdf"


class DocumentFile(models.Model):
    """The PDF of a document, in a table of its own so that lists never load it. Written once."""

    document = models.OneToOneField(Document, on_delete=models.CASCADE, primary_key=True, related_name="file")
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    made_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.sha256
