"""The mail about money that went back: plain text and HTML, in the order's language, sent through the outbox."""

from __future__ import annotations

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from commerce.documents.delivery import attachments, pdf_to_attach
from commerce.models import Refund, Status
from commerce.payments import TRANSFER
from core import outbox
from core.mail import send
from core.models import Outbox


@outbox.handles("order_refunded")
def send_refunded(row: Outbox) -> None:
    """How much goes back, for what, and when it will be there, with the credit note.

    Raises outbox.Later, and what the mail server's client raises.
    """
    refund = Refund.objects.select_related("order", "actor", "payment").get(pk=row.payload["refund"])
    order = refund.order
    credit_note = pdf_to_attach(f"credit_note:{refund.uuid}", row)
    context = {
        "refund": refund,
        "order": order,
        "lines": refund.lines.select_related("line"),
        "whole": order.status == Status.REFUNDED,
        # Given back by the shop itself, all of it: staff may choose this reason for a part.
        "sold_out": refund.reason == Refund.Reason.SOLD_OUT and refund.actor is None,
        "by_transfer": refund.payment.provider == TRANSFER,
        "order_url": settings.BASE_URL + order.get_absolute_url(),
    }
    with translation.override(order.language):
        subject = _("Your refund for order %(number)s") % {"number": order.number}
        send(row, order.email, subject, "order_refunded", context, attachments(credit_note))
