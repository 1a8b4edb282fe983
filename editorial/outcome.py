"""What a decision has led to, in one sentence: published now, live at a date, or the next step of the review."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import formats, timezone
from django.utils.translation import gettext, pgettext
from wagtail.models import WorkflowState


def sentence(instance: Any) -> str:
    """For an object freshly read from the database."""
    review = instance.current_workflow_state
    if review is not None and review.status == WorkflowState.STATUS_IN_PROGRESS:
        return gettext("Next: %(step)s.") % {"step": review.current_task_state.task.name}
    if review is not None:
        return gettext("Sent back to the author.")
    scheduled = instance.scheduled_revision
    if scheduled is not None:
        return gettext("Goes live %(when)s.") % {"when": moment(scheduled.approved_go_live_at)}
    return gettext("Published now.") if instance.live else gettext("Not live.")


def moment(when: datetime) -> str:
    """28 Nov 2026, 09:00 (Europe/Berlin)."""
    local = timezone.localtime(when)
    written = formats.date_format(local, pgettext("date format of a moment", "j M Y, H:i"))
    return f"{written} ({timezone.get_current_timezone_name()})"
