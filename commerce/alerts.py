"""Mails to staff about orders that a person must look at soon: a dispute has a deadline, money waits for an answer.

They go to everybody with an address who may refund, or else to the operators. The list of problems shows the same.
"""

from __future__ import annotations

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from commerce.models import Order
from commerce.notes import Note, readable
from core import operators, outbox
from core.models import Outbox

DISPUTE, ATTENTION, TWICE, REFUND_FAILED = "dispute", "attention", "twice", "refund_failed"
SENTENCES = {
    DISPUTE: _lazy(
        "The buyer's bank asks this payment back. Answer at the payment provider before its deadline, or the money is "
        "lost."
    ),
    ATTENTION: _lazy("A payment does not fit the order, so that nothing has been sent. Compare the two and decide."),
    TWICE: _lazy("The order was paid a second time. Refund the second payment."),
    REFUND_FAILED: _lazy("A refund did not arrive: the money is still with the shop. Ask for it once more."),
}


def tell(order: Order, what: str, about: str, detail: Note | str = "") -> None:
    """One mail for each reader, once per thing `about`, in the current transaction. `detail` as staff may read it."""
    coded = {"code": detail.code, "facts": detail.facts} if isinstance(detail, Note) else {}
    payload = {"order": order.pk, "what": what, "detail": str(detail), **coded}
    operators.tell("order_alert", f"order_alert:{what}:{about}", payload, to())


def to() -> list[operators.Reader]:
    backend = "django.contrib.auth.backends.ModelBackend"
    may = User.objects.with_perm("commerce.refund_order", backend=backend).filter(is_active=True)
    return operators.readers(may) or operators.operators()


@outbox.handles("order_alert")
def send_alert(row: Outbox) -> None:
    """Raises what the mail server's client raises."""
    order = Order.objects.get(pk=row.payload["order"])
    with operators.reader_language(row):
        subject = _("Order %(number)s needs you") % {"number": order.number}
        detail = readable(row.payload.get("code", ""), row.payload.get("facts", {}), row.payload["detail"])
        lines = [str(SENTENCES[row.payload["what"]]), detail]
        label = _("Order %(number)s") % {"number": order.number}
        operators.send(row, subject, lines, reverse("orders:order", args=[order.pk]), label)
