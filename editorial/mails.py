"""Mails of the review, in the reader's admin language: to reviewers what changes, to the author the decision."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext
from wagtail.models import TaskState
from wagtail.users.models import UserProfile

from core import outbox
from core.mail import send
from core.models import Outbox
from editorial import inbox, outcome, targets
from editorial.changes import changes_of

User = get_user_model()


def ask_reviewers(state: TaskState, by: Any, note: str = "") -> None:
    """Notes one mail for each who may decide on this step, in the transaction that begins it."""
    for reviewer in reviewers(state, by):
        payload = {"state": state.pk, "user": reviewer.pk, "note": note}
        outbox.put("review_asked", f"review-asked:{state.pk}:{reviewer.pk}", payload)


def tell_author(state: TaskState, by: Any) -> None:
    """Notes a mail to who submitted it about the decision on the last step."""
    author = state.workflow_state.requested_by
    if author is not None and author != by:
        payload = {"state": state.pk, "user": author.pk, "by": by.pk if by else None}
        outbox.put("review_decided", f"review-decided:{state.pk}:{author.pk}", payload)


def reviewers(state: TaskState, by: Any) -> Iterable[Any]:
    """Members of the step's groups but not the submitter; the administrators when there is nobody else."""
    groups = getattr(state.task.specific, "groups", None)
    people = User.objects.filter(is_active=True).exclude(email="")
    members: QuerySet = people.filter(groups__in=groups.all()).distinct() if groups is not None else people.none()
    own = [by.pk] if by else []
    others = members.exclude(pk__in=own)
    return others if others.exists() else people.filter(is_superuser=True).exclude(pk__in=own)


@outbox.handles("review_asked")
def send_request(row: Outbox) -> None:
    """To one reviewer. Says nothing when the step is over, or when the reviewer wants no such mails."""
    state = TaskState.objects.select_related("workflow_state__requested_by").get(pk=row.payload["state"])
    reader = _reader(row, "submitted_notifications")
    if reader is None or state.status != TaskState.STATUS_IN_PROGRESS or state.revision is None:
        return
    with translation.override(_language(reader)):
        key = (state.workflow_state.base_content_type_id, state.workflow_state.object_id)
        name = targets.names([key]).get(key, state.revision.object_str)
        address = inbox.compare_address(key, state.revision_id) if key in targets.live([key]) else ""
        compare = [(gettext("Compare with what is live"), address)] if address else []
        person = _name(state.workflow_state.requested_by)
        context = {
            "subject": gettext("For review: %(name)s") % {"name": name},
            "intro": gettext("%(person)s asks you to review “%(name)s”.") % {"person": person, "name": name},
            "note": row.payload.get("note", ""),
            "changes": changes_of(state.revision),
            "links": [
                *compare,
                (gettext("Open and decide"), targets.edit_address(key)),
            ],
        }
        _send(row, reader, context)


@outbox.handles("review_decided")
def send_decision(row: Outbox) -> None:
    """To the author, with the reviewer's note and what happens next."""
    state = TaskState.objects.select_related("workflow_state").get(pk=row.payload["state"])
    approved = state.status == TaskState.STATUS_APPROVED
    reader = _reader(row, "approved_notifications" if approved else "rejected_notifications")
    instance = state.workflow_state.content_object
    if reader is None or instance is None:
        return
    with translation.override(_language(reader)):
        key = (state.workflow_state.base_content_type_id, state.workflow_state.object_id)
        names = {"name": targets.names([key])[key], "person": _name(state.finished_by)}
        if approved:
            subject = gettext("Approved: %(name)s") % names
            intro = gettext("%(person)s has approved “%(name)s”.") % names + " " + outcome.sentence(instance)
        else:
            subject = gettext("Sent back: %(name)s") % names
            intro = gettext("%(person)s asks you to change “%(name)s” and to submit it again.") % names
        links = [(gettext("Open it"), targets.edit_address(key))]
        _send(row, reader, {"subject": subject, "intro": intro, "note": state.comment, "links": links})


def _reader(row: Outbox, wish: str) -> Any:
    """Who gets it; None when gone, without an address, or not wanting such mails."""
    reader = User.objects.filter(pk=row.payload["user"], is_active=True).exclude(email="").first()
    return reader if reader is not None and getattr(UserProfile.get_for_user(reader), wish) else None


def _language(reader: Any) -> str:
    return UserProfile.get_for_user(reader).get_preferred_language()


def _name(person: Any) -> str:
    return (person.get_full_name() or person.get_username()) if person else gettext("Somebody")


def _send(row: Outbox, reader: Any, context: dict[str, Any]) -> None:
    context = {
        **context,
        "links": [(label, settings.BASE_URL + url) for label, url in context["links"] if url],
        "reader": _name(reader),
        "account_url": settings.BASE_URL + reverse("wagtailadmin_account"),
    }
    send(row, reader.email, context.pop("subject"), "review", context)
