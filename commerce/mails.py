"""Mails about orders: plain text and HTML, in the order's language, sent through the outbox."""

from __future__ import annotations

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from commerce.documents.delivery import attachments, pdf_to_attach
from commerce.models import Order
from core import outbox
from core.context_processors import shop_name
from core.mail import send
from core.models import Outbox

# What staff call each kind of mail about an order.
NAMES = {
    "order_received": _lazy("Received, waits for its money"),
    "payment_failed": _lazy("The payment did not arrive"),
    "order_confirmation": _lazy("Confirmation"),
    "order_shipped": _lazy("A parcel left"),
    "order_cancelled": _lazy("Cancelled"),
    "order_refunded": _lazy("Refunded"),
    "order_alert": _lazy("To staff: needs you"),
    "document_mail": _lazy("Invoice or credit note, later than its mail"),
}


@outbox.handles("order_confirmation")
def send_confirmation(row: Outbox) -> None:
    """Thanks for a paid order, with its invoice. Raises outbox.Later, and what the mail server's client raises."""
    order = Order.objects.prefetch_related("lines").get(pk=row.payload["order"])
    invoice = pdf_to_attach(f"invoice:{order.uuid}", row)
    with translation.override(order.language):
        subject = _("Your order %(number)s at %(shop)s") % {"number": order.number, "shop": shop_name()}
        context = {
            "order": order,
            "lines": order.lines.all(),
            "totals": order.totals,
            "order_url": settings.BASE_URL + order.get_absolute_url(),
        }
        send(row, order.email, subject, "order_confirmation", context, attachments(invoice))
