"""The editorial desk in the Wagtail admin: inbox, calendar, checks before publishing, and where things are used."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import include, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.menu import MenuItem
from wagtail.admin.staticfiles import versioned_static
from wagtail.admin.views import home

from editorial import checks, outcome, pages, takedown, urls
from editorial.inbox import Inbox

# What Wagtail would show of the same: there is one inbox.
REPLACED = (home.WorkflowObjectsToModeratePanel, home.UserObjectsInWorkflowModerationPanel, home.RecentEditsPanel)

hooks.register("check_before_publishing", checks.lacks)
hooks.register("before_publish_page", pages.before_publish)
hooks.register("before_bulk_action", pages.before_bulk_publish)
hooks.register("before_unpublish", takedown.lead_visitors)
hooks.register("before_unpublish_page", takedown.lead_visitors)
hooks.register("before_delete_snippet", takedown.lead_visitors_of_all, order=10)


@hooks.register("construct_homepage_panels")
def one_inbox(request: HttpRequest, panels: list[Any]) -> None:
    panels[:] = [panel for panel in panels if not isinstance(panel, REPLACED)]
    panels.append(Inbox())


@hooks.register("after_publish")
@hooks.register("after_publish_page")
def say_what_happened(request: HttpRequest, instance: Any) -> None:
    """Published now, or at which moment."""
    fresh = type(instance)._default_manager.get(pk=instance.pk)
    messages.success(request, outcome.sentence(fresh))


@hooks.register("insert_global_admin_css")
def legible_links() -> SafeString:
    return format_html('<link rel="stylesheet" href="{}">', versioned_static("editorial/messages.css"))


@hooks.register("insert_editor_js")
def ask_for_a_note() -> SafeString:
    return format_html(
        '<span hidden data-submission-words data-heading="{}" data-label="{}" data-send="{}" data-cancel="{}"></span>'
        '<script type="module" src="{}"></script>',
        _("Submit for review"),
        _("Note to the reviewers, if you like"),
        _("Submit"),
        _("Cancel"),
        versioned_static("editorial/submit.js"),
    )


@hooks.register("register_admin_urls")
def admin_urls() -> list[Any]:
    return [path("desk/", include((urls, "editorial"), namespace="editorial"))]


@hooks.register("register_admin_menu_item")
def calendar_item() -> MenuItem:
    return MenuItem(_("Calendar"), reverse("editorial:calendar"), icon_name="calendar-alt", order=160)
