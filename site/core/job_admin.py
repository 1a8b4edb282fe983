"""Scheduled jobs in the Wagtail admin: what each does, how it last went, when it comes next, and a button for now."""

from __future__ import annotations

from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin import messages
from wagtail.admin.menu import MenuItem

from core import jobs

VIEW, RUN = "core.view_scheduledjob", "core.run_scheduledjob"


@permission_required(VIEW, raise_exception=True)
@require_safe
def job_list(request: HttpRequest) -> HttpResponse:
    """The whole schedule on one page."""
    title = gettext("Scheduled jobs")
    context = {
        "jobs": jobs.all_jobs(),
        "scheduler_is_late": jobs.scheduler_is_late(),
        "may_run": request.user.has_perm(RUN),
        "header_title": title,
        "page_title": title,
        "header_icon": "time",
        "breadcrumbs_items": [
            {"url": reverse("wagtailadmin_home"), "label": gettext("Home")},
            {"url": "", "label": title},
        ],
    }
    return render(request, "core/admin/jobs.html", context)


@permission_required(RUN, raise_exception=True)
@require_POST
def run(request: HttpRequest, name: str) -> HttpResponse:
    """Puts a job into the queue now. Twice is harmless: each job may run beside itself."""
    try:
        asked = jobs.run_now(name)
    except KeyError:
        raise Http404 from None
    if asked:
        messages.success(request, gettext("The worker is asked to run it now. Reload the page to see how it went."))
    else:
        messages.error(request, gettext("The task queue does not answer: nothing was started. Is Redis running?"))
    return redirect("jobs")


class JobsMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(VIEW))


def menu_item() -> JobsMenuItem:
    return JobsMenuItem(_("Scheduled jobs"), reverse("jobs"), name="jobs", icon_name="time", order=1100)


urlpatterns = [
    path("jobs/", job_list, name="jobs"),
    path("jobs/<str:name>/run/", run, name="job_run"),
]
