"""The inbox on the admin's home: what waits for this person, and where to go for it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.contrib.contenttypes.models import ContentType
from django.db.models import CharField, Exists, OuterRef
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.admin.ui.components import Component
from wagtail.models import Page, TaskState, WorkflowState

from blog.comments import in_state
from blog.models import CommentState
from catalog.models import Product
from core.jobs import scheduler_is_late
from core.models import HomePage
from editorial import calendar, targets
from editorial.entries import Entry, Section
from editorial.problems import problems
from editorial.selling import selling_sections

MOST_COMMENTS = 100
LOOK_AHEAD = timedelta(days=7)


def sections(user: User | AnonymousUser) -> list[Section]:
    """The lists of the inbox for this user, in a constant number of queries."""
    return [
        Section("waiting", _("Waiting for me"), _("Nothing waits for your review."), waiting_for(user)),
        *comments_for(user),
        Section("sent-back", _("Sent back to me"), _("Nothing was sent back."), sent_back_to(user)),
        Section("drafts", _("My drafts"), _("You have no unpublished drafts."), drafts_of(user)),
        Section(
            "scheduled",
            _("In the next 7 days"),
            _("Nothing is scheduled."),
            scheduled_for(user),
            reverse("editorial:calendar"),
        ),
        Section(
            "problems", _("Problems"), _("No problems. Well done."), problems_for(user), reverse("editorial:problems")
        ),
    ]


def drafts_of(user: User | AnonymousUser) -> list[Entry]:
    """Objects with unpublished changes whose latest draft is this user's, and that are not in review."""
    found: dict[targets.Key, datetime] = {}
    for model in targets.editorial_models():
        content_type = ContentType.objects.get_for_model(model)
        in_review = WorkflowState.objects.active().filter(base_content_type=content_type, object_id=OuterRef("pk_text"))
        rows = (
            targets.editable(user, model)
            .annotate(pk_text=Cast("pk", CharField()))
            .filter(~Exists(in_review), has_unpublished_changes=True, latest_revision__user=user)
            .order_by("-latest_revision__created_at")
        )
        for pk, when in rows.values_list("pk", "latest_revision__created_at"):
            found[content_type.pk, str(pk)] = when
    names = targets.names(found)
    newest = sorted(names, key=lambda key: found[key], reverse=True)
    return [Entry(names[key], targets.edit_address(key), when=found[key]) for key in newest]


def waiting_for(user: User | AnonymousUser) -> list[Entry]:
    """Steps of reviews that this user may decide on."""
    states = (
        TaskState.objects.reviewable_by(user)
        .select_related("workflow_state__requested_by", "task")
        .order_by("started_at")
    )
    keys = {state.pk: _key(state.workflow_state) for state in states}
    names, live = targets.names(keys.values()), targets.live(keys.values())
    return [
        Entry(
            names[keys[state.pk]],
            targets.edit_address(keys[state.pk]),
            _asked(state),
            state.started_at,
            compare_address(keys[state.pk], state.revision_id) if keys[state.pk] in live else "",
        )
        for state in states
        if keys[state.pk] in names
    ]


def sent_back_to(user: User | AnonymousUser) -> list[Entry]:
    """What this user had submitted and a reviewer wants changed, with the reviewer's note."""
    states = (
        WorkflowState.objects.filter(status=WorkflowState.STATUS_NEEDS_CHANGES, requested_by=user)
        .select_related("current_task_state")
        .order_by("-current_task_state__finished_at")
    )
    names = targets.names(_key(state) for state in states)
    return [
        Entry(
            names[_key(state)],
            targets.edit_address(_key(state)),
            state.current_task_state.comment if state.current_task_state else "",
            state.current_task_state.finished_at if state.current_task_state else None,
        )
        for state in states
        if _key(state) in names
    ]


def scheduled_for(user: User | AnonymousUser) -> list[Entry]:
    now = timezone.now()
    found = calendar.events(user, now, now + LOOK_AHEAD)
    return [Entry(each.name, each.url, _with_detail(each), each.when) for each in found]


def comments_for(user: User | AnonymousUser) -> list[Section]:
    """Visitors' comments that wait for a decision, for who may decide; no section while there are none."""
    if not user.has_perm("blog.change_comment"):
        return []
    url = reverse("comments:index")
    waiting = in_state(CommentState.WAITING)[:MOST_COMMENTS]
    entries = [Entry(str(comment), url, comment.post.title, comment.created_at) for comment in waiting]
    return [Section("comments", _("Comments to decide on"), "", entries, url)] if entries else []


def problems_for(user: User | AnonymousUser) -> list[Entry]:
    return [Entry(each.name, each.url, each.text) for each in problems(user)]


def compare_address(key: targets.Key, revision: int | None) -> str:
    """What would change: the comparison of a revision with what is live."""
    model = targets.model_of(key[0])
    return targets.address(model, "revisions_compare", key[1], "live", revision) if model and revision else ""


def first_steps(user: User | AnonymousUser) -> list[Entry]:
    """Where to begin in an empty shop, as far as this user may; nothing once there is a product or a page."""
    if Product.objects.exists() or Page.objects.filter(depth__gt=2).exists():
        return []
    steps = []
    if targets.may(user, "add", Product):
        steps.append(Entry(_("Add the first product"), targets.address(Product, "add")))
    home = HomePage.objects.order_by("pk").first()
    if home is not None and home.permissions_for_user(user).can_add_subpage():
        url = reverse("wagtailadmin_pages:add_subpage", args=[home.pk])
        steps.append(Entry(_("Write the first page or post"), url))
    if user.has_perm("auth.add_user"):
        steps.append(Entry(_("Invite a colleague"), reverse("wagtailusers_users:add")))
    return steps


class Inbox(Component):
    """All sections as one panel of the admin's home."""

    name = "inbox"
    template_name = "editorial/inbox.html"
    order = 100

    class Media:
        css = {"all": ["editorial/desk.css"]}

    def get_context_data(self, parent_context: Mapping[str, Any] | None = None) -> dict[str, Any]:
        user = (parent_context or {})["request"].user
        concerned = any(targets.may(user, "change", model) for model in targets.editorial_models())
        return {
            "steps": first_steps(user),
            "sections": [*(sections(user) if concerned else []), *selling_sections(user)],
            "scheduler_is_late": concerned and scheduler_is_late(),
        }


def _with_detail(event: calendar.Event) -> str:
    return f"{event.kind.label}: {event.detail}" if event.detail else str(event.kind.label)


def _key(state: WorkflowState) -> targets.Key:
    return state.base_content_type_id, state.object_id


def _asked(state: TaskState) -> str:
    """Which step it is, who asks for it, and the note that came along."""
    names = {"task": state.task.name, "person": _person(state), "note": state.comment}
    if state.comment:
        return _("%(task)s, asked for by %(person)s: “%(note)s”") % names
    return _("%(task)s, asked for by %(person)s") % names


def _person(state: TaskState) -> str:
    person = state.workflow_state.requested_by
    return (person.get_full_name() or person.get_username()) if person else "–"
