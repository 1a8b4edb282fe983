"""Exports in the background: the worker makes the file, a mail leads to it, it can be fetched for some hours."""

from __future__ import annotations

from datetime import timedelta
from tempfile import TemporaryFile
from typing import BinaryIO

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from wagtail.users.models import UserProfile

from commerce import order_rows
from commerce.models import OrderExport, OrderExportFile
from core import outbox
from core.mail import send
from core.models import Outbox

EXPORT = "commerce.export_order"


def note(actor: User, query: str, kind: str, rows: int) -> OrderExport:
    """Keeps who takes what out of the shop."""
    return OrderExport.objects.create(actor=actor, actor_name=actor.get_username(), query=query, kind=kind, rows=rows)


def start(actor: User, query: str, kind: str, rows: int) -> OrderExport:
    """Lets the worker make the file."""
    with transaction.atomic():
        export = note(actor, query, kind, rows)
        outbox.put("order_export", f"order_export:{export.pk}", {"export": export.pk})
    return export


@outbox.handles("order_export", outbox.EXPORT)
def make(row: Outbox) -> None:
    """Makes the file once. Whoever may not export any more gets none."""
    export = OrderExport.objects.select_for_update(of=("self",)).select_related("actor").get(pk=row.payload["export"])
    actor = export.actor
    if export.ready_at or actor is None or not actor.has_perm(EXPORT):
        return
    with TemporaryFile() as file:
        export.rows = write(file, export)
        file.seek(0)
        OrderExportFile.objects.create(export=export, content=file.read())
    export.ready_at = timezone.now()
    export.expires_at = export.ready_at + timedelta(hours=settings.EXPORT_FILE_HOURS)
    export.save(update_fields=["rows", "ready_at", "expires_at"])
    if actor.email:
        outbox.put("order_export_mail", f"order_export_mail:{export.pk}", {"export": export.pk})


def write(file: BinaryIO, export: OrderExport) -> int:
    """Returns how many orders it holds: those of this moment."""
    orders = order_rows.chosen(QueryDict(export.query)).qs
    if export.kind == "xlsx":
        return order_rows.write_xlsx(file, orders)
    lines = 0
    for line in order_rows.csv_lines(orders):
        lines += 1
        file.write(line.encode())
    return lines - order_rows.HEADING_LINES


@outbox.handles("order_export_mail")
def send_link(row: Outbox) -> None:
    """To whoever asked for it, in the language of his admin. Raises what the mail server's client raises."""
    export = OrderExport.objects.select_related("actor").get(pk=row.payload["export"])
    actor = export.actor
    if actor is None or not actor.is_active or not actor.email or not export.can_be_fetched:
        return
    with translation.override(UserProfile.get_for_user(actor).get_preferred_language()):
        context = {
            "reader": actor.get_full_name() or actor.get_username(),
            "sentence": ngettext(
                "Your file with %(rows)s order is ready.", "Your file with %(rows)s orders is ready.", export.rows
            )
            % {"rows": export.rows},
            "until": timezone.localtime(export.expires_at, timezone.get_default_timezone()),
            "link": settings.BASE_URL + reverse("orders:export_file", args=[export.pk]),
        }
        send(row, actor.email, _("Your export of orders is ready"), "order_export", context)
