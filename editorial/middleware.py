"""Around Wagtail's own screens of a review: an outdated look is not approved, and every decision is answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from wagtail.admin import messages
from wagtail.models import Page, TaskState

from catalog.publishing import back_to
from editorial import notes, outcome, targets
from editorial.pages import NotReady, edit_url, say_why


class ReviewMiddleware:
    """Wagtail has no hook for these moments, and its page views cannot be replaced."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with notes.taken_from(request):
            response = self.get_response(request)
        state = getattr(request, "decided_task_state", None)
        if state is not None and TaskState.objects.get(pk=state.pk).status != TaskState.STATUS_IN_PROGRESS:
            messages.success(request, outcome.sentence(_fresh(state.workflow_state.content_object)))
        return response

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: dict[str, Any]) -> HttpResponse | None:
        if request.method != "POST":
            return None
        instance, action = _decision(request)
        state = instance and instance.current_workflow_task_state
        if state is None:
            return None
        if action == "approve" and _changed_meanwhile(request, instance, state):
            return _look_again(request, instance)
        request.decided_task_state = state  # type: ignore[attr-defined]  # read above, after the view
        return None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, NotReady):
            return None
        say_why(request, error.page, error.lacking)
        return back_to(request, edit_url(error.page))


def _decision(request: HttpRequest) -> tuple[Any, str]:
    """The object and "approve" or "reject", when this request decides on a review; else (None, "")."""
    match = request.resolver_match
    if match is None:
        return None, ""
    action = match.kwargs.get("action_name") or (
        "action-workflow-action" in request.POST and request.POST.get("workflow-action-name")
    )
    if not action or not request.user.is_authenticated:
        return None, ""
    for model in targets.editorial_models():
        views = (targets.view_name(model, "workflow_action"), targets.view_name(model, "edit"))
        if match.view_name in views:
            pk = match.kwargs.get("page_id") or match.kwargs.get("pk")
            return model._default_manager.filter(pk=pk).first(), str(action)
    return None, ""


def _changed_meanwhile(request: HttpRequest, instance: Any, state: TaskState) -> bool:
    """True when the reviewer has not seen the latest draft: by the editor's own record of what it had loaded; on the
    short way, without the editor, when somebody else has changed it since it was submitted."""
    latest = instance.latest_revision
    if latest is None:
        return False
    seen = request.POST.get("overwrite_revision_id") or request.POST.get("loaded_revision_id")
    if seen:
        same = seen == str(latest.pk)
        when = request.POST.get("loaded_revision_created_at")
        own = "overwrite_revision_id" in request.POST or not when or when == latest.created_at.isoformat()
        return not (same and own)
    return latest.created_at > state.started_at and latest.user_id != request.user.pk


def _look_again(request: HttpRequest, instance: Any) -> HttpResponse:
    who = instance.latest_revision.user
    text = gettext("Not approved: %(person)s has changed it meanwhile. Please look again; this is the newest draft.")
    messages.error(request, text % {"person": (who.get_full_name() or who.get_username()) if who else "–"})
    return back_to(request, targets.address(type(instance), "edit", instance.pk))


def _fresh(instance: Any) -> Any:
    model = Page if isinstance(instance, Page) else type(instance)
    return model._default_manager.get(pk=instance.pk)
