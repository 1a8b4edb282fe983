"""The checks before publishing for pages: where a person publishes, submits or approves one in the admin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from wagtail.admin import messages
from wagtail.models import Page, TaskState, WorkflowState

from catalog.publishing import Missing, as_list, lacks


class NotReady(Exception):
    """This page cannot go live, nor into review, before what is missing is there. Wagtail has saved it as a draft."""

    def __init__(self, page: Page, lacking: Sequence[Missing]) -> None:
        super().__init__(f"{page} lacks {[lack.text for lack in lacking]}")
        self.page = page
        self.lacking = lacking


def blocking(page: Page) -> list[Missing]:
    return [lack for lack in lacks(page) if lack.blocking]


def edit_url(page: Page) -> str:
    return reverse("wagtailadmin_pages:edit", args=[page.pk])


def say_why(request: HttpRequest, page: Page, lacking: Sequence[Missing]) -> None:
    intro = gettext("“%(name)s” is saved as a draft, but not ready to be published:") % {"name": page.draft_title}
    messages.error(request, as_list(intro, edit_url(page), lacking))


def before_publish(request: HttpRequest, page: Page) -> HttpResponse | None:
    """Back to the editor while something must be done; otherwise only the advice is said."""
    lacking = blocking(page)
    if lacking:
        say_why(request, page, lacking)
        return redirect(edit_url(page))
    advice = lacks(page)
    if advice:
        messages.warning(request, as_list(gettext("Good to have, too:"), edit_url(page), advice))
    return None


def before_bulk_publish(request: HttpRequest, action: str, objects: Sequence[Any], view: Any) -> HttpResponse | None:
    """Nothing of a selection is published while one of its pages lacks something: which one is said."""
    if action != "publish" or request.method != "POST":
        return None
    refused = False
    for page in _with_drafts_below(objects, "include_descendants" in request.POST):
        lacking = blocking(page.get_latest_revision_as_object())
        if lacking:
            say_why(request, page, lacking)
            refused = True
    return redirect(view.next_url) if refused else None


def _with_drafts_below(objects: Sequence[Any], below: bool) -> list[Page]:
    pages = [each for each in objects if isinstance(each, Page)]
    if not below:
        return pages
    return [*pages, *(draft for page in pages for draft in page.get_descendants().not_live())]


def check_submission(state: TaskState) -> None:
    """Called when a review begins or goes on. Raises NotReady; the review is then as it was before."""
    page = state.workflow_state.content_object
    if not isinstance(page, Page):
        return  # snippets are checked by their own views
    draft = page.get_latest_revision_as_object()
    lacking = blocking(draft)
    if lacking:
        _undo(state)
        raise NotReady(draft, lacking)


def _undo(state: TaskState) -> None:
    """Wagtail resumes a review without a transaction: what it has written is taken back by hand."""
    review = state.workflow_state
    before = review.task_states.filter(status=TaskState.STATUS_REJECTED).order_by("-finished_at", "-pk").first()
    if before is not None:
        WorkflowState.objects.filter(pk=review.pk).update(
            status=WorkflowState.STATUS_NEEDS_CHANGES, current_task_state=before
        )
        state.delete()


def check_approval(review: WorkflowState) -> None:
    """Called before what was approved goes live. Raises NotReady."""
    if isinstance(review.content_object, Page):
        draft = review.content_object.get_latest_revision_as_object()
        lacking = blocking(draft)
        if lacking:
            raise NotReady(draft, lacking)
