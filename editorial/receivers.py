"""What happens when a review goes on. Receivers of Wagtail's own signals only.

They carry the ids of Wagtail's mail senders, and so stand in their places: Wagtail would send at once and without the
changes, and a mail that fails would be lost.
"""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver
from wagtail.models import Page, TaskState, WorkflowState
from wagtail.signals import published, task_submitted, workflow_approved, workflow_rejected, workflow_submitted

from catalog.models import Category, Product
from editorial import mails, notes, pages, redirects


@receiver(task_submitted, sender=TaskState, dispatch_uid="group_approval_task_submitted_email_notification")
def review_begins(instance: TaskState, user: Any = None, **kwargs: Any) -> None:
    """Raises NotReady when a page lacks what it must have."""
    pages.check_submission(instance)
    note = notes.current()
    TaskState.objects.filter(pk=instance.pk).update(comment=note)
    mails.ask_reviewers(instance, user, note)


@receiver(workflow_submitted, sender=WorkflowState, dispatch_uid="workflow_state_submitted_email_notification")
def administrators_are_spared(**kwargs: Any) -> None:
    """Who decides on the first step is asked above; administrators need no mail about every submission."""


@receiver(workflow_rejected, sender=WorkflowState, dispatch_uid="workflow_state_rejected_email_notification")
def review_ends_with_a_note(instance: WorkflowState, user: Any = None, **kwargs: Any) -> None:
    mails.tell_author(instance.current_task_state, user)


@receiver(workflow_approved, sender=WorkflowState, dispatch_uid="workflow_state_approved_email_notification")
def review_ends_well(instance: WorkflowState, user: Any = None, **kwargs: Any) -> None:
    mails.tell_author(instance.current_task_state, user)


@receiver(published)
def it_is_back(instance: Any, **kwargs: Any) -> None:
    if isinstance(instance, Product | Category | Page):
        redirects.forget(instance)
