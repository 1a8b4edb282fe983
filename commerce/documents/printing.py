"""From frozen content to paper: the templates' context, HTML, PDF. Writes the PDF of a document, once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from commerce.documents.content import Content, expected_delivery
from commerce.documents.press import PRESS, CannotPrint, PangoMissing
from commerce.models import Document, DocumentFile, Order
from core.context_processors import shop_details
from core.money import Money

AMOUNTS = {"goods", "discount", "further", "unit", "gross", "net", "tax", "total"}
DAYS = {"issued_on", "placed_on", "paid_on"}


def spoken(value: Any, currency: str, name: str = "") -> Any:
    """The content with amounts as Money and days as dates, ready to be formatted in any language."""
    if isinstance(value, dict):
        return {key: spoken(item, currency, key) for key, item in value.items()}
    if isinstance(value, list):
        return [spoken(item, currency) for item in value]
    if name in AMOUNTS:
        return Money(Decimal(value), currency)
    if name == "rate":
        return Decimal(value)
    if name in DAYS:
        return date.fromisoformat(value) if value else None
    return value


def html_of(document: Document) -> str:
    """The document as HTML in its own language, from nothing but what it states."""
    stated: Content = document.content
    context = {"document": spoken(stated, document.currency), "delivery_between": expected_delivery(stated)}
    return render(f"documents/{document.kind}.html", document.language, context)


def packing_slips_html(orders: Sequence[Order], quantities: Mapping[int, int] | None = None) -> str:
    """A page for each order, in the active language (staff's). `quantities`: order line -> units in this parcel."""
    slips = []
    for order in orders:
        lines = [
            (line, line.quantity if quantities is None else quantities.get(line.pk, 0)) for line in order.lines.all()
        ]
        lines = [(line, units) for line, units in lines if units]
        slips.append({"order": order, "lines": lines, "units": sum(units for _line, units in lines)})
    context = {"slips": slips, "seller": shop_details()}
    return render("documents/packing_slip.html", translation.get_language() or "en", context)


def render(template: str, language: str, context: dict[str, Any]) -> str:
    with translation.override(language):
        direction = "rtl" if translation.get_language_bidi() else "ltr"
        return render_to_string(template, {**context, "language": language, "direction": direction})


def pdf_of(html: str) -> bytes:
    """Raises CannotPrint, its text for staff."""
    try:
        return PRESS.print(html)
    except PangoMissing:
        raise CannotPrint(
            _(
                "This machine cannot make PDFs because Pango is missing. Install it and the PDF follows by itself: "
                "apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
            )
        ) from None


def keep_pdf(document: Document) -> DocumentFile:
    """The document's PDF, made and stored now if it is not yet; of two at once the first one's stays.

    Raises CannotPrint.
    """
    known = DocumentFile.objects.filter(document=document).first()
    if known is not None:
        return known
    pdf = pdf_of(html_of(document))
    file = DocumentFile(document=document, content=pdf, sha256=hashlib.sha256(pdf).hexdigest())
    DocumentFile.objects.bulk_create([file], ignore_conflicts=True)
    return DocumentFile.objects.get(document=document)
