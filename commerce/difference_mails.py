"""The mail to those who sell when the payment service's books and ours disagree."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commerce.comparison import Outcome
from core import operators, outbox
from core.models import Outbox


def tell(outcome: Outcome) -> None:
    """One mail for each who may see differences, when there is something new; nothing on a quiet night."""
    if outcome.new or outcome.healed:
        backend = "django.contrib.auth.backends.ModelBackend"
        may = User.objects.with_perm("commerce.view_difference", backend=backend).filter(is_active=True)
        readers = operators.readers(may) or operators.operators()
        key = f"payment_differences:{timezone.now():%Y-%m-%d %H:%M}"
        operators.tell("payment_differences", key, {"new": outcome.new, "healed": outcome.healed}, readers)


@outbox.handles("payment_differences")
def send_differences(row: Outbox) -> None:
    """Raises what the mail server's client raises."""
    new, healed = row.payload["new"], row.payload["healed"]
    with operators.reader_language(row):
        found = ngettext(
            "One payment or refund is not the same at the payment service and here.",
            "%(number)s payments or refunds are not the same at the payment service and here.",
            new,
        )
        put_right = ngettext(
            "One difference was put right by asking the payment service again.",
            "%(number)s differences were put right by asking the payment service again.",
            healed,
        )
        lines = [found % {"number": new} if new else "", put_right % {"number": healed} if healed else ""]
        address, label = reverse("payment-differences:index"), _("Payment differences")
        operators.send(row, _("Payments differ from the payment service"), lines, address, label)
